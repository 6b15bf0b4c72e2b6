# What scripts/compose does with one project: secrets, containers, health. Sourced by it; it sets `project`, `place` (the
# project's folder: env, secrets/, ca.key) and `settings` (env).
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of scripts/compose, engine.sh and lib.sh

podman_compose_version=1.6.0
patience=${PATIENCE:-300}
file=$root/deploy/compose/compose.yaml
brokers=(kafka-{1,2,3})
replicas=({intake,ownership,outage-notice,supplier-tracking}-{1,2})
edges=(edge-{1,2})

need_compose() {
  [ "$engine" = docker ] || need_python podman-compose podman-compose "$podman_compose_version"
}

compose() {
  if [ "$engine" = docker ]; then
    docker compose --env-file "$settings" -f "$file" -p "$project" "$@"
  else
    # Podman 4.3 cannot wait for health: `bring_up` does, so the warning about it is left out.
    podman-compose --in-pod false --env-file "$settings" -f "$file" -p "$project" "$@" \
      2> >(grep -vE 'WARNING:.*Ignored .* condition check|systemd connection|connect to syslog|no container with name' >&2)
  fi
}

need_images() {
  local name tag missing=()
  for name in throughline kafka monitoring; do
    case "$name" in throughline) tag=$image ;; *) tag=throughline-$name:latest ;; esac
    [ -z "$build" ] && "$engine" image inspect "$tag" >/dev/null 2>&1 || missing+=("$name")
  done
  build=
  [ ${#missing[@]} -eq 0 ] || "$root/scripts/image" build "${missing[@]}"
}

setting() { sed -n "s/^$1=//p" "$settings"; }

# The files that containers read are readable by any user: those of the containers are not those of this machine. The folder
# around them is not.
make_secrets() {
  local tls=$place/secrets/tls name shift=0
  [ "$project" = throughline ] || shift=100
  mkdir -p "$place"
  chmod 700 "$place"
  mkdir -p "$tls"
  if [ ! -f "$settings" ]; then
    {
      echo "SECRETS=$place/secrets"
      echo "THROUGHLINE_IMAGE=$image"
      # Kafka's form of a UUID; a leading dash would look like an option.
      echo "KAFKA_CLUSTER=T$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 2-22)"
      local port=$((7071 + shift))
      for name in "${replicas[@]}"; do
        name=${name//-/_}
        echo "${name^^}_PORT=$((port++))"
      done
      echo "EDGE_1_PORT=$((8443 + shift))"
      echo "EDGE_2_PORT=$((8444 + shift))"
      echo "PROMETHEUS_PORT=$((9090 + shift))"
      echo "ALERTMANAGER_PORT=$((9093 + shift))"
    } >"$settings.new"
    mv "$settings.new" "$settings"
  fi
  if [ ! -f "$tls/tls.crt" ]; then
    have openssl || need_packages openssl
    say "making a certificate authority of its own, and the services' certificate (two years)"
    local names=DNS:localhost,IP:127.0.0.1
    for name in "${replicas[@]}" "${edges[@]}"; do names+=,DNS:$name; done
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Throughline on $project" \
      -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$place/ca.key" -out "$tls/ca.crt" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=throughline \
      -keyout "$tls/tls.key" -out "$place/tls.csr" 2>/dev/null
    openssl x509 -req -in "$place/tls.csr" -CA "$tls/ca.crt" -CAkey "$place/ca.key" -days 730 -out "$tls/tls.crt" \
      -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n' "$names") 2>/dev/null
    rm "$place/tls.csr"
  fi
  if [ ! -f "$place/secrets/tokens.json" ]; then
    say "making credentials in $place/secrets/credentials"
    # As whoever runs this. Podman without root maps root to that user.
    local user=0:0
    [ "$engine" = podman ] || user=$(id -u):$(id -g)
    quiet_engine run --rm --network none --user "$user" -v "$place/secrets:/secrets" "$image" \
      throughline --data /secrets token init >/dev/null
  fi
  # The edge sees its own credential, and no other; services see none.
  mkdir -p "$place/secrets/edge"
  cp "$place/secrets/credentials/edge.token" "$place/secrets/edge/token"
  chmod -R a+rX,go-w "$place/secrets"
}

# Without systemd, Podman says with every container that it cannot plan its health checks.
quiet_engine() { "$engine" "$@" 2> >(grep -v 'systemd connection' >&2); }

# container SERVICE: its id, also if it is stopped.
container() {
  "$engine" ps -aq --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" | head -n 1
}
containers() {
  local name
  for name in "$@"; do container "$name"; done
}

healthy() { # CONTAINER
  if [ "$engine" = docker ]; then
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$1" 2>/dev/null)" = healthy ]
  else
    # Run here: Podman leaves it to systemd's timers, which not every machine has.
    podman healthcheck run "$1" >/dev/null 2>&1
  fi
}

restarts() { "$engine" inspect --format '{{.RestartCount}}' "$1"; }

# await_healthy SERVICE...: until all are.
await_healthy() {
  local name id before end=$((SECONDS + patience))
  for name in "$@"; do
    id=$(container "$name")
    [ -n "$id" ] || die "there is no container of $name"
    before=$(restarts "$id")
    until healthy "$id"; do
      [ "$SECONDS" -lt "$end" ] && [ "$(restarts "$id")" -lt $((before + 5)) ] || {
        "$engine" logs --tail 20 "$id" >&2
        die "$name is not healthy after $((SECONDS - end + patience)) s; its last lines are above"
      }
      sleep 0.2
    done
    say "$name is healthy"
  done
}

# Compose's order with its conditions. Podman before 4.6 cannot wait for health, so the stages stand here, too.
bring_up() {
  if [ "$engine" = docker ]; then
    compose up -d --wait --wait-timeout "$patience" --no-build
    return
  fi
  local code
  timed "three nodes of Kafka" start_and_await "${brokers[@]}"
  compose up -d --no-build --no-deps topics >/dev/null
  code=$(podman wait "$(container topics)")
  [ "$code" = 0 ] || {
    podman logs "$(container topics)" >&2
    die "the topics could not be made: see above"
  }
  timed "eight replicas of four services" start_and_await "${replicas[@]}"
  timed "two replicas of the edge" start_and_await "${edges[@]}"
  timed "the tool, Prometheus, Alertmanager" start_and_await prometheus alertmanager tool
}
start_and_await() {
  compose up -d --no-build --no-deps "$@" >/dev/null
  if [ "${*: -1}" = tool ]; then set -- "${@:1:$(($# - 1))}"; fi # it has no health of its own
  await_healthy "$@"
}

signal_replicas() { # SIGNAL [SERVICE]...
  local signal=$1 id
  shift
  [ $# -gt 0 ] || set -- "${replicas[@]}"
  for id in $(containers "$@"); do "$engine" kill --signal "$signal" "$id" >/dev/null 2>&1 || true; done
}
stop_replicas() {
  # shellcheck disable=SC2046 # several ids
  quiet_engine stop -t 30 $(containers "${replicas[@]}") >/dev/null
}
start_replicas() { # [SERVICE]...
  [ $# -gt 0 ] || set -- "${replicas[@]}"
  # shellcheck disable=SC2046 # several ids
  quiet_engine start $(containers "$@") >/dev/null
  await_healthy "$@" >/dev/null
}

run_tool() {
  local id
  id=$(container tool)
  [ -n "$id" ] || die "$project is not up: scripts/compose${project_option} up"
  "$engine" exec -i "$id" throughline "$@"
}

verify_stopped() { compose --profile verify run --rm -T --no-deps verify; }

status() {
  local id name state health memory
  printf '%-22s %-10s %-10s %s\n' CONTAINER STATE HEALTH MEMORY
  for name in "${brokers[@]}" topics "${replicas[@]}" tool prometheus alertmanager; do
    id=$(container "$name")
    [ -n "$id" ] || {
      printf '%-22s %s\n' "$name" "not made"
      continue
    }
    state=$("$engine" inspect --format '{{.State.Status}}' "$id")
    health=- memory=-
    if [ "$state" = running ]; then
      case "$name" in tool) ;; *) if healthy "$id"; then health=healthy; else health=unhealthy; fi ;; esac
      memory=$("$engine" stats --no-stream --format '{{.MemUsage}}' "$id")
    fi
    printf '%-22s %-10s %-10s %s\n' "$name" "$state" "$health" "$memory"
  done
}

# Prometheus' page has a figure everywhere, and every replica answers.
await_console() {
  local page=$place/console.html end=$((SECONDS + patience))
  have curl || need_packages curl
  while true; do
    if curl -fsS "http://127.0.0.1:$(setting PROMETHEUS_PORT)/consoles/index.html" >"$page" 2>/dev/null &&
      ! grep -q 'no data' "$page" && [ "$(grep -c '>2</a> of 2<' "$page")" -eq 4 ]; then
      say "$(sed 's/<[^>]*>//g' "$page" | grep -c '[0-9]') lines of figures, all there: $page"
      return
    fi
    [ "$SECONDS" -lt "$end" ] || die "after $patience s the page still lacks figures: $page"
    sleep 1
  done
}
