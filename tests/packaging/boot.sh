#!/bin/sh
# Runs inside of a booted Debian: installs the package that is beside it and lives through a gateway's life. Each
# outcome is a line `name: value` for the test that has started the machine.

say() { echo "$1: $2"; }
property() { systemctl show --property="$1" --value rafka; }
configure() { printf '{"general": {"bootstrap.servers": "127.0.0.1:1"}, "server": %s}' "$1" >/etc/rafka/config.json; }

# Of the port that systemd was told.
healthcheck() { rafka --healthcheck --port "$(property StatusText | tr -dc 0-9)"; }

# Until a command succeeds; half a minute at most.
await() {
  tries=300
  until "$@" || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done
}
has_other_pid() { [ "$(property MainPID)" != "$1" ] && systemctl --quiet is-active rafka; }

cd /test || exit
dpkg --install rafka.deb
say installed "$(systemctl is-active rafka) $(systemctl is-enabled rafka)"

configure '{"host": "127.0.0.1", "port": 0}'
systemctl start rafka
say started "$(property ActiveState) $(property Type) $(property StatusText | tr -d 0-9)"
healthcheck
say healthcheck $?
pid=$(property MainPID)
say root "$([ "$(stat --format=%u "/proc/$pid")" = 0 ] && echo yes || echo no)"
say capabilities "$(sed -n 's/^CapEff:\t//p' "/proc/$pid/status")"

kill -9 "$pid"
await has_other_pid "$pid"
say killed "$(property ActiveState) after $(property NRestarts) restart"
healthcheck
say healthcheck-again $?

systemctl kill --signal=HUP rafka
systemctl stop rafka
say stopped "$(property ActiveState) $(property Result) $(property ExecMainStatus)"

configure '{"port": "http"}'
systemctl start rafka
say misconfigured "$(property ActiveState) $(property ExecMainStatus) after $(property NRestarts) restarts"
say explained "$(journalctl --unit=rafka --output=cat | grep --count "'server.port'")"

configure '{"host": "127.0.0.1", "port": 6390, "reusePort": true}'
systemctl reset-failed rafka
systemctl enable --quiet --now rafka@6391 rafka@6392
say together "$(systemctl is-active rafka rafka@6391 rafka@6392 | paste -s -d' ')"
rafka --healthcheck
say healthcheck-of-any $?
systemctl restart rafka@6391
systemctl stop rafka@6392
rafka --healthcheck
say healthcheck-of-one $?
systemctl start rafka rafka@6392
say all-three "$(systemctl is-active rafka rafka@6391 rafka@6392 | paste -s -d' ')"

dpkg --purge rafka
say left "$(systemctl is-active rafka rafka@6391 rafka@6392 | paste -s -d' ')"
say enabled "$(find /etc/systemd/system -name 'rafka@*')"
say purged "$([ -e /etc/rafka ] || [ -e /usr/bin/rafka ] || echo all)"
