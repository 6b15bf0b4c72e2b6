#include "libs/log/kafka/ends.h"

#include <algorithm>
#include <optional>
#include <pthread.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace throughline::log::kafka {
namespace {

// As a timestamp, this asks for the end: one past the last record that all in-sync replicas have.
constexpr int64_t kEnd = RD_KAFKA_OFFSET_END;
constexpr absl::Duration kPause = absl::Milliseconds(50);  // before a retry
// A dead leader never answers: after this part of the timeout, the new leader is asked.
constexpr int kAttempts = 4;

// Whether a retry may help, for instance because the leader has moved.
bool Passes(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
      return true;
    default:
      return false;
  }
}

}  // namespace

Ends::Ends(Client client, Renewal renewal, const Layout& layout, absl::Duration timeout, Dispose dispose)
    : layout_(layout), timeout_(timeout), dispose_(std::move(dispose)), renewal_(std::move(renewal)) {
  Use(std::move(client));
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "log-ends");
}

Ends::~Ends() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    arrived_.Signal();
  }
  thread_.join();
  topics_.clear();
  dispose_(std::move(client_));
}

void Ends::Use(Client client) {
  topics_.clear();
  if (client_ != nullptr) dispose_(std::move(client_));
  client_ = std::move(client);
  for (Topic topic : kTopics) {
    if (!layout_.Has(topic)) continue;
    topics_.emplace_back(rd_kafka_topic_new(client_.get(), layout_.NameOf(topic).c_str(), nullptr));
  }
}

void Ends::Query(std::vector<Partition> partitions, EventLog::Ends done) {
  absl::MutexLock lock(&mu_);
  waiting_.push_back({std::move(partitions), std::move(done)});
  arrived_.Signal();
}

void Ends::Run() {
  while (true) {
    std::vector<Question> questions;
    {
      absl::MutexLock lock(&mu_);
      while (waiting_.empty() && !stopping_) arrived_.Wait(&mu_);
      std::swap(questions, waiting_);
      if (questions.empty()) return;
    }
    Answer(std::move(questions));
  }
}

void Ends::Answer(std::vector<Question> questions) {
  std::vector<Position> ends;
  std::erase_if(questions, [&](Question& question) {
    for (Partition partition : question.partitions) {
      if (absl::Status status = layout_.Check(partition); !status.ok()) {
        question.done(std::move(status));
        return true;
      }
    }
    for (Partition partition : question.partitions) ends.push_back({partition, kEnd});
    return false;
  });
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  if (std::optional<Client> fresh = renewal_.Next()) Use(*std::move(fresh));
  const absl::Status asked = ends.empty() ? absl::OkStatus() : Ask(ends);
  for (const Question& question : questions) {
    if (!asked.ok()) {
      question.done(asked);
      continue;
    }
    std::vector<Position> answer;
    answer.reserve(question.partitions.size());
    for (Partition partition : question.partitions)
      answer.push_back(*std::lower_bound(ends.begin(), ends.end(), Position{partition, 0}));
    question.done(std::move(answer));
  }
}

absl::Status Ends::Ask(std::vector<Position>& positions) {
  const absl::Time deadline = absl::Now() + timeout_;
  while (true) {
    bool again = false;
    const absl::Duration left = deadline - absl::Now();
    absl::Status status = AskOnce(positions, std::min(left, timeout_ / kAttempts), again);
    if (status.ok()) return status;
    absl::MutexLock lock(&mu_);
    if (!again || stopping_ || absl::Now() + kPause >= deadline) return status;
    arrived_.WaitWithTimeout(&mu_, kPause);
  }
}

absl::Status Ends::AskOnce(std::vector<Position>& positions, absl::Duration timeout, bool& again) {
  const Partitions list = layout_.ListOf(positions);
  const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client_.get(), list.get(), Milliseconds(timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    again = Passes(error);
    return absl::UnavailableError(absl::StrCat("Kafka did not answer where the log ends: ", ErrorText(error)));
  }
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = list->elems[i];
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR && element.offset >= 0) continue;
    again = Passes(element.err);
    return absl::UnavailableError(absl::StrCat("Kafka did not answer where ", element.topic, "/", element.partition,
                                               " ends: ", ErrorText(element.err)));
  }
  std::vector<Position> found = layout_.PositionsOf(*list);
  std::sort(found.begin(), found.end());
  positions = std::move(found);
  return absl::OkStatus();
}

}  // namespace throughline::log::kafka
