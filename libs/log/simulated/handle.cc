#include "libs/log/simulated/handle.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace throughline::log {
namespace {

constexpr size_t kMaxRecordBytes = size_t{1} << 20;

absl::Status Dead() { return absl::FailedPreconditionError("this replica has crashed"); }

}  // namespace

SimulatedHandle::SimulatedHandle(SimulatedLog& log, int replica) : log_(log), replica_(replica) {
  log_.replicas_[replica_].handles.push_back(this);
}

SimulatedHandle::~SimulatedHandle() {
  std::erase(log_.replicas_[replica_].handles, this);
  *self_ = nullptr;
  if (killed_) return;
  for (auto& [id, done] : std::exchange(pending_, {})) done(absl::UnavailableError("the log was closed"));
}

void SimulatedHandle::Kill() {
  killed_ = true;
  *self_ = nullptr;
  pending_.clear();
}

void SimulatedHandle::Wake(Partition partition) {
  const std::vector<SimulatedSubscription*> subscriptions = subscriptions_;
  for (SimulatedSubscription* s : subscriptions) {
    if (std::find(subscriptions_.begin(), subscriptions_.end(), s) == subscriptions_.end() || !s->hungry_) continue;
    const bool reads = std::any_of(s->next_.begin(), s->next_.end(),
                                   [&](const Position& next) { return next.partition == partition; });
    if (!reads) continue;
    s->hungry_ = false;
    s->wake_();
  }
}

void SimulatedHandle::Answer(const Self& self, uint64_t id, absl::StatusOr<int64_t> offset) {
  if (*self == nullptr) return;
  auto node = (*self)->pending_.extract(id);
  if (!node.empty()) node.mapped()(std::move(offset));
}

void SimulatedHandle::AnswerAfter(absl::Duration delay, uint64_t id, absl::Status status) {
  log_.After(delay, [self = self_, id, status] { Answer(self, id, status); });
}

void SimulatedHandle::Append(Partition partition, std::string key, std::string value, Appended done) {
  if (killed_) return;
  const uint64_t id = ++last_id_;
  pending_.emplace(id, std::move(done));
  if (!log_.Has(partition)) return AnswerAfter(log_.Delay(), id, NoSuchPartition(partition));
  if (key.size() + value.size() > kMaxRecordBytes) {
    return AnswerAfter(log_.Delay(), id, absl::InvalidArgumentError("the record is larger than 1 MiB"));
  }
  if (log_.random_.Chance(log_.faults_.refused)) {
    return AnswerAfter(log_.Delay(), id, absl::ResourceExhaustedError("too many appends are in flight"));
  }
  Send(partition, std::move(key), std::move(value), id);
}

void SimulatedHandle::Send(Partition partition, std::string key, std::string value, uint64_t id) {
  const SimulatedLog::Faults& faults = log_.faults_;
  Random& random = log_.random_;
  absl::Time written = log_.now() + log_.Delay();
  bool answered = true;
  if (!log_.Connected(replica_) || random.Chance(faults.written_late)) {
    answered = false;
    AnswerAfter(log_.Delay(), id, absl::UnavailableError("no answer from the log"));
    if (!log_.Connected(replica_) && random.Chance(0.5)) return;
    written = std::max(log_.now(), log_.replicas_[replica_].disconnected_until) + log_.Late();
  } else if (random.Chance(faults.not_written)) {
    return AnswerAfter(log_.Delay(), id, absl::UnavailableError("no answer from the log"));
  } else if (random.Chance(faults.reordered)) {
    written += log_.Late();
  } else {
    written = std::max(written, last_write_[partition]);
    last_write_[partition] = written;
  }
  if (answered && random.Chance(faults.answer_lost)) {
    answered = false;
    AnswerAfter(written - log_.now() + log_.Delay(), id, absl::UnavailableError("no answer from the log"));
  }
  if (random.Chance(faults.duplicated)) {
    const absl::Duration later = random.Chance(0.5) ? absl::ZeroDuration() : log_.Late();
    log_.At(written + later, [log = &log_, partition, key, value] { log->Write(partition, key, value); });
  }
  // Answers come in the order of the writes.
  const absl::Time answer = std::max(written + log_.Delay(), last_answer_[partition]);
  if (answered) last_answer_[partition] = answer;
  log_.At(written,
          [log = &log_, self = self_, partition, key = std::move(key), value = std::move(value), id, answered, answer] {
            // After a crash, an append under way arrives or not.
            if (*self == nullptr && log->random_.Chance(0.5)) return;
            const int64_t offset = log->Write(partition, key, value);
            if (answered) log->At(answer, [self, id, offset] { Answer(self, id, offset); });
          });
}

absl::StatusOr<std::unique_ptr<Subscription>> SimulatedHandle::Subscribe(std::vector<Position> from,
                                                                         std::function<void()> wake) {
  if (killed_) return Dead();
  std::set<Partition> seen;
  for (const Position& p : from) {
    if (!log_.Has(p.partition)) return NoSuchPartition(p.partition);
    if (!seen.insert(p.partition).second) return absl::InvalidArgumentError("a partition is named twice");
  }
  return std::make_unique<SimulatedSubscription>(*this, std::move(from), std::move(wake));
}

void SimulatedHandle::QueryEnds(std::vector<Partition> partitions, Ends done) {
  if (killed_) return;
  auto answer = [log = &log_, self = self_](absl::StatusOr<std::vector<Position>> ends, const Ends& done) {
    log->After(log->Delay(), [self, ends = std::move(ends), done] {
      if (*self != nullptr) done(ends);
    });
  };
  for (Partition p : partitions) {
    if (!log_.Has(p)) return answer(NoSuchPartition(p), done);
  }
  if (!log_.Connected(replica_) || log_.random_.Chance(log_.faults_.ends_unavailable)) {
    return answer(absl::UnavailableError("no answer from the log"), done);
  }
  log_.After(log_.Delay(), [log = &log_, answer, partitions = std::move(partitions), done = std::move(done)] {
    std::vector<Position> ends;
    for (Partition p : partitions) ends.push_back({p, log->End(p)});
    answer(std::move(ends), done);
  });
}

absl::StatusOr<Identity> SimulatedHandle::Describe() {
  if (killed_) return Dead();
  Identity identity{"simulated", {}};
  for (Topic topic : kTopics) {
    identity.topics.push_back({topic, absl::StrCat("simulated-", TopicName(topic)), log_.partitions_});
  }
  return identity;
}

size_t SimulatedHandle::Flush(absl::Time deadline) {
  const uint64_t last = last_id_;
  auto left = [&] { return std::distance(pending_.begin(), pending_.upper_bound(last)); };
  while (left() > 0 && log_.now() < deadline && log_.Advance()) {
  }
  return static_cast<size_t>(left());
}

SimulatedSubscription::SimulatedSubscription(SimulatedHandle& handle, std::vector<Position> from,
                                             std::function<void()> wake)
    : handle_(handle.self_), next_(std::move(from)), wake_(std::move(wake)) {
  handle.subscriptions_.push_back(this);
  for (const Position& p : next_) {
    if (p.offset < 0 || p.offset > handle.log_.End(p.partition)) {
      failure_ = absl::OutOfRangeError(
          absl::StrCat(ToText(p.partition), " ends at ", handle.log_.End(p.partition), ", before ", p.offset));
    }
  }
}

SimulatedSubscription::~SimulatedSubscription() {
  if (*handle_ != nullptr) std::erase((*handle_)->subscriptions_, this);
}

absl::StatusOr<std::vector<RecordPtr>> SimulatedSubscription::Poll(size_t max_records) {
  if (*handle_ == nullptr) return Dead();
  if (!failure_.ok()) return failure_;
  std::vector<RecordPtr> out;
  SimulatedLog& log = (*handle_)->log_;
  std::map<Partition, int64_t>& visible = log.replicas_[(*handle_)->replica_].visible;
  ++turn_;
  // One record of each partition in turn, until there is none.
  for (bool found = true; found && out.size() < max_records;) {
    found = false;
    for (size_t i = 0; i < next_.size() && out.size() < max_records; ++i) {
      Position& next = next_[(turn_ + i) % next_.size()];
      if (next.offset >= visible[next.partition]) continue;
      out.push_back(log.Records(next.partition)[static_cast<size_t>(next.offset++)]);
      found = true;
    }
  }
  hungry_ = out.empty();
  return out;
}

}  // namespace throughline::log
