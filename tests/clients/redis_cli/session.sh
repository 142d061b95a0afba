# session.sh <port> <name> <topic> [<protocol>]: one redis-cli that is written to and read from
port=$1 name=$2 topic=$3 protocol=$4
coproc CLI { exec redis-cli -p "$port" ${protocol:+"-$protocol"} 2>&1; }
cli=$CLI_PID

# Sends lines, and reads so many lines of replies.
ask() {
  local count=$1 command
  shift
  for command; do echo "$command" >&"${CLI[1]}"; done
  mapfile -t -n "$count" -u "${CLI[0]}" reply
}

hello() {
  ask 1 PING
  while [[ $reply != PONG && SECONDS -lt 60 ]]; do ask 1 PING; done
  echo "PING $reply"
}
tell_name() {
  ask 1 "CLIENT SETNAME $name" # redis-cli has no option for it
  ask 1 "CLIENT GETNAME"
  echo "NAME $reply"
}
produce() { ask 1 "RPUSHX topics:$topic:key $1" && echo "PRODUCED $reply"; }
flush() { ask 1 "WAIT 1 10000" && echo "FLUSHED $reply"; }

consume() {
  local values=() replies=() acks=()
  while [[ ${#values[@]} -lt $1 && SECONDS -lt 60 ]]; do
    ask 1 "BLPOP topics:$topic 3"
    [[ $reply == topic ]] || continue
    mapfile -t -n 7 -u "${CLI[0]}" rest
    values+=("${rest[6]}") acks+=("${rest[0]}:${rest[2]}:${rest[4]}")
  done
  echo "CONSUMED ${values[*]}"
  for ack in "${acks[@]}"; do ask 1 "RPUSH acks $ack" && replies+=("$reply"); done
  echo "ACKED ${replies[*]}"
}

hello
ask 1 "SELECT 0" && echo "SELECT $reply"
tell_name
produce one
ask 3 "RPUSHX topics:$topic:key two" "RPUSHX topics:$topic:key three" "RPUSHX topics:$topic:key four"
echo "PIPELINED ${reply[*]}"
flush
consume 4
ask 1 "KEYS topics:$topic" && echo "TOPICS $reply"
ask 1 INFO PING && while [[ -n $reply && $reply != PONG ]]; do
  [[ $reply == redis_mode:* ]] && echo "INFO $(tr -d '\r' <<<"${reply#*:}")"
  mapfile -t -n 1 -u "${CLI[0]}" reply
done

echo RESTART
read -r
hello
tell_name
produce five
flush
consume 1
exec {CLI[1]}>&-
wait "$cli" && echo CLOSED
