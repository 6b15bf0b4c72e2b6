#pragma once

// Reads the topics with a bare consumer and an acceptance rule of its own, independent of the services' code. Judges
// every record, and counts the effects of each command.
//
//   Audit audit(brokers, prefix, 12);
//   audit.Read();                       // to the present ends; call it again for newer records
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
  // Adds one record as if it had been read.
  void Add(log::Record record);
  // Offsets that may hold no record; any other missing offset is a problem.
  void Expect(std::vector<log::Gap> gaps);
  // Reads until nothing was added for a moment.
  absl::Status ReadUntilQuiet();

  // How many accepted commits this person's command has; more than one is an error.
  int effects(const std::string& person, const std::string& command_id) const;
  // This person's commands that the log contains.
  std::vector<std::string> commands_of(const std::string& person) const;
  // Orders at risk, and how many cases each caused.
  const std::map<std::string, int>& risks() const { return risks_; }
  const absl::flat_hash_map<std::string, std::string>& owners() const { return owners_; }  // the current owner by case

  int64_t accepted() const { return accepted_; }
  int64_t voided() const { return voided_; }
  int64_t not_commits() const { return not_commits_; }
  int64_t accepted_of(log::Topic topic) const { return accepted_of_.at(static_cast<size_t>(topic)); }
  const std::vector<log::Record>& records() const { return records_; }  // in order within each partition
  const std::vector<std::string>& problems() const { return problems_; }
  // The accepted commits of a stream, in order.
  std::vector<throughline::log::v1::Commit> History(const std::string& stream) const;
  // A consistency token for the ends that were read to.
  std::vector<log::Position> ends() const;

 private:
  struct Stream {
    uint64_t version = 0;
    std::string digest;
  };

  // Marks everything up to `offset` as read.
  void Pass(const log::Partition& partition, int64_t offset);
  void Judge(const log::Record& record);
  void Learn(const throughline::log::v1::Commit& commit);
  void LearnOwner(const throughline::log::v1::Commit& commit);
  void Problem(std::string text);

  const std::string brokers_;
  const std::string prefix_;
  const int32_t partitions_;
  log::kafka::Client client_;  // set by the first Read
  std::map<log::Partition, int64_t> next_;
  std::vector<log::Gap> gaps_;  // ascending
  std::vector<log::Record> records_;
  absl::flat_hash_map<std::string, Stream> streams_;
  absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, int>> effects_;  // person -> command -> commits
  std::set<std::pair<std::string, std::string>> commands_;                           // stream, command
  std::map<std::string, int> risks_;
  std::set<std::pair<std::string, std::string>> settled_;  // case, commitment
  absl::flat_hash_map<std::string, std::string> owners_;
  absl::flat_hash_map<std::string, std::string>
      handoffs_;  // first owners as ownership's streams say; compared with intake's
  std::vector<int64_t> accepted_of_ = std::vector<int64_t>(std::size(log::kTopics));
  int64_t accepted_ = 0, voided_ = 0, not_commits_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace throughline::faults
