#include "services/throughline/doctor/examine.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "libs/command_line/version.h"
#include "libs/identity/tokens.h"
#include "libs/server/operations/host_probe.h"
#include "libs/server/transport/descriptors.h"
#include "libs/server/transport/listen.h"
#include "libs/server/transport/tls_files.h"
#include "services/process/running_on.h"
#include "services/throughline/doctor/judge.h"
#include "services/throughline/doctor/settings_probe.h"

namespace throughline::doctor {
namespace {

using State = Finding::State;

constexpr absl::Duration kCluster = absl::Seconds(20), kClock = absl::Seconds(15);
constexpr double kFewDescriptors = 4096;

class Examination {
 public:
  Examination(Installation installation, absl::Time now) : of_(std::move(installation)), now_(now) {}

  Findings Run() {
    for (const auto& [service, file] : of_.settings) LookAtSettings(service, file);
    if (!of_.data.empty()) LookAtSuite();
    for (const std::string& file : of_.certificates) {
      Add(JudgeCertificate(file, server::CertificateExpiry(file), now_));
    }
    for (const std::string& directory : of_.backups) {
      LookAtDisk(directory);
      std::vector<process::Unreadable> unreadable;
      const auto backups = process::ListBackups(directory, std::nullopt, &unreadable);
      Add(JudgeBackups(directory, backups, unreadable, now_, of_.backup_every));
    }
    for (const auto& [address, page] : of_.replicas) {
      Add(JudgeReplica(address, FetchMetrics(address, page), now_, of_.backup_every, command_line::kVersion));
    }
    LookAtCluster();
    SayWhatWasNotLookedAt();
    return std::move(findings_);
  }

 private:
  void Add(Finding finding) { findings_.push_back(std::move(finding)); }
  void Add(Findings findings) { std::move(findings.begin(), findings.end(), std::back_inserter(findings_)); }

  void LookAtSettings(const std::string& service, const std::string& file) {
    const absl::StatusOr<ProbedSettings> probed = ProbeSettings("throughline-" + service, file);
    if (!probed.ok()) {
      return Add(Finding{"configuration", State::kFault, file, std::string(probed.status().message()),
                         "install the service, or run this where it is installed"});
    }
    Add(JudgeConfiguration(file, probed->exit_code, probed->problems));
    if (probed->exit_code != 0) return;
    const auto value = [&](const char* name) {
      const auto found = probed->values.find(name);
      return found == probed->values.end() ? std::string() : found->second;
    };
    LookAtDisk(value("data"));
    server::TlsOptions tls{value("tls.cert"), value("tls.key"), value("tls.client-ca")};
    if (!tls.certificate_file.empty()) LookAtTls(tls);
    if (const std::string backups = value("backup.dir"); !backups.empty()) of_.backups.push_back(backups);
    absl::Duration every;
    if (absl::ParseDuration(value("backup.every"), &every)) of_.backup_every = every;
    const std::string host = value("metrics-host").empty() ? value("host") : value("metrics-host");
    int port = -1;
    if (absl::SimpleAtoi(value("metrics-port"), &port) && port > 0) {
      // One that listens everywhere is asked at home.
      const bool everywhere = host == "0.0.0.0" || host == "::";
      of_.replicas.emplace_back(server::JoinHostPort(everywhere ? "localhost" : host, port), "/metrics");
    }
    if (!of_.cluster && !value("kafka.brokers").empty()) {
      log::KafkaCluster cluster{.brokers = value("kafka.brokers"), .topic_prefix = value("kafka.prefix")};
      const std::string config = value("kafka.config");
      const auto settings =
          config.empty() ? absl::StatusOr<log::KafkaSettings>(log::KafkaSettings()) : log::ReadKafkaSettings(config);
      if (settings.ok()) cluster.settings = *settings;
      of_.cluster = std::move(cluster);
      if (!absl::SimpleAtoi(value("kafka.partitions"), &of_.partitions)) of_.partitions = 0;
    }
    LookAtProcess(value("data"));
  }

  void LookAtSuite() {
    LookAtDisk(of_.data);
    if (const auto tokens = identity::TokenStore::Load(identity::TokensPath(of_.data)); tokens.ok()) {
      Add(Finding{"configuration", State::kGood, of_.data, "its credentials can be read", ""});
    } else {
      Add(Finding{"configuration", State::kFault, of_.data, std::string(tokens.status().message()),
                  "name the data directory of the suite with --data; `throughline up` makes one"});
    }
    LookAtProcess(of_.data);
  }

  void LookAtTls(const server::TlsOptions& tls) {
    if (const absl::Status files = server::CheckTlsFiles(tls); !files.ok()) {
      Add(Finding{"certificates", State::kFault, tls.certificate_file, std::string(files.message()),
                  "put the right files in place; no restart is needed (deploy/runbooks/secrets.md)"});
    }
    for (const std::string& file : {tls.certificate_file, tls.client_ca_file}) {
      if (!file.empty()) of_.certificates.push_back(file);
    }
  }

  void LookAtDisk(const std::string& directory) {
    const std::optional<server::DiskRoom> room = server::RoomOn(directory);
    Add(JudgeDisk(directory, room ? std::optional(room->free_bytes) : std::nullopt, room ? room->size_bytes : 0));
  }

  // What the process that runs on this data directory may open, or what one would.
  void LookAtProcess(const std::string& data) {
    std::error_code error;
    const std::string pid = process::RunningOn(data);
    if (pid.empty()) {
      const auto limit = static_cast<double>(server::RaiseDescriptorLimit());
      if (limit >= kFewDescriptors) return;
      return Add(Finding{"descriptors", State::kFault, data,
                         absl::StrCat("a process that is started here may open ", limit, ", which is few"),
                         "raise the hard limit (`ulimit -Hn`, LimitNOFILE of systemd)"});
    }
    double open = 0;
    for (std::filesystem::directory_iterator entry("/proc/" + pid + "/fd", error), end; !error && entry != end;
         entry.increment(error)) {
      ++open;
    }
    if (error) return;  // of another user: its page says so, too
    Add(JudgeDescriptors(absl::StrCat("process ", pid), open, process::DescriptorLimitOf(pid)));
  }

  void LookAtCluster() {
    if (!of_.cluster) return;
    const std::string& cluster = of_.cluster->brokers;
    const auto brokers = log::CheckBrokers(*of_.cluster, kCluster);
    if (absl::IsUnavailable(brokers.status())) {  // each further question would wait in vain, too
      Add(JudgeTopics(brokers.status(), brokers, cluster));
      return Add(JudgeClock(brokers.status(), cluster));
    }
    Add(JudgeTopics(log::CheckTopics(*of_.cluster, {.partitions = of_.partitions, .events = true, .timeout = kCluster}),
                    brokers, cluster));
    Add(JudgeClock(log::CompareClocks(*of_.cluster, kClock), cluster));
  }

  void SayWhatWasNotLookedAt() {
    const std::pair<const char*, const char*> needs[] = {
        {"configuration", "name a service's settings with --settings SERVICE=FILE, or the suite's with --data"},
        {"certificates", "there is no TLS here, or name a file with --certificate"},
        {"topics", "the log is embedded, or name the cluster with --brokers"},
        {"lag", "name a replica's operations port with --replica HOST:PORT"},
        {"disk", "name a data directory with --data or --settings"},
        {"descriptors", "name a replica's operations port with --replica HOST:PORT"},
        {"cache", "name a replica's operations port with --replica HOST:PORT"},
        {"clock", "the log is embedded, or name the cluster with --brokers"},
        {"versions", "name a replica's operations port with --replica HOST:PORT"},
        {"backups", "name their directory with --backups"}};
    for (const auto& [check, need] : needs) {
      const bool looked = std::any_of(findings_.begin(), findings_.end(),
                                      [name = check](const Finding& finding) { return finding.check == name; });
      if (!looked) Add(Finding{check, State::kUnknown, "", "not looked at", need});
    }
  }

  Installation of_;
  const absl::Time now_;
  Findings findings_;
};

}  // namespace

Findings Examine(Installation installation, absl::Time now) { return Examination(std::move(installation), now).Run(); }

}  // namespace throughline::doctor
