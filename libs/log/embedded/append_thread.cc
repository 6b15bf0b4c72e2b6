#include "libs/log/embedded/append_thread.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace throughline::log {
namespace {

// The limit of a batch, so that the first of many appends does not wait for the last.
constexpr size_t kBatchBytes = 4 << 20;

size_t Bytes(const Record& record) { return record.key.size() + record.value.size(); }

}  // namespace

AppendThread::AppendThread(LogStore& store, LogTail& tail, Slots slots, std::vector<int64_t> ends,
                           AppendBudget::Limits limits)
    : store_(store), tail_(tail), slots_(slots), next_(std::move(ends)), budget_(limits), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "log-writer");
}

AppendThread::~AppendThread() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    arrived_.Signal();
  }
  thread_.join();
}

absl::Status AppendThread::Admit(const Partition& partition, size_t bytes) {
  if (!slots_.Has(partition)) return NoSuchPartition(partition);
  return budget_.Check(bytes);
}

void AppendThread::Append(Partition partition, std::string key, std::string value, EventLog::Appended done) {
  const size_t bytes = key.size() + value.size();
  auto record = std::make_shared<Record>(Record{partition, -1, std::move(key), std::move(value)});
  absl::MutexLock lock(&mu_);
  ++begun_;
  if (absl::Status refusal = Admit(partition, bytes); !refusal.ok()) {
    waiting_.entries.push_back({nullptr, std::move(refusal), std::move(done)});
  } else {
    budget_.Take(bytes);
    waiting_.entries.push_back({std::move(record), absl::OkStatus(), std::move(done)});
  }
  arrived_.Signal();
}

void AppendThread::Post(std::function<void()> call) {
  absl::MutexLock lock(&mu_);
  waiting_.calls.push_back(std::move(call));
  arrived_.Signal();
}

void AppendThread::PutSoon(std::map<std::string, std::string> rows) {
  absl::MutexLock lock(&mu_);
  for (auto& [key, value] : rows) waiting_.rows.insert_or_assign(key, std::move(value));
  arrived_.Signal();
}

size_t AppendThread::Flush(absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  const uint64_t target = begun_;
  while (answered_ < target) {
    if (answered_changed_.WaitWithDeadline(&mu_, deadline)) break;
  }
  return answered_ < target ? target - answered_ : 0;
}

void AppendThread::Run() {
  while (true) {
    Work work;
    bool stopping = false;
    {
      absl::MutexLock lock(&mu_);
      while (waiting_.empty() && !stopping_) arrived_.Wait(&mu_);
      std::swap(work, waiting_);
      stopping = stopping_;
    }
    if (stopping && work.empty()) return;
    if (stopping) {
      for (Entry& entry : work.entries) {
        if (entry.refusal.ok()) entry.refusal = absl::UnavailableError("the log was closed before this was written");
      }
    }
    WriteEntries(work.entries);
    if (!work.rows.empty()) WriteRows(work.rows);
    for (const auto& call : work.calls) call();
  }
}

void AppendThread::WriteRows(const std::map<std::string, std::string>& rows) {
  const absl::Status s = store_.Write({}, LogStore::Rows(rows.begin(), rows.end()), /*sync=*/false);
  if (!s.ok()) spdlog::warn("checkpoints were not written, so reactions will be repeated: {}", s.ToString());
}

void AppendThread::WriteEntries(std::vector<Entry>& entries) {
  const absl::Span<Entry> all = absl::MakeSpan(entries);
  for (size_t begin = 0; begin < all.size();) {
    size_t bytes = 0;
    size_t end = begin;
    while (end < all.size() && bytes < kBatchBytes) {
      if (all[end].record) bytes += Bytes(*all[end].record);
      ++end;
    }
    WriteBatch(all.subspan(begin, end - begin));
    begin = end;
  }
}

void AppendThread::WriteBatch(absl::Span<Entry> batch) {
  std::vector<RecordPtr> records;
  records.reserve(batch.size());
  size_t admitted = 0;
  size_t bytes = 0;
  const absl::Status before = store_.failure();
  for (Entry& entry : batch) {
    if (!entry.record) continue;
    ++admitted;
    bytes += Bytes(*entry.record);
    if (!before.ok() && entry.refusal.ok()) entry.refusal = before;
    if (!entry.refusal.ok()) continue;
    entry.record->offset = next_[slots_.Of(entry.record->partition)]++;
    records.push_back(entry.record);
  }
  if (!records.empty()) {
    if (absl::Status s = store_.Write(records, {}, /*sync=*/true); s.ok()) {
      tail_.Publish(records);
    } else {
      const absl::Status unknown =
          absl::UnavailableError(absl::StrCat("whether this was written is unknown: ", std::string(s.message())));
      for (Entry& entry : batch) {
        if (entry.refusal.ok()) entry.refusal = unknown;
      }
    }
  }
  {
    absl::MutexLock lock(&mu_);
    budget_.Return(admitted, bytes);  // before the callbacks: they may append
  }
  for (Entry& entry : batch) {
    if (entry.refusal.ok()) {
      entry.done(entry.record->offset);
    } else {
      entry.done(std::move(entry.refusal));
    }
    entry.done = nullptr;  // release what it holds before Flush returns
  }
  absl::MutexLock lock(&mu_);
  answered_ += batch.size();
  answered_changed_.SignalAll();
}

}  // namespace throughline::log
