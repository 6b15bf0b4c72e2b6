#pragma once

// PartitionAssignment on Kafka: membership of one consumer group per service, by assignor `range`. The group's
// committed offsets are the positions up to which reactions are done; the group is used for nothing else, no record is
// fetched by it.
//
// The broker forgets a group's offsets some days after its last member left. So the positions are noted in a topic of
// their own as well (reactions.h), about once a second and on leaving, and read there when the group has none.
//
// While the group shares out anew, a replica keeps what it held until it hears its new share (or that it was thrown
// out): so reactions go on during the change, and two replicas can believe to have duty for a moment, which does no
// harm.
//
// Any thread. `changed` comes on its thread, "log-assignment".

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/log/kafka/client.h"
#include "libs/log/kafka/group/reactions.h"
#include "libs/log/kafka/layout.h"
#include "libs/log/partition_assignment.h"

namespace throughline::log::kafka {

class KafkaAssignment : public PartitionAssignment {
 public:
  // `conf` of Role::kMember with its group; `own` is the topic of the service that the group is of. The layout must
  // outlive it. INVALID_ARGUMENT: librdkafka does not take it. FAILED_PRECONDITION: the group's positions are lost.
  static absl::StatusOr<std::unique_ptr<KafkaAssignment>> Make(Conf conf, const Layout& layout, Topic own,
                                                               std::vector<Topic> topics, absl::Duration timeout,
                                                               std::unique_ptr<ReactionNotes> notes);
  // Commits what is known to be done and leaves the group, so that another replica takes over at once.
  ~KafkaAssignment() override;

  void Start(Changed changed) override;
  void Checkpoint(const std::vector<Position>& done) override;

 private:
  enum class Share { kSettled, kNew, kLost };  // whether `changed` is yet to be called, with the new share or nothing

  KafkaAssignment(const Layout& layout, std::vector<Topic> topics, absl::Duration timeout,
                  std::unique_ptr<ReactionNotes> notes);

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
  Client client_;
  Queue queue_;

  // The thread's own.
  Partitions share_;
  Share news_ = Share::kSettled;
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
