#include "libs/runtime/engine/log_identity.h"

#include "absl/algorithm/container.h"

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

}  // namespace throughline::runtime
