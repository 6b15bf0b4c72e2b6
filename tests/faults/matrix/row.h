#pragma once

// One row of the matrix: the fault, and its outcome.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "tests/support/kafka/kafka_process.h"

namespace throughline::faults {

struct Settings {
  int64_t commands = 10'000;  // per row
  uint64_t seed = 1;
  bool short_form = false;
  absl::Duration soak = absl::Seconds(300);
  std::string directory;  // of the run; data of failed rows are kept there
};

// Kafka clusters that rows share: each starts when a row first needs it and ends with the object.
class Brokers {
 public:
  // A single node that no row damages, or three nodes. INTERNAL, UNAVAILABLE: as KafkaProcess::Up.
  absl::StatusOr<testing::KafkaProcess*> WithNodes(int nodes);
  // Ends clusters with another number of nodes, to save memory.
  void DownExcept(int nodes);

 private:
  std::map<int, std::unique_ptr<testing::KafkaProcess>> clusters_;
};

struct Context {
  const Settings& settings;
  Brokers& brokers;
  int row;

  uint64_t seed() const { return settings.seed * 100 + static_cast<uint64_t>(row); }
  std::string directory() const { return absl::StrCat(settings.directory, "/row-", row); }
  // The first in the full form, the second in the short one.
  template <typename T>
  T FullOrShort(T full, T brief) const {
    return settings.short_form ? brief : full;
  }
};

struct Outcome {
  std::string injected;
  int64_t sent = 0, acknowledged = 0, unknown = 0, refused = 0, lost = 0, doubled = 0;
  int64_t void_commits = 0;
  std::optional<absl::Duration> longest_gap = {};  // in acknowledgements to clients that retry; rows about failover
  std::vector<std::string> problems;               // empty: the row holds
  std::vector<std::string> notes;                  // measurements

  void Problem(std::string what) { problems.push_back(std::move(what)); }
  // Adds a problem unless the status is OK; returns whether it is.
  bool Holds(const absl::Status& status, const std::string& doing) {
    if (!status.ok()) Problem(absl::StrCat(doing, ": ", status.ToString()));
    return status.ok();
  }
  void Note(std::string what) { notes.push_back(std::move(what)); }
  bool holds() const { return problems.empty() && lost == 0 && doubled == 0; }
};

struct Row {
  int number;
  std::string fault;
  int nodes;  // of the shared cluster
  std::function<void(const Context&, Outcome&)> run;
};

// All rows in ascending order, without the soak, which is number 0.
const std::vector<Row>& AllRows();
Row SoakRow();

// One function per file.
std::vector<Row> KillRows();
std::vector<Row> ReplicaRows();
std::vector<Row> BrokerRows();
std::vector<Row> ProducerRows();
std::vector<Row> ReactionRows();
std::vector<Row> PartnerRows();
std::vector<Row> RecordRows();
std::vector<Row> IdentityRows();
std::vector<Row> ServiceRows();
std::vector<Row> TransportRows();
std::vector<Row> CredentialRows();
std::vector<Row> PoisonRows();
std::vector<Row> BackupRows();
std::vector<Row> AwayRows();
std::vector<Row> TransactionRows();
std::vector<Row> UpgradeRows();
std::vector<Row> WatcherRows();
std::vector<Row> ScaleRows();
std::vector<Row> RolloutRows();
std::vector<Row> RebuildRows();
std::vector<Row> OneCaseRows();
std::vector<Row> RaceRows();
std::vector<Row> RemedyRows();

}  // namespace throughline::faults
