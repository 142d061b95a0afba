# bulk.sh <port> <topic> <messages> [<protocol>]
for ((i = 0; i < $3; i++)); do echo "RPUSHX topics:$2 $i"; done |
  redis-cli -p "$1" ${4:+"-$4"} --pipe 2>&1
