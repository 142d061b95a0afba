# terminal.sh <port> [<protocol>]: as a person sees it, with completion and hints
TERM=xterm exec script --quiet --return \
  --command "stty rows 24 cols 132; redis-cli -p $1 ${2:+-$2}" /dev/null
