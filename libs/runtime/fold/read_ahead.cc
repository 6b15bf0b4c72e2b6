#include "libs/runtime/fold/read_ahead.h"

#include <algorithm>
#include <pthread.h>

namespace throughline::runtime {
namespace {

constexpr size_t kAtOnce = 256;
// What is read ahead at most, about: enough for some steps of the fold.
constexpr size_t kAheadRecords = 4096;
constexpr size_t kAheadBytes = 16 << 20;

size_t Bytes(const log::Record& record) { return record.key.size() + record.value.size(); }

}  // namespace

absl::StatusOr<std::unique_ptr<ReadAhead>> ReadAhead::Subscribe(log::EventLog& log, std::vector<log::Position> from,
                                                                std::function<void()> wake, const StreamTypes& types,
                                                                const Positions& positions) {
  std::unique_ptr<ReadAhead> ahead(new ReadAhead(std::move(wake), types, positions));
  auto subscription = log.Subscribe(std::move(from), [raw = ahead.get()] { raw->Arrived(); });
  if (!subscription.ok()) return subscription.status();
  ahead->log_ = *std::move(subscription);
  ahead->thread_ = std::thread([raw = ahead.get()] { raw->Run(); });
  return ahead;
}

void ReadAhead::Arrived() {
  bool stopped = false;
  {
    absl::MutexLock lock(&mutex_);
    arrived_ = true;
    stopped = stopping_;
  }
  if (stopped) wake_();
}

absl::StatusOr<std::vector<log::RecordPtr>> ReadAhead::Poll(size_t max_records) {
  {
    absl::MutexLock lock(&mutex_);
    if (!read_.empty()) {
      const auto end = read_.begin() + static_cast<std::ptrdiff_t>(std::min(max_records, read_.size()));
      std::vector<log::RecordPtr> records(std::make_move_iterator(read_.begin()), std::make_move_iterator(end));
      read_.erase(read_.begin(), end);
      for (const log::RecordPtr& record : records) bytes_ -= Bytes(*record);
      return records;
    }
    if (!failure_.ok()) return failure_;
    hungry_ = true;
    arrived_ = true;  // some logs wake nobody
    if (!stopping_) return std::vector<log::RecordPtr>();
  }
  return log_->Poll(max_records);
}

void ReadAhead::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void ReadAhead::Run() {
  pthread_setname_np(pthread_self(), "read-ahead");
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || (arrived_ && read_.size() < kAheadRecords && bytes_ < kAheadBytes);
      };
      mutex_.Await(absl::Condition(&ready));
      if (stopping_) return;
      arrived_ = false;
    }
    absl::StatusOr<std::vector<log::RecordPtr>> records = log_->Poll(kAtOnce);
    if (records.ok()) {
      for (const log::RecordPtr& record : *records) Read(*record);
    }
    bool wake = false;
    {
      absl::MutexLock lock(&mutex_);
      if (!records.ok()) {
        failure_ = records.status();
      } else if (!records->empty()) {
        arrived_ = true;  // there may be more
        for (const log::RecordPtr& record : *records) bytes_ += Bytes(*record);
        read_.insert(read_.end(), records->begin(), records->end());
      }
      wake = hungry_ && (!read_.empty() || !failure_.ok());
      if (wake) hungry_ = false;
    }
    if (wake) wake_();
    if (!records.ok()) return;
  }
}

void ReadAhead::Read(const log::Record& record) const {
  if (record.gap > 0 || types_.Unread(record)) return;
  const std::string digest = DigestOf(record);
  const absl::StatusOr<ReadCommit> read = ReadRecord(record, types_, positions_.PartitionsOf(record.partition.topic));
  if (read.ok()) ShareReading(record, digest, *read);  // the fold reads any other again, and says why it cannot
}

}  // namespace throughline::runtime
