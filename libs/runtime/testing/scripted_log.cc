#include "libs/runtime/testing/scripted_log.h"

#include "libs/log/partitioner.h"

namespace throughline::runtime::testing {

int64_t Book::Write(const log::Partition& partition, std::string key, std::string value) {
  auto& all = records[partition];
  const auto offset = static_cast<int64_t>(all.size());
  all.push_back(std::make_shared<const log::Record>(log::Record{partition, offset, std::move(key), std::move(value)}));
  return offset;
}

void Book::WriteForeign(const std::string& key, std::string value) {
  Write({log::Topic::kIntake, log::PartitionFor(key, partitions)}, key, std::move(value));
}

class ScriptedSubscription : public log::Subscription {
 public:
  ScriptedSubscription(ScriptedLog& log, std::vector<log::Position> from) : log_(log), next_(std::move(from)) {}

  absl::StatusOr<std::vector<log::RecordPtr>> Poll(size_t max_records) override {
    std::vector<log::RecordPtr> out;
    if (!log_.delivers) return out;
    for (log::Position& next : next_) {
      if (log_.withheld.contains(next.partition.topic)) continue;
      const auto found = log_.book_.records.find(next.partition);
      if (found == log_.book_.records.end()) continue;
      const std::vector<log::RecordPtr>& all = found->second;
      while (out.size() < max_records && next.offset < static_cast<int64_t>(all.size())) {
        out.push_back(all[static_cast<size_t>(next.offset++)]);
      }
    }
    return out;
  }

 private:
  ScriptedLog& log_;
  std::vector<log::Position> next_;
};

ScriptedLog::~ScriptedLog() {
  for (Waiting& append : std::exchange(waiting_, {})) append.done(absl::UnavailableError("the log was closed"));
  for (Question& question : std::exchange(questions_, {})) question.done(absl::UnavailableError("the log was closed"));
}

ScriptedLog::Waiting ScriptedLog::Next() {
  Waiting append = std::move(waiting_.front());
  waiting_.pop_front();
  return append;
}

void ScriptedLog::Acknowledge() {
  Waiting append = Next();
  append.done(book_.Write(append.partition, append.key, append.value));
}

void ScriptedLog::AcknowledgeLast() {
  Waiting append = std::move(waiting_.back());
  waiting_.pop_back();
  append.done(book_.Write(append.partition, append.key, append.value));
}

void ScriptedLog::LoseAnswer() {
  Waiting append = Next();
  book_.Write(append.partition, append.key, append.value);
  append.done(absl::UnavailableError("no answer"));
}

void ScriptedLog::Fail(const absl::Status& status) { Next().done(status); }

std::function<void()> ScriptedLog::Delay() {
  Waiting append = Next();
  append.done(absl::UnavailableError("no answer"));
  return [book = &book_, append] { book->Write(append.partition, append.key, append.value); };
}

void ScriptedLog::AnswerEnds() {
  Question question = std::move(questions_.front());
  questions_.pop_front();
  question.done(std::move(question.ends));
}

void ScriptedLog::FailEnds() {
  Question question = std::move(questions_.front());
  questions_.pop_front();
  question.done(absl::UnavailableError("no answer"));
}

void ScriptedLog::Append(log::Partition partition, std::string key, std::string value, Appended done) {
  waiting_.push_back({partition, std::move(key), std::move(value), std::move(done)});
  if (automatic) Acknowledge();
}

absl::StatusOr<std::unique_ptr<log::Subscription>> ScriptedLog::Subscribe(std::vector<log::Position> from,
                                                                          std::function<void()>) {
  return std::make_unique<ScriptedSubscription>(*this, std::move(from));
}

void ScriptedLog::QueryEnds(std::vector<log::Partition> partitions, Ends done) {
  questions_.push_back({EndsOf(partitions), std::move(done)});
  if (answers_ends) AnswerEnds();
}

absl::StatusOr<log::Identity> ScriptedLog::Describe() {
  log::Identity identity{book_.cluster_id, {}};
  for (log::Topic topic : log::kTopics) identity.topics.push_back({topic, log::TopicName(topic), book_.partitions});
  return identity;
}

std::vector<log::Position> ScriptedLog::EndsOf(const std::vector<log::Partition>& partitions) const {
  std::vector<log::Position> ends;
  for (const log::Partition& partition : partitions) {
    auto found = book_.records.find(partition);
    ends.push_back({partition, found == book_.records.end() ? 0 : static_cast<int64_t>(found->second.size())});
  }
  return ends;
}

}  // namespace throughline::runtime::testing
