# Uses the packages as an operations team would, in a container with systemd. Sourced by scripts/packages.
# shellcheck shell=bash
# shellcheck disable=SC2154  # root, packages and services are set by scripts/packages

# as PERSON WORDS...: the installed tool, on the machine of `throughline up`, as the service's user.
as() {
  local who=$1
  shift
  machine runuser -u throughline -- throughline --data /var/lib/throughline/up --as "$who" "$@"
}
# show PERSON WORDS...: the same, and prints the command.
show() {
  printf '\n%s%s$ throughline %s%s\n' "$bold" "$1" "${*:2}" "$plain"
  as "$@"
}
# expect WHAT WANTED FOUND
expect() { [ "$2" = "$3" ] || die "$1 should be $2, but is $3"; }
property() { machine systemctl show --value --property="$2" "$1"; }
# await UNIT PROPERTY PATTERN
await() {
  local value
  for _ in $(seq 300); do
    value=$(property "$1" "$2")
    [[ $value =~ ^($3)$ ]] && return 0
    sleep 0.1
  done
  machine journalctl --no-pager -n 20 -u "$1" >&2
  die "$2 of $1 should be $3, but is $value"
}
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1; }
trace_digest() { as ana --json order trace SO-1001 | sed 's/"consistency_token":"[^"]*"//g' | sha256sum; }

# make_versions N: N times the packages once more, each with a higher version and other settings, to upgrade to.
make_versions() {
  local package folder number
  for package in "$packages"/*.deb; do
    folder=$(mktemp -d "$place/XXXXXX")
    dpkg-deb --raw-extract "$package" "$folder"
    for number in $(seq "$1"); do
      mkdir -p "$machine_folder/root/version-$number"
      sed -i -E "s/^(Version: [^+]*).*/\1+$number/; s/(throughline \(= [^+)]*)[^)]*/\1+$number/" "$folder/DEBIAN/control"
      for file in "$folder"/etc/throughline/*; do echo "# Of the package +$number." >>"$file"; done
      dpkg-deb --root-owner-group -Znone --build "$folder" "$machine_folder/root/version-$number" >/dev/null
    done
    rm -r "$folder"
  done
}
# upgrade N: as without a terminal, which cannot ask what becomes of changed settings.
upgrade() {
  machine sh -c "apt-get install -qq -y -o Dpkg::Options::=--force-confold /root/version-$1/*.deb" |
    grep -v '^(Reading database\|^debconf: delaying'
}

try_installation() {
  say "installing in a fresh Debian; apt fetches what the packages depend on"
  mkdir "$machine_folder/root/packages"
  cp "$packages"/*.deb "$machine_folder/root/packages"
  machine_run sh -c 'apt-get update -q && apt-get install -qy --no-install-recommends /root/packages/*.deb' >"$machine_folder.apt" 2>&1 ||
    { tail -n 30 "$machine_folder.apt" >&2 && die "not installed"; }
  make_versions 2
  machine_boot
  machine stat -c '%A %U:%G %n' /var/lib/throughline /var/backups/throughline /etc/throughline/secrets
  expect "the state of throughline.service after the installation" inactive "$(property throughline.service ActiveState)"
}

try_small_installation() {
  say "the small installation"
  machine systemctl enable --now throughline.service
  expect "the state of throughline.service" active "$(property throughline.service ActiveState)"
  machine systemctl --no-pager --lines=0 status throughline.service
  local process
  process=$(property throughline.service MainPID)
  machine grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp):' "/proc/$process/status"
  ! machine runuser -u nobody -- ls /var/lib/throughline/up 2>/dev/null || die "anyone can read the data"

  show ana availability available --team care
  show webshop order place SO-1001 --customer C-17 --promised-by +2d --zone America/New_York --owner ana --line 1:KETTLE-2:1:acme:Kettle
  show acme order vendor-update acknowledged SO-1001 --vendor acme --expected +1d
  show ana case open --customer C-17 --channel phone --order SO-1001 --subject "Where is it?" --text "Promised for Friday"
  show ana order trace SO-1001
  show ana worklist
  show ana backup take
  show ana verify
}

try_failures() {
  say "killed: systemd starts it again"
  local before
  before=$(trace_digest)
  machine systemctl kill --kill-whom=main --signal=KILL throughline.service
  await throughline.service NRestarts 1
  await throughline.service ActiveState active
  expect "the trace after a kill" "$before" "$(trace_digest)"

  say "hung: the watchdog ends it, after 5 s instead of 60, and systemd starts it again"
  machine mkdir -p /run/systemd/system/throughline.service.d
  printf '[Service]\nWatchdogSec=5s\n' | machine tee /run/systemd/system/throughline.service.d/watchdog.conf >/dev/null
  machine systemctl daemon-reload
  machine systemctl restart throughline.service
  machine systemctl kill --kill-whom=main --signal=STOP throughline.service
  await throughline.service NRestarts 1
  await throughline.service ActiveState active
  machine rm -r /run/systemd/system/throughline.service.d
  machine systemctl daemon-reload

  say "a setting that is not valid: it stays down, and says why"
  machine sed -i 's/--port 7070/--port seventy/' /etc/throughline/up.env
  ! machine systemctl restart throughline.service 2>/dev/null || die "it started with an invalid setting"
  expect "the state" failed "$(property throughline.service ActiveState)"
  expect "the exit code" 2 "$(property throughline.service ExecMainStatus)"
  machine journalctl --no-pager --output=cat -n 5 -u throughline.service
  machine sed -i 's/--port seventy/--port 7171/' /etc/throughline/up.env
  machine systemctl restart throughline.service
}

try_tls() {
  say "TLS for other machines, and a token of a person's own"
  local tls=$machine_folder/etc/throughline/secrets/tls
  as ana token create carla --role rep --team care
  machine install -m 0600 -o nobody /var/lib/throughline/up/credentials/carla.token /srv/carla.token
  machine install -d -m 0750 -g throughline /etc/throughline/secrets/tls
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$place/tls.key" -out "$place/tls.crt" 2>/dev/null
  cp "$place/tls.crt" "$place/tls.key" "$tls"
  machine chgrp throughline /etc/throughline/secrets/tls/tls.crt /etc/throughline/secrets/tls/tls.key
  machine chmod 0640 /etc/throughline/secrets/tls/tls.crt /etc/throughline/secrets/tls/tls.key
  cp "$place/tls.crt" "$machine_folder/srv/ca.crt"
  local settings='--host 0.0.0.0 --tls-cert \/etc\/throughline\/secrets\/tls\/tls.crt --tls-key \/etc\/throughline\/secrets\/tls\/tls.key'
  machine sed -i "s/--host 127.0.0.1/$settings/" /etc/throughline/up.env
  machine systemctl restart throughline.service
  machine runuser -u nobody -- env HOME=/tmp throughline --address localhost:7171 --ca /srv/ca.crt --token-file /srv/carla.token worklist
  machine sed -i "s/$settings/--host 127.0.0.1/" /etc/throughline/up.env
  machine systemctl restart throughline.service
}

try_upgrade() {
  say "an upgrade while it runs"
  local before process
  before=$(trace_digest)
  process=$(property throughline.service MainPID)
  upgrade 1
  expect "the state after the upgrade" active "$(property throughline.service ActiveState)"
  [ "$process" != "$(property throughline.service MainPID)" ] || die "the upgrade did not restart it"
  machine grep -q -- '--port 7171' /etc/throughline/up.env || die "the upgrade changed the administrator's settings"
  expect "the trace after the upgrade" "$before" "$(trace_digest)"
}

try_restore() {
  say "the disk is lost, and the backup restores everything"
  local before backup
  before=$(trace_digest)
  as ana backup take
  backup=$(as ana --json backup list /var/backups/throughline | grep -o '"path": *"[^"]*/log-[^"]*"' | tail -n 1 | field path)
  show ana backup verify "$backup"
  machine systemctl kill --kill-whom=main --signal=KILL throughline.service
  machine systemctl stop throughline.service
  machine rm -rf /var/lib/throughline/up
  show ana restore --from "$backup"
  machine systemctl start throughline.service
  expect "the trace after the restore" "$before" "$(trace_digest)"
}

# service_tool WORDS...: the tool, as the administrator of the services on Kafka.
service_tool() {
  machine sh -c 'set -a; . /etc/throughline/services.env; exec throughline --data /etc/throughline/secrets "$@"' sh "$@"
}

try_services() {
  say "a Kafka, and the four services on it"
  "$root/scripts/kafka" fetch
  nsenter --net="/run/netns/$machine_network" "$root/scripts/kafka" up --data "$machine_folder.kafka" --owner $$ | sed '$d'
  brokers=$("$root/scripts/kafka" status --bootstrap --data "$machine_folder.kafka")
  machine systemctl disable --now throughline.service
  ! machine systemctl start throughline@intake.service 2>/dev/null || die "it started without a Kafka"
  expect "the exit code" 2 "$(property throughline@intake.service ExecMainStatus)"

  machine sed -i "s/^#THROUGHLINE_KAFKA_BROKERS=.*/THROUGHLINE_KAFKA_BROKERS=$brokers/" /etc/throughline/services.env
  service_tool topics create --replication 1
  service_tool token init
  machine sh -c 'cd /etc/throughline/secrets && chgrp throughline tokens.json && chmod 0640 tokens.json'
  machine systemctl enable --now "${services[@]/#/throughline@}"
  local service port=7070 addresses=()
  for service in "${services[@]}"; do
    port=$((port + 1))
    addresses+=("$service=localhost:$port")
    expect "the state of $service" active "$(property "throughline@$service.service" ActiveState)"
  done
  address=$(IFS=, && echo "${addresses[*]}")
  service_tool --address "$address" --as ana availability available --team care
  service_tool --address "$address" --as webshop order place SO-1001 --customer C-17 --promised-by +2d --owner ana \
    --line 1:KETTLE-2:1:acme:Kettle
  service_tool --address "$address" --as ana case open --customer C-17 --channel phone --order SO-1001 --subject "Where is it?" \
    --text "Promised for Friday"
  service_tool --address "$address" --as ana order trace SO-1001
  service_tool --address "$address" health
  service_tool verify "${services[@]/#/--compare=/var/lib/throughline/}"

  say "an upgrade of the services, one after the other"
  local before after
  before=$(for service in "${services[@]}"; do property "throughline@$service.service" MainPID; done)
  upgrade 2
  for service in "${services[@]}"; do
    expect "the state of $service after the upgrade" active "$(property "throughline@$service.service" ActiveState)"
  done
  after=$(for service in "${services[@]}"; do property "throughline@$service.service" MainPID; done)
  [ -z "$(comm -12 <(sort <<<"$before") <(sort <<<"$after"))" ] || die "the upgrade did not restart every service"

  say "a replica that lost its store takes the newest backup"
  machine runuser -u throughline -- throughline --data /var/lib/throughline/intake backup take
  machine systemctl stop throughline@intake.service
  machine rm -rf /var/lib/throughline/intake
  machine systemctl start throughline@intake.service
  machine journalctl --output=cat -u throughline@intake.service | grep -F 'is restored from the backup' ||
    die "it did not start from a backup"
  service_tool --address "$address" --as ana case list --order SO-1001
}

# What the units forbid would show as errors.
try_journal() {
  say "what the journal holds against them"
  local complaints
  complaints=$(machine journalctl --no-pager --output=cat -u 'throughline*' | grep -E 'Z (error|critical) |[Nn]ot permitted|Read-only' || true)
  expect "the errors in the journal" "" "$complaints"
}

try_removal() {
  say "removed: the log, the credentials and the backups are kept; purged: the backups"
  machine dpkg --remove throughline-services throughline
  expect "running after the removal" "" "$(machine find /proc -maxdepth 1 -user throughline -name '[0-9]*')"
  machine test -d /var/lib/throughline/up/log || die "the removal deleted the log"
  machine test -f /etc/throughline/secrets/tokens.json || die "the removal deleted the credentials"
  machine dpkg --purge throughline-services throughline
  ! machine test -e /var/lib/throughline || die "the purge left /var/lib/throughline"
  ! machine test -e /etc/throughline || die "the purge left /etc/throughline"
  [ -n "$(machine find /var/backups/throughline -name 'log-*')" ] || die "the purge deleted the backups"

  say "installed again"
  machine sh -c 'dpkg -i /root/packages/throughline_*.deb' | grep -v '^(Reading database'
  machine systemctl start throughline.service
  as ana worklist
}

try_packages() {
  place=$(mktemp -d "${TMPDIR:-/tmp}/throughline-packages.XXXXXX")
  clean_up() {
    local code=$?
    trap - EXIT
    if [ -d "$place/machine.kafka" ]; then "$root/scripts/kafka" down --delete --data "$place/machine.kafka" >/dev/null || true; fi
    machine_delete
    rm -rf --one-file-system "$place"
    exit "$code"
  }
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  machine_make "$place/machine"
  try_installation
  try_small_installation
  try_failures
  try_tls
  try_upgrade
  try_restore
  try_services
  try_journal
  try_removal
}
