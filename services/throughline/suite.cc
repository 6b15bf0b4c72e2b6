#include "services/throughline/suite.h"

#include <sys/stat.h>

#include <spdlog/spdlog.h>

#include "libs/files/private_directory.h"
#include "libs/identity/tokens.h"
#include "libs/log/embedded/embedded_log.h"
#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/credentials.h"
#include "services/ownership/ownership.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline {
namespace {

absl::StatusOr<process::OpenedLog> OpenLog(const Suite::Options& options) {
  log::EmbeddedLog::Options log_options;
  log_options.path = LogPath(options.data);
  log_options.partitions = options.partitions;
  log_options.max_record_bytes = options.engine.commands.record_bytes + 1024;
  log_options.failed = options.on_failure;
  absl::StatusOr<std::unique_ptr<log::EmbeddedLog>> opened = log::EmbeddedLog::Open(std::move(log_options));
  if (!opened.ok()) return opened.status();
  log::EmbeddedLog* embedded = opened->get();
  absl::StatusOr<process::BackupSource> backup = process::BackupOfLog(*embedded, options.data);
  if (!backup.ok()) return backup.status();
  process::OpenedLog log;
  log.backup = *std::move(backup);
  log.descriptors = log::EmbeddedLog::kMaxOpenFiles;
  log.log = *std::move(opened);
  log.join = [embedded](const std::string& group, const std::vector<log::Topic>& topics) {
    return embedded->AssignPartitions(group, topics);
  };
  return log;
}

// Checked at the start, so that the first backup does not fail.
absl::Status CheckBackups(const std::string& directory, const std::string& data) {
  if (absl::Status status = process::MakeBackupDirectory(directory, data); !status.ok()) return status;
  struct stat of_backups, of_data;
  if (stat(directory.c_str(), &of_backups) == 0 && stat(data.c_str(), &of_data) == 0 &&
      of_backups.st_dev == of_data.st_dev) {
    spdlog::warn("backups in {} are on the same disk as the log: if the disk fails, both are lost", directory);
  }
  return absl::OkStatus();
}

std::vector<process::Service> AllServices(const Suite::Options& options) {
  intake::Config intake_config = options.intake;
  intake_config.fallback_owner = options.fallback_owner;
  intake_config.reps_read = options.reps_read;
  intake_config.calendars = options.calendars;
  ownership::Config ownership_config = options.ownership;
  ownership_config.fallback_owner = options.fallback_owner;
  ownership_config.search_directory = process::SearchPath(options.data);
  ownership_config.calendars = options.calendars;
  ownership_config.reps_read = options.reps_read;
  outage::Config outage_config;
  outage_config.delivery = options.delivery;
  outage_config.fallback_owner = options.fallback_owner;
  outage_config.calendars = options.calendars;
  supplier::Config supplier_config = options.supplier;
  supplier_config.fallback_owner = options.fallback_owner;
  supplier_config.reps_read = options.reps_read;
  supplier_config.FitRecords(options.engine.commands.record_bytes);
  std::vector<process::Service> services;
  services.push_back(process::ServiceOf(intake::Define, intake::MakeApi, intake_config));
  services.push_back(
      process::ServiceOf(ownership::Define, ownership::MakeApi, ownership_config, ownership::FollowCredentials()));
  services.push_back(process::ServiceOf(outage::Define, outage::MakeApi, outage_config));
  services.back().start_work = [outage_config](runtime::Streams& streams) {
    return outage::StartSending(streams, outage_config);
  };
  services.push_back(process::ServiceOf(supplier::Define, supplier::MakeApi, supplier_config));
  return services;
}

process::Process::Options ProcessOptions(const Suite::Options& options) {
  process::Process::Options process;
  process.data = options.data;
  process.host = options.host;
  process.port = options.port;
  process.metrics_host = options.metrics_host;
  process.metrics_port = options.metrics_port;
  process.metrics_tls = options.metrics_tls;
  process.metrics_tokens = options.metrics_tokens;
  process.authentication = options.authentication;
  process.audit = options.audit;
  process.cache_bytes = options.cache_bytes;
  process.server = options.server;
  process.engine = options.engine;
  process.backups = options.backups;
  process.tracing = options.tracing;
  process.clock = options.clock;
  process.on_failure = options.on_failure;
  process.more_pages = options.more_pages;
  process.more_descriptors = options.more_descriptors;
  return process;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Suite>> Suite::Start(Options options) {
  if (const std::error_code error = files::MakePrivateDirectories(options.data)) {
    return absl::FailedPreconditionError("cannot make the data directory " + options.data + ": " + error.message() +
                                         "; choose another with --data");
  }
  absl::StatusOr<process::OpenedLog> log = OpenLog(options);  // first: opening it detects that the directory is in use
  if (!log.ok()) return log.status();
  if (const std::string& backups = options.backups.directory; !backups.empty()) {
    if (absl::Status status = CheckBackups(backups, options.data); !status.ok()) return status;
  }
  if (options.delivery.key == nullptr) {
    auto key = outage::SubscriberKey::ReadOrMake(options.data + "/subscriber-key");
    if (!key.ok()) return key.status();
    options.delivery.key = *std::move(key);
  }
  absl::StatusOr<bool> made = identity::CreateFirstTokens(options.data, absl::Now());
  if (!made.ok()) return made.status();
  if (options.public_reader) {
    const identity::Identity reader{kPublicReader, {common::v1::ROLE_READER}, "", ""};
    if (absl::Status status = identity::EnsureToken(options.data, reader, absl::Now()); !status.ok()) return status;
  }
  auto process = process::Process::Start(ProcessOptions(options), *std::move(log), AllServices(options));
  if (!process.ok()) return process.status();
  std::unique_ptr<Suite> suite(new Suite());
  suite->made_first_credentials_ = *made;
  suite->process_ = *std::move(process);
  return suite;
}

}  // namespace throughline
