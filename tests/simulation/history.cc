#include "tests/simulation/history.h"

#include "libs/crypto/sha256.h"

namespace throughline::simulation {

std::vector<uint64_t> History::VersionsOf(const std::string& stream, const std::string& command_id) const {
  std::vector<uint64_t> versions;
  auto found = streams.find(stream);
  if (found == streams.end()) return versions;
  for (size_t i = 0; i < found->second.size(); ++i) {
    if (found->second[i].commit.command_id() == command_id) versions.push_back(i + 1);
  }
  return versions;
}

History ReadHistory(const log::SimulatedLog& log, const std::vector<log::Topic>& topics) {
  History history;
  std::map<std::string, std::string> last;
  for (const log::Partition& partition : log.Partitions(topics)) {
    for (const log::RecordPtr& record : log.Records(partition)) {
      throughline::log::v1::Commit commit;
      // Foreign producers write under their own keys.
      if (record->key.starts_with("nobody/") || !commit.ParseFromString(record->value)) continue;
      std::string& digest = last[record->key];
      if (commit.follows() != digest) continue;
      digest = crypto::Sha256(record->value);
      history.streams[record->key].push_back({{partition, record->offset}, std::move(commit)});
    }
  }
  return history;
}

}  // namespace throughline::simulation
