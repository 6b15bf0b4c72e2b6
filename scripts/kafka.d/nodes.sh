# The nodes of one cluster: configuration, processes, readiness. Sourced by scripts/kafka, which sets `data`, the cluster's
# directory:
#
#   cluster              the cluster's settings: nodes, id, version, ports, proxies (name=value)
#   bootstrap            host:port,... while the cluster is up
#   proxied              host:port,... of the listeners that advertise a proxy's port
#   secured              host:port,... of the listeners with TLS and SCRAM
#   node-N/              server.properties, pid, server.log, data/
# shellcheck shell=bash

patience=120 # seconds for a node to become ready
farewell=30  # seconds for a node to stop

recorded() { sed -n "s/^$1=//p" "$data/cluster" 2>/dev/null || true; }
ports_of() { # broker|controller|proxy|secure: one port per node
  recorded "$1"
}
port_of() { # KIND NODE
  local ports
  read -ra ports < <(ports_of "$1")
  echo "${ports[$2 - 1]:-}"
}
all_nodes() { seq 1 "$(recorded nodes)"; }

# addresses KIND: the loopback addresses of all nodes, separated by commas.
addresses() {
  local ports
  read -ra ports < <(ports_of "$1")
  local list
  list=$(printf ',127.0.0.1:%s' "${ports[@]}")
  echo "${list:1}"
}

in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port below the range of outgoing connections. An outgoing connection could take the port of a stopped node, and a client
# that retries the port could even connect to itself.
free_port() {
  local first=16384 ephemeral port
  read -r ephemeral _ </proc/sys/net/ipv4/ip_local_port_range || ephemeral=32768
  [ "$ephemeral" -gt $((first + 1000)) ] || ephemeral=32768
  while port=$((first + (RANDOM * 32768 + RANDOM) % (ephemeral - first))); in_use "$port"; do :; done
  echo "$port"
}
free_ports() { # COUNT
  local i ports=()
  for ((i = 0; i < $1; ++i)); do ports+=("$(free_port)"); done
  echo "${ports[*]}"
}

pid_of() { cat "$data/node-$1/pid" 2>/dev/null || true; }

# Whether the node's process runs, and is the one that we started.
running() {
  local pid try
  pid=$(pid_of "$1")
  [ -n "$pid" ] || return 1
  # While a process begins to run another program, as bash does here with java, it has no command line for a moment.
  for try in {1..20}; do
    ! grep -qzxF "$data/node-$1/server.properties" "/proc/$pid/cmdline" 2>/dev/null || return 0
    { [ -e "/proc/$pid/cmdline" ] && ! grep -q . "/proc/$pid/cmdline"; } 2>/dev/null || return 1
    [ "$try" = 20 ] || sleep 0.02
  done
  return 1
}
any_running() {
  local node
  for node in $(all_nodes); do running "$node" && return 0; done
  return 1
}
paused() { grep -q '^State:[[:space:]]*T' "/proc/$(pid_of "$1")/status" 2>/dev/null; }

# The settings that Throughline recommends (deploy/kafka/broker.properties), and for development: nothing expires. A later
# line replaces an earlier one.
configure() { # NODE
  local node=$1 nodes voters='' i single='' secured='' listeners advertised port files
  nodes=$(recorded nodes)
  for ((i = 1; i <= nodes; ++i)); do voters+=,$i@127.0.0.1:$(port_of controller "$i"); done
  [ "$nodes" -ge 3 ] || single='default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1'
  listeners=PLAINTEXT://127.0.0.1:$(port_of broker "$node")
  advertised=$listeners
  listeners+=,CONTROLLER://127.0.0.1:$(port_of controller "$node")
  port=$(port_of advertised "$node")
  if [ -n "$port" ]; then
    listeners+=,PROXY://127.0.0.1:$(port_of proxy "$node")
    advertised+=,PROXY://127.0.0.1:$port
  fi
  port=$(port_of secure "$node")
  if [ -n "$port" ]; then
    files=$(recorded secure-files)
    listeners+=,SECURE://127.0.0.1:$port
    advertised+=,SECURE://127.0.0.1:$port
    secured="listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location=$files/server.pem
listener.name.secure.ssl.truststore.type=PEM
listener.name.secure.ssl.truststore.location=$files/ca.pem
listener.name.secure.ssl.client.auth=required
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;"
  fi
  mkdir -p "$data/node-$node"
  cat >"$data/node-$node/server.properties" <<END
process.roles=broker,controller
node.id=$node
controller.quorum.voters=${voters:1}
listeners=$listeners
advertised.listeners=$advertised
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXY:PLAINTEXT,SECURE:SASL_SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$data/node-$node/data

$(grep '^[a-z]' deploy/kafka/broker.properties)
$single
$secured

log.retention.ms=-1
log.retention.bytes=-1
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
num.network.threads=2
num.io.threads=4
END
}

# KAFKA_HEAP_OPTS is the variable of Kafka's own scripts. With the class archive a node starts in half the time and needs
# 60 MB less; Java ignores an archive of another version.
run_java() {
  local heap classes=()
  read -ra heap <<<"${KAFKA_HEAP_OPTS:--Xmx384m}"
  if [ -n "${THROUGHLINE_KAFKA_ARCHIVES:-}" ]; then
    [ "$1" != kafka.Kafka ] || classes=("-XX:ArchiveClassesAtExit=$jars/classes.new")
  elif [ -f "$jars/classes.jsa" ]; then
    classes=("-XX:SharedArchiveFile=$jars/classes.jsa")
  fi
  exec java "${heap[@]}" "${classes[@]}" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData -Djava.awt.headless=true \
    -Dlog4j.configuration="file:$root/scripts/kafka.d/log4j.properties" -Dsays="${says:-INFO}" -cp "$jars/*" "$@"
}

format() { # NODE
  local said
  [ ! -f "$data/node-$1/data/meta.properties" ] || return 0
  said=$(run_java kafka.tools.StorageTool format -t "$(recorded id)" -c "$data/node-$1/server.properties" 2>&1) || {
    printf '%s\n' "$said" >"$data/node-$1/server.log"
    return 1
  }
}

# In a session of its own, so that Ctrl-C in the terminal does not reach it, and without our open files.
launch() { # NODE
  local folder=$data/node-$1
  [ ! -f "$folder/server.log" ] || mv "$folder/server.log" "$folder/server.log.previous"
  (
    exec </dev/null >"$folder/server.log" 2>&1
    for fd in /proc/"$BASHPID"/fd/*; do
      fd=${fd##*/}
      [ "$fd" -le 2 ] || eval "exec $fd>&-" 2>/dev/null || true
    done
    export -f run_java
    export root jars
    exec setsid bash -c 'run_java "$@"' kafka kafka.Kafka "$folder/server.properties"
  ) &
  echo $! >"$folder/pid"
  # Wait until exec has happened, so that `running` recognizes the process.
  until running "$1" || ! kill -0 $! 2>/dev/null; do sleep 0.02; done
}

# The node has logged that it started, and its metadata lists at least this many brokers.
ready() { # NODE BROKERS
  grep -q 'Kafka Server started' "$data/node-$1/server.log" 2>/dev/null || return 1
  local brokers
  brokers=$(kcat -b "127.0.0.1:$(port_of broker "$1")" -L -m 2 2>/dev/null | grep -c '^  broker ') || return 1
  [ "$brokers" -ge "$2" ]
}

await_ready() { # BROKERS NODE...
  local brokers=$1 node end=$((SECONDS + patience)) log
  shift
  for node in "$@"; do
    log=$data/node-$node/server.log
    until ready "$node" "$brokers"; do
      running "$node" || die "node $node ended while starting: $(why "$log"). Its log is $log"
      [ "$SECONDS" -lt "$end" ] || die "node $node is not ready after $patience s. Its log is $log; are enough of the others up?"
      sleep 0.1
    done
  done
}

# The line of a node's log that explains best why it ended.
why() {
  local line
  line=$(grep -m 1 -oE '(Address already in use|No space left|Exception: .*|ERROR .*)' "$1") || line=$(tail -n 1 "$1")
  echo "${line:-its log is empty}"
}

# Stops these nodes and waits: SIGTERM, then SIGKILL after a time; with `kill`, SIGKILL at once.
halt() { # term|kill NODE...
  local how=$1 node pid end
  shift
  for node in "$@"; do
    running "$node" || continue
    pid=$(pid_of "$node")
    if [ "$how" = kill ]; then
      kill -KILL "$pid" 2>/dev/null || true
    else
      kill -TERM "$pid" 2>/dev/null || true
      kill -CONT "$pid" 2>/dev/null || true
    fi
  done
  end=$((SECONDS + farewell))
  for node in "$@"; do
    while running "$node"; do
      if [ "$SECONDS" -ge "$end" ]; then
        say "node $node did not stop within $farewell s: killed"
        kill -KILL "$(pid_of "$node")" 2>/dev/null || true
        end=$((SECONDS + farewell))
      fi
      sleep 0.05
    done
    rm -f "$data/node-$node/pid"
  done
}
