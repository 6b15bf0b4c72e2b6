# What happens before a runbook's page is carried out, and what must hold after. Sourced by scripts/runbooks.
# shellcheck shell=bash
# shellcheck disable=SC2154 # place, kind

tool() { throughline --data "$place/lib/up" "$@"; }
digest() { tool --as ana --json order trace SO-1001 | sed 's/"consistency_token":"[^"]*"//g' | sha256sum; }
must() { [ "$2" = "$3" ] || die "$1: $3, not $2"; }

prepare() {
  if [ "$kind" = small ]; then
    start_unit throughline
    tool --as ana availability available >/dev/null
    tool --as sam availability on-duty >/dev/null
    tool --as webshop order place SO-1001 --customer C-17 --promised-by +2d --zone America/New_York --owner ana --line 1:KETTLE-2:1:acme:Kettle >/dev/null
    tool --as acme order vendor-update dispatched SO-1001 --vendor acme --carrier ups --number 1Z204W4R0308071865 >/dev/null
    tool --as ana case open --customer C-17 --channel phone --order SO-1001 --subject "Where is it?" --text "Promised for Friday" >/dev/null
    ! tool --as dashboard case open --customer C-17 --channel phone --subject "Where?" --text "Not a reader's" 2>/dev/null || die "a reader opened a case"
    return
  fi
  mkdir -p "$place/etc/secrets"
  "$root/scripts/kafka" up --nodes 3 --data "$place/kafka" --owner $$ | tail -n 1
  THROUGHLINE_KAFKA_BROKERS=$("$root/scripts/kafka" status --bootstrap --data "$place/kafka")
  export THROUGHLINE_KAFKA_BROKERS THROUGHLINE_DATA=$place/etc/secrets
  throughline topics create --partitions 2 >/dev/null
  throughline token init >/dev/null
  local service
  for service in "${on_kafka[@]}"; do start_unit "throughline@$service"; done
  addresses
  throughline --as ana availability available >/dev/null
  for service in $(seq 20); do throughline --as ana case open --customer "C-$service" --channel phone --subject "Where is it?" --text "?" >/dev/null; done
}

addresses() {
  THROUGHLINE_ADDRESS=intake=127.0.0.1:$(port grpc throughline@intake)
  [ "$(port grpc throughline@intake-new)" = 0 ] || THROUGHLINE_ADDRESS+=,127.0.0.1:$(port grpc throughline@intake-new)
  THROUGHLINE_ADDRESS+=,ownership=127.0.0.1:$(port grpc throughline@ownership)
  export THROUGHLINE_ADDRESS
}

# certificate NAME DAYS: signed by the authority in $place/etc.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=throughline -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$place/etc/ca.crt" -CAkey "$place/etc/ca.key" -days "$2" -out "$1.crt" \
    -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') 2>/dev/null
}

before() {
  case "$kind $1" in
    "small lost-cluster")
      trace=$(digest)
      tool backup take >/dev/null
      stop_unit throughline KILL
      rm -rf "$place/lib/up/log" ;;
    "small lost-volume") trace=$(digest) ;;
    "small secrets")
      mkdir -p "$place/etc/secrets/tls"
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=ca -keyout "$place/etc/ca.key" -out "$place/etc/ca.crt" 2>/dev/null
      certificate "$place/etc/secrets/tls/tls" 2
      certificate "$place/etc/secrets/tls/renewed" 20
      export THROUGHLINE_CA=$place/etc/ca.crt
      stop_unit throughline
      start_unit throughline
      process=$(cat "$place/units/throughline")
      cp "$place/lib/up/credentials/ana.token" "$place/ana.old" ;;
    "kafka poison-event") echo "no commit" | kcat -b "$THROUGHLINE_KAFKA_BROKERS" -P -t throughline.intake.log -p 0 ;;
    "kafka lost-broker")
      lost_node=2
      "$root/scripts/kafka" stop $lost_node --kill --data "$place/kafka"
      # Empty, but formatted.
      find "$place/kafka/node-$lost_node/data" -mindepth 1 ! -name meta.properties ! -name bootstrap.checkpoint -delete ;;
    "kafka capacity") mkdir -p "$place/lib-new" ;;
  esac
}

after() {
  case "$kind $1" in
    "small lost-cluster" | "small lost-volume") must "the trace of SO-1001" "$trace" "$(digest)" ;;
    "small secrets")
      must "the process, which was not to be restarted" "$process" "$(cat "$place/units/throughline")"
      local said
      if said=$(tool --token-file "$place/ana.old" worklist 2>&1); then die "the old token is still taken"; fi
      [[ $said == *UNAUTHENTICATED* || $said == *token* ]] || die "the old token: $said"
      tool --as ana worklist >/dev/null
      must "the certificate that is served" "$(openssl x509 -in "$place/etc/secrets/tls/renewed.crt" -noout -fingerprint)" \
        "$(openssl s_client -connect "localhost:$(port grpc throughline)" -alpn h2 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint)" ;;
    "kafka lost-volume")
      ! command grep 'intake was not compared' "$place/lost-volume.said" || die "the new store was not compared with the log"
      must "cases of the replica" 20 "$(throughline --as ana --json case list --limit 0 | grep -o '"case_id"' | wc -l)" ;;
    "kafka capacity")
      addresses
      throughline health --wait 1m
      command grep -qi restored "$place/journal/throughline@intake-new.now" || die "the new replica did not begin with the backup" ;;
    "kafka lost-broker") throughline --as ana case open --customer C-99 --channel phone --subject "Still there?" --text "?" >/dev/null ;;
  esac
}
