# Plays the machine of a runbook: its units, their journal, its paths and ports. Sourced by scripts/runbooks, which sets
# `place` (the folder of all of it) and `kind` (small or kafka).
# shellcheck shell=bash

on_kafka=(intake ownership)

# here: rewrites a page's paths and ports to those of this place.
here() {
  sed -e "s:/var/lib/throughline:$place/lib:g; s:/var/backups/throughline:$place/backups:g; s:/etc/throughline:$place/etc:g" \
    -e "s/localhost:9470/localhost:$(port metrics throughline)/g; s/localhost:7070/localhost:$(port grpc throughline)/g; s/:7070 /:$(port grpc throughline) /g"
}

# port KIND UNIT: the one it got at its first start; 0 before.
port() { cat "$place/ports/$1.$2" 2>/dev/null || echo 0; }

command_of() { # UNIT
  local name=${1#throughline@}
  if [ "$1" = throughline ]; then
    options=(throughline --data "$place/lib/up" up --backup-dir "$place/backups")
    if [ -f "$place/etc/secrets/tls/tls.crt" ]; then
      options+=(--tls-cert "$place/etc/secrets/tls/tls.crt" --tls-key "$place/etc/secrets/tls/tls.key")
    fi
  else
    # A unit "intake-new" is the same service on a new machine.
    options=("throughline-${name%-new}" --data "$place/lib${name#"${name%-new}"}/${name%-new}" --tokens "$place/etc/secrets/tokens.json"
      --kafka-brokers "$THROUGHLINE_KAFKA_BROKERS" --backup-dir "$place/backups" --replica "$name")
  fi
  options+=(--port "$(port grpc "$1")" --metrics-port "$(port metrics "$1")")
}

# start_unit UNIT: returns once it prints "ready", as a unit of Type=notify.
start_unit() {
  local unit=$1 log=$place/journal/$1 options=() process
  ! running "$unit" || return 0
  mkdir -p "$place"/{journal,ports,units,lib,backups,etc/secrets}
  command_of "$unit"
  : >"$log.now" # not the "ready" of an earlier start
  "${options[@]}" >>"$log.now" 2>&1 &
  process=$!
  echo "$process" >"$place/units/$unit"
  until grep -q '^ready$' "$log.now"; do
    kill -0 "$process" 2>/dev/null || { cat "$log.now" >&2 && die "$unit did not start"; }
    sleep 0.05
  done
  sed -n 's/^[a-z-]*: .*:\([0-9]*\)$/\1/p' "$log.now" | head -n 1 >"$place/ports/grpc.$unit"
  sed -n 's/^metrics: [^ ]*:\([0-9]*\).*/\1/p' "$log.now" | head -n 1 >"$place/ports/metrics.$unit"
}
running() { [ -f "$place/units/$1" ] && kill -0 "$(cat "$place/units/$1")" 2>/dev/null; }

# stop_unit UNIT [SIGNAL]: and waits for its end, also from another shell.
stop_unit() {
  local process
  running "$1" || return 0
  process=$(cat "$place/units/$1")
  kill "-${2:-TERM}" "$process"
  tail -s 0.05 -f /dev/null --pid="$process"
  rm "$place/units/$1"
  cat "$place/journal/$1.now" >>"$place/journal/$1"
}
stop_units() {
  local unit
  for unit in "$place"/units/*; do
    [ ! -f "$unit" ] || stop_unit "$(basename "$unit")"
  done
}

# What the pages call.
systemctl() {
  local verb=$1
  shift
  case "$verb" in
    start | stop) if [ "$1" = kafka ]; then "$root/scripts/kafka" "$verb" "$lost_node" --data "$place/kafka"; else "${verb}_unit" "$1"; fi ;;
    restart) stop_unit "$1" && start_unit "$1" ;;
    enable) start_unit "$2-new" ;;
    status) running "$1" && ps -o pid,etime,rss,args -p "$(cat "$place/units/$1")" ;;
    *) die "systemctl $verb is not played" ;;
  esac
}
journalctl() {
  local lines=1000
  while [ $# -gt 0 ]; do
    case "$1" in
      -u) unit=$2 && shift ;;
      -n) lines=$2 && shift ;;
    esac
    shift
  done
  cat "$place/journal/$unit" "$place/journal/$unit.now" 2>/dev/null | tail -n "$lines"
}
runuser() {
  [ "$1 $3" = "-u --" ] || die "runuser $* is not played"
  "${@:4}"
}
# That nothing is found is no failure of a page that looks for something.
grep() {
  case "$1" in -q*) command grep "$@" ;; *) command grep "$@" || [ $? -eq 1 ] ;; esac
}
kafka-topics.sh() { "$root/scripts/kafka" tool TopicCommand "$@"; }
