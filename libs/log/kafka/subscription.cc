#include "libs/log/kafka/subscription.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

namespace throughline::log::kafka {

KafkaSubscription::KafkaSubscription(Client client, Renewal renewal, const Layout& layout,
                                     const std::vector<Gap>& accepted, const std::vector<Position>& from,
                                     std::function<void()> wake, Dispose dispose)
    : layout_(layout),
      accepted_(accepted),
      wake_(std::move(wake)),
      dispose_(std::move(dispose)),
      renewal_(std::move(renewal)),
      client_(std::move(client)) {
  for (const Position& p : from) {
    auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& l) { return l.topic == p.partition.topic; });
    if (lane == lanes_.end()) {
      const auto partitions = static_cast<size_t>(layout.PartitionsOf(p.partition.topic));
      lane = lanes_.insert(lane, {nullptr, p.partition.topic, std::vector<int64_t>(partitions, -1)});
    }
    lane->next[static_cast<size_t>(p.partition.index)] = p.offset;
    if (p.offset >= 0 || !failure_.ok()) continue;
    failure_ =
        absl::OutOfRangeError(absl::StrCat("reading of ", layout.TextOf(p.partition), " was to begin at ", p.offset));
  }
  if (failure_.ok()) Begin(std::move(client_), from);
}

void KafkaSubscription::Begin(Client client, const std::vector<Position>& from) {
  client_ = std::move(client);
  // Redirects the main queue, with errors of the client, to the consumer's queue.
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* self) { static_cast<KafkaSubscription*>(self)->wake_(); }, this);
  const Partitions list = layout_.ListOf(from);
  const rd_kafka_resp_err_t error = rd_kafka_assign(client_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    failure_ = absl::InternalError(absl::StrCat("reading cannot begin: ", ErrorText(error)));
}

KafkaSubscription::~KafkaSubscription() { End(); }

void KafkaSubscription::End() {
  // Waits for a running wake; none is called afterwards.
  if (queue_ != nullptr) rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  queue_.reset();
  dispose_(std::move(client_));
}

std::vector<Position> KafkaSubscription::Next() const {
  std::vector<Position> next;
  for (const Lane& lane : lanes_) {
    for (size_t i = 0; i < lane.next.size(); ++i) {
      if (lane.next[i] >= 0) next.push_back({{lane.topic, static_cast<int32_t>(i)}, lane.next[i]});
    }
  }
  return next;
}

absl::StatusOr<std::vector<RecordPtr>> KafkaSubscription::Poll(size_t max_records) {
  if (!failure_.ok()) return failure_;
  if (std::optional<Client> fresh = renewal_.Next()) {
    End();
    for (Lane& lane : lanes_) lane.handle = nullptr;
    Begin(*std::move(fresh), Next());
    if (!failure_.ok()) return failure_;
  }
  std::vector<RecordPtr> out;
  while (out.size() < max_records) {
    const Message message(rd_kafka_consumer_poll(client_.get(), 0));
    if (message == nullptr) break;
    failure_ = Take(*message, out);
    if (failure_.ok()) continue;
    // Records before the error are valid.
    if (out.empty()) return failure_;
    break;
  }
  return out;
}

KafkaSubscription::Lane& KafkaSubscription::LaneOf(const rd_kafka_message_t& message) {
  for (Lane& lane : lanes_) {
    if (lane.handle == message.rkt) return lane;
  }
  Topic topic{};
  layout_.Find(rd_kafka_topic_name(message.rkt), topic);
  auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& l) { return l.topic == topic; });
  lane->handle = message.rkt;
  return *lane;
}

absl::Status KafkaSubscription::Take(const rd_kafka_message_t& message, std::vector<RecordPtr>& out) {
  // At an end that is ahead of `next`, the last offsets hold no record.
  const bool end = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && !end) return Judge(message);
  Lane& lane = LaneOf(message);
  int64_t& next = lane.next[static_cast<size_t>(message.partition)];
  if (message.offset < next) return absl::OkStatus();  // fetched again after a change of leader
  if (message.offset > next) {
    if (absl::Status status = Skip(lane, message.partition, message.offset, out); !status.ok()) return status;
  }
  if (end) return absl::OkStatus();
  ++next;
  auto record = std::make_shared<Record>();
  record->partition = {lane.topic, message.partition};
  record->offset = message.offset;
  record->key.assign(static_cast<const char*>(message.key), message.key_len);
  record->value.assign(static_cast<const char*>(message.payload), message.len);
  out.push_back(std::move(record));
  return absl::OkStatus();
}

absl::Status KafkaSubscription::Skip(Lane& lane, int32_t partition, int64_t offset, std::vector<RecordPtr>& out) {
  int64_t& next = lane.next[static_cast<size_t>(partition)];
  const Gap missing{{lane.topic, partition}, next, offset - 1};
  const std::vector<Gap> parts = Cover(accepted_, missing);
  if (parts.empty()) {
    return absl::DataLossError(absl::StrCat(
        "offsets ", missing.from, " to ", missing.to, " of ", layout_.TextOf(missing.partition),
        " hold no record. A producer with a transactional.id leaves such markers: another program wrote to this topic. "
        "Find it and keep it out (ACLs, see libs/log/README.md). If nothing else is missing, accept the gap and start "
        "again: throughline log accept-gap ",
        GapText(missing), " --reason \"...\". Otherwise records were deleted or compacted: restore the topic"));
  }
  for (const Gap& part : parts) {
    auto gap = std::make_shared<Record>();
    gap->partition = part.partition;
    gap->offset = part.to;
    gap->gap = part.to - part.from + 1;
    out.push_back(std::move(gap));
  }
  next = offset;
  return absl::OkStatus();
}

absl::Status KafkaSubscription::Judge(const rd_kafka_message_t& message) const {
  const std::string place =
      message.rkt == nullptr ? "" : absl::StrCat(rd_kafka_topic_name(message.rkt), "/", message.partition, ": ");
  const std::string what = absl::StrCat(place, rd_kafka_message_errstr(&message));
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return absl::OutOfRangeError(absl::StrCat(
          "the log does not have the offset to read from: it was truncated, or it is another log: ", what));
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return absl::DataLossError(absl::StrCat("a record is damaged: ", what));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return absl::PermissionDeniedError(absl::StrCat("the topic may not be read: ", what));
    case RD_KAFKA_RESP_ERR__FATAL:
      return absl::InternalError(what);
    default:
      // librdkafka retries without limit.
      spdlog::warn("kafka reader: {}", what);
      return absl::OkStatus();
  }
}

}  // namespace throughline::log::kafka
