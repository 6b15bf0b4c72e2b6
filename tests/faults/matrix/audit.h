#pragma once

// Reads the topics themselves, with a bare consumer and rules of its own, beside everything that the services do:
// judges every record by the acceptance rule, and counts what each command came to.
//
//   Audit audit(brokers, prefix, 12);
//   audit.Read();                       // up to the present ends; again: what came since
//   audit.effects("ana", command_id)    // accepted commits
//
// One thread.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

#include "libs/log/event_log.h"
#include "libs/log/kafka/client.h"
#include "libs/log/kafka/topics/gaps.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::faults {

class Audit {
 public:
  Audit(const std::string& brokers, std::string prefix, int32_t partitions);

  absl::Status Read();
  // One record, as if it had been read.
  void Add(log::Record record);
  // Offsets that are to hold no record; any other is a problem.
  void Expect(std::vector<log::Gap> gaps);
  // Reads until nothing was added for a moment.
  absl::Status ReadUntilQuiet();

  // How many accepted commits have this command of this person; more than one is one too many.
  int effects(const std::string& person, const std::string& command_id) const;
  // Commands of this person that the log knows.
  std::vector<std::string> commands_of(const std::string& person) const;
  // Orders at risk, and how many cases were opened because of each.
  const std::map<std::string, int>& risks() const { return risks_; }
  const absl::flat_hash_map<std::string, std::string>& owners() const { return owners_; }  // by case, its present one

  int64_t accepted() const { return accepted_; }
  int64_t voided() const { return voided_; }
  int64_t not_commits() const { return not_commits_; }
  int64_t accepted_of(log::Topic topic) const { return accepted_of_.at(static_cast<size_t>(topic)); }
  const std::vector<log::Record>& records() const { return records_; }  // each partition's in order
  const std::vector<std::string>& problems() const { return problems_; }
  // Accepted commits of a stream, in order.
  std::vector<throughline::log::v1::Commit> History(const std::string& stream) const;
  // A token's worth: the ends that were read up to.
  std::vector<log::Position> ends() const;

 private:
  struct Stream {
    uint64_t version = 0;
    std::string digest;
  };

  // Up to `offset` there is nothing more to read.
  void Pass(const log::Partition& partition, int64_t offset);
  void Judge(const log::Record& record);
  void Learn(const throughline::log::v1::Commit& commit);
  void LearnOwner(const throughline::log::v1::Commit& commit);
  void Problem(std::string text);

  const std::string brokers_;
  const std::string prefix_;
  const int32_t partitions_;
  log::kafka::Client client_;  // from the first Read on
  std::map<log::Partition, int64_t> next_;
  std::vector<log::Gap> gaps_;  // ascending
  std::vector<log::Record> records_;
  absl::flat_hash_map<std::string, Stream> streams_;
  absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, int>> effects_;  // person -> command -> commits
  std::set<std::pair<std::string, std::string>> commands_;                           // stream, command
  std::map<std::string, int> risks_;
  absl::flat_hash_map<std::string, std::string> owners_;
  absl::flat_hash_map<std::string, std::string> handoffs_;  // what started streams of ownership say, to be compared
  std::vector<int64_t> accepted_of_ = std::vector<int64_t>(std::size(log::kTopics));
  int64_t accepted_ = 0, voided_ = 0, not_commits_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace throughline::faults
