# Installs Kafka: Java from the distribution; Kafka's jars from Maven, once per version, in the user's cache.
# Sourced by scripts/kafka after lib.sh.
# shellcheck shell=bash

pom=$root/scripts/kafka.d/pom.xml
cache=${XDG_CACHE_HOME:-${HOME:-$root/build}/.cache}/throughline
install=1 # empty with --no-install

default_version() { sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$pom"; }

# Kafka is not available on this machine: exit code 3, so that tests can tell this from a Kafka that fails.
cannot() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 3
}

# need_program PACKAGES PURPOSE: installs the packages; the error names the purpose.
need_program() {
  [ -n "$install" ] || cannot "$2 is missing. Install it with ./scripts/setup, or apt-get install $1"
  # shellcheck disable=SC2086 # several words
  (need_packages $1) || cannot "$2 is missing, and apt cannot install it: see above, then apt-get install $1"
}

java_is_new_enough() {
  local major
  have java || return 1
  major=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${major:-0}" -ge 17 ]
}

# Runs a node once and archives the classes that it loaded (Java class data sharing), which makes later starts faster.
archive_classes() {
  local place
  place=$(mktemp -d "${TMPDIR:-/tmp}/throughline-kafka.XXXXXX")
  if THROUGHLINE_KAFKA_ARCHIVES=1 KAFKA_VERSION=$1 scripts/kafka up --data "$place" >/dev/null 2>&1 &&
    scripts/kafka down --data "$place" >/dev/null 2>&1 && [ -f "$jars/classes.new" ]; then
    mv "$jars/classes.new" "$jars/classes.jsa"
  fi
  scripts/kafka down --delete --data "$place" >/dev/null 2>&1 || true
}

# need_jars VERSION [PROFILE]: sets `jars` to the folder with the jars of that version; installs and downloads if needed.
need_jars() {
  local version=$1 profile=${2:-}
  jars=$cache/kafka-$version${profile:+-$profile}
  have kcat || need_program kcat "kcat, which asks brokers for their metadata,"
  java_is_new_enough || need_program openjdk-17-jre-headless "Java 17, which runs Kafka,"
  [ ! -d "$jars" ] || return 0
  [ -n "$install" ] || cannot "Kafka $version is not in $cache yet. Fetch it once with ./scripts/kafka fetch"
  have mvn || need_program "maven openjdk-17-jre-headless" "Maven, which fetches Kafka,"
  mkdir -p "$cache" || cannot "$cache cannot be created: set XDG_CACHE_HOME to a writable folder"
  local lock said
  exec {lock}>"$cache/lock"
  flock "$lock"
  if [ ! -d "$jars" ]; then
    say "fetching Kafka $version${profile:+ ($profile)} with Maven, once: about 50 MB into $jars"
    rm -rf "$jars.new"
    said=$(mvn -B -q -C -U -Dstyle.color=never -f "$pom" ${profile:+-P "$profile"} -Dkafka.version="$version" \
      dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars.new" </dev/null 2>&1) ||
      cannot "Kafka $version cannot be fetched: $(sed -n 's/^.*\[ERROR\] \(..*\)/\1/p' <<<"$said" | head -n 1)
Check the network and Maven's settings.xml, then try again: ./scripts/kafka fetch"
    mv "$jars.new" "$jars"
    [ -n "$profile" ] || archive_classes "$version"
  fi
  exec {lock}>&-
}
