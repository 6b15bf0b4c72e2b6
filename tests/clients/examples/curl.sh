#!/bin/bash
# Opens a case, reads it back, and is refused: curl.sh URL TOKEN.
set -euo pipefail
url=$1 token=$2

# README
opened=$(curl -sS --fail-with-body -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
  -d '{"commandId":"'"$RANDOM$RANDOM"'","customerId":"C-7","subject":"Where is it?","text":"Promised for Friday","channel":"CHANNEL_PHONE"}' \
  "$url/throughline.intake.v1.IntakeService/OpenCase")
read=$(curl -sS --fail-with-body -G -H "Authorization: Bearer $token" "$url/throughline.intake.v1.IntakeService/GetCase" \
  --data-urlencode encoding=json --data-urlencode "message=$(jq -c '{caseId, consistencyToken}' <<<"$opened")")
# end

[ "$(jq -r .case.subject <<<"$read")" = "Where is it?" ]
refused=$(curl -sS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{"caseId":"no-such-case"}' \
  "$url/throughline.intake.v1.IntakeService/GetCase")
[ "$(jq -r '.code, .details[0].debug.reason' <<<"$refused")" = $'not_found\nCASE_UNKNOWN' ]
echo "curl: opened and read $(jq -r .caseId <<<"$opened")"
