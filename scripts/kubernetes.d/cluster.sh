# Starts and stops the cluster of scripts/kubernetes: everything on loopback, on free ports, with certificates of its own.
# Source it after lib.sh. All files are in $state.
# shellcheck shell=bash

state=$root/build/kubernetes
started=() # process ids, in the order of their start

free_ports() {
  python3 -c 'import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(one.getsockname()[1] for one in sockets))' "$1"
}

make_ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=throughline-check \
    -keyout "$state/ca.key" -out "$state/ca.crt" 2>/dev/null
}

# certificate NAME SUBJECT: for server and client.
certificate() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" \
    -keyout "$state/$1.key" -out "$state/$1.csr" 2>/dev/null
  openssl x509 -req -in "$state/$1.csr" -CA "$state/ca.crt" -CAkey "$state/ca.key" -CAcreateserial -days 2 \
    -out "$state/$1.crt" -extfile <(printf '%s\n' 'subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc' \
    'extendedKeyUsage=serverAuth,clientAuth') 2>/dev/null
}

kubeconfig() {
  local file=$state/$1.kubeconfig
  kubectl config --kubeconfig "$file" set-cluster check --server "https://127.0.0.1:$api_port" --embed-certs \
    --certificate-authority "$state/ca.crt"
  kubectl config --kubeconfig "$file" set-credentials "$1" --embed-certs --client-certificate "$state/$1.crt" \
    --client-key "$state/$1.key"
  kubectl config --kubeconfig "$file" set-context check --cluster check --user "$1"
  kubectl config --kubeconfig "$file" use-context check
}

# launch NAME COMMAND...: in the background; its output goes to $state/NAME.log.
launch() {
  local what=$1
  shift
  "$@" >"$state/$what.log" 2>&1 </dev/null &
  started+=($!)
}

# await WHAT SECONDS COMMAND...: until it succeeds. A part of the cluster that ends ends the script.
await() {
  local what=$1 until=$((SECONDS + $2)) pid
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$until" ] || die "$what: not within the time; the logs are in $state"
    for pid in "${started[@]}"; do
      kill -0 "$pid" 2>/dev/null || die "$what: a part of the cluster has ended; the logs are in $state"
    done
    sleep 0.2
  done
}

stop_cluster() {
  local pid i
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do kill "${started[i]}" 2>/dev/null || true; done
  # The API server would wait for its watchers.
  for pid in "${started[@]}"; do
    timeout 3 tail --pid="$pid" -f /dev/null || kill -KILL "$pid" 2>/dev/null || true
  done
  started=()
}

make_certificates() {
  make_ca
  certificate etcd /CN=etcd
  certificate apiserver /CN=kube-apiserver
  certificate admin /O=system:masters/CN=admin
  certificate kwok /O=system:masters/CN=kwok
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  openssl genrsa -out "$state/accounts.key" 2048 2>/dev/null
  openssl rsa -in "$state/accounts.key" -pubout -out "$state/accounts.pub" 2>/dev/null
}

start_cluster() {
  rm -rf "$state"
  mkdir -p "$state"
  chmod 700 "$state"
  local etcd_port etcd_peers api_port controllers_port scheduler_port who
  read -r etcd_port etcd_peers api_port controllers_port scheduler_port < <(free_ports 5)
  make_certificates
  for who in admin kwok controller-manager scheduler; do kubeconfig "$who"; done >/dev/null
  export KUBECONFIG=$state/admin.kubeconfig

  launch etcd etcd --data-dir "$state/etcd" --name check \
    --listen-client-urls "https://127.0.0.1:$etcd_port" --advertise-client-urls "https://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$etcd_peers" --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peers" \
    --initial-cluster "check=http://127.0.0.1:$etcd_peers" --unsafe-no-fsync \
    --cert-file "$state/etcd.crt" --key-file "$state/etcd.key" --client-cert-auth --trusted-ca-file "$state/ca.crt"
  launch kube-apiserver kube-apiserver --bind-address 127.0.0.1 --secure-port "$api_port" --endpoint-reconciler-type none \
    --etcd-servers "https://127.0.0.1:$etcd_port" --etcd-cafile "$state/ca.crt" \
    --etcd-certfile "$state/apiserver.crt" --etcd-keyfile "$state/apiserver.key" \
    --tls-cert-file "$state/apiserver.crt" --tls-private-key-file "$state/apiserver.key" --client-ca-file "$state/ca.crt" \
    --service-account-issuer https://check.invalid --service-account-key-file "$state/accounts.pub" \
    --service-account-signing-key-file "$state/accounts.key" --service-cluster-ip-range 10.96.0.0/16 \
    --authorization-mode Node,RBAC --anonymous-auth=false --profiling=false \
    --feature-gates WatchList=false # Debian's etcd cannot stream lists; clients would try again every second
  await "API server" 120 kubectl get --raw /readyz
  launch kube-controller-manager kube-controller-manager --kubeconfig "$state/controller-manager.kubeconfig" --bind-address 127.0.0.1 \
    --secure-port "$controllers_port" --cert-dir "$state" --flex-volume-plugin-dir "$state/flexvolume" --leader-elect=false --use-service-account-credentials \
    --service-account-private-key-file "$state/accounts.key" --root-ca-file "$state/ca.crt"
  launch kube-scheduler kube-scheduler --kubeconfig "$state/scheduler.kubeconfig" --bind-address 127.0.0.1 \
    --secure-port "$scheduler_port" --cert-dir "$state" --leader-elect=false
  launch kwok kwok --kubeconfig "$state/kwok.kubeconfig" --manage-all-nodes --config "$root/scripts/kubernetes.d/stages.yaml"
  kubectl apply -f "$root/scripts/kubernetes.d/nodes.yaml" >/dev/null
  kubectl wait --for=condition=Ready node --all --timeout 120s >/dev/null
  await "accounts" 60 kubectl get serviceaccount default
}
