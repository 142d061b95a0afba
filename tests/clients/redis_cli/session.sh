# session.sh <port> <name> <topic> [<protocol>]: one redis-cli that is written to and read from
port=$1 name=$2 topic=$3 protocol=$4
coproc CLI { exec redis-cli -p "$port" ${protocol:+"-$protocol"} 2>&1; }
cli=$CLI_PID

# Sends a command, and reads the first line of its reply.
ask() { echo "$1" >&"${CLI[1]}" && read_reply; }
read_reply() { read -r -u "${CLI[0]}" reply; }

hello() {
  ask PING
  while [[ $reply != PONG && $SECONDS -lt 60 ]]; do ask PING; done
  echo "PING $reply"
}
tell_name() {
  ask "CLIENT SETNAME $name" # redis-cli has no option for it
  ask "CLIENT GETNAME"
  echo "NAME $reply"
}
produce() { ask "RPUSHX topics:$topic:key $1" && echo "PRODUCED $reply"; }
flush() { ask "WAIT 1 10000" && echo "FLUSHED $reply"; }

consume() {
  local values=() replies=() acks=()
  while [[ ${#values[@]} -lt $1 && $SECONDS -lt 60 ]]; do
    ask "BLPOP topics:$topic 3"
    [[ $reply == topic ]] || continue
    mapfile -t -n 7 -u "${CLI[0]}" rest
    values+=("${rest[6]}") acks+=("${rest[0]}:${rest[2]}:${rest[4]}")
  done
  echo "CONSUMED ${values[*]}"
  for ack in "${acks[@]}"; do ask "RPUSH acks $ack" && replies+=("$reply"); done
  echo "ACKED ${replies[*]}"
}

hello
ask "SELECT 0" && echo "SELECT $reply"
tell_name
produce one
for value in two three four; do echo "RPUSHX topics:$topic:key $value"; done >&"${CLI[1]}"
for ((i = 0; i < 3; i++)); do read_reply && pipelined+=("$reply"); done
echo "PIPELINED ${pipelined[*]}"
flush
consume 4
ask "KEYS topics:$topic" && echo "TOPICS $reply"
ask INFO && until [[ $reply == redis_mode:* ]]; do read_reply || break; done
echo "INFO $(tr -d '\r' <<<"${reply#*:}")"
echo PING >&"${CLI[1]}" # the end of INFO
until [[ $reply == PONG ]]; do read_reply || break; done

echo RESTART
read -r
hello
tell_name
produce five
flush
consume 1
eval "exec ${CLI[1]}>&-" # redis-cli ends
wait "$cli" && echo CLOSED
