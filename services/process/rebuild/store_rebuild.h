#pragma once

// Builds a service's store anew from the log, beside the one that serves, and compares both. It runs in a process of
// its own (`throughline rebuild`), at its own pace and priority: neither a crash nor a full memory of one harms the
// other. A service takes the result at a start (libs/store/rocks/replacement.h); this version may be newer than the one
// that serves.
//
//   StoreRebuild rebuild(definition, log, {.store = StorePath(data, topic)});
//   absl::StatusOr<StoreRebuild::Report> report = rebuild.Run(told);
//
// A killed or cancelled one leaves an incomplete store, which never serves; the next one goes on with it. One thread,
// except Cancel.

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/engine/rebuild.h"
#include "libs/runtime/fold/store_digest.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/process/rebuild/progress.h"

namespace throughline::process {

// Whether a process runs on the store: it is asked to flush, and has three seconds to take that. There must be a
// `.next` beside the store.
bool IsRunning(const std::string& store, const std::function<void(absl::Duration)>& pause);

class StoreRebuild {
 public:
  static constexpr int64_t kRecordsPerSecond = 10'000;          // README.md, "Rebuild", says what that costs
  static constexpr int64_t kReserveBytes = int64_t{256} << 20;  // of the disk that it leaves free

  struct Options {
    std::string store;                               // the path of the one that serves; it need not exist
    int64_t records_per_second = kRecordsPerSecond;  // 0: as fast as it can
    bool fresh = false;                              // begins anew, also if one was begun or is complete
    int64_t reserve_bytes = kReserveBytes;
  };
  struct Report {
    int64_t records = 0;        // of the log, in the new store
    int64_t rows = 0;           // in both, when they were compared
    std::string digest;         // hex, of the new store then; empty: not compared
    std::string not_compared;   // why, if so
    bool other_layout = false;  // that is why: only a start of this version takes it
    std::string difference;     // empty: they are equal
    bool differs() const { return !difference.empty(); }
  };
  // Called about once a second.
  using Told = std::function<void(const RebuildProgress&)>;

  // Both must outlive it. `definition` must not be in use by an engine.
  StoreRebuild(runtime::Definition& definition, log::EventLog& log, Options options);

  // ALREADY_EXISTS: another one runs. RESOURCE_EXHAUSTED: there is too little space on the disk; says how much is
  // needed. CANCELLED. Otherwise as Rebuild::FoldTo and RocksKeyValue::Open.
  absl::StatusOr<Report> Run(const Told& told);
  // Any thread.
  void Cancel() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Status OpenNext();
  // Flushes.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status CheckSpace(int64_t needed) const;
  // Whether there is a process that flushes.
  bool AwaitFlush();
  absl::Status FoldTo(const std::vector<log::Position>& target);
  // Folds up to a moment of the serving store and compares.
  absl::Status Compare(Report& report);
  absl::Status CompareWith(const store::KeyValue& serving, Report& report);
  absl::StatusOr<runtime::StoreDigest> Digest(const store::KeyValue& store);
  void Tell(RebuildProgress progress);

  runtime::Definition& definition_;
  log::EventLog& log_;
  const Options options_;
  const std::string next_;
  const runtime::SystemClock clock_;
  Told told_;
  std::unique_ptr<store::RocksKeyValue> store_;
  std::unique_ptr<runtime::Rebuild> rebuild_;
  runtime::Throttle rows_;  // of digests
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  runtime::Rebuild* running_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace throughline::process
