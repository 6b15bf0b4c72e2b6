# What is killed under load, and what the client saw. Sourced by scripts/compose.
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of scripts/compose

# Opens cases one after the other until there is a file `stop`; a call whose outcome is unknown is repeated with its command id.
# One line for each call: its number, when it began and ended (ms), its exit code.
client='
  n=0
  while [ ! -e stop ]; do
    n=$((n + 1)) code=3
    while [ "$code" != 0 ]; do
      begin=$(date +%s%3N)
      throughline --as ana --timeout 30s --command-id "trial-$n" case open --customer C-TRIAL --channel phone \
        --subject "Call $n" --text "Where is it?" >/dev/null 2>>errors && code=0 || code=$?
      echo "$n $begin $(date +%s%3N) $code"
      [ "$code" = 0 ] || [ "$code" = 3 ] || exit 1
    done
  done >ledger'

in_tool() { "$engine" exec -i "$(container tool)" sh -c "$1"; }
now() { date +%s%3N; }

# gap FROM TO: the longest time without an acknowledgement in that span of the ledger, in ms.
gap() {
  in_tool 'cat ledger' | awk -v from="$1" -v to="$2" '
    $4 == 0 { if ($3 >= from && last && last <= to && $3 - last > longest) longest = $3 - last; last = $3 }
    END { print longest + 0 }'
}
acknowledged() { in_tool 'grep -c " 0$" ledger' || true; }

# under LABEL BREAK MEND: breaks something, waits until the client has gone on for a while, mends it, waits again.
under() {
  local label=$1 break=$2 mend=$3 begin middle
  begin=$(now)
  $break
  await_acknowledgements 40
  middle=$(now)
  $mend
  await_acknowledgements 40
  say "$label: the longest time without an acknowledgement was $(gap "$begin" "$middle") ms"
  say "$label: $(gap "$middle" "$(now)") ms while it came back"
}
await_acknowledgements() {
  local wanted=$(($(acknowledged) + $1)) end=$((SECONDS + patience))
  until [ "$(acknowledged)" -ge "$wanted" ]; do
    [ "$SECONDS" -lt "$end" ] || die "the client got no further within $patience s: $(in_tool 'tail -n 3 errors')"
    sleep 0.5
  done
}

mend_broker() {
  quiet_engine start "$(container kafka-2)" >/dev/null
  await_healthy kafka-2
}

trial() {
  local cases
  in_tool 'rm -f stop ledger errors; touch ledger errors'
  throughline_client &
  local pid=$!
  await_acknowledgements 40
  say "calm: the longest time without an acknowledgement was $(gap 0 "$(now)") ms"
  under "one replica of intake killed" "signal_replicas KILL intake-1" "start_replicas intake-1"
  under "one broker of three killed" "signal_replicas KILL kafka-2" mend_broker
  in_tool 'touch stop'
  wait "$pid" || die "the client ended early: $(in_tool 'tail -n 3 errors')"
  cases=$(run_tool --as ana --json case list --customer C-TRIAL --limit 0 | grep -o '"case_id"' | wc -l)
  say "$(acknowledged) cases acknowledged, $cases found; calls that had to be repeated: $(in_tool 'grep -c " 3$" ledger' || true)"
  [ "$(acknowledged)" = "$cases" ] || die "an acknowledged case is missing, or one took effect twice"
}
throughline_client() { in_tool "$client"; }
