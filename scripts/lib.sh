# Shared by the scripts. Source it first: it changes to the project's root, and ends the script on the first error.
#
#   . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
#
# The comment at the top of a script is its --help (usage): what it does, its options, an example.
# shellcheck shell=bash

set -euo pipefail

script=$(realpath "$0")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Tools that apt does not have; scripts/setup installs them.
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
# usage: prints the comment at the top of the script.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"; }
# misused MESSAGE: a usage error, exit code 2.
misused() {
  printf '%s%s; see %s --help%s\n' "$red" "$*" "${script#"$root"/}" "$plain" >&2
  exit 2
}
# need_value OPTION ARGUMENTS-LEFT; need_number OPTION ARGUMENTS-LEFT VALUE
need_value() { [ "$2" -ge 2 ] || misused "$1 needs a value"; }
need_number() {
  need_value "$1" "$2"
  [[ ${3:-} =~ ^[0-9]+$ ]] || misused "$1 needs a whole number, not ${3:-nothing}"
}
have() { command -v "$1" >/dev/null 2>&1; }
cores() { nproc 2>/dev/null || echo 2; }

# Runs a command and prints how long it took. `set -e` is off in a function run by it: use `|| return 1`.
timed() {
  local what=$1 begin=$SECONDS
  shift
  say "$what"
  "$@" || die "$what: failed after $((SECONDS - begin)) s"
  say "$what: $((SECONDS - begin)) s"
}

# Installs missing packages with apt.
need_packages() {
  local missing=() package
  for package in "$@"; do
    # shellcheck disable=SC2016 # dpkg's variable
    [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" = "install ok installed" ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  have apt-get || die "needs apt (Debian 12). Install by hand: ${missing[*]}"
  say "installing with apt: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || die "run as root, or install sudo"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=600 update -q </dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -qy --no-install-recommends "${missing[@]}" </dev/null
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

# Our own files, tracked and new, that match the patterns; separated by NUL.
our_files() {
  git -c safe.directory="$root" ls-files -z --cached --others --exclude-standard -- "$@" ':!proto/google' | while IFS= read -r -d '' file; do
    if [ -f "$file" ]; then printf '%s\0' "$file"; fi
  done
}

# skipped_in LOG: what was not tested, from the log of a test run, one line each.
skipped_in() {
  grep -ahE '^(\[  SKIPPED \] [^ ]+ \(|NOT TESTED: )' "$1" | sort -u || true
}

# record_run WHAT SECONDS: notes in tests/on_demand.tsv that a check, which CI does not run since it takes too long, passed:
# what, when, at which commit, how long it took. One line for each check; the newest run replaces the one before.
record_run() {
  local file=tests/on_demand.tsv commit
  commit=$(git -c safe.directory="$root" rev-parse --short HEAD)
  [ -z "$(git -c safe.directory="$root" status --porcelain --untracked-files=no -- ":!$file")" ] || commit+="+changes"
  {
    printf 'check\tlast passed (UTC)\tcommit\tseconds\n'
    {
      if [ -f "$file" ]; then awk -F '\t' -v what="$1" 'NR > 1 && $1 != what' "$file"; fi
      printf '%s\t%s\t%s\t%s\n' "$1" "$(date -u +%FT%TZ)" "$commit" "$2"
    } | LC_ALL=C sort
  } >"$file.new"
  mv "$file.new" "$file"
}
