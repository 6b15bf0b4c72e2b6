#pragma once

// PartitionAssignment on Kafka: one consumer group per service, with the assignor `range`. The group's committed
// offsets are the checkpoints. Its members fetch no records.
//
// Brokers delete a group's offsets some days after its last member has left. So the checkpoints are also written to a
// topic (checkpoints.h), about once a second and on leaving, and read from there when the group has none.
//
// During a rebalance, a replica keeps its partitions until it receives its new assignment, or until they are revoked
// because it was dropped from the group. So reactions continue, and two replicas may have a partition for a moment,
// which is harmless.
//
// Any thread. `changed` runs on its thread, "log-assignment".

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/group/checkpoints.h"
#include "libs/log/kafka/secrets.h"
#include "libs/log/kafka/topics/layout.h"
#include "libs/log/partition_assignment.h"

namespace throughline::log::kafka {

class KafkaAssignment : public PartitionAssignment {
 public:
  using MakeConf = std::function<absl::StatusOr<Conf>()>;

  // `conf`: of Role::kMember, with the group. `own`: the topic of the group's service. Layout and secrets must outlive
  // it. INVALID_ARGUMENT: librdkafka refuses a setting. FAILED_PRECONDITION: the group's checkpoints are lost.
  static absl::StatusOr<std::unique_ptr<KafkaAssignment>> Make(MakeConf conf, const Secrets& secrets,
                                                               const Layout& layout, Topic own,
                                                               std::vector<Topic> topics, absl::Duration timeout,
                                                               std::unique_ptr<ReactionNotes> notes);
  // Commits the last checkpoints and leaves the group, so that another replica takes over at once.
  ~KafkaAssignment() override;

  void Start(Changed changed) override;
  void Checkpoint(const std::vector<Position>& done) override;

 private:
  enum class Share {
    kSettled,
    kNew,
    kLost
  };  // kNew, kLost: `changed` is still to be called, with the new share or with nothing

  KafkaAssignment(MakeConf conf, const Secrets& secrets, const Layout& layout, std::vector<Topic> topics,
                  absl::Duration timeout, std::unique_ptr<ReactionNotes> notes);

  void Use(Client client);
  void Subscribe();
  // Leaves the group with the old client and joins it with `fresh`.
  void Rejoin(Client fresh);

  static void Rebalanced(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                         void* self);
  void Rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  void Run();
  void Tell();
  void CheckpointPending(bool wait);

  void WriteNotes();

  const Layout& layout_;
  const std::vector<Topic> topics_;
  const absl::Duration timeout_;

  Changed changed_;
  Renewal renewal_;
  Client client_;
  Queue queue_;  // replaced by the thread, with the lock held

  // Used by the thread only.
  Partitions share_;
  Share news_ = Share::kSettled;
  bool joined_ = false;  // with the present client
  const std::unique_ptr<ReactionNotes> notes_;
  std::map<Partition, int64_t> to_note_;
  absl::Time noted_ = absl::InfinitePast();

  absl::Mutex mu_;
  std::map<Partition, int64_t> pending_ ABSL_GUARDED_BY(mu_);
  std::vector<Partition> held_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

}  // namespace throughline::log::kafka
