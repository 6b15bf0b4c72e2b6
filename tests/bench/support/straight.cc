#include "tests/bench/support/straight.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "libs/runtime/fold/fold.h"
#include "services/process/process.h"
#include "services/throughline/layouts.h"
#include "tests/bench/fold.h"
#include "tests/bench/support/fixture.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::bench {
namespace {

constexpr int64_t kUnanswered = 50'000;
constexpr size_t kCacheBytes = size_t{128} << 20;

void Replace(std::string& bytes, const std::string& name, const std::string& by) {
  if (name.size() != by.size()) Fail("a name is replaced by another length");
  for (size_t at = 0; (at = bytes.find(name, at)) != std::string::npos; at += by.size())
    bytes.replace(at, by.size(), by);
}

// The service's reactions, whose store has folded all.
void GoOnAtTheEnd(log::EmbeddedLog& log, log::Topic topic, const store::KeyValue& store) {
  const std::vector<log::Topic> folds = DefinitionOf(topic)->folds;
  std::vector<log::Position> ends;
  for (const log::Topic folded : folds) {
    const auto places = runtime::ReadFoldedPositions(store, folded, log::EmbeddedLog::Options().partitions);
    for (size_t i = 0; i < places.size(); ++i) {
      ends.push_back({{folded, static_cast<int32_t>(i)}, places[i].next});
    }
  }
  const auto assignment = log.AssignPartitions(process::GroupOf(topic), folds);
  if (!assignment.ok()) Fail(assignment.status().ToString());
  (*assignment)->Checkpoint(ends);
}

}  // namespace

std::unique_ptr<log::EmbeddedLog> OpenLog(const std::string& data) {
  std::filesystem::create_directories(data);
  auto log = log::EmbeddedLog::Open({.path = process::LogPath(data)});
  if (!log.ok()) Fail(log.status().ToString());
  return *std::move(log);
}

void LogWriter::Append(log::Topic topic, const std::string& stream, std::string commit) {
  Await(kUnanswered);
  {
    absl::MutexLock lock(&mutex_);
    ++unanswered_;
  }
  const log::Partition partition{topic, log::PartitionFor(stream, log::EmbeddedLog::Options().partitions)};
  log_.Append(partition, stream, std::move(commit), [this](const absl::StatusOr<int64_t>& offset) {
    if (!offset.ok()) Fail(offset.status().ToString());
    absl::MutexLock lock(&mutex_);
    --unanswered_;
  });
}

void LogWriter::Await(int64_t most) {
  absl::MutexLock lock(&mutex_);
  const auto few = [this, most]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return unanswered_ <= most; };
  mutex_.Await(absl::Condition(&few));
}

void FoldStores(log::EmbeddedLog& log, const std::string& data) {
  Progress("  folding by all services");
  const auto cache = store::RocksKeyValue::NewCache(kCacheBytes);
  std::vector<std::thread> threads;
  for (const log::Topic topic : log::kTopics) {
    threads.emplace_back([&, topic] {
      store::RocksKeyValue::Options options = StoreOptionsFor(topic);
      options.path = process::StorePath(data, topic);
      options.cache = cache;
      std::filesystem::create_directories(options.path);
      auto store = store::RocksKeyValue::Open(options);
      if (!store.ok()) Fail(store.status().ToString());
      FoldAll(log, topic, **store);
      GoOnAtTheEnd(log, topic, **store);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

RepeatedHistory::RepeatedHistory(const std::string& data, std::vector<std::string> names) : names_(std::move(names)) {
  const std::unique_ptr<log::EmbeddedLog> log = OpenLog(data);
  std::vector<log::Position> from;
  for (const log::Topic topic : log::kTopics) {
    for (int32_t index = 0; index < log::EmbeddedLog::Options().partitions; ++index)
      from.push_back({{topic, index}, 0});
  }
  auto subscription = log->Subscribe(from, [] {});
  if (!subscription.ok()) Fail(subscription.status().ToString());
  for (;;) {
    const auto records = (*subscription)->Poll(1000);
    if (!records.ok()) Fail(records.status().ToString());
    if (records->empty()) return;
    for (const log::RecordPtr& record : *records) {
      const auto is_named = [&](const std::string& name) { return absl::StrContains(record->key, name); };
      if (!std::any_of(names_.begin(), names_.end(), is_named)) continue;
      throughline::log::v1::Commit commit;
      if (!commit.ParseFromString(record->value)) Fail("a commit of the history cannot be read");
      events_ += commit.events_size();
      commits_.push_back({record->partition.topic, record->value});
    }
  }
}

void RepeatedHistory::Write(LogWriter& writer, const std::vector<std::string>& names) const {
  absl::flat_hash_map<std::string, std::string> last;  // stream -> digest of its last commit
  for (const Commit& made : commits_) {
    std::string bytes = made.bytes;
    for (size_t i = 0; i < names_.size(); ++i) Replace(bytes, names_[i], names[i]);
    throughline::log::v1::Commit commit;
    if (!commit.ParseFromString(bytes)) Fail("a commit of the history cannot be read under another name");
    std::string& digest = last[commit.stream()];
    commit.set_follows(digest);
    bytes = commit.SerializeAsString();
    digest = crypto::Sha256(bytes);
    writer.Append(made.topic, commit.stream(), std::move(bytes));
  }
}

}  // namespace throughline::bench
