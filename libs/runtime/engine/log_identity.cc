#include "libs/runtime/engine/log_identity.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/fold/fold.h"
#include "libs/runtime/fold/tables.h"
#include "libs/store/batch.h"

namespace throughline::runtime {
namespace {

constexpr char kIdentityRow[] = "log";

}  // namespace

absl::Status LogIdentity::Open(log::EventLog& log, store::KeyValue& store) {
  absl::StatusOr<log::Identity> identity = log.Describe();
  if (!identity.ok()) return identity.status();
  identity_ = *std::move(identity);
  token_mark_ = TokenMark(identity_);
  const std::string bytes = IdentityBytes(identity_);
  std::optional<std::string> before = kIdentityRows.Get(store, kIdentityRow);
  if (before && *before != bytes) {
    return absl::FailedPreconditionError(
        "the log is another one than this store was folded from (cluster, topic or number of partitions changed): "
        "point the service at its log, or delete its store to fold the new log from the start");
  }
  if (!before) {
    store::Batch batch(store);
    kIdentityRows.Put(batch, kIdentityRow, bytes);
    store.Write(batch.TakeChanges());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Positions>> LogIdentity::Beginning(const std::vector<log::Topic>& folds) const {
  std::vector<int32_t> partitions(std::size(log::kTopics), 0);
  for (log::Topic topic : folds) {
    const auto known = absl::c_find_if(identity_.topics, [&](const auto& t) { return t.topic == topic; });
    if (known == identity_.topics.end()) {
      return absl::FailedPreconditionError(log::TopicName(topic) + " is not in the log");
    }
    partitions[static_cast<size_t>(topic)] = known->partitions;
  }
  return std::make_unique<Positions>(std::move(partitions));
}

std::string LogIdentity::TokenOf(const std::vector<log::Position>& positions) const {
  return MakeToken(token_mark_, positions);
}

std::string LogIdentity::TokenOf(const WatchPosition& position) const { return MakeWatchToken(token_mark_, position); }

absl::StatusOr<std::vector<log::Position>> LogIdentity::ReadToken(std::string_view token,
                                                                  const std::string& field) const {
  return runtime::ReadToken(identity_, token, field);
}

absl::StatusOr<WatchPosition> LogIdentity::ReadWatchToken(std::string_view token, std::string_view question,
                                                          absl::string_view field) const {
  return runtime::ReadWatchToken(identity_, token, question, field);
}

absl::StatusOr<std::vector<log::Position>> CheckFoldedFrom(const log::Identity& identity,
                                                           const std::vector<log::Position>& ends,
                                                           const store::KeyValue& store) {
  if (kIdentityRows.Get(store, kIdentityRow) != IdentityBytes(identity)) {
    return absl::FailedPreconditionError(
        "it was folded from another log (cluster, topic or number of partitions differ)");
  }
  std::vector<log::Position> folded;
  for (const log::Position& end : ends) {
    const auto [topic, index] = end.partition;
    const auto places = ReadFoldedPositions(store, topic, index + 1);
    folded.push_back({end.partition, places.back().next});
    if (folded.back().offset <= end.offset) continue;
    return absl::OutOfRangeError(absl::StrCat("it was folded up to ", log::ToText(folded.back()),
                                              ", and the log ends at ", end.offset, ": the log was truncated"));
  }
  return folded;
}

}  // namespace throughline::runtime
