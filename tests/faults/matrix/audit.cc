#include "tests/faults/matrix/audit.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/empty.pb.h"

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::faults {
namespace {

using throughline::log::v1::Commit;

constexpr int kTimeoutMs = 20'000;

std::string NameOf(const std::string& prefix, log::Topic topic) {
  return absl::StrCat(prefix, ".", std::string(log::ServiceName(topic)), ".log");
}

log::kafka::Client NewConsumer(const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[256];
  const std::pair<const char*, std::string> settings[] = {{"bootstrap.servers", brokers},
                                                          {"group.id", "audit"},
                                                          {"enable.auto.commit", "false"},
                                                          {"auto.offset.reset", "error"},
                                                          {"enable.partition.eof", "true"},
                                                          {"isolation.level", "read_uncommitted"},
                                                          {"reconnect.backoff.max.ms", "500"},
                                                          {"log.connection.close", "false"},
                                                          {"log_level", "2"}};
  for (const auto& [name, value] : settings) rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why);
  log::kafka::Client client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why));
  rd_kafka_poll_set_consumer(client.get());
  return client;
}

std::string Where(const log::Record& record) { return log::ToText(log::Position{record.partition, record.offset}); }

// Whether each event parses as protobuf; its type is known only to its service.
bool HasReadableEvents(const Commit& commit) {
  google::protobuf::Empty any;
  return absl::c_all_of(commit.events(), [&](const auto& event) { return any.ParseFromString(event.data()); });
}

}  // namespace

Audit::Audit(const std::string& brokers, std::string prefix, int32_t partitions)
    : brokers_(brokers), prefix_(std::move(prefix)), partitions_(partitions) {
  for (log::Topic topic : log::kTopics) {
    for (int32_t i = 0; i < partitions_; ++i) next_[{topic, i}] = 0;
  }
}

void Audit::Add(log::Record record) {
  Judge(record);
  records_.push_back(std::move(record));
}

void Audit::Expect(std::vector<log::Gap> gaps) {
  gaps_ = std::move(gaps);
  std::sort(gaps_.begin(), gaps_.end());
}

void Audit::Pass(const log::Partition& partition, int64_t offset) {
  int64_t& next = next_[partition];
  for (const log::Gap& gap : gaps_) {
    if (gap.partition != partition || gap.from != next || gap.to >= offset) continue;
    log::Record record{partition, gap.to};
    record.gap = gap.to - gap.from + 1;
    records_.push_back(std::move(record));
    next = gap.to + 1;
  }
  if (next >= offset) return;
  Problem(absl::StrCat(log::ToText(partition), ": offsets ", next, " to ", offset - 1, " hold no record"));
  next = offset;
}

absl::Status Audit::Read() {
  if (client_ == nullptr) client_ = NewConsumer(brokers_);
  log::kafka::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(next_.size())));
  std::map<log::Partition, int64_t> ends;
  for (const auto& [partition, next] : next_) {
    int64_t low = 0, high = 0;
    const std::string name = NameOf(prefix_, partition.topic);
    auto error = RD_KAFKA_RESP_ERR__TIMED_OUT;
    for (int tries = 0; tries < 20 && error != RD_KAFKA_RESP_ERR_NO_ERROR; ++tries) {
      error = rd_kafka_query_watermark_offsets(client_.get(), name.c_str(), partition.index, &low, &high, kTimeoutMs);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      absl::SleepFor(absl::Milliseconds(300));
      // librdkafka 2.0.2 keeps asking the old leader of a topic that it does not follow.
      client_ = NewConsumer(brokers_);
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return absl::UnavailableError(
          absl::StrCat("the end of ", name, "/", partition.index, ": ", rd_kafka_err2str(error)));
    if (high < next) Problem(absl::StrCat(name, "/", partition.index, " ends at ", high, " and had ended at ", next));
    if (high <= next) continue;
    ends[partition] = high;
    rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition.index)->offset = next;
  }
  if (ends.empty()) return absl::OkStatus();
  if (auto error = rd_kafka_assign(client_.get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return absl::InternalError(rd_kafka_err2str(error));
  const absl::Time deadline = absl::Now() + absl::Seconds(120);
  while (!ends.empty()) {
    const log::kafka::Message message(rd_kafka_consumer_poll(client_.get(), 1000));
    if (absl::Now() > deadline)
      return absl::DeadlineExceededError(absl::StrCat(ends.size(), " partitions cannot be read"));
    if (message == nullptr) continue;
    const bool end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !end) continue;
    const std::string name = rd_kafka_topic_name(message->rkt);
    for (log::Topic topic : log::kTopics) {
      if (name != NameOf(prefix_, topic)) continue;
      const log::Partition partition{topic, message->partition};
      const auto until = ends.find(partition);
      if (until == ends.end()) continue;
      Pass(partition, std::min(message->offset, until->second));
      if (!end && message->offset < until->second) {
        Add({partition, message->offset, std::string(static_cast<const char*>(message->key), message->key_len),
             std::string(static_cast<const char*>(message->payload), message->len)});
      }
      if (next_[partition] >= until->second) ends.erase(until);
    }
  }
  rd_kafka_assign(client_.get(), nullptr);
  return absl::OkStatus();
}

absl::Status Audit::ReadUntilQuiet() {
  for (size_t before = SIZE_MAX; before != records_.size();) {
    before = records_.size();
    if (absl::Status status = Read(); !status.ok()) return status;
    if (before != records_.size()) absl::SleepFor(absl::Milliseconds(500));
  }
  return absl::OkStatus();
}

void Audit::Problem(std::string text) {
  if (problems_.size() < 50) problems_.push_back(std::move(text));
}

void Audit::Judge(const log::Record& record) {
  int64_t& next = next_[record.partition];
  if (record.offset != next) Problem(absl::StrCat(Where(record), ": offset ", next, " was expected"));
  next = record.offset + 1;
  Commit commit;
  if (!commit.ParseFromString(record.value) || commit.version() == 0 || commit.stream() != record.key ||
      commit.events().empty() || !HasReadableEvents(commit) ||
      log::PartitionFor(record.key, partitions_) != record.partition.index) {
    ++not_commits_;
    return;
  }
  Stream& stream = streams_[commit.stream()];
  if (commit.follows() != stream.digest) {
    ++voided_;
    return;
  }
  if (commit.version() != stream.version + 1) {
    ++not_commits_;
    return;
  }
  stream.digest = crypto::Sha256(record.value);
  ++stream.version;
  ++accepted_;
  ++accepted_of_[static_cast<size_t>(record.partition.topic)];
  if (!commands_.emplace(commit.stream(), commit.actor().id() + '\0' + commit.command_id()).second) {
    Problem(absl::StrCat(Where(record), ": command ", commit.command_id(), " takes effect a second time on ",
                         commit.stream()));
  }
  ++effects_[commit.actor().id()][commit.command_id()];
  Learn(commit);
}

void Audit::Learn(const Commit& commit) {
  if (absl::StartsWith(commit.stream(), "order/")) {
    const std::string order = commit.stream().substr(6);
    for (const auto& committed : commit.events()) {
      supplier::v1::OrderEvent event;
      if (event.ParseFromString(committed.data()) && event.has_promise_at_risk()) risks_[order];
    }
    return;
  }
  LearnOwner(commit);
}

// A case has an owner from its opening on, and each change of owner names the previous one.
void Audit::LearnOwner(const Commit& commit) {
  if (absl::StartsWith(commit.stream(), "case/")) {
    for (const auto& committed : commit.events()) {
      intake::v1::CaseEvent event;
      if (!event.ParseFromString(committed.data()) || !event.has_opened()) continue;
      const auto& opened = event.opened();
      if (opened.owner().empty()) Problem(commit.stream() + " was opened without an owner");
      auto [owner, first] = owners_.emplace(opened.case_id(), opened.owner());
      if (!first && owner->second != opened.owner()) owner->second = opened.owner();
      if (opened.channel() == intake::v1::CHANNEL_PROACTIVE) ++risks_[opened.order_id()];
    }
  }
  if (!absl::StartsWith(commit.stream(), "ownership/")) return;
  const std::string case_id = commit.stream().substr(10);
  std::string& owner = handoffs_[case_id];
  for (const auto& committed : commit.events()) {
    ownership::v1::OwnershipEvent event;
    if (!event.ParseFromString(committed.data())) continue;
    if (event.has_started()) owner = event.started().owner();
    const auto change = [&](const std::string& from, const std::string& to) {
      if (from != owner) Problem(absl::StrCat(commit.stream(), "@", commit.version(), ": two people owned the case"));
      owner = to;
    };
    if (event.has_handoff_accepted()) change(event.handoff_accepted().from(), event.handoff_accepted().to());
    if (event.has_reassigned()) change(event.reassigned().from(), event.reassigned().to());
    if (event.has_commitment_settled() &&
        !settled_.emplace(case_id, event.commitment_settled().commitment_id()).second) {
      Problem(absl::StrCat(commit.stream(), "@", commit.version(), ": a commitment has two outcomes"));
    }
  }
  if (owner.empty()) Problem(absl::StrCat(commit.stream(), "@", commit.version(), ": nobody owns the case"));
}

int Audit::effects(const std::string& person, const std::string& command_id) const {
  auto of_person = effects_.find(person);
  if (of_person == effects_.end()) return 0;
  auto found = of_person->second.find(command_id);
  return found == of_person->second.end() ? 0 : found->second;
}

std::vector<std::string> Audit::commands_of(const std::string& person) const {
  std::vector<std::string> commands;
  if (auto of_person = effects_.find(person); of_person != effects_.end()) {
    for (const auto& [command, count] : of_person->second) commands.push_back(command);
  }
  return commands;
}

std::vector<Commit> Audit::History(const std::string& stream) const {
  std::vector<Commit> history;
  std::string digest;
  for (const log::Record& record : records_) {
    Commit commit;
    if (record.key != stream || !commit.ParseFromString(record.value) || commit.follows() != digest) continue;
    digest = crypto::Sha256(record.value);
    history.push_back(std::move(commit));
  }
  return history;
}

std::vector<log::Position> Audit::ends() const {
  std::vector<log::Position> ends;
  for (const auto& [partition, next] : next_) ends.push_back({partition, next});
  return ends;
}

}  // namespace throughline::faults
