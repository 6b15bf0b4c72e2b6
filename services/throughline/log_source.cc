#include "services/throughline/log_source.h"

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

#include "libs/log/embedded/reader.h"
#include "libs/log/kafka/kafka_log.h"
#include "services/process/backup/backup.h"
#include "services/process/process.h"

namespace throughline {
namespace {

class EmbeddedSource : public LogSource {
 public:
  explicit EmbeddedSource(std::unique_ptr<log::EmbeddedReader> reader) : reader_(std::move(reader)) {}

  const log::Identity& identity() const override { return reader_->identity(); }

  absl::StatusOr<std::vector<log::Position>> Ends(const std::vector<log::Partition>& partitions) override {
    if (absl::Status status = reader_->CatchUp(); !status.ok()) return status;
    std::vector<log::Position> ends;
    for (const log::Partition& partition : partitions) {
      absl::StatusOr<int64_t> end = reader_->End(partition);
      if (!end.ok()) return end.status();
      ends.push_back({partition, *end});
    }
    return ends;
  }

  absl::Status Read(const std::vector<log::Position>& next, const Visit& visit, const Broken& broken) override {
    if (absl::Status status = reader_->CatchUp(); !status.ok()) return status;
    bool wanted = true;
    for (const log::Position& from : next) {
      const absl::Status status =
          reader_->Read(from, [&](const log::Record& record) { return wanted = visit(record); });
      if (!status.ok()) broken(from.partition, std::string(status.message()));
      if (!wanted) break;
    }
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<log::EmbeddedReader> reader_;
};

class KafkaSource : public LogSource {
 public:
  KafkaSource(std::unique_ptr<log::KafkaLog> log, log::Identity identity)
      : log_(std::move(log)), identity_(std::move(identity)) {}

  const log::Identity& identity() const override { return identity_; }

  absl::StatusOr<std::vector<log::Position>> Ends(const std::vector<log::Partition>& partitions) override {
    absl::StatusOr<std::vector<log::Position>> ends;
    absl::Notification answered;
    log_->QueryEnds(partitions, [&](absl::StatusOr<std::vector<log::Position>> told) {
      ends = std::move(told);
      answered.Notify();
    });
    answered.WaitForNotification();
    return ends;
  }

  absl::Status Read(const std::vector<log::Position>& next, const Visit& visit, const Broken& broken) override {
    std::vector<log::Partition> partitions;
    for (const log::Position& from : next) partitions.push_back(from.partition);
    absl::StatusOr<std::vector<log::Position>> ends = Ends(partitions);
    if (!ends.ok()) return ends.status();
    absl::flat_hash_map<log::Partition, int64_t> left;  // partitions that are not read to their end yet
    std::vector<log::Position> from;
    for (size_t i = 0; i < next.size(); ++i) {
      if (next[i].offset >= (*ends)[i].offset) continue;
      left[next[i].partition] = (*ends)[i].offset;
      from.push_back(next[i]);
    }
    if (from.empty()) return absl::OkStatus();
    Waker waker;
    auto reader = log_->Subscribe(std::move(from), [&waker] { waker.Wake(); });
    if (!reader.ok()) return reader.status();
    while (!left.empty()) {
      absl::StatusOr<std::vector<log::RecordPtr>> records = (*reader)->Poll(4096);
      if (!records.ok()) {
        broken(left.begin()->first, std::string(records.status().message()));
        return absl::OkStatus();
      }
      if (records->empty() && !waker.Wait(kSilence)) {
        return absl::UnavailableError("the brokers have given nothing for half a minute: see that they run");
      }
      for (const log::RecordPtr& record : *records) {
        auto end = left.find(record->partition);
        if (end == left.end()) continue;
        if (record->offset + 1 >= end->second) left.erase(end);
        if (!visit(*record)) return absl::OkStatus();
      }
    }
    return absl::OkStatus();
  }

 private:
  static constexpr absl::Duration kSilence = absl::Seconds(30);

  class Waker {
   public:
    void Wake() {
      absl::MutexLock lock(&mutex_);
      woken_ = true;
    }
    bool Wait(absl::Duration timeout) {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&woken_), timeout);
      return std::exchange(woken_, false);
    }

   private:
    absl::Mutex mutex_;
    bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  };

  const std::unique_ptr<log::KafkaLog> log_;
  const log::Identity identity_;
};

}  // namespace

LogPlace EmbeddedIn(const std::string& data) {
  const absl::StatusOr<process::Backup> backup = process::ReadBackup(data);
  const bool of_log = backup.ok() && backup->kind == process::Backup::Kind::kLog;
  return {.embedded = of_log ? data : process::LogPath(data), .at_rest = of_log};
}

absl::StatusOr<std::unique_ptr<LogSource>> LogSource::Open(const LogPlace& place) {
  if (place.cluster.brokers.empty()) {
    using Writer = log::EmbeddedReader::Writer;
    auto reader = log::EmbeddedReader::Open(place.embedded, place.at_rest ? Writer::kNone : Writer::kPerhaps);
    if (!reader.ok()) return reader.status();
    return std::make_unique<EmbeddedSource>(*std::move(reader));
  }
  log::KafkaLog::Options options;
  options.cluster = place.cluster;
  options.check_topics = false;  // a reader does not check the topics' configuration
  auto log = log::KafkaLog::Open(std::move(options));
  if (!log.ok()) return log.status();
  absl::StatusOr<log::Identity> identity = (*log)->Describe();
  if (!identity.ok()) return identity.status();
  return std::make_unique<KafkaSource>(*std::move(log), *std::move(identity));
}

}  // namespace throughline
