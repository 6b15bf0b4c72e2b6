#pragma once

// What was read from files, or from the files of a directory, and is read again when they change.
//
//   auto keys = Reloaded<KeySet>::Load({path}, [path] { return ReadKeySet(path); }, std::chrono::milliseconds(500));
//   std::shared_ptr<const KeySet> now = (*keys)->Get();
//
// If a change cannot be read, what was read last stays in force, with one log line for each change. Any thread.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include <spdlog/spdlog.h>

namespace throughline::files {

// Changes with every change of one of the files, or of a file in one of the directories. A symbolic link is followed,
// so that an exchange of the target counts.
std::string VersionOf(const std::vector<std::string>& paths);

template <typename T>
class Reloaded {
 public:
  using Read = std::function<absl::StatusOr<T>()>;

  // An error: what `read` says now.
  static absl::StatusOr<std::unique_ptr<Reloaded>> Load(std::vector<std::string> paths, Read read,
                                                        std::chrono::milliseconds every) {
    auto loaded = std::unique_ptr<Reloaded>(new Reloaded(std::move(paths), std::move(read), every));
    if (absl::Status status = loaded->Reload(VersionOf(loaded->paths_)); !status.ok()) return status;
    return loaded;
  }

  // Looks for a change, at most once per `every`.
  std::shared_ptr<const T> Get() const ABSL_LOCKS_EXCLUDED(mu_) {
    LookForChanges();
    absl::MutexLock lock(&mu_);
    return value_;
  }
  void LookForChanges() const ABSL_LOCKS_EXCLUDED(mu_) {
    // Not the wall clock: if it is set back, a change is seen that much later.
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    auto due = next_look_.load(std::memory_order_relaxed);
    if (now < due || !next_look_.compare_exchange_strong(due, now + every_, std::memory_order_relaxed)) return;
    const std::string version = VersionOf(paths_);
    {
      absl::MutexLock lock(&mu_);
      if (version == version_ || version == failed_version_) return;
    }
    const absl::Status status = Reload(version);
    if (status.ok()) return;
    {
      absl::MutexLock lock(&mu_);
      failed_version_ = version;
    }
    spdlog::error("{}; what was read last stays in force", std::string(status.message()));
  }
  // Counts how often it was read.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  using Nanos = std::chrono::steady_clock::duration;

  Reloaded(std::vector<std::string> paths, Read read, std::chrono::milliseconds every)
      : paths_(std::move(paths)), read_(std::move(read)), every_(every) {}

  // `version`: from before reading, so that a change in between is seen the next time.
  absl::Status Reload(const std::string& version) const ABSL_LOCKS_EXCLUDED(mu_) {
    absl::StatusOr<T> value = read_();
    if (!value.ok()) return value.status();
    absl::MutexLock lock(&mu_);
    value_ = std::make_shared<const T>(*std::move(value));
    version_ = version;
    failed_version_.reset();
    generation_.fetch_add(1, std::memory_order_release);
    return absl::OkStatus();
  }

  const std::vector<std::string> paths_;
  const Read read_;
  const std::chrono::milliseconds every_;
  mutable std::atomic<Nanos> next_look_{Nanos(0)};
  mutable std::atomic<uint64_t> generation_{0};
  mutable absl::Mutex mu_;
  mutable std::shared_ptr<const T> value_ ABSL_GUARDED_BY(mu_);
  mutable std::string version_ ABSL_GUARDED_BY(mu_);
  mutable std::optional<std::string> failed_version_ ABSL_GUARDED_BY(mu_);
};

}  // namespace throughline::files
