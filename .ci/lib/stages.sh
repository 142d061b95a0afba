# shellcheck shell=bash
# Stages that run beside each other. Each has a log until somebody waits for it, and is a process group of its own. One
# that fails shows its log and is counted as a failure; at the end there is a table of what each took, and what failed.

declare -A stage_pids=()
stage_failures=0
stages_dir=$(mktemp -d)
run_started=$SECONDS
: >"$stages_dir/times"
: >"$stages_dir/failures"

# start <name> <command…>: begins a stage; its output is kept. What it exports is lost.
start() {
  local name=$1
  echo "== $name: begins, $((SECONDS - run_started)) s after the start"
  : >"$stages_dir/$name.log" # `stage` may look sooner than that shell
  set -m # a process group of its own
  run_stage "$@" </dev/null >"$stages_dir/$name.log" 2>&1 &
  set +m
  stage_pids[$name]=$!
}

# start_low <name> <command…>: the same at the lowest priority.
start_low() { low_priority=1 start "$@"; }

run_stage() (
  set -e
  [[ -z ${low_priority:-} ]] || renice -n 19 -p "$BASHPID" >/dev/null
  name=$1 began=$((SECONDS - run_started)) started=$EPOCHREALTIME
  shift
  trap 'note_times "$name" "$began" "$started"' EXIT
  "$@"
)

note_times() {
  local cpu
  times >"$stages_dir/$1.times" # in this shell: a subshell has times of its own
  cpu=$(awk -F '[ms ]+' '{ for (i = 1; i < NF; i += 2) sum += 60 * $i + $(i + 1) } END { print sum }' "$stages_dir/$1.times")
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$(awk "BEGIN { print $EPOCHREALTIME - $3 }")" "$cpu" >>"$stages_dir/times"
}

# finish <name…>: waits for stages and shows what they said; fails if one of them has failed.
finish() {
  local name code=0
  for name; do
    wait_for "$name" || code=1
    echo "== $name: its output"
    cat "$stages_dir/$name.log"
  done
  return "$code"
}

# ready <name…>: the same, and shows only of what has failed what it said.
ready() {
  local name code=0
  for name; do
    if ! wait_for "$name"; then
      code=1
      echo "== $name: its output"
      cat "$stages_dir/$name.log"
    fi
  done
  return "$code"
}

wait_for() {
  local name=$1 code=0 pid=${stage_pids[$1]:-}
  [[ -n $pid ]] || return 0 # it was left out, or waited for before
  wait "$pid" || code=$?
  unset "stage_pids[$name]"
  [[ $code -eq 0 ]] && return
  echo "== $name: FAILED with code $code"
  stage_failures=$((stage_failures + 1))
  # once more at the end, which is what remains of a long log
  { echo "failed: stage $name, code $code" && grep '^failed: ' "$stages_dir/$name.log" || true; } >>"$stages_dir/failures"
  return 1
}

# stage <name> <command…>: one that is waited for, whose output is seen at once.
stage() {
  local name=$1 code=0 follower
  start "$@"
  tail --follow --lines=+1 --pid="${stage_pids[$name]}" --sleep-interval=0.2 "$stages_dir/$name.log" &
  follower=$!
  wait_for "$name" || code=$?
  wait "$follower"
  return "$code"
}

# Ends what still runs, and says what each stage took. CPU seconds are those of ended processes.
end_stages() {
  local name pid
  for name in "${!stage_pids[@]}"; do
    pid=${stage_pids[$name]}
    kill -- "-$pid" 2>/dev/null && echo "== $name: ended before it was done"
    wait "$pid" 2>/dev/null || true
  done
  echo
  printf '%-28s %6s %8s %8s\n' stage from seconds 'CPU s'
  sort --field-separator=$'\t' --key=2n "$stages_dir/times" |
    awk -F '\t' '{ printf "%-28s %6d %8.0f %8.0f\n", $1, $2, $3, $4 }'
  printf '%-28s %6d %8d\n' all 0 "$((SECONDS - run_started))"
  cat "$stages_dir/failures"
}

# The sum of the closing lines of `deno task test` in the logs of these stages. A stage that failed without such a line,
# or whose line knows of no failure, counts as one.
count_tests() {
  local name line passed=0 failed=0 skipped=0 known=0
  for name; do
    line=$(tail -n 1 "$stages_dir/$name.log" 2>/dev/null | grep -E '^[0-9]+ passed, [0-9]+ failed') || continue
    passed=$((passed + $(number_before passed "$line")))
    failed=$((failed + $(number_before failed "$line")))
    skipped=$((skipped + $(number_before skipped "$line")))
    [[ $line == *' 0 failed'* ]] || known=$((known + 1))
  done
  failed=$((failed + stage_failures - known))
  line="$passed passed, $failed failed"
  [[ $skipped -eq 0 ]] || line+=", $skipped skipped"
  echo "$line"
  [[ $failed -eq 0 && $passed -gt 0 ]]
}

number_before() { grep -oE "[0-9]+ $1" <<<"$2" | cut -d ' ' -f 1 || echo 0; }
