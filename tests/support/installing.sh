# shellcheck shell=bash
# For the scripts that install what tests use from the registries. Such a script has one function for each thing, named
# <name>-<major version> and run in the thing's folder, and ends with `install_all "$@"`. What is installed lands in
# <folder>/<name>-<major version>/. A thing whose tools are missing is said and left out; the exit code is 1 when another
# one could not be installed.

# What would do the same work twice, or spoil what it shares, if two did it at the same time.
one_at_a_time() {
  local tool=$1
  shift
  command -v "$tool" >/dev/null || { echo "$tool is missing"; return 127; }
  flock "$folder/.$tool" "$@"
}

npm_packages() { npm install --silent --no-fund --no-audit --ignore-scripts --prefix . "$@"; }

pip_packages() {
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --break-system-packages \
    --target . "$@"
}

# A module that requires the package; it is built so that the tests, which use these flags, find it in Go's cache.
go_package() {
  export GOFLAGS="-mod=mod '-gcflags=all=-N -l'" # not optimised: that takes two thirds of the time
  # shellcheck disable=SC2016 # for the shell that holds the lock
  one_at_a_time go sh -c 'go mod init rafka.test/clients && go get "$0@$1" && go build "$0"' "$1" "$2"
}

# Packages with what they need at run time, as .jar files.
maven_packages() {
  cat >pom.xml <<END
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>clients</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>$(maven_dependencies "$@")</dependencies>
</project>
END
  MAVEN_OPTS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' one_at_a_time mvn \
    mvn --batch-mode --quiet dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=.
}

maven_dependencies() {
  local group name version
  for package; do
    IFS=: read -r group name version <<<"$package"
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></dependency>"
  done
}

all_names() { compgen -A function | grep -E -- '-[0-9]+$'; }

# Half of a thing is none: it appears in one piece.
install_one() {
  local name=$1 target=$folder/$1 log code=0
  [[ -e $target ]] && return
  declare -F "$name" >/dev/null || { echo "Unknown: $name" >&2; return 1; }
  mkdir "$target.part" || return
  log=$(cd "$target.part" && "$name" 2>&1) || code=$?
  [[ $code -ne 0 ]] || { mv "$target.part" "$target"; return; }
  rm -rf "$target.part"
  echo "Without $name: $(grep -i -m 1 error <<<"$log" || tail -n 1 <<<"$log")"
  [[ $code -eq 127 ]] # its tools are missing
}

# install_all <folder> [name…]: all of them unless some are named, beside each other.
install_all() {
  local name pid pids=() code=0
  folder=$(mkdir -p "${1:?names no folder}" && cd "$1" && pwd) || exit
  shift
  if [[ $# -eq 0 ]]; then
    mapfile -t all < <(all_names)
    set -- "${all[@]}"
  fi
  for name; do
    install_one "$name" &
    pids+=("$!")
  done
  for pid in "${pids[@]}"; do wait "$pid" || code=1; done
  return "$code"
}
