# The tools that scripts/helm and scripts/kubernetes need, in build/tools, at fixed versions. Source it after lib.sh.
# shellcheck shell=bash

helm_version=v3.22.0
kubeconform_version=v0.8.0
kube_score_version=v1.20.0
# Carries Kubernetes' schemas up to 1.37.
kubernetes_validate_version=1.37.0
cert_manager_version=v1.21.2
prometheus_operator_version=v0.85.0
# The toolchain for a machine whose Go cannot fetch one itself, as Debian 12's.
go_version=1.26.3

# Kubernetes' versions that the chart is checked against: the newest four.
# shellcheck disable=SC2034 # for those who source this file
kubernetes_versions=(1.34.0 1.35.0 1.36.0 1.37.0)

# need_go: a Go that builds the tools: 1.21 and later fetch the toolchain that a module asks for.
need_go() {
  local minor
  if have go; then
    minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    [ "${minor:-0}" -lt 21 ] || return 0
  else
    need_packages golang-go ca-certificates
  fi
  if ! [ -x "$tools/go/bin/go" ]; then
    say "installing Go $go_version in build/tools, with the Go that is here ($(go env GOVERSION))"
    local folder
    folder=$(cd / && go mod download -json "golang.org/toolchain@v0.0.1-go$go_version.linux-$(go env GOARCH)" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
    [ -d "$folder" ] || die "Go $go_version could not be fetched: install Go 1.21 or later"
    rm -rf "$tools/go.new"
    cp -r "$folder" "$tools/go.new"
    chmod -R u+w "$tools/go.new"
    # A module has no executable files.
    chmod a+x "$tools"/go.new/bin/* "$tools"/go.new/pkg/tool/*/*
    mv "$tools/go.new" "$tools/go"
  fi
  export PATH=$tools/go/bin:$PATH
}

# installed NAME VERSION: NAME stands in build/tools in this version. mark NAME VERSION: it does now.
installed() { [ "$(cat "$tools/$1.version" 2>/dev/null)" = "$2" ]; }
mark() { echo "$2" >"$tools/$1.version"; }

# need_go_tool NAME PACKAGE VERSION
need_go_tool() {
  [ ! -x "$tools/bin/$1" ] || ! installed "$1" "$3" || return 0
  need_go
  timed "installing $1 $3 with go in build/tools" env GOBIN="$tools/bin" GOFLAGS=-modcacherw go install "$2@$3" </dev/null
  mark "$1" "$3"
}

# The CustomResourceDefinitions of the operators that the chart has objects for, in build/tools/crds. Their Go modules
# carry them.
need_crds() {
  local wanted="$cert_manager_version $prometheus_operator_version" module
  [ ! -d "$tools/crds" ] || ! installed crds "$wanted" || return 0
  need_go
  say "fetching the CustomResourceDefinitions of cert-manager $cert_manager_version and the Prometheus operator $prometheus_operator_version"
  rm -rf "$tools/crds"
  mkdir -p "$tools/crds"
  for module in "github.com/cert-manager/cert-manager@$cert_manager_version deploy/crds/cert-manager.io_certificates.yaml" \
    "github.com/prometheus-operator/prometheus-operator@$prometheus_operator_version example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"; do
    # shellcheck disable=SC2086 # a module, and files in it
    crds_of $module
  done
  mark crds "$wanted"
}
crds_of() {
  local folder file
  folder=$(cd / && GOFLAGS=-modcacherw go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  shift
  for file in "$@"; do cp "$folder/$file" "$tools/crds/"; done
}

# need_chart_tools: helm, the checkers and the schemas.
need_chart_tools() {
  mkdir -p "$tools/bin"
  need_packages python3-venv prometheus
  need_go_tool kubeconform github.com/yannh/kubeconform/cmd/kubeconform "$kubeconform_version"
  need_go_tool helm helm.sh/helm/v3/cmd/helm "$helm_version"
  need_go_tool kube-score github.com/zegl/kube-score/cmd/kube-score "$kube_score_version"
  if ! installed kubernetes-validate "$kubernetes_validate_version"; then
    timed "installing kubernetes-validate $kubernetes_validate_version with pip in build/tools" validate_with_pip
  fi
  need_crds
}
validate_with_pip() {
  rm -rf "$tools/kubernetes-validate"
  python3 -m venv "$tools/kubernetes-validate" || return 1
  "$tools/kubernetes-validate/bin/pip" install -q --disable-pip-version-check "kubernetes-validate==$kubernetes_validate_version" || return 1
  mark kubernetes-validate "$kubernetes_validate_version"
}
