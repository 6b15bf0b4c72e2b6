#include "services/throughline/doctor/judge.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace throughline::doctor {
namespace {

using State = Finding::State;

constexpr double kDiskRisk = 0.1, kDiskFault = 0.03, kDescriptors = 0.8;
// Of the cache, for filters and indexes; the rest is for rows.
constexpr double kIndexes = 0.75, kCacheStep = 64 << 20;
constexpr absl::Duration kCertificateRisk = absl::Hours(14 * 24), kCertificateFault = absl::Hours(2 * 24);
constexpr absl::Duration kLagRisk = absl::Seconds(5), kLagFault = absl::Minutes(1);
// A command's time is that of the service's clock: a second is seen in the order of a history, a minute breaks
// promises.
constexpr absl::Duration kClockRisk = absl::Seconds(1), kClockFault = absl::Seconds(10);

std::string Gib(double bytes) { return absl::StrFormat("%.1f GiB", bytes / (1 << 30)); }
std::string Mib(double bytes) { return absl::StrFormat("%.0f MiB", bytes / (1 << 20)); }
std::string Of(double part) { return absl::StrFormat("%.0f %%", part * 100); }
std::string For(absl::Duration time) { return absl::FormatDuration(absl::Trunc(time, absl::Seconds(1))); }

Finding JudgeLag(const std::string& address, const MetricsPage& page) {
  const std::optional<double> lag = page.Highest("throughline_fold_lag_seconds");
  if (!lag)
    return {"lag", State::kUnknown, address, "the page says nothing about it", "install a version that tells it"};
  const absl::Duration behind = absl::Seconds(*lag);
  const std::string what = absl::StrCat("reads show what was true ", For(behind), " ago");
  if (behind <= kLagRisk) return {"lag", State::kGood, address, what, ""};
  return {"lag", behind > kLagFault ? State::kFault : State::kRisk, address, what,
          "wait if it has just started; else look at its brokers, disk and processor "
          "(deploy/runbooks/services.md#throughlinefoldlags)"};
}

Findings JudgeVersions(const std::string& address, const MetricsPage& page, const std::string& own_version) {
  const std::string version = page.Label("throughline_replica_info", "version");
  Findings findings;
  if (version.empty()) {
    findings.push_back({"versions", State::kUnknown, address, "the page does not say which version runs",
                        "install a version that tells it"});
  } else if (version == own_version) {
    findings.push_back({"versions", State::kGood, address, absl::StrCat("runs ", version, ", as this tool"), ""});
  } else {
    findings.push_back(
        {"versions", State::kFault, address, absl::StrCat("runs ", version, ", and this tool is ", own_version),
         "go on with the upgrade: readers first, then writers (services/process/README.md, \"Upgrade\")"});
  }
  if (page.Highest("throughline_fold_stopped_partitions").value_or(0) > 0) {
    findings.push_back({"versions", State::kFault, address, "it stopped at an event of a newer version",
                        "install the newer version there (deploy/runbooks/services.md#throughlinefoldstopped)"});
  }
  return findings;
}

Finding JudgeCache(const std::string& address, double indexes, double cache) {
  const std::string what =
      absl::StrCat("filters and indexes of the stores have ", Mib(indexes), ", the cache ", Mib(cache));
  if (indexes <= kIndexes * cache) return {"cache", State::kGood, address, what, ""};
  return {"cache", State::kRisk, address, what + ": lookups read them from files again and again",
          absl::StrCat("give it ", Mib(std::ceil(indexes / kIndexes / kCacheStep) * kCacheStep),
                       " with --cache-mib or limits.cache-mib (deploy/runbooks/capacity.md#a-larger-cache)")};
}

Finding JudgeBackupTime(const std::string& about, absl::Time taken, absl::Time now, absl::Duration every) {
  const std::string what = absl::StrCat("the newest was taken ", For(now - taken), " ago");
  if (now - taken <= 2 * every) return {"backups", State::kGood, about, what, ""};
  return {"backups", State::kFault, about, what,
          "find out why they fail, and take one: `throughline backup take` (deploy/runbooks/backup.md)"};
}

}  // namespace

Findings JudgeReplica(const std::string& address, const absl::StatusOr<MetricsPage>& page, absl::Time now,
                      absl::Duration backup_every, const std::string& own_version) {
  if (!page.ok()) {
    return {{"replicas", State::kFault, address, std::string(page.status().message()),
             "is it running, and is this its operations port (metrics-port)? "
             "See deploy/runbooks/services.md#throughlinereplicadown"}};
  }
  Findings findings = {{"replicas", State::kGood, address,
                        absl::StrCat(page->Label("throughline_replica_info", "service"), " answers"), ""}};
  findings.push_back(JudgeLag(address, *page));
  if (const auto open = page->Highest("process_open_fds"), most = page->Highest("process_max_fds"); open && most) {
    findings.push_back(JudgeDescriptors(address, *open, *most));
  }
  if (const auto indexes = page->Highest("throughline_store_index_bytes"),
      cache = page->Highest("throughline_store_cache_bytes");
      indexes && cache) {
    findings.push_back(JudgeCache(address, *indexes, *cache));
  }
  std::map<std::string, double> sizes;
  for (const Sample& size : page->Of("throughline_disk_size_bytes")) {
    for (const auto& [label, value] : size.labels) sizes[value] = size.value;
  }
  for (const Sample& free : page->Of("throughline_disk_free_bytes")) {
    for (const auto& [label, value] : free.labels) {
      findings.push_back(JudgeDisk(absl::StrCat(address, " ", value), free.value, sizes[value]));
    }
  }
  for (const Sample& expiry : page->Of("throughline_certificate_expiry_timestamp_seconds")) {
    for (const auto& [label, value] : expiry.labels) {
      const absl::StatusOr<absl::Time> at =
          expiry.value > 0 ? absl::StatusOr<absl::Time>(absl::FromUnixSeconds(static_cast<int64_t>(expiry.value)))
                           : absl::FailedPreconditionError("the file cannot be read");
      findings.push_back(JudgeCertificate(absl::StrCat(address, " ", value), at, now));
    }
  }
  if (const auto last = page->Highest("throughline_backup_last_success_timestamp_seconds"); last && *last > 0) {
    findings.push_back(JudgeBackupTime(address, absl::FromUnixSeconds(static_cast<int64_t>(*last)), now, backup_every));
  }
  for (Finding& finding : JudgeVersions(address, *page, own_version)) findings.push_back(std::move(finding));
  return findings;
}

Finding JudgeConfiguration(const std::string& file, int exit_code, const std::string& said) {
  if (exit_code == 0) return {"configuration", State::kGood, file, "all settings are right", ""};
  std::string problems(absl::StripAsciiWhitespace(said));
  return {"configuration", State::kFault, file,
          absl::StrReplaceAll(problems.empty() ? absl::StrCat("the program ends with ", exit_code) : problems,
                              {{"\n", "; "}}),
          "correct what it names; `--print-config` of the program shows the result"};
}

Finding JudgeDisk(const std::string& directory, std::optional<double> free_bytes, double size_bytes) {
  if (!free_bytes || size_bytes <= 0) {
    return {"disk", State::kFault, directory, "it is not there, or cannot be read",
            "mount it, or name another directory"};
  }
  const double left = *free_bytes / size_bytes;
  const std::string what = absl::StrCat(Gib(*free_bytes), " of ", Gib(size_bytes), " are free (", Of(left), ")");
  if (left >= kDiskRisk) return {"disk", State::kGood, directory, what, ""};
  return {"disk", left < kDiskFault ? State::kFault : State::kRisk, directory, what,
          "make room: a full disk ends the process (deploy/runbooks/machines.md#throughlinediskfilling)"};
}

Finding JudgeCertificate(const std::string& file, const absl::StatusOr<absl::Time>& expiry, absl::Time now) {
  const char* const mend = "renew it; no restart is needed (deploy/runbooks/secrets.md)";
  if (!expiry.ok()) return {"certificates", State::kFault, file, std::string(expiry.status().message()), mend};
  const absl::Duration left = *expiry - now;
  const std::string day = absl::FormatTime("%Y-%m-%d", *expiry, absl::UTCTimeZone());
  if (left <= absl::ZeroDuration()) {
    return {"certificates", State::kFault, file, absl::StrCat("it expired on ", day, ": no client connects"), mend};
  }
  const std::string what = absl::StrCat("it expires on ", day);
  if (left >= kCertificateRisk) return {"certificates", State::kGood, file, what, ""};
  return {"certificates", left < kCertificateFault ? State::kFault : State::kRisk, file, what, mend};
}

Finding JudgeDescriptors(const std::string& about, double open, double limit) {
  const std::string what = absl::StrFormat("%.0f of %.0f are open", open, limit);
  if (limit > 0 && open / limit <= kDescriptors) return {"descriptors", State::kGood, about, what, ""};
  return {"descriptors", State::kFault, about, what,
          "find the client that leaks connections, or raise LimitNOFILE "
          "(deploy/runbooks/machines.md#throughlinedescriptorsusedup)"};
}

Findings JudgeTopics(const absl::StatusOr<std::vector<log::TopicFinding>>& topics,
                     const absl::StatusOr<std::vector<log::BrokerFinding>>& brokers, const std::string& cluster) {
  Findings findings;
  for (const absl::Status& status : {topics.status(), brokers.status()}) {
    if (status.ok()) continue;
    return {{"topics", State::kFault, cluster, std::string(status.message()),
             "check the addresses, the network and the brokers (deploy/runbooks/lost-broker.md)"}};
  }
  for (const log::TopicFinding& finding : *topics) {
    findings.push_back(
        {"topics", finding.refused ? State::kFault : State::kRisk, finding.topic, finding.what, finding.mend});
  }
  for (const log::BrokerFinding& finding : *brokers) {
    findings.push_back({"topics", finding.refused ? State::kFault : State::kRisk,
                        absl::StrCat("broker ", absl::StrJoin(finding.brokers, ", ")), finding.what, finding.mend});
  }
  if (findings.empty()) findings.push_back({"topics", State::kGood, cluster, "topics and brokers are as needed", ""});
  return findings;
}

Finding JudgeClock(const absl::StatusOr<log::ClockDifference>& difference, const std::string& cluster) {
  if (!difference.ok()) {
    return {"clock", State::kUnknown, cluster, std::string(difference.status().message()),
            "allow this client to create and write the topic that it names, or compare the clocks by hand"};
  }
  // The broker stamped the record at some time between the sending and the answer.
  const absl::Duration off = difference->least_off();
  const std::string what =
      absl::StrCat("this machine is ", absl::FormatDuration(absl::Trunc(absl::AbsDuration(off), absl::Milliseconds(1))),
                   off < absl::ZeroDuration() ? " behind" : " ahead of", " the brokers");
  if (absl::AbsDuration(off) <= kClockRisk) return {"clock", State::kGood, cluster, what, ""};
  return {"clock", absl::AbsDuration(off) > kClockFault ? State::kFault : State::kRisk, cluster, what,
          "synchronize the clocks (chrony, systemd-timesyncd) of this machine and of the brokers"};
}

Findings JudgeBackups(const std::string& directory, const absl::StatusOr<std::vector<process::Backup>>& backups,
                      const std::vector<process::Unreadable>& unreadable, absl::Time now, absl::Duration every) {
  if (!backups.ok()) {
    return {{"backups", State::kFault, directory, std::string(backups.status().message()),
             "mount the volume, or name the right directory (backup.dir)"}};
  }
  Findings findings;
  for (const process::Unreadable& one : unreadable) {
    findings.push_back({"backups", State::kFault, one.path, std::string(one.why.message()),
                        "delete it, and look at the disk (deploy/runbooks/backup.md)"});
  }
  std::map<std::string, absl::Time> newest;
  for (const process::Backup& backup : *backups) newest[backup.name()] = std::max(newest[backup.name()], backup.taken);
  for (const auto& [name, taken] : newest) {
    findings.push_back(JudgeBackupTime(absl::StrCat(directory, " of ", name), taken, now, every));
  }
  if (newest.empty()) {
    findings.push_back({"backups", State::kFault, directory, "there is none",
                        "take one: `throughline backup take` (deploy/runbooks/backup.md)"});
  }
  return findings;
}

}  // namespace throughline::doctor
