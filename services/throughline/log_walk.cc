#include "services/throughline/log_walk.h"

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/time/clock.h"

#include "libs/log/embedded_reader.h"
#include "libs/log/partitioner.h"
#include "libs/runtime/digest.h"
#include "libs/runtime/tables.h"
#include "libs/store/rocks_key_value.h"
#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/ownership.h"
#include "services/supplier-tracking/supplier_tracking.h"
#include "services/throughline/suite.h"

namespace throughline {
namespace {

std::string LayoutOf(log::Topic topic) {
  switch (topic) {
    case log::Topic::kIntake:
      return intake::Define({})->layout;
    case log::Topic::kOwnership:
      return ownership::Define({})->layout;
    case log::Topic::kOutageNotice:
      return outage::Define({})->layout;
    case log::Topic::kSupplierTracking:
      return supplier::Define({})->layout;
  }
  return "";
}

}  // namespace

absl::StatusOr<Verified> VerifyData(const VerifyOptions& options) {
  Verified verified;
  // The stores first: the log that is opened after them has everything that they have folded.
  std::vector<std::unique_ptr<store::RocksKeyValue>> stores;
  runtime::Verifier::Stores by_topic;
  for (log::Topic topic : log::kTopics) {
    store::RocksKeyValue::Options store_options;
    store_options.path = StorePath(options.data, topic);
    store_options.layout = std::string(runtime::kLayout) + "/" + LayoutOf(topic);
    auto store = store::RocksKeyValue::OpenToRead(store_options);
    if (!store.ok()) {
      verified.notes.push_back(std::string(log::ServiceName(topic)) +
                               " was not compared: " + std::string(store.status().message()));
      continue;
    }
    by_topic[topic] = store->get();
    stores.push_back(*std::move(store));
  }
  auto reader = log::EmbeddedReader::Open(LogPath(options.data));
  if (!reader.ok()) return reader.status();
  int64_t all = 0;
  for (const auto& topic : (*reader)->identity().topics) {
    for (int32_t index = 0; index < topic.partitions; ++index) {
      absl::StatusOr<int64_t> end = (*reader)->End({topic.topic, index});
      if (end.ok()) all += *end;
    }
  }
  runtime::Verifier verifier((*reader)->identity().topics.front().partitions, std::move(by_topic));
  int64_t read = 0;
  for (const auto& topic : (*reader)->identity().topics) {
    for (int32_t index = 0; index < topic.partitions; ++index) {
      const log::Partition partition{topic.topic, index};
      absl::Status status = (*reader)->Read({partition, 0}, [&](const log::Record& record) {
        verifier.Add(record);
        if (++read % 10'000 == 0 && options.progress) options.progress(read, all);
        return true;
      });
      if (!status.ok()) verifier.Unreadable(partition, std::string(status.message()));
    }
  }
  if (options.progress) options.progress(read, all);
  verified.report = verifier.Finish();
  return verified;
}

absl::Status WalkLog(const std::string& data, const LogFilter& filter, int64_t last,
                     const std::function<bool()>& follow, const std::function<bool(const ShownRecord&)>& visit) {
  auto reader = log::EmbeddedReader::Open(LogPath(data));
  if (!reader.ok()) return reader.status();
  std::vector<log::Position> next;
  for (const auto& topic : (*reader)->identity().topics) {
    if (!filter.topics.empty() && !absl::c_linear_search(filter.topics, topic.topic)) continue;
    for (int32_t index = 0; index < topic.partitions; ++index) {
      if (!filter.stream.empty() && log::PartitionFor(filter.stream, topic.partitions) != index) continue;
      int64_t from = 0;
      if (last >= 0) {
        absl::StatusOr<int64_t> end = (*reader)->End({topic.topic, index});
        if (!end.ok()) return end.status();
        from = std::max<int64_t>(0, *end - last);
      }
      next.push_back({{topic.topic, index}, from});
    }
  }
  bool wanted = true;
  for (bool first = true; wanted && (first || follow()); first = false) {
    if (!first) {
      absl::SleepFor(absl::Milliseconds(200));
      if (absl::Status status = (*reader)->CatchUp(); !status.ok()) return status;
    }
    for (log::Position& position : next) {
      absl::Status status = (*reader)->Read(position, [&](const log::Record& record) {
        position.offset = record.offset + 1;
        if (!filter.stream.empty() && record.key != filter.stream) return true;
        if (!record.key.starts_with(filter.stream_prefix)) return true;
        throughline::log::v1::Commit commit;
        const bool is_commit =
            commit.ParseFromString(record.value) && commit.stream() == record.key && commit.version() > 0;
        wanted = visit({{record.partition, record.offset},
                        record.key,
                        absl::BytesToHexString(runtime::Sha256(record.value)),
                        record.value.size(),
                        is_commit ? &commit : nullptr});
        return wanted;
      });
      if (!status.ok()) return status;
      if (!wanted) break;
    }
  }
  return absl::OkStatus();
}

}  // namespace throughline
