#include "services/process/settings/service_config.h"

#include <filesystem>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/command_line/address.h"
#include "services/process/settings/tracing_settings.h"

namespace throughline::process {
namespace {

constexpr int64_t kKib = 1 << 10;
constexpr int64_t kMib = 1 << 20;
constexpr size_t kKeyBytes = 1024;  // the part of a record's size limit that its key may use

bool IsSecret(const std::string& name) { return log::ShownKafkaSetting(name, "") == "***"; }

void MustBeReadable(const std::string& key, const std::string& path, const Settings::Complain& complain) {
  if (path.empty() || access(path.c_str(), R_OK) == 0) return;
  complain(key, absl::StrCat("the file ", path, " cannot be read: name one that this user may read"));
}

}  // namespace

ServiceConfig::ServiceConfig(log::Topic topic) : service(topic) {
  process.port = 7070;
  process.metrics_port = 9470;
  process.replica = DefaultReplica();
  run.program = program();
}

void ServiceConfig::Declare(Settings& settings) {
  DeclareReplica(settings);
  DeclareSecurity(settings);
  DeclareKafka(settings);
  DeclareLimits(settings);
  settings.Check([this](const Settings::Complain& complain) { Complete(complain); });
}

void ServiceConfig::DeclareReplica(Settings& settings) {
  settings.Text("data", process.data,
                "The data directory of this replica: its store, which is rebuilt from the log if lost");
  settings.Text("replica", process.replica, "This replica's name in log lines and metrics");
  settings.Text("host", process.host, "Address to listen on; one other than loopback needs TLS, or insecure");
  settings.Flag("insecure", process.server.insecure,
                "Allows any host without TLS; use it where something else encrypts");
  settings.Number("port", process.port, 0, 65535, "gRPC port; 0: any free one, written to <data>/endpoint");
  settings.Text("metrics-host", process.metrics_host,
                "Address of the operations port, which asks for no credential but metrics-tokens; default: as host");
  settings.Number("metrics-port", process.metrics_port, -1, 65535,
                  "The operations port, HTTP: /metrics and the probes /livez, /startupz, /readyz; 0: any free one, -1: "
                  "none");
  settings.Period("grace", run.grace, absl::ZeroDuration(), absl::Minutes(10),
                  "How long calls in flight may run on at shutdown");
  settings.Choice("log.format", run.log.format, {"text", "json"}, "Format of log lines on standard error");
  settings.Choice("log.level", run.log.level, {"debug", "info", "warning", "error"},
                  "The least severe level that is logged");
  DeclareTracing(settings, process.tracing);
  settings.Text("backup.dir", process.backups.directory, "Directory for backups of the store; default: no backups");
  settings.Flag("backup.restore", process.backups.restore,
                "Starts from the newest backup if there is no usable store; false: folds the log from the start");
  settings.Period("backup.every", process.backups.every, BackupPlan::kLeastEvery, BackupPlan::kMostEvery,
                  "How often a backup is taken");
  settings.Number("backup.keep", process.backups.keep, 1, BackupPlan::kMostKeep,
                  "How many backups of this service are kept");
}

void ServiceConfig::DeclareSecurity(Settings& settings) {
  settings.Text("tokens", process.tokens,
                "The credentials file, shared by all services; default: tokens.json in the data directory");
  settings.Text("tls.cert", tls_.certificate_file, "PEM file; with tls.key, serves TLS; read again when renewed");
  settings.Text("tls.key", tls_.key_file, "PEM file");
  settings.Text("tls.client-ca", tls_.client_ca_file, "PEM file; clients must then show a certificate of this CA");
  settings.Text(
      "tls.identities", process.authentication.certificates,
      "TOML file: which client certificate stands for whom, by URI or subject; needs tls.client-ca; read again "
      "when it changes");
  identity::JwtPolicy& jwt = process.authentication.jwt;
  settings.Text("jwt.keys", process.authentication.jwt_keys,
                "A JSON Web Key Set, or a directory of them (*.json): the keys of the issuer whose JWTs (RS256, ES256) "
                "are taken; read again when they change; default: none are");
  settings.Text("jwt.issuer", jwt.issuer, "What the claim iss must say; needed with jwt.keys");
  settings.Text("jwt.audience", jwt.audience, "What the claim aud must name; needed with jwt.keys");
  settings.Period("jwt.leeway", jwt.leeway, absl::ZeroDuration(), absl::Minutes(5),
                  "How far the issuer's clock may be from ours");
  settings.Text("jwt.person-claim", jwt.person_claim,
                "The claim that names the actor: 1 to 63 of a-z, 0-9, `.` and `-`; dots lead into an object");
  settings.Text("jwt.role-claim", jwt.role_claim, "The claim with the role, or a list of roles");
  settings.Text("jwt.party-claim", jwt.party_claim, "The claim with a partner's carrier or vendor id");
  settings.Text("jwt.team-claim", jwt.team_claim, "The claim with the team of a rep or supervisor");
  settings.Text("jwt.roles", jwt_roles_,
                "What the values of the role claim mean: VALUE=ROLE,VALUE=ROLE; default: they are our own names");
  settings.Flag("metrics-tls", process.metrics_tls, "The operations port serves TLS, with tls.cert and tls.key");
  settings.Text(
      "metrics-tokens", process.metrics_tokens,
      "A file with a token per line: /metrics asks for one of them (Authorization: Bearer); read again when it "
      "changes; default: /metrics asks for none");
  settings.Text("audit.dir", process.audit.directory,
                "Where it is recorded who read what customers said; default: audit in the data directory");
  settings.Number("audit.file-mib", process.audit.file_bytes, 1, 4096, "Size of one file of the audit, MiB", kMib);
  settings.Number("audit.keep", process.audit.keep, 1, 100'000,
                  "How many full files of the audit are kept; older ones are deleted");
  settings.Flag("audit.required", process.audit.required,
                "Refuses a read of what customers said if it cannot be recorded");
}

void ServiceConfig::DeclareKafka(Settings& settings) {
  settings.Text("kafka.brokers", kafka.cluster.brokers, "The Kafka cluster's bootstrap servers: host:port,host:port");
  settings.Text("kafka.prefix", kafka.cluster.topic_prefix, "Prefix of topic and group names");
  settings.Text(
      "kafka.config", kafka_config_,
      "A file with librdkafka's settings (TLS, SASL), name=value per line; ${NAME} is taken from the environment, "
      "the value of name.file from a file");
  settings.Number("kafka.partitions", kafka.partitions, 0, 10'000,
                  "How many partitions each topic must have; 0: any number");
  settings.Period("kafka.linger", kafka.linger, absl::ZeroDuration(), absl::Seconds(1),
                  "How long an append waits for others to share its request");
  settings.Period("kafka.append-timeout", kafka.append_timeout, absl::Milliseconds(100), absl::Minutes(10),
                  "After this time an append's outcome is unknown: UNAVAILABLE");
  settings.Period("kafka.query-timeout", kafka.query_timeout, absl::Milliseconds(100), absl::Minutes(1),
                  "Timeout of a query for the log's end");
  settings.Period("kafka.open-timeout", kafka.open_timeout, absl::Seconds(1), absl::Minutes(10),
                  "Timeout at startup for connecting and checking the topics");
  settings.Number("kafka.in-flight-records", kafka.max_in_flight_records, 1, 10'000'000,
                  "Unacknowledged appends; more are refused");
  settings.Number("kafka.in-flight-mib", kafka.max_in_flight_bytes, 1, 4096, "Size of unacknowledged appends, MiB",
                  kMib);
  settings.PassThrough("kafka.client", kafka_client_, IsSecret,
                       "Any other setting of librdkafka, by its own name; with .file after the name, a file that holds "
                       "the value");
}

void ServiceConfig::DeclareLimits(Settings& settings) {
  server::ServerOptions& server = process.server;
  settings.Number("limits.cache-mib", process.cache_bytes, 8, 1 << 20, "Block cache of the store, MiB", kMib);
  settings.Number("limits.pending-mib", process.pending_bytes, 1, 1024,
                  "Memory for rows before they are flushed, MiB; twice that during a flush", kMib);
  settings.Number("limits.commands", process.engine.commands.in_flight, 1, 1'000'000,
                  "Commands in flight; more are refused");
  settings.Number("limits.attempts", process.engine.commands.attempts, 1, 1000,
                  "How often a command that loses races is decided before it is ABORTED");
  settings.Number("limits.fold-records", process.engine.fold_records, 1, 1'000'000, "Records folded in one step");
  settings.Number("limits.record-kib", record_bytes_, 16, 64 << 10,
                  "Size limit of one record, KiB; the topics must allow as much", kKib);
  settings.Number("limits.calls", server.max_in_flight, 1, 1'000'000, "Calls in flight; more are refused");
  settings.Number("limits.streams", server.max_streams, 1, 1'000'000, "Open streams; more are refused");
  settings.Number("limits.connections", server.max_connections, 1, 1'000'000,
                  "Connections to the gRPC port; more are closed at once; lower if there are too few descriptors");
  settings.Number("limits.identity-calls", server.quota.calls, 1, 1'000'000,
                  "Calls in flight per credential name; more are refused");
  settings.Number("limits.identity-streams", server.quota.streams, 1, 1'000'000,
                  "Open streams per credential name; more are refused");
  settings.Number("limits.identity-events", server.quota.events_per_second, 1, 100'000'000,
                  "Events per second per credential name: pushed events, events of a payload, and calls of "
                  "partners; more are refused with a delay");
  settings.Number("limits.message-kib", server.requests.max_message_bytes, 16, 64 << 10,
                  "Size limit of one request, KiB", kKib);
  settings.Number("limits.field-kib", server.requests.max_field_bytes, 1, 64 << 10,
                  "Size limit of one text in a request, KiB", kKib);
  settings.Period("limits.due-ahead", server.requests.furthest_due, absl::Hours(24), absl::Hours(24 * 366 * 20),
                  "How far ahead a due time or a next update may lie; later ones are refused");
  settings.Number("limits.page-size", server.requests.max_page_size, 1, 100'000, "Items on one page of a list");
  settings.Number("limits.grpc-mib", server.memory_quota_bytes, 16, 1 << 20, "Size of gRPC's buffers, MiB", kMib);
  settings.Period("limits.deadline", server.default_deadline, absl::Milliseconds(100), absl::Hours(1),
                  "Deadline of calls whose client sets none");
  settings.Period("limits.slow-call", server.slow_call, absl::Milliseconds(1), absl::Hours(1),
                  "Calls that take longer are logged as slow");
}

void ServiceConfig::Complete(const Settings::Complain& complain) {
  if (process.data.empty()) {
    complain("data", "it is not given: name a directory for this replica with --data or THROUGHLINE_DATA");
  } else {
    // Creates nothing: --print-config only prints.
    std::error_code error;
    std::filesystem::path there = std::filesystem::absolute(process.data, error);
    while (!std::filesystem::exists(there, error) && there.has_relative_path()) there = there.parent_path();
    if (!std::filesystem::is_directory(there, error) || access(there.c_str(), W_OK) != 0) {
      complain("data",
               absl::StrCat(process.data, " cannot be created or written: choose another, or change its permissions"));
    }
  }
  if (process.replica.empty()) complain("replica", "the name is empty; leave the setting out for the default");
  if (process.host.empty()) complain("host", "the address is empty; 0.0.0.0 listens on all interfaces");
  if (absl::Status host = command_line::CheckListenHost(process.host); !host.ok()) {
    complain("host", host.message());
  }
  if (absl::Status host = command_line::CheckListenHost(process.metrics_host, "--metrics-port");
      !process.metrics_host.empty() && !host.ok()) {
    complain("metrics-host", host.message());
  }
  if (process.tokens.empty() && !process.data.empty()) process.tokens = identity::TokensPath(process.data);
  if (!process.tokens.empty() && access(process.tokens.c_str(), R_OK) != 0) {
    complain("tokens", absl::StrCat("the file of credentials ", process.tokens,
                                    " cannot be read: make one with `throughline --data DIR token init` or `token "
                                    "create`, and name DIR/tokens.json"));
  }
  if (tls_.certificate_file.empty() != tls_.key_file.empty()) {
    const bool no_key = tls_.key_file.empty();
    complain(
        no_key ? "tls.cert" : "tls.key",
        absl::StrCat("it needs ", no_key ? "tls.key (--tls-key)" : "tls.cert (--tls-cert)", ": give both or none"));
  }
  if (!tls_.client_ca_file.empty() && tls_.certificate_file.empty()) {
    complain("tls.client-ca",
             "it needs tls.cert (--tls-cert) and tls.key (--tls-key): without them nothing is encrypted");
  }
  MustBeReadable("tls.cert", tls_.certificate_file, complain);
  MustBeReadable("tls.key", tls_.key_file, complain);
  MustBeReadable("tls.client-ca", tls_.client_ca_file, complain);
  CompleteSecurity(complain);
  if (!tls_.certificate_file.empty()) {
    process.server.tls = tls_;
  } else if (!process.server.insecure) {
    const absl::Status exposed = server::CheckNotExposed(process.host);
    if (!exposed.ok()) complain("host", exposed.message());
  }
  if (process.engine.commands.record_bytes = record_bytes_ - kKeyBytes;
      process.server.requests.max_field_bytes > process.server.requests.max_message_bytes) {
    complain("limits.field-kib",
             "it is more than limits.message-kib (--limits-message-kib): a text is part of a request");
  }
  run.log.replica = process.replica;
  CompleteKafka(complain);
}

void ServiceConfig::CompleteSecurity(const Settings::Complain& complain) {
  identity::AuthenticatorOptions& from = process.authentication;
  if (!from.certificates.empty() && tls_.client_ca_file.empty()) {
    complain("tls.identities", "it needs tls.client-ca (--tls-client-ca): without it no client shows a certificate");
  }
  MustBeReadable("tls.identities", from.certificates, complain);  // what is in it is read at the start
  MustBeReadable("jwt.keys", from.jwt_keys, complain);
  for (const auto& [key, value] : {std::pair("jwt.issuer", &from.jwt.issuer), {"jwt.audience", &from.jwt.audience}}) {
    if (value->empty() != from.jwt_keys.empty()) {
      complain(key, "jwt.keys, jwt.issuer and jwt.audience need each other: give all three or none");
    }
  }
  if (auto roles = identity::ParseRoleMap(jwt_roles_); roles.ok()) {
    from.jwt.roles = *std::move(roles);
  } else {
    complain("jwt.roles", roles.status().message());
  }
  if (process.metrics_tls && tls_.certificate_file.empty()) {
    complain("metrics-tls", "it needs tls.cert (--tls-cert) and tls.key (--tls-key)");
  }
  MustBeReadable("metrics-tokens", process.metrics_tokens, complain);
}

void ServiceConfig::CompleteKafka(const Settings::Complain& complain) {
  kafka.max_record_bytes = record_bytes_;
  if (kafka.cluster.brokers.empty()) {
    complain("kafka.brokers",
             "it is not given: name the cluster with --kafka-brokers or THROUGHLINE_KAFKA_BROKERS, as "
             "host:port,host:port");
  }
  if (absl::Status brokers = command_line::CheckBrokers(kafka.cluster.brokers);
      !kafka.cluster.brokers.empty() && !brokers.ok()) {
    complain("kafka.brokers", brokers.message());
  }
  if (kafka.cluster.topic_prefix.empty())
    complain("kafka.prefix", "the prefix is empty; leave the setting out for the default");
  if (!kafka_config_.empty()) {
    absl::StatusOr<log::KafkaSettings> settings = log::ReadKafkaSettings(kafka_config_);
    if (settings.ok()) {
      kafka.cluster.settings = *std::move(settings);
    } else {
      complain("kafka.config", settings.status().message());
    }
  }
  for (const auto& setting : kafka_client_) {
    if (absl::Status status = log::CheckKafkaSettings({setting}); !status.ok()) {
      complain("kafka.client", status.message());
    }
    kafka.cluster.settings.push_back(setting);
  }
}

}  // namespace throughline::process
