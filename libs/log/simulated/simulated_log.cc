#include "libs/log/simulated/simulated_log.h"

#include <algorithm>

#include "libs/log/simulated/assignment.h"
#include "libs/log/simulated/handle.h"

namespace throughline::log {

SimulatedLog::Faults SimulatedLog::Faults::Harsh() {
  Faults f;
  f.max_delay = absl::Milliseconds(50);
  f.refused = 0.02;
  f.not_written = 0.03;
  f.answer_lost = 0.05;
  f.written_late = 0.03;
  f.duplicated = 0.05;
  f.reordered = 0.05;
  f.delivered_late = 0.03;
  f.ends_unavailable = 0.03;
  f.checkpoint_lost = 0.2;
  return f;
}

SimulatedLog::SimulatedLog(uint64_t seed, int32_t partitions, Faults faults)
    : random_(seed), partitions_(partitions), faults_(faults) {
  for (Topic topic : kTopics) {
    for (int32_t i = 0; i < partitions; ++i) records_[{topic, i}];
  }
}

SimulatedLog::~SimulatedLog() = default;

std::unique_ptr<EventLog> SimulatedLog::Attach(int replica) {
  for (const auto& [partition, records] : records_) {
    if (records.empty()) continue;
    At(now_ + Delay(),
       [this, replica, partition = partition, end = End(partition)] { Deliver(replica, partition, end); });
  }
  return std::make_unique<SimulatedHandle>(*this, replica);
}

std::unique_ptr<PartitionAssignment> SimulatedLog::AssignPartitions(int replica, const std::string& group,
                                                                    const std::vector<Topic>& topics) {
  return std::make_unique<SimulatedAssignment>(*this, replica, group, topics);
}

void SimulatedLog::Crash(int replica) {
  Replica& crashed = replicas_[replica];
  for (SimulatedHandle* handle : std::exchange(crashed.handles, {})) handle->Kill();
  for (SimulatedAssignment* assignment : std::exchange(crashed.assignments, {})) assignment->Kill();
  crashed.visible.clear();
}

void SimulatedLog::Disconnect(int replica, absl::Duration time) {
  absl::Time& until = replicas_[replica].disconnected_until;
  until = std::max(until, now_ + time);
}

void SimulatedLog::Assign(const std::string& group, int replica, const std::vector<Partition>& partitions) {
  groups_[group].held[replica] = partitions;
  for (SimulatedAssignment* assignment : replicas_[replica].assignments) {
    if (assignment->group() == group) assignment->Tell();
  }
}

void SimulatedLog::AppendForeign(Partition partition, std::string key, std::string value) {
  Write(partition, key, value);
}

bool SimulatedLog::Advance() {
  if (events_.empty()) return false;
  std::pop_heap(events_.begin(), events_.end());
  const Event event = std::move(events_.back());
  events_.pop_back();
  now_ = event.time;
  event.run();
  return true;
}

void SimulatedLog::After(absl::Duration delay, std::function<void()> event) { At(now_ + delay, std::move(event)); }

void SimulatedLog::Settle() {
  faults_ = Faults();
  for (auto& [id, replica] : replicas_) replica.disconnected_until = now_;
}

const std::vector<RecordPtr>& SimulatedLog::Records(Partition partition) const { return records_.at(partition); }

std::vector<Partition> SimulatedLog::Partitions(const std::vector<Topic>& topics) const {
  std::vector<Partition> partitions;
  for (Topic topic : topics) {
    for (int32_t i = 0; i < partitions_; ++i) partitions.push_back({topic, i});
  }
  return partitions;
}

void SimulatedLog::At(absl::Time time, std::function<void()> run) {
  events_.push_back({std::max(time, now_), ++sequence_, std::move(run)});
  std::push_heap(events_.begin(), events_.end());
}

int64_t SimulatedLog::Write(Partition partition, const std::string& key, const std::string& value) {
  const int64_t offset = End(partition);
  records_[partition].push_back(std::make_shared<const Record>(Record{partition, offset, key, value}));
  for (const auto& [id, replica] : replicas_) {
    const absl::Duration delay = random_.Chance(faults_.delivered_late) ? Late() : Delay();
    At(now_ + delay, [this, id = id, partition, offset] { Deliver(id, partition, offset + 1); });
  }
  return offset;
}

void SimulatedLog::Deliver(int id, Partition partition, int64_t end) {
  Replica& replica = replicas_[id];
  if (!Connected(id)) {
    At(replica.disconnected_until, [this, id, partition, end] { Deliver(id, partition, end); });
    return;
  }
  int64_t& visible = replica.visible[partition];
  if (end <= visible) return;
  visible = end;
  // A wake may attach or crash.
  const std::vector<SimulatedHandle*> handles = replica.handles;
  for (SimulatedHandle* handle : handles) {
    if (std::find(replica.handles.begin(), replica.handles.end(), handle) != replica.handles.end()) {
      handle->Wake(partition);
    }
  }
}

std::vector<Position> SimulatedLog::Held(const std::string& name, int replica, const std::vector<Topic>& topics) {
  std::vector<Position> held;
  Group& group = groups_[name];
  for (Partition p : group.held[replica]) {
    if (std::find(topics.begin(), topics.end(), p.topic) != topics.end()) held.push_back({p, group.done[p]});
  }
  return held;
}

}  // namespace throughline::log
