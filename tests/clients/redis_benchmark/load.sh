# load.sh <port> <topic> [<protocol>]
set -e
exec 2>&1 # its warnings, too
redis-benchmark -p "$1" ${3:+"-$3"} -q -n 2000 -c 20 -P 8 rpushx "topics:$2" hello
redis-benchmark -p "$1" ${3:+"-$3"} -q -n 1000 -t ping
