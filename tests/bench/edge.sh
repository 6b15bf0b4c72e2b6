#!/bin/bash
# JSON over HTTP against the same call by gRPC, side by side: rounds of each in turn, on the same suite, by clients in C that
# cost about the same (wrk, h2load), with the same number of connections and one call at a time on each. README.md says more.
#
#   THROUGHLINE_BIN=build/release/bin tests/bench/edge.sh [--quick]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${THROUGHLINE_BIN:-$root/build/release/bin}
rounds=5 seconds=5 connections=32
if [ "${1:-}" = --quick ]; then rounds=1 seconds=1; fi

work=$(mktemp -d)
suite='' edge=''
cleanup() {
  for process in $edge $suite; do kill "$process" 2>/dev/null && wait "$process" || true; done
  rm -rf "$work"
}
trap cleanup EXIT

# start NAME COMMAND...: until it is ready.
start() {
  local name=$1
  shift
  "$@" >"$work/$name.out" 2>"$work/$name.err" &
  eval "$name=$!"
  until grep -qs '^ready$' "$work/$name.out"; do
    kill -0 "$!" || { cat "$work/$name.err" >&2 && exit 1; }
    sleep 0.1
  done
}
mkdir "$work/webhooks"
printf 'secret-of-ups' >"$work/webhooks/ups"
printf '[[endpoint]]\ncarrier = "ups"\nid = "e1"\nformat = "ups-track-alert"\nscheme = "ups"\nsecrets = ["ups"]\n' >"$work/webhooks/webhooks.toml"
many=(--identity-events 100000000 --identity-calls 100000)
start suite "$bin/throughline" up --data "$work/data" --port 0 --metrics-port 0 --max-commands 100000 "${many[@]}" \
  --webhooks "$work/webhooks/webhooks.toml"
address=$(cat "$work/data/endpoint")
start edge "$bin/throughline-edge" --address "$address" --port 0 --metrics-port 0 --public-token-file "$work/data/credentials/public.token" \
  --token-file "$work/data/credentials/edge.token" --webhooks-endpoints "$work/webhooks/webhooks.toml"
inside=$(sed -n 's/^http: \([^ ]*\).*/\1/p' "$work/suite.out")
before=$(sed -n 's/^throughline-edge: //p' "$work/edge.out")
metrics=$(sed -n 's/^metrics: \([^ ]*\).*/\1/p' "$work/suite.out")
token=$(cat "$work/data/credentials/ana.token")
case_id=$("$bin/throughline" --data "$work/data" --as ana --json case open --customer C-7 --subject "Where is it?" \
  --text "Promised for Friday" --channel phone | sed -n 's/.*"case_id": *"\([^"]*\)".*/\1/p')

# request NAME METHOD TYPE JSON TEXT: the request of a call, as JSON for wrk and as gRPC's frame for h2load.
request() {
  cat >"$work/$1.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer $token"
wrk.body = '$4'
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("%d %d %d\n", summary.requests / summary.duration * 1e6, latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
LUA
  printf '%s' "$5" | protoc -I "$root/proto" --encode="throughline.intake.v1.$3" throughline/intake/v1/commands.proto \
    throughline/intake/v1/queries.proto >"$work/$1.message"
  printf "\\x00$(printf '%08x' "$(stat -c %s "$work/$1.message")" | sed 's/../\\x&/g')" | cat - "$work/$1.message" >"$work/$1.frame"
  echo "throughline.intake.v1.IntakeService/$2" >"$work/$1.path"
}
request read GetCase GetCaseRequest "{\"caseId\":\"$case_id\"}" "case_id: \"$case_id\""
request command OpenCase OpenCaseRequest \
  '{"customerId":"C-8","subject":"Where is it?","text":"Promised for Friday","channel":"CHANNEL_PHONE","separate":true}' \
  'customer_id: "C-8" subject: "Where is it?" text: "Promised for Friday" channel: CHANNEL_PHONE separate: true'

# json NAME URL, grpc NAME: calls per second, 99th percentile in microseconds, failures.
json() { wrk -t1 -c$connections -d${seconds}s -s "$work/$1.lua" "$2/$(cat "$work/$1.path")" | tail -n 1; }
grpc() {
  h2load -t1 -c$connections -m1 -D$seconds --log-file="$work/calls" -d "$work/$1.frame" -H "authorization: Bearer $token" \
    -H 'content-type: application/grpc' -H 'te: trailers' "http://$address/$(cat "$work/$1.path")" >"$work/h2load" || return 1
  # Of each call: when it began, its status, its time in microseconds.
  cut -f 3 "$work/calls" | sort -n | awk -v seconds="$seconds" -v failed="$(awk '$2 != 200' "$work/calls" | wc -l)" \
    '{time[NR] = $1} END {printf "%d %d %d\n", NR / seconds, time[int(NR * 0.99) + 1], failed}'
  : >"$work/calls"
}
# gRPC's own status is in a trailer that h2load does not look at: the service has counted. A call whose message is cut off at
# the end of a round is CANCELLED or INVALID_ARGUMENT: at most one on each connection.
failed_calls() {
  curl -sS "http://$metrics/intake/metrics" | awk -v cut="$((connections * rounds * 2))" '
    /^throughline_rpc_handled_total\{/ && /code="INVALID_ARGUMENT"/ {refused += $2; next}
    /^throughline_rpc_handled_total\{/ && !/code="(OK|CANCELLED)"/ {failed += $2}
    END {print failed + (refused > cut ? refused : 0)}'
}
median() { sort -n | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}'; }

printf '%-28s %12s %12s %12s %10s\n' "$connections connections" "gRPC" "JSON, in up" "JSON, edge" "ratios"
for name in read command; do
  : >"$work/$name.grpc" && : >"$work/$name.inside" && : >"$work/$name.before"
  for _ in $(seq $rounds); do
    grpc $name >>"$work/$name.grpc"
    json $name "$inside" >>"$work/$name.inside"
    json $name "$before" >>"$work/$name.before"
  done
  for column in 1 2; do
    values=()
    for way in grpc inside before; do values+=("$(cut -d ' ' -f $column "$work/$name.$way" | median)"); done
    what="$(sed 's,.*/,,' "$work/$name.path"), $([ $column = 1 ] && echo calls/s || echo 'p99, us')"
    printf '%-28s %12s %12s %12s %10s\n' "$what" "${values[@]}" \
      "$([ $column = 2 ] || awk -v a="${values[0]}" -v b="${values[1]}" -v c="${values[2]}" 'BEGIN {printf "%.2f %.2f", b / a, c / a}')"
  done
  failed=$(cat "$work/$name".{grpc,inside,before} | awk '{failed += $3} END {print failed}')
  [ "$failed" = 0 ] || { echo "$failed calls failed" >&2 && exit 1; }
done
[ "$(failed_calls)" = 0 ] || { echo "$(failed_calls) calls were refused" >&2 && exit 1; }

# Webhooks: the payloads of throughline-bench, each with a scan that nobody knows yet, five to a parcel; against PushRawEvents
# of the same bytes over one stream, 16 at a time, as a carrier's own program would push them.
cat >"$work/webhook.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Credential"] = "secret-of-ups"
local sent, first = 0, os.time() % 1000000 * 100000
function request()
  local n, scan = first + math.floor(sent / 5), sent % 5
  sent = sent + 1
  return wrk.format(nil, nil, nil, string.format([[{"trackingNumber":"1Z999AA1%010d","localActivityDate":"20251010","localActivityTime":"%02d0000","activityLocation":{"city":"Town %d","stateProvince":"","postalCode":"24103","country":"DE"},"activityStatus":{"type":"I","code":"DP","description":"Departed from Facility","descriptionCode":""},"scheduledDeliveryDate":"","actualDeliveryDate":"","actualDeliveryTime":"","gmtActivityDate":"20251010","gmtActivityTime":"%02d0000","gmtOffset":"+02.00","deliveryStartTime":"","deliveryEndTime":"","receivedBy":"","deliveryPhoto":""}]],
    n, scan + 2, scan, scan))
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("%d %d %d\n", summary.requests / summary.duration * 1e6, latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
LUA
pushed() { "$bin/throughline-bench" --json "$@" --only push-raw 2>/dev/null | sed -n 's/.*"key":"push_raw_vs_stream_echo","figure":\([0-9]*\).*/\1/p'; }
webhook() { wrk -t1 -c$connections -d${seconds}s -s "$work/webhook.lua" "$1/webhooks/ups/e1" | tail -n 1; }
short=()
[ $rounds != 1 ] || short=(--quick)
for _ in $(seq $(((rounds + 1) / 2))); do
  pushed "${short[@]}" >>"$work/webhook.grpc"
  webhook "$inside" >>"$work/webhook.inside"
  sleep 1 # other parcels
  webhook "$before" >>"$work/webhook.before"
  sleep 1
done
[ "$(cat "$work"/webhook.{inside,before} | awk '{failed += $3} END {print failed}')" = 0 ] || { echo "webhooks failed" >&2 && exit 1; }
values=("$(median <"$work/webhook.grpc")")
for way in inside before; do values+=("$(cut -d ' ' -f 1 "$work/webhook.$way" | median)"); done
printf '%-28s %12s %12s %12s %10s\n' "durable webhooks/s" "${values[@]}" \
  "$(awk -v a="${values[0]}" -v b="${values[1]}" -v c="${values[2]}" 'BEGIN {printf "%.2f %.2f", b / a, c / a}')"
printf '%-28s %12s %12s %12s\n' "webhooks, p99, us" - "$(cut -d ' ' -f 2 "$work/webhook.inside" | median)" "$(cut -d ' ' -f 2 "$work/webhook.before" | median)"
page=$(wrk -t1 -c$connections -d${seconds}s -H 'Accept-Encoding: gzip' -H 'If-None-Match: *' "$before/openapi.json" | sed -n 's/^Requests\/sec: *//p')
printf '%-28s %12s %12s %12.0f\n' "a document that is known, /s" - - "$page"

# The public notices: a page with an outage, as browsers ask, and what the services are asked meanwhile.
sam() { "$bin/throughline" --data "$work/data" --as sam "$@" >/dev/null; }
sam notice define checkout --name Checkout
sam notice publish --kind outage --component checkout --title "No paying" --what "Cards are refused" --next-update +1h --expected-end-unknown
until curl -sS "$before/notices" | grep -q "No paying"; do sleep 0.1; done
edge_metrics=$(sed -n 's/^metrics: \([^ ]*\).*/\1/p' "$work/edge.out")
asked() { curl -sS "http://$edge_metrics/metrics" | awk '/^throughline_public_notices_reads_total/ {asked += $2} END {print asked + 0}'; }
for how in "whole, gzip" "whole, plain" "known already"; do
  case "$how" in
    *gzip) headers=(-H 'Accept-Encoding: gzip') ;;
    *plain) headers=() ;;
    *) headers=(-H 'If-None-Match: *') ;;
  esac
  asked_before=$(asked) began=$(date +%s%N)
  wrk -t1 -c$connections -d${seconds}s --latency "${headers[@]}" "$before/notices" >"$work/wrk"
  asked_for=$(awk -v asked=$(($(asked) - asked_before)) -v time=$(($(date +%s%N) - began)) 'BEGIN {printf "%.2f", asked / time * 1e9}')
  if grep -E 'Non-2xx|Socket errors' "$work/wrk" >&2; then exit 1; fi
  printf 'the notices, %-14s %9.0f pages/s, p99 %s; the services were asked %s times/s\n' "$how" \
    "$(sed -n 's/^Requests\/sec: *//p' "$work/wrk")" "$(awk '$1 == "99%" {print $2}' "$work/wrk")" "$asked_for"
done
