#include "libs/log/kafka/group/assignment.h"

#include <algorithm>
#include <optional>
#include <pthread.h>
#include <utility>

#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

namespace throughline::log::kafka {
namespace {

constexpr int kTickMs = 100;
constexpr int kLastCommitMs = 2000;
constexpr absl::Duration kNoteEvery = absl::Seconds(1);
// For the first group of a cluster, the brokers make a topic first.
constexpr absl::Duration kAdmitWithin = absl::Seconds(20);

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaAssignment>> KafkaAssignment::Make(MakeConf conf, const Secrets& secrets,
                                                                       const Layout& layout, Topic own,
                                                                       std::vector<Topic> topics,
                                                                       absl::Duration timeout,
                                                                       std::unique_ptr<ReactionNotes> notes) {
  std::unique_ptr<KafkaAssignment> assignment(
      new KafkaAssignment(std::move(conf), secrets, layout, std::move(topics), timeout, std::move(notes)));
  absl::StatusOr<Client> client = assignment->renewal_.Make();
  if (!client.ok()) return client.status();
  assignment->Use(*std::move(client));
  if (absl::Status status =
          assignment->notes_->Admit(assignment->client_.get(), own, assignment->topics_, kAdmitWithin);
      !status.ok())
    return status;
  return assignment;
}

KafkaAssignment::KafkaAssignment(MakeConf conf, const Secrets& secrets, const Layout& layout, std::vector<Topic> topics,
                                 absl::Duration timeout, std::unique_ptr<ReactionNotes> notes)
    : layout_(layout),
      topics_(std::move(topics)),
      timeout_(timeout),
      renewal_(secrets,
               [this, make = std::move(conf)]() -> absl::StatusOr<Client> {
                 absl::StatusOr<Conf> conf = make();
                 if (!conf.ok()) return conf.status();
                 rd_kafka_conf_set_opaque(conf->get(), this);
                 rd_kafka_conf_set_rebalance_cb(conf->get(), Rebalanced);
                 return NewClient(RD_KAFKA_CONSUMER, *std::move(conf));
               }),
      notes_(std::move(notes)) {}

KafkaAssignment::~KafkaAssignment() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    rd_kafka_queue_yield(queue_.get());
  }
  thread_.join();
}

void KafkaAssignment::Use(Client client) {
  rd_kafka_poll_set_consumer(client.get());
  Queue queue(rd_kafka_queue_get_consumer(client.get()));
  {
    absl::MutexLock lock(&mu_);
    queue_.swap(queue);
    client_.swap(client);
  }
  // The end of a client can take a second, in which nobody waits for the lock. Its queue goes first.
  queue.reset();
  client.reset();
}

void KafkaAssignment::Start(Changed changed) {
  changed_ = std::move(changed);
  Subscribe();
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "log-assignment");
}

void KafkaAssignment::Rejoin(Client fresh) {
  CheckpointPending(/*wait=*/true);
  rd_kafka_consumer_close(client_.get());
  joined_ = false;
  Use(std::move(fresh));
  Subscribe();
}

void KafkaAssignment::Subscribe() {
  std::vector<Position> none;
  for (Topic topic : topics_) none.push_back({{topic, RD_KAFKA_PARTITION_UA}, RD_KAFKA_OFFSET_INVALID});
  const Partitions list = layout_.ListOf(none);
  if (const auto error = rd_kafka_subscribe(client_.get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    spdlog::error("kafka group: it cannot be joined: {}", ErrorText(error));
}

void KafkaAssignment::Checkpoint(const std::vector<Position>& done) {
  absl::MutexLock lock(&mu_);
  for (const Position& position : done) {
    if (std::find(held_.begin(), held_.end(), position.partition) != held_.end())
      pending_[position.partition] = position.offset;
  }
}

void KafkaAssignment::Rebalanced(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                                 void* self) {
  static_cast<KafkaAssignment*>(self)->Rebalance(what, partitions);
}

void KafkaAssignment::Rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    share_.reset(rd_kafka_topic_partition_list_copy(partitions));
    news_ = Share::kNew;
    joined_ = true;
    // We only use the assignment: without partitions, librdkafka fetches nothing.
    const Partitions none(rd_kafka_topic_partition_list_new(0));
    rd_kafka_assign(client_.get(), none.get());
    return;
  }
  if (rd_kafka_assignment_lost(client_.get())) {
    news_ = Share::kLost;
  } else {
    CheckpointPending(/*wait=*/true);  // so that the next replica begins where this one ended
  }
  rd_kafka_assign(client_.get(), nullptr);
}

void KafkaAssignment::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) break;
    }
    if (std::optional<Client> fresh = renewal_.Next()) Rejoin(*std::move(fresh));
    // Never returns records, only errors; calls Rebalance.
    const Message message(rd_kafka_consumer_poll(client_.get(), kTickMs));
    if (message != nullptr && message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      spdlog::warn("kafka group: {}", rd_kafka_message_errstr(message.get()));
    Tell();
    CheckpointPending(/*wait=*/false);
    if (absl::Now() - noted_ >= kNoteEvery) WriteNotes();
  }
  CheckpointPending(/*wait=*/true);
  WriteNotes();
  rd_kafka_consumer_close(client_.get());
  if (absl::Status status = notes_->Flush(absl::Milliseconds(kLastCommitMs)); !status.ok())
    spdlog::warn("kafka group: {}", std::string(status.message()));
}

void KafkaAssignment::Tell() {
  if (news_ == Share::kSettled) return;
  std::vector<Position> held;
  if (news_ == Share::kNew) {
    if (share_->cnt > 0) {
      const rd_kafka_resp_err_t error = rd_kafka_committed(client_.get(), share_.get(), Milliseconds(timeout_));
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        spdlog::warn("kafka group: checkpoints cannot be read, trying again: {}", ErrorText(error));
        return;
      }
    }
    held = layout_.PositionsOf(*share_);
    if (absl::Status status = notes_->Recall(held, timeout_); !status.ok()) {
      spdlog::warn("kafka group: checkpoints cannot be read, trying again: {}", std::string(status.message()));
      return;
    }
    // Also those from the group: an older version may not have written them to the topic.
    for (const Position& position : held) to_note_[position.partition] = position.offset;
  }
  news_ = Share::kSettled;
  std::vector<Partition> share;
  for (const Position& position : held) share.push_back(position.partition);
  {
    absl::MutexLock lock(&mu_);
    held_ = share;
    std::erase_if(pending_,
                  [&](const auto& done) { return std::find(share.begin(), share.end(), done.first) == share.end(); });
  }
  changed_(std::move(held));
}

void KafkaAssignment::CheckpointPending(bool wait) {
  if (!joined_) return;  // the group takes no checkpoints from others
  std::vector<Position> done;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [partition, offset] : pending_) done.push_back({partition, offset});
    pending_.clear();
  }
  for (const Position& position : done) to_note_[position.partition] = position.offset;
  if (done.empty()) return;
  const Partitions list = layout_.ListOf(done);
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (wait) {
    // Not rd_kafka_commit, which blocks for as long as the brokers are down.
    const Queue answer(rd_kafka_queue_new(client_.get()));
    error = rd_kafka_commit_queue(client_.get(), list.get(), answer.get(), nullptr, nullptr);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const Event event(rd_kafka_queue_poll(answer.get(), kLastCommitMs));
      error = event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event.get());
    }
  } else {
    error = rd_kafka_commit(client_.get(), list.get(), /*async=*/1);
  }
  // After a lost checkpoint, reactions are repeated, without a second effect.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    spdlog::warn("kafka group: checkpoints were not committed: {}", ErrorText(error));
}

void KafkaAssignment::WriteNotes() {
  noted_ = absl::Now();
  while (!to_note_.empty()) {
    const auto& [partition, offset] = *to_note_.begin();
    if (absl::Status status = notes_->Write({partition, offset}); !status.ok()) {
      spdlog::warn("kafka group: {}", std::string(status.message()));
      return;
    }
    to_note_.erase(to_note_.begin());
  }
}

}  // namespace throughline::log::kafka
