#include "services/throughline/log_walk.h"

#include <filesystem>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/time/clock.h"

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "libs/runtime/fold/fold.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/throughline/layouts.h"
#include "services/throughline/suite.h"

namespace throughline {
namespace {

// Stores to compare: those in one data directory, or those of several services.
void OpenStores(const std::vector<std::string>& compare, std::vector<std::unique_ptr<store::RocksKeyValue>>& stores,
                runtime::Verifier::Stores& by_topic, std::vector<std::string>& notes) {
  for (log::Topic topic : log::kTopics) {
    std::string why = "no directory with its store was named";
    for (const std::string& data : compare) {
      store::RocksKeyValue::Options options;
      options.path = StorePath(data, topic);
      options.layout = LayoutOf(topic);
      auto store = store::RocksKeyValue::OpenToRead(options);
      const absl::Status sound = store.ok() ? (*store)->VerifyFiles() : store.status();
      if (sound.ok()) {
        by_topic[topic] = store->get();
        stores.push_back(*std::move(store));
        break;
      }
      why = std::string(sound.message());
    }
    if (!by_topic.contains(topic)) notes.push_back(std::string(log::ServiceName(topic)) + " was not compared: " + why);
  }
}

// A store for what a walk needs to remember, in a directory of its own for temporary files (TMPDIR). Removed with it.
class ScratchStore {
 public:
  static absl::StatusOr<std::unique_ptr<ScratchStore>> Open() {
    std::error_code error;
    std::string path = (std::filesystem::temp_directory_path(error) / "throughline-verify-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return absl::FailedPreconditionError("cannot make a directory like " + path +
                                           ": set TMPDIR to a directory with space");
    }
    auto scratch = std::make_unique<ScratchStore>(path);
    auto store = store::RocksKeyValue::Open({.path = path + "/store", .layout = "verify"});
    if (!store.ok()) return store.status();
    scratch->store_ = *std::move(store);
    return scratch;
  }
  explicit ScratchStore(std::string path) : path_(std::move(path)) {}
  ScratchStore(const ScratchStore&) = delete;
  ScratchStore& operator=(const ScratchStore&) = delete;
  ~ScratchStore() {
    store_.reset();
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  store::KeyValue& store() { return *store_; }

 private:
  const std::string path_;
  std::unique_ptr<store::KeyValue> store_;
};

Verified::Store Described(log::Topic service, const store::KeyValue& store, const log::Identity& identity) {
  Verified::Store described{service, 0, *runtime::DigestOf(store)};
  for (const auto& topic : identity.topics) {
    for (const auto& place : runtime::ReadFoldedPositions(store, topic.topic, topic.partitions))
      described.records += place.next;
  }
  return described;
}

std::vector<log::Partition> PartitionsOf(const log::Identity& identity) {
  std::vector<log::Partition> partitions;
  for (const auto& topic : identity.topics) {
    for (int32_t index = 0; index < topic.partitions; ++index) partitions.push_back({topic.topic, index});
  }
  return partitions;
}

}  // namespace

absl::StatusOr<Verified> VerifyLog(const VerifyOptions& options) {
  Verified verified;
  // Open the stores before the log: then the log holds everything that they have folded.
  std::vector<std::unique_ptr<store::RocksKeyValue>> stores;
  runtime::Verifier::Stores by_topic;
  const bool no_stores = options.place.at_rest && options.compare.empty();  // no service folds a backup
  if (!no_stores) OpenStores(options.compare, stores, by_topic, verified.notes);
  auto source = LogSource::Open(options.place);
  if (!source.ok()) return source.status();
  const std::vector<log::Partition> partitions = PartitionsOf((*source)->identity());
  absl::StatusOr<std::vector<log::Position>> ends = (*source)->Ends(partitions);
  if (!ends.ok()) return ends.status();
  int64_t all = 0;
  std::vector<log::Position> from;
  for (const log::Position& end : *ends) {
    all += end.offset;
    from.push_back({end.partition, 0});
  }
  absl::flat_hash_set<log::Topic> compared;
  for (log::Topic topic : log::kTopics) {
    const auto store = by_topic.find(topic);
    if (store == by_topic.end()) continue;
    compared.insert(topic);
    verified.stores.push_back(Described(topic, *store->second, (*source)->identity()));
  }
  auto scratch = ScratchStore::Open();
  if (!scratch.ok()) return scratch.status();
  runtime::Verifier verifier((*source)->identity(), AllStreamTypes(), std::move(by_topic), (*scratch)->store());
  int64_t read = 0;
  const auto add = [&](const log::Record& record) {
    verifier.Add(record);
    if (++read % 10'000 == 0 && options.progress) options.progress(read, all);
    return true;
  };
  absl::Status status = (*source)->Read(
      from, add, [&](const log::Partition& partition, const std::string& why) { verifier.Unreadable(partition, why); });
  if (!status.ok()) return status;
  if (options.progress) options.progress(read, all);
  verified.report = verifier.Finish();
  for (log::Topic topic : log::kTopics) {
    const auto& counts = verified.report.topics[static_cast<size_t>(topic)];
    if (!compared.contains(topic) || counts.compared == counts.records) continue;
    verified.notes.push_back(
        std::string(log::ServiceName(topic)) + ": " + std::to_string(counts.compared) + " of " +
        std::to_string(counts.records) +
        " records were compared; rows of the last half minute reach the files of a running service's store "
        "only when it stops");
  }
  return verified;
}

absl::StatusOr<process::Backup> VerifyLogBackup(const std::string& path) {
  absl::StatusOr<process::Backup> backup = process::ReadBackup(path);
  if (!backup.ok()) return backup;
  if (backup->kind != process::Backup::Kind::kLog)
    return absl::InvalidArgumentError(path + " is the backup of a store");
  VerifyOptions options;
  options.place = {.embedded = path, .at_rest = true};
  const absl::StatusOr<Verified> verified = VerifyLog(options);
  const auto broken = [&](const std::string& why) {
    return absl::DataLossError("the backup " + path + " is damaged: " + why + "; use another, and check the disk");
  };
  if (absl::IsNotFound(verified.status()) || absl::IsDataLoss(verified.status())) {
    return broken(std::string(verified.status().message()));
  }
  if (!verified.ok()) return verified.status();
  const runtime::VerifyReport& report = verified->report;
  if (!report.holds()) return broken(report.problems.front());
  int64_t records = 0;
  for (const auto& counts : report.topics) records += counts.records;
  if (records < backup->records) {
    return broken("it holds " + std::to_string(records) + " records, and held " + std::to_string(backup->records) +
                  " when it was taken");
  }
  backup->records = records;
  return backup;
}

absl::Status WalkLog(const LogPlace& place, const LogFilter& filter, int64_t last, const std::function<bool()>& follow,
                     const std::function<bool(const ShownRecord&)>& visit) {
  auto source = LogSource::Open(place);
  if (!source.ok()) return source.status();
  std::vector<log::Partition> partitions;
  for (const auto& topic : (*source)->identity().topics) {
    if (!filter.topics.empty() && !absl::c_linear_search(filter.topics, topic.topic)) continue;
    for (int32_t index = 0; index < topic.partitions; ++index) {
      if (!filter.stream.empty() && log::PartitionFor(filter.stream, topic.partitions) != index) continue;
      if (filter.at && filter.at->partition != log::Partition{topic.topic, index}) continue;
      partitions.push_back({topic.topic, index});
    }
  }
  absl::flat_hash_map<log::Partition, int64_t> next;
  if (filter.at) {
    next[filter.at->partition] = filter.at->offset;
  } else if (last >= 0) {
    absl::StatusOr<std::vector<log::Position>> ends = (*source)->Ends(partitions);
    if (!ends.ok()) return ends.status();
    for (const log::Position& end : *ends) next[end.partition] = std::max<int64_t>(0, end.offset - last);
  }
  absl::Status unreadable;
  bool wanted = true;
  for (bool first = true; wanted && unreadable.ok() && (first || follow()); first = false) {
    if (!first) absl::SleepFor(absl::Milliseconds(200));
    std::vector<log::Position> from;
    for (const log::Partition& partition : partitions) from.push_back({partition, next[partition]});
    const auto show = [&](const log::Record& record) {
      next[record.partition] = record.offset + 1;
      if (filter.at && record.offset != filter.at->offset) return wanted = false;
      if (!filter.stream.empty() && record.key != filter.stream) return true;
      if (!record.key.starts_with(filter.stream_prefix)) return true;
      throughline::log::v1::Commit commit;
      const bool is_commit =
          commit.ParseFromString(record.value) && commit.stream() == record.key && commit.version() > 0;
      wanted = visit({{record.partition, record.offset},
                      record.key,
                      absl::BytesToHexString(crypto::Sha256(record.value)),
                      record.value.size(),
                      is_commit ? &commit : nullptr,
                      record.gap});
      wanted = wanted && !filter.at;
      return wanted;
    };
    absl::Status status = (*source)->Read(from, show, [&](const log::Partition& partition, const std::string& why) {
      unreadable = absl::DataLossError(log::TopicName(partition.topic) + "/" + std::to_string(partition.index) +
                                       " cannot be read on: " + why);
    });
    if (!status.ok()) return status;
  }
  return unreadable;
}

}  // namespace throughline
