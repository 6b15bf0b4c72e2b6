#include "libs/server/operations/read_audit.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <pthread.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include <spdlog/spdlog.h>

#include "libs/files/private_directory.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::server {
namespace {

constexpr char kCurrent[] = "reads.jsonl";
constexpr char kPrefix[] = "reads-";

std::string LineOf(const Reading& reading) {
  nlohmann::ordered_json json;
  json["at"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", reading.at, absl::UTCTimeZone());
  json["by"] = reading.by;
  json["roles"] = reading.roles;
  json["rpc"] = reading.rpc;
  json["cases"] = reading.cases;
  json["order"] = reading.order;
  json["customer"] = reading.customer;
  json["trace"] = reading.trace;
  // A request's id may be no UTF-8 only if it was refused before.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::vector<std::string> FullFiles(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.rfind(kPrefix, 0) == 0) names.push_back(entry->path().string());
  }
  std::sort(names.begin(), names.end());  // their names begin with the time
  return names;
}

}  // namespace

std::string ReadAuditPath(const std::string& directory) { return absl::StrCat(directory, "/", kCurrent); }

std::vector<std::string> ReadAuditFiles(const std::string& directory) {
  std::vector<std::string> files = FullFiles(directory);
  if (access(ReadAuditPath(directory).c_str(), F_OK) == 0) files.push_back(ReadAuditPath(directory));
  return files;
}

absl::StatusOr<std::unique_ptr<ReadAudit>> ReadAudit::Open(ReadAuditOptions options, prometheus::Registry& registry) {
  if (const std::error_code error = files::MakePrivateDirectories(options.directory)) {
    return absl::FailedPreconditionError(absl::StrCat("cannot make the directory ", options.directory,
                                                      " for the audit of reads: ", error.message(),
                                                      "; choose another with audit.dir"));
  }
  auto audit = std::unique_ptr<ReadAudit>(new ReadAudit(std::move(options), registry));
  int error = 0;
  {
    absl::MutexLock lock(&audit->mu_);
    error = audit->OpenFile();
  }
  if (error == 0) return audit;
  return absl::FailedPreconditionError(
      absl::StrCat("cannot write the audit of reads to ", audit->path_, ": ", std::generic_category().message(error)));
}

ReadAudit::ReadAudit(ReadAuditOptions options, prometheus::Registry& registry)
    : options_(std::move(options)),
      path_(ReadAuditPath(options_.directory)),
      probe_(registry),
      thread_([this] { SyncLoop(); }) {}

ReadAudit::~ReadAudit() {
  stop_.Notify();
  thread_.join();
  SyncOnce();
  absl::MutexLock lock(&mu_);
  CloseFile();
}

absl::Status ReadAudit::Record(const Reading& reading) {
  const std::string line = LineOf(reading);
  int error = 0;
  bool begins = false;
  {
    absl::MutexLock lock(&mu_);
    error = Write(line);
    begins = error != 0 && !failing_;
    failing_ = error != 0;
  }
  error == 0 ? probe_.Recorded() : probe_.Failed();
  if (error == 0) return absl::OkStatus();
  const std::string why = std::generic_category().message(error);
  if (begins) {
    spdlog::error(
        "cannot record reads in {}: {}; {}", path_, why,
        options_.required ? "what customers said is not shown until it can be recorded" : "they are not recorded");
  }
  if (!options_.required) return absl::OkStatus();
  return runtime::WithRetryAfter(
      runtime::Refuse(absl::StatusCode::kUnavailable, "AUDIT_UNAVAILABLE",
                      absl::StrCat("the read cannot be recorded (", why, "), and it must be: try another replica")),
      absl::Seconds(5));
}

int ReadAudit::Write(const std::string& line) {
  if (fd_ >= 0 && size_ > 0 && size_ + line.size() > options_.file_bytes) {
    if (const int error = TurnOver(); error != 0) return error;
  }
  if (fd_ < 0) {
    if (const int error = OpenFile(); error != 0) return error;
  }
  const ssize_t written = write(fd_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) {
    size_ += line.size();
    unsynced_ = true;
    return 0;
  }
  const int error = written < 0 ? errno : ENOSPC;
  // No torn line.
  if (written > 0 && ftruncate(fd_, static_cast<off_t>(size_)) != 0) CloseFile();
  return error;
}

int ReadAudit::OpenFile() {
  fd_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  struct stat info {};
  if (fd_ < 0 || fstat(fd_, &info) != 0) {
    const int error = errno;
    CloseFile();
    return error;
  }
  size_ = static_cast<size_t>(info.st_size);
  return 0;
}

void ReadAudit::CloseFile() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

int ReadAudit::TurnOver() {
  fdatasync(fd_);
  const std::string full =
      absl::StrCat(options_.directory, "/", kPrefix,
                   absl::FormatTime("%Y%m%dT%H%M%E6S", absl::Now(), absl::UTCTimeZone()), ".jsonl");
  if (rename(path_.c_str(), full.c_str()) != 0 && errno != ENOENT) return errno;
  CloseFile();
  const std::vector<std::string> files = FullFiles(options_.directory);
  for (size_t i = 0; i + static_cast<size_t>(options_.keep) < files.size(); ++i) unlink(files[i].c_str());
  return 0;
}

void ReadAudit::SyncLoop() {
  pthread_setname_np(pthread_self(), "read-audit");
  while (!stop_.WaitFor(absl::Seconds(1))) SyncOnce();
}

void ReadAudit::SyncOnce() {
  int copy = -1;
  {
    absl::MutexLock lock(&mu_);
    struct stat ours {
    }, there{};
    // Moved away or deleted: the next line goes to a new file.
    if (fd_ >= 0 && fstat(fd_, &ours) == 0 &&
        (stat(path_.c_str(), &there) != 0 || there.st_ino != ours.st_ino || there.st_dev != ours.st_dev)) {
      fdatasync(fd_);
      CloseFile();
    }
    if (std::exchange(unsynced_, false) && fd_ >= 0) copy = dup(fd_);
  }
  if (copy < 0) return;
  fdatasync(copy);  // without the lock: a disk may take its time
  close(copy);
}

}  // namespace throughline::server
