# Docker or Podman. Sourced by scripts/image and scripts/compose after lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables of the scripts that source it, and of lib.sh

image=${THROUGHLINE_IMAGE:-throughline:latest}
version=$(sed -n 's/^project(throughline VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
commit=$(git -c safe.directory="$root" rev-parse --short=12 HEAD 2>/dev/null || true)
work=$root/build/image # what is made on the way to an image

# need_engine: sets `engine` to docker or podman; ENGINE in the environment chooses. Docker is used where it answers;
# otherwise Podman is installed.
need_engine() {
  engine=${ENGINE:-}
  if [ -z "$engine" ]; then
    if have docker && docker info >/dev/null 2>&1; then engine=docker; else engine=podman; fi
  fi
  case "$engine" in
    docker) docker info >/dev/null || die "Docker does not answer: see above" ;;
    podman)
      need_packages buildah podman runc netavark aardvark-dns iptables
      if ! [ -d /run/systemd/system ] || ! may_raise_limits; then restrict; fi
      ;;
    *) misused "ENGINE is docker or podman, not $engine" ;;
  esac
}

# Whether the process has CAP_SYS_RESOURCE, or is not root (then Podman sets no limits).
may_raise_limits() {
  [ "$(id -u)" -ne 0 ] || ((0x$(sed -n 's/^CapEff:\s*//p' /proc/self/status) >> 24 & 1))
}

# Podman's settings for a machine without systemd, or whose root may not raise limits (a machine that is itself a container).
restrict() {
  mkdir -p "$work"
  cat >"$work/containers.conf" <<END
[containers]
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=4096:4096"]
cgroupns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[network]
network_backend = "netavark"
END
  export CONTAINERS_CONF=$work/containers.conf
}

# need_base: sets `base` to the image that ours begin with: BASE, or debian:12-slim. Where no registry answers, an image like
# it is made with mmdebstrap.
need_base() {
  base=${BASE:-debian:12-slim}
  "$engine" image inspect "$base" >/dev/null 2>&1 && return
  [ "$engine" = docker ] && return # it pulls by itself
  say "pulling $base"
  "$engine" pull -q "$base" >/dev/null 2>&1 && return
  [ -z "${BASE:-}" ] || die "$base can be neither found nor pulled"
  base=localhost/throughline-base:12
  say "no registry answers: using $base, which has the packages of debian:12-slim"
  "$engine" image inspect "$base" >/dev/null 2>&1 || timed "mmdebstrap" make_base
}

make_base() {
  need_packages mmdebstrap
  mkdir -p "$work/base"
  # shellcheck disable=SC2016 # expanded by the hooks
  # As in debian:12-slim: no documentation but copyrights, no translations, and no usrmerge, which would bring all of Perl.
  mmdebstrap --quiet --variant=minbase --mode=root --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --setup-hook='printf "Package: usrmerge\nPin: release *\nPin-Priority: -1\n" >"$1/etc/apt/preferences.d/usrmerge"' \
    --customize-hook='rm "$1/etc/apt/preferences.d/usrmerge"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$work/base/base.tar" || return 1
  printf 'FROM scratch\nADD base.tar /\nCMD ["bash"]\n' >"$work/base/Containerfile"
  build_image "$base" "$work/base/Containerfile" "$work/base" || return 1
  rm "$work/base/base.tar"
}

# build_image TAG CONTAINERFILE CONTEXT [OPTION]...: shows the build's output.
build_image() {
  local tag=$1 file=$2 context=$3
  shift 3
  if [ "$engine" = docker ]; then
    docker build --progress plain -t "$tag" -f "$file" "$@" "$context"
  else
    # Docker's format has health checks. Without a nested container, RUN also works inside a container.
    buildah build --isolation chroot --format docker --layers -t "$tag" -f "$file" "$@" "$context"
  fi
}

image_megabytes() { "$engine" image inspect --format '{{.Size}}' "$1" | awk '{ printf "%.0f MB", $1 / 1e6 }'; }

# need_python PROGRAM PACKAGE VERSION: installs a program from PyPI in build/tools.
need_python() {
  local program=$1 package=$2 wanted=$3
  [ "$(cat "$tools/$package.version" 2>/dev/null)" != "$wanted" ] || return 0
  need_packages python3-venv
  say "installing $package $wanted with pip in build/tools"
  mkdir -p "$tools/bin"
  /usr/bin/python3 -m venv "$tools/python-$package"
  "$tools/python-$package/bin/pip" install -q --disable-pip-version-check "$package==$wanted" </dev/null
  ln -sf "../python-$package/bin/$program" "$tools/bin/$program"
  echo "$wanted" >"$tools/$package.version"
}
