# A Kubernetes without nodes, built into build/tools: API server, controllers, scheduler and kubectl of one version,
# kwok, and Debian's etcd. Source it after lib.sh and helm.d/tools.sh.
# shellcheck shell=bash

kubernetes_version=1.36.3
kwok_version=v0.8.0

# Kubernetes is one module whose parts are modules of their own at its version.
write_module() {
  local file version
  file=$(cd / && GOFLAGS=-modcacherw go mod download -json "k8s.io/kubernetes@v$kubernetes_version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
  [ -f "$file" ] || return 1
  version=v0.${kubernetes_version#1.}
  {
    printf 'module kubernetes\n\ngo %s\n\nrequire k8s.io/kubernetes v%s\n\nreplace (\n' \
      "$(sed -n 's/^go //p' "$file")" "$kubernetes_version"
    sed -n "s|^[[:space:]]*\\(k8s.io/[a-z-]*\\) => ./staging.*|\\t\\1 => \\1 $version|p" "$file"
    echo ')'
  } >go.mod
}

build_kubernetes() {
  local program
  mkdir -p "$tools/kubernetes"
  cd "$tools/kubernetes" || return 1
  write_module || return 1
  for program in kubectl kube-apiserver kube-controller-manager kube-scheduler; do
    say "building $program"
    GOFLAGS=-modcacherw go build -mod=mod -o "$tools/bin/$program" \
      -ldflags "-X k8s.io/component-base/version.gitVersion=v$kubernetes_version" "k8s.io/kubernetes/cmd/$program" || return 1
  done
  cd "$root" || return 1
}

# Only unpacked: the package would start a service of its own.
unpack_etcd() {
  local folder=$tools/etcd
  rm -rf "$folder"
  mkdir -p "$folder"
  (cd "$folder" && apt-get download -q etcd-server && dpkg -x etcd-server_*.deb . && ln -sf ../etcd/usr/bin/etcd "$tools/bin/etcd")
}

need_kubernetes() {
  local program missing=
  mkdir -p "$tools/bin"
  for program in kubectl kube-apiserver kube-controller-manager kube-scheduler; do
    [ -x "$tools/bin/$program" ] || missing=1
  done
  if [ -n "$missing" ] || ! installed kubernetes "$kubernetes_version"; then
    need_go
    timed "building Kubernetes $kubernetes_version in build/tools (about 12 minutes on two cores)" build_kubernetes
    mark kubernetes "$kubernetes_version"
  fi
  need_go_tool kwok sigs.k8s.io/kwok/cmd/kwok "$kwok_version"
  [ -x "$tools/bin/etcd" ] || timed "unpacking Debian's etcd in build/tools" unpack_etcd
  need_packages openssl
}
