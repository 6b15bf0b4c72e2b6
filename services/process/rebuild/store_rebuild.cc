#include "services/process/rebuild/store_rebuild.h"

#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "libs/runtime/engine/host.h"
#include "libs/runtime/kill_point.h"
#include "libs/store/rocks/replacement.h"

namespace throughline::process {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kRowsPerRecord = 8;                          // about; a digest's pace follows from the records'
constexpr absl::Duration kFlushing = absl::Milliseconds(500);  // what a flush takes, about
constexpr absl::Duration kFlushed = absl::Seconds(45);         // a service flushes sooner, asked or not
constexpr absl::Duration kCloseEnough = absl::Seconds(2);      // a last stretch that takes no longer need not shrink
constexpr int64_t kFewRecords = 20'000;                        // the same, without a limit of the rate

int64_t SizeOf(const std::string& directory) {
  int64_t size = 0;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory, error)) {
    const uintmax_t of_file = file.file_size(error);
    if (!error) size += static_cast<int64_t>(of_file);
  }
  return size;
}

double Mib(int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

// How many records lie between the two; negative: a partition of `from` is further than in `to`.
int64_t Between(const std::vector<log::Position>& from, const std::vector<log::Position>& to) {
  int64_t records = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i].offset > to[i].offset) return -1;
    records += to[i].offset - from[i].offset;
  }
  return records;
}

// Whether not even the rows that a service writes at its first start are there; their log may be empty.
bool IsEmpty(const store::KeyValue& store, const std::vector<log::Position>& folded) {
  for (const log::Position& position : folded) {
    if (position.offset > 0) return false;
  }
  return runtime::DigestOf(store)->rows == 0;
}

}  // namespace

bool IsRunning(const std::string& store, const std::function<void(absl::Duration)>& pause) {
  constexpr int kLooks = 60;
  store::AskToFlush(store);
  for (int look = 0; look < kLooks; ++look) {
    if (!store::FlushAsked(store)) return true;
    pause(absl::Milliseconds(50));
  }
  store::TakeFlushRequest(store);
  return false;
}

StoreRebuild::StoreRebuild(runtime::Definition& definition, log::EventLog& log, Options options)
    : definition_(definition),
      log_(log),
      options_(std::move(options)),
      next_(store::NextPath(options_.store)),
      rows_(options_.records_per_second * kRowsPerRecord) {}

absl::StatusOr<StoreRebuild::Report> StoreRebuild::Run(const Told& told) {
  told_ = told;
  if (absl::Status status = OpenNext(); !status.ok()) return status;
  const absl::Cleanup done = [this] { RemoveProgress(next_); };
  rebuild_ = std::make_unique<runtime::Rebuild>(definition_, log_, *store_, clock_,
                                                runtime::Rebuild::Pace{options_.records_per_second});
  const absl::Cleanup over = [this] { Close(); };
  {
    absl::MutexLock lock(&mutex_);
    running_ = rebuild_.get();
    if (cancelled_) running_->Cancel();
  }
  if (absl::Status status = rebuild_->Start(); !status.ok()) return status;
  Report report;
  if (absl::Status status = Compare(report); !status.ok()) return status;
  absl::StatusOr<std::vector<log::Position>> ends = rebuild_->Ends();
  if (!ends.ok()) return ends.status();
  if (absl::Status status = FoldTo(*ends); !status.ok()) return status;
  for (const log::Position& position : rebuild_->Folded()) report.records += position.offset;
  Close();
  runtime::KillPoint("rebuilt");
  const store::Rebuilt rebuilt{runtime::StoreLayout(definition_), absl::Now(), report.records};
  if (absl::Status status = store::MarkRebuilt(options_.store, rebuilt); !status.ok()) return status;
  return report;
}

void StoreRebuild::Close() {
  {
    absl::MutexLock lock(&mutex_);
    running_ = nullptr;
  }
  rebuild_.reset();
  store_.reset();
}

absl::Status StoreRebuild::OpenNext() {
  if (options_.fresh) {
    absl::Status gone = store::RemoveStore(next_);
    if (!gone.ok() && !absl::IsNotFound(gone)) return gone;
  }
  store::RocksKeyValue::Options options = runtime::StoreOptionsOf(definition_);
  options.path = next_;
  if (absl::Status status = store::UnmarkRebuilt(options_.store); !status.ok()) {
    return absl::AlreadyExistsError(absl::StrCat(std::string(status.message()), ": a rebuild runs already"));
  }
  if (absl::IsFailedPrecondition(store::RocksKeyValue::OpenToRead(options).status())) {  // of another version
    if (absl::Status status = store::RemoveStore(next_); !status.ok()) return status;
  }
  const int64_t serving = SizeOf(options_.store);
  if (absl::Status status = CheckSpace(2 * serving - SizeOf(next_)); !status.ok()) return status;
  absl::StatusOr<std::unique_ptr<store::RocksKeyValue>> store = store::RocksKeyValue::Open(options);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  return absl::OkStatus();
}

absl::Status StoreRebuild::CheckSpace(int64_t needed) const {
  std::error_code error;
  fs::path there = fs::absolute(options_.store, error);
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  const fs::space_info space = fs::space(there, error);
  if (error) return absl::OkStatus();  // then writing tells
  const int64_t available = static_cast<int64_t>(space.available);
  if (available >= std::max<int64_t>(needed, 0) + options_.reserve_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrFormat(
      "too little space for a store beside %s: %.0f MiB are free, and about %.0f MiB are needed, %.0f MiB of them as a "
      "reserve: free space; what was begun is kept in %s",
      options_.store, Mib(available), Mib(std::max<int64_t>(needed, 0) + options_.reserve_bytes),
      Mib(options_.reserve_bytes), next_));
}

void StoreRebuild::Tell(RebuildProgress progress) {
  progress.at = absl::Now();
  WriteProgress(next_, progress);
  if (told_) told_(progress);
}

absl::Status StoreRebuild::FoldTo(const std::vector<log::Position>& target) {
  return rebuild_->FoldTo(target, [this](const runtime::Rebuild::Progress& progress) {
    Tell({.records = progress.records, .of = progress.of, .per_second = progress.per_second, .left = progress.left});
    return CheckSpace(0);
  });
}

bool StoreRebuild::AwaitFlush() {
  if (!IsRunning(options_.store, [this](absl::Duration pause) { rebuild_->Pause(pause); })) return false;
  rebuild_->Pause(kFlushing);
  return true;
}

absl::Status StoreRebuild::Compare(Report& report) {
  store::RocksKeyValue::Options options = runtime::StoreOptionsOf(definition_);
  options.path = options_.store;
  options.resident.clear();
  const absl::StatusOr<std::vector<log::Position>> present = rebuild_->Ends();
  if (!present.ok()) return present.status();
  const absl::Duration begun = clock_.Steady();
  while (!rebuild_->cancelled()) {
    const auto serving = store::RocksKeyValue::OpenToRead(options);
    if (!serving.ok()) {
      report.other_layout = absl::IsFailedPrecondition(serving.status());
      report.not_compared = std::string(serving.status().message());
      return absl::OkStatus();
    }
    const std::vector<log::Position> then = rebuild_->FoldedIn(**serving);
    const int64_t left = Between(rebuild_->Folded(), then);
    // Its newest rows are not in its files yet. Without a process they never will be.
    const bool stale = left < 0 || Between(*present, then) < 0 || IsEmpty(**serving, then);
    if (stale && clock_.Steady() - begun < kFlushed && AwaitFlush()) continue;
    if (left < 0) {
      report.not_compared = "the store that serves is not folded as far: start its service, and try again";
      return absl::OkStatus();
    }
    if (absl::Status status = FoldTo(then); !status.ok()) return status;
    // Meanwhile the other one went on. What is compared should be as of now.
    const int64_t few = options_.records_per_second > 0
                            ? static_cast<int64_t>(absl::ToDoubleSeconds(kCloseEnough) *
                                                   static_cast<double>(options_.records_per_second))
                            : kFewRecords;
    if (left > few) continue;
    if (const absl::Status sound = (*serving)->VerifyFiles(); !sound.ok()) {
      report.difference = std::string(sound.message());
      return absl::OkStatus();
    }
    return CompareWith(**serving, report);
  }
  return absl::CancelledError("the rebuild was stopped");
}

absl::StatusOr<runtime::StoreDigest> StoreRebuild::Digest(const store::KeyValue& store) {
  RebuildProgress progress{.phase = RebuildProgress::Phase::kComparing};
  for (const log::Position& position : rebuild_->Folded()) progress.records += position.offset;
  progress.of = progress.records;
  Tell(progress);
  absl::Duration told = clock_.Steady();
  return runtime::DigestOf(store, [&](int64_t rows) {
    const absl::Duration now = clock_.Steady();
    if (now - told >= absl::Seconds(1)) {
      told = now;
      Tell(progress);
    }
    rebuild_->Pause(rows_.PauseAfter(rows, now));
    return !rebuild_->cancelled();
  });
}

absl::Status StoreRebuild::CompareWith(const store::KeyValue& serving, Report& report) {
  const absl::StatusOr<runtime::StoreDigest> of_serving = Digest(serving);
  if (!of_serving.ok()) return of_serving.status();
  const absl::StatusOr<runtime::StoreDigest> of_next = Digest(*store_);
  if (!of_next.ok()) return of_next.status();
  report.rows = of_next->rows;
  report.digest = of_next->hex();
  if (of_serving->sha256 != of_next->sha256) report.difference = runtime::DifferenceOf(serving, *store_);
  return absl::OkStatus();
}

void StoreRebuild::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  if (running_ != nullptr) running_->Cancel();
}

}  // namespace throughline::process
