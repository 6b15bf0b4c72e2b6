#pragma once

// Judges what was found: pure functions, one per kind of thing. The limits are those of the alerts in
// helm/throughline/files/rules, and the advice is that of deploy/runbooks.

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/kafka/topics/brokers.h"
#include "libs/log/kafka/topics/clock.h"
#include "libs/log/kafka/topics/topics.h"
#include "services/process/backup/backup.h"
#include "services/throughline/doctor/finding.h"
#include "services/throughline/doctor/metrics_page.h"

namespace throughline::doctor {

// A replica's page, or why there is none: replicas, lag, descriptors, disk, certificates, backups, versions.
// `own_version`: of this tool.
Findings JudgeReplica(const std::string& address, const absl::StatusOr<MetricsPage>& page, absl::Time now,
                      absl::Duration backup_every, const std::string& own_version);

// What a program says of its settings: its exit code and its words.
Finding JudgeConfiguration(const std::string& file, int exit_code, const std::string& said);

// Of the file system of a directory; absent: it is not there.
Finding JudgeDisk(const std::string& directory, std::optional<double> free_bytes, double size_bytes);

// The files of a server, or what is wrong with them.
Finding JudgeCertificate(const std::string& file, const absl::StatusOr<absl::Time>& expiry, absl::Time now);

Finding JudgeDescriptors(const std::string& about, double open, double limit);

Findings JudgeTopics(const absl::StatusOr<std::vector<log::TopicFinding>>& topics,
                     const absl::StatusOr<std::vector<log::BrokerFinding>>& brokers, const std::string& cluster);

Finding JudgeClock(const absl::StatusOr<log::ClockDifference>& difference, const std::string& cluster);

// The backups of one directory.
Findings JudgeBackups(const std::string& directory, const absl::StatusOr<std::vector<process::Backup>>& backups,
                      const std::vector<process::Unreadable>& unreadable, absl::Time now, absl::Duration every);

}  // namespace throughline::doctor
