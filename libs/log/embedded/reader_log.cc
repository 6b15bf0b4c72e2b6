#include "libs/log/embedded/reader_log.h"

#include <algorithm>
#include <deque>

namespace throughline::log {
namespace {

constexpr size_t kRun = 4096;  // records of one partition that are read at once

class ReaderSubscription : public Subscription {
 public:
  ReaderSubscription(EmbeddedReader& reader, std::vector<Position> next) : reader_(reader), next_(std::move(next)) {}

  absl::StatusOr<std::vector<RecordPtr>> Poll(size_t max_records) override {
    // The partition whose turn it is; once none has more, what was written since.
    for (size_t looked = 0; read_.empty() && looked < next_.size(); ++looked) {
      if (absl::Status status = ReadRun(); !status.ok()) return status;
    }
    if (read_.empty()) {
      if (absl::Status status = reader_.CatchUp(); !status.ok()) return status;
    }
    std::vector<RecordPtr> records;
    while (records.size() < max_records && !read_.empty()) {
      records.push_back(std::move(read_.front()));
      read_.pop_front();
    }
    return records;
  }

 private:
  absl::Status ReadRun() {
    Position& next = next_[turn_++ % next_.size()];
    const absl::Status status = reader_.Read(next, [&](const Record& record) {
      read_.push_back(std::make_shared<const Record>(record));
      return read_.size() < kRun;
    });
    if (!read_.empty()) next.offset = read_.back()->offset + 1;
    return read_.empty() ? status : absl::OkStatus();  // records before the damage are valid
  }

  EmbeddedReader& reader_;
  std::vector<Position> next_;
  size_t turn_ = 0;
  std::deque<RecordPtr> read_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ReaderLog>> ReaderLog::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<EmbeddedReader>> reader = EmbeddedReader::Open(path);
  if (!reader.ok()) return reader.status();
  return std::unique_ptr<ReaderLog>(new ReaderLog(*std::move(reader)));
}

void ReaderLog::Append(Partition, std::string, std::string, Appended done) {
  done(absl::FailedPreconditionError("the log was opened to be read only"));
}

absl::StatusOr<std::unique_ptr<Subscription>> ReaderLog::Subscribe(std::vector<Position> from, std::function<void()>) {
  for (const Position& position : from) {
    const absl::StatusOr<int64_t> end = reader_->End(position.partition);
    if (!end.ok()) return end.status();
    if (position.offset > *end) return absl::OutOfRangeError("the log ends before " + ToText(position));
  }
  return std::make_unique<ReaderSubscription>(*reader_, std::move(from));
}

void ReaderLog::QueryEnds(std::vector<Partition> partitions, Ends done) {
  if (absl::Status status = reader_->CatchUp(); !status.ok()) return done(status);
  std::vector<Position> ends;
  for (const Partition& partition : partitions) {
    const absl::StatusOr<int64_t> end = reader_->End(partition);
    if (!end.ok()) return done(end.status());
    ends.push_back({partition, *end});
  }
  done(std::move(ends));
}

}  // namespace throughline::log
