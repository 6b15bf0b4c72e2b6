#pragma once

// A log in which the test decides what happens to each append and each query. Several replicas share a Book, each
// through a ScriptedLog of its own. One thread.

#include <deque>
#include <map>
#include <set>

#include "libs/log/event_log.h"

namespace throughline::runtime::testing {

// What stands in the log.
struct Book {
  explicit Book(int32_t partitions_of_each) : partitions(partitions_of_each) {}
  int64_t Write(const log::Partition& partition, std::string key, std::string value);
  // By nobody of ours, in the partition that the key belongs to, of intake's topic.
  void WriteForeign(const std::string& key, std::string value);

  int32_t partitions;
  std::string cluster_id = "book";
  std::map<log::Partition, std::vector<log::RecordPtr>> records;
};

class ScriptedLog : public log::EventLog {
 public:
  explicit ScriptedLog(Book& book) : book_(book) {}
  ~ScriptedLog() override;

  // Whether appends are written and answered at once; otherwise they wait for one of the verbs below.
  bool automatic = true;
  // Whether questions for the ends are answered at once; otherwise by AnswerEnds, as it was when they were asked.
  bool answers_ends = true;
  // Whether readers are given what is new.
  bool delivers = true;
  // Of these topics they are not.
  std::set<log::Topic> withheld;

  size_t waiting() const { return waiting_.size(); }
  size_t questions() const { return questions_.size(); }
  // The last append that waits overtakes the others: written and acknowledged.
  void AcknowledgeLast();
  // The first append that waits: written and acknowledged; written, but UNAVAILABLE; or not written, with this status.
  void Acknowledge();
  void LoseAnswer();
  void Fail(const absl::Status& status);
  // Answers the first append UNAVAILABLE now. The function that it returns writes the record later.
  std::function<void()> Delay();
  void AnswerEnds();
  void FailEnds();

  void Append(log::Partition partition, std::string key, std::string value, Appended done) override;
  absl::StatusOr<std::unique_ptr<log::Subscription>> Subscribe(std::vector<log::Position> from,
                                                               std::function<void()> wake) override;
  void QueryEnds(std::vector<log::Partition> partitions, Ends done) override;
  absl::StatusOr<log::Identity> Describe() override;
  size_t Flush(absl::Time) override { return waiting_.size(); }

 private:
  struct Waiting {
    log::Partition partition;
    std::string key;
    std::string value;
    Appended done;
  };
  struct Question {
    std::vector<log::Position> ends;
    Ends done;
  };
  friend class ScriptedSubscription;
  Waiting Next();
  std::vector<log::Position> EndsOf(const std::vector<log::Partition>& partitions) const;

  Book& book_;
  std::deque<Waiting> waiting_;
  std::deque<Question> questions_;
};

}  // namespace throughline::runtime::testing
