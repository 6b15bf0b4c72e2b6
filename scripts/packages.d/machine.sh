# A fresh Debian in a container with systemd as process 1 (systemd-nspawn), for scripts/packages. Sourced.
#
#   machine_make FOLDER   unpacks a Debian there; the first time, mmdebstrap fetches it from this machine's mirrors
#   machine_run WORDS     runs a command in it before it boots, with this machine's network
#   machine_boot          boots it. Its network is a namespace of its own, $machine_network, with a loopback interface only
#   machine WORDS         runs a command in it while it runs
#   machine_delete        shuts it down and deletes it
# shellcheck shell=bash
# shellcheck disable=SC2154  # root is set by lib.sh

machine_packages=(systemd systemd-sysv dbus ca-certificates)
machine_tar=$root/build/machine.tar
machine_folder='' machine_network='' machine_process='' machine_init=''

machine_nspawn=(systemd-nspawn --quiet --register=no --keep-unit)

# The archives of Debian 12 that this machine's apt uses, and how it reaches them.
machine_sources() {
  # shellcheck disable=SC2016  # apt replaces the variables
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 'Origin: Debian' |
    grep -E ' bookworm(-updates|-security)? ' || true
}
machine_apt_settings() { apt-config dump | grep -E '^Acquire::(https?|Check-|Retries)[^ ]* "[^"]+";' || true; }

machine_fetch() {
  local sources wanted
  [ -n "$(machine_sources)" ] || apt-get update -q </dev/null
  sources=$(machine_sources)
  [ -n "$sources" ] || die "this machine's apt knows no archive of Debian 12 (bookworm)"
  wanted=$(printf '%s\n' "${machine_packages[@]}" "$sources" "$(machine_apt_settings)" | sha256sum)
  [ "$(cat "$machine_tar.of" 2>/dev/null)" != "$wanted" ] || return 0
  say "fetching a Debian with mmdebstrap into ${machine_tar#"$root"/}; about a minute, once"
  mkdir -p "$(dirname "$machine_tar")"
  local settings
  settings=$(mktemp)
  machine_apt_settings >"$settings"
  mmdebstrap --quiet --variant=minbase --aptopt="$settings" --include="$(IFS=, && echo "${machine_packages[*]}")" bookworm \
    "$machine_tar" - <<<"$sources"
  rm "$settings"
  printf '%s\n' "$wanted" >"$machine_tar.of"
}

machine_make() {
  need_packages iproute2 mmdebstrap systemd-container
  machine_fetch
  machine_folder=$1
  mkdir -p "$machine_folder"
  tar -C "$machine_folder" -xf "$machine_tar"
  echo "127.0.0.1 localhost" >"$machine_folder/etc/hosts"
  machine_network=throughline-$$
  ip netns add "$machine_network"
  ip -n "$machine_network" link set lo up
}

machine_run() {
  "${machine_nspawn[@]}" --directory="$machine_folder" --machine="throughline-$$" --resolv-conf=copy-host --pipe \
    env DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

machine_boot() {
  "${machine_nspawn[@]}" --directory="$machine_folder" --machine="throughline-$$" --resolv-conf=off \
    --network-namespace-path="/run/netns/$machine_network" --boot </dev/null >"$machine_folder.console" 2>&1 &
  machine_process=$!
  local state
  for _ in $(seq 300); do
    machine_init=$(pgrep -P "$machine_process" -x systemd || true)
    state=$([ -z "$machine_init" ] || machine systemctl is-system-running 2>/dev/null || true)
    case "$state" in running | degraded) return 0 ;; esac
    kill -0 "$machine_process" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 20 "$machine_folder.console" >&2
  die "the container does not boot"
}

machine() {
  nsenter --target "$machine_init" --mount --uts --ipc --net --pid --root --wdns=/ env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}

machine_delete() {
  if [ -n "$machine_process" ]; then
    kill "$machine_process" 2>/dev/null || true # systemd-nspawn shuts the container down
    wait "$machine_process" 2>/dev/null || true
  fi
  if [ -n "$machine_network" ]; then ip netns delete "$machine_network" || true; fi
  if [ -n "$machine_folder" ]; then rm -rf --one-file-system "$machine_folder" "$machine_folder.console"; fi
}
