# What the scripts share. Source it first: it checks where we are, and fails on the first error.
#
#   . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# What apt does not have, see scripts/setup.
tools=$root/build/tools
export PATH=$tools/bin:$PATH

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' red='' plain=''
fi

say() { printf '%s== %s%s\n' "$bold" "$*" "$plain"; }
die() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
cores() { nproc 2>/dev/null || echo 2; }

# Runs a command and says how long that took. In a function run by it, `set -e` is off: say `|| return 1`.
timed() {
  local what=$1 begin=$SECONDS
  shift
  say "$what"
  "$@" || die "$what: failed after $((SECONDS - begin)) s"
  say "$what: $((SECONDS - begin)) s"
}

# Installs those of the packages that are missing, with apt.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || die "needs apt (Debian 12). Install by hand: ${missing[*]}"
  say "installing with apt: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || die "run as root, or install sudo"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q </dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" </dev/null
}

# build PRESET [TARGET...]: configures when needed and builds, with progress.
build() {
  local preset=$1
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then
    say "configuring $preset"
    cmake --preset "$preset" --log-level=NOTICE >/dev/null
  fi
  say "building $preset"
  NINJA_STATUS='[%f/%t, %e s] ' cmake --build --preset "$preset" ${1:+--target "$@"}
}

build_release() { build release "$@"; }

# Our own files: tracked and new ones, whose names match the pattern, NUL between them.
our_files() {
  git -c safe.directory="$root" ls-files -z --cached --others --exclude-standard -- "$@" ':!proto/google' | while IFS= read -r -d '' file; do
    if [ -f "$file" ]; then printf '%s\0' "$file"; fi
  done
}

# skipped_in LOG: what the log of a test run says was not tested, a line each.
skipped_in() {
  grep -ahE '^(\[  SKIPPED \] [^ ]+ \(|NOT TESTED: )' "$1" | sort -u || true
}
