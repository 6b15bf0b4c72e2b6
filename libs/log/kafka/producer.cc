#include "libs/log/kafka/producer.h"

#include <optional>
#include <pthread.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

#include "libs/log/kafka/headers.h"

namespace throughline::log::kafka {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr absl::Duration kRetirement = absl::Seconds(5);

// Whether the broker refuses the record itself, however often it is sent.
bool IsRefusal(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<int64_t> Outcome(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message.offset >= 0) return message.offset;
    // The broker takes it for a duplicate. Yet it may not be in the log: observed with the first records of a producer
    // to a new partition.
    return absl::UnavailableError(
        "the broker did not return the record's offset, so whether it was written is unknown");
  }
  const std::string why = ErrorText(message.err);
  // Certainly not written: only if it never left this process, or was refused at the first attempt.
  const bool absent = rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  if (absent && IsRefusal(message.err)) {
    const bool size =
        message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || message.err == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
    return size ? absl::InvalidArgumentError(absl::StrCat("the broker refuses the record: ", why))
                : absl::FailedPreconditionError(absl::StrCat("the broker refuses the record: ", why));
  }
  return absl::UnavailableError(absl::StrCat("whether this was written is unknown: ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Producer>> Producer::Start(Renewal renewal, const Layout& layout,
                                                          AppendBudget::Limits limits) {
  std::unique_ptr<Producer> producer(new Producer(std::move(renewal), layout, limits));
  absl::StatusOr<std::unique_ptr<Live>> live = producer->NewLive(producer->renewal_.Make());
  if (!live.ok()) return live.status();
  {
    absl::MutexLock lock(&producer->mu_);
    producer->live_ = *std::move(live);
    producer->made_ = 1;
  }
  producer->thread_ = std::thread([raw = producer.get()] { raw->Run(); });
  pthread_setname_np(producer->thread_.native_handle(), "log-acks");
  return producer;
}

Producer::Producer(Renewal renewal, const Layout& layout, AppendBudget::Limits limits)
    : layout_(layout), budget_(limits), renewal_(std::move(renewal)) {}

Producer::~Producer() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    rd_kafka_queue_yield(live_->reports.get());
  }
  thread_.join();
}

absl::StatusOr<std::unique_ptr<Producer::Live>> Producer::NewLive(absl::StatusOr<Client> client) const {
  if (!client.ok()) return client.status();
  auto live = std::make_unique<Live>();
  live->client = *std::move(client);
  live->reports.reset(rd_kafka_queue_get_main(live->client.get()));
  for (Topic topic : kTopics) {
    if (!layout_.Has(topic)) continue;
    TopicHandle handle(rd_kafka_topic_new(live->client.get(), layout_.NameOf(topic).c_str(), nullptr));
    if (handle == nullptr) {
      return absl::InternalError(
          absl::StrCat("no producer for ", layout_.NameOf(topic), ": ", ErrorText(rd_kafka_last_error())));
    }
    live->topics[static_cast<size_t>(topic)] = std::move(handle);
  }
  return live;
}

absl::Status Producer::Admit(Partition partition, size_t bytes) const {
  if (absl::Status status = layout_.Check(partition); !status.ok()) return status;
  if (stopping_) return absl::FailedPreconditionError("the log is closed");
  return budget_.Check(bytes);
}

absl::Status Producer::Produce(Partition partition, const std::string& key, const std::string& value,
                               Pending* pending) {
  rd_kafka_headers_t* headers = nullptr;
  if (auto shown = CommitHeaders(value); !shown.empty()) {
    headers = rd_kafka_headers_new(shown.size());
    for (const auto& [name, text] : shown) {
      rd_kafka_header_add(headers, name, -1, text.data(), static_cast<ssize_t>(text.size()));
    }
  }
  rd_kafka_vu_t fields[8];
  size_t count = 0;
  auto field = [&](rd_kafka_vtype_t type) -> auto& {
    fields[count].vtype = type;
    return fields[count++].u;
  };
  field(RD_KAFKA_VTYPE_RKT).rkt = live_->topics[static_cast<size_t>(partition.topic)].get();
  field(RD_KAFKA_VTYPE_PARTITION).i32 = partition.index;
  field(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  field(RD_KAFKA_VTYPE_KEY).mem = {const_cast<char*>(key.data()), key.size()};
  field(RD_KAFKA_VTYPE_VALUE).mem = {const_cast<char*>(value.data()), value.size()};
  field(RD_KAFKA_VTYPE_OPAQUE).ptr = pending;
  if (headers != nullptr) field(RD_KAFKA_VTYPE_HEADERS).headers = headers;
  const Error error(rd_kafka_produceva(live_->client.get(), fields, count));
  if (error == nullptr) return absl::OkStatus();
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  switch (rd_kafka_error_code(error.get())) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return absl::ResourceExhaustedError("too many appends are in flight: wait for some, then try again");
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return absl::InvalidArgumentError("the record is larger than Kafka's client takes");
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return absl::FailedPreconditionError(absl::StrCat("topic ", layout_.NameOf(partition.topic), " or its partition ",
                                                        partition.index, " is gone from the Kafka cluster"));
    default:
      // Not written, but a retry may succeed with a new producer: for the caller as good as unknown.
      return absl::UnavailableError(absl::StrCat("not written, try again: ", rd_kafka_error_string(error.get())));
  }
}

void Producer::Append(Partition partition, std::string key, std::string value, EventLog::Appended done) {
  const size_t bytes = key.size() + value.size();
  auto pending = std::make_unique<Pending>(Pending{std::move(done), bytes, 0, true});
  absl::MutexLock lock(&mu_);
  pending->era = era_;
  ++unanswered_[era_];
  absl::Status status = Admit(partition, bytes);
  if (status.ok() && renewing_) {
    budget_.Take(bytes);
    waiting_.push_back({partition, std::move(key), std::move(value), std::move(pending)});
    return;
  }
  // With the lock held, so that librdkafka gets the appends in the order of the calls.
  if (status.ok()) status = Produce(partition, key, value, pending.get());
  if (status.ok()) {
    static_cast<void>(pending.release());  // owned by its delivery report
    budget_.Take(bytes);
    return;
  }
  pending->admitted = false;
  Refuse(std::move(pending), std::move(status));
}

void Producer::Refuse(std::unique_ptr<Pending> pending, absl::Status status) {
  const bool first = refused_.empty();
  refused_.push_back({std::move(pending), std::move(status)});
  if (first && live_ != nullptr) rd_kafka_queue_yield(live_->reports.get());
}

size_t Producer::Flush(absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  const uint64_t target = era_++;
  auto left = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    size_t count = 0;
    for (const auto& [era, unanswered] : unanswered_) {
      if (era <= target) count += unanswered;
    }
    return count;
  };
  while (left() > 0) {
    if (answered_.WaitWithDeadline(&mu_, deadline)) break;
  }
  return left();
}

Producer::State Producer::state() const {
  absl::MutexLock lock(&mu_);
  return {budget_.records(), budget_.bytes(), made_, unknown_};
}

void Producer::Run() {
  while (true) {
    Live* live = nullptr;
    std::vector<Answer> refused;
    {
      absl::MutexLock lock(&mu_);
      if (stopping_ && refused_.empty()) break;
      std::swap(refused, refused_);
      live = live_.get();
    }
    if (!refused.empty()) Give(std::move(refused));
    Serve(*live, kTick);
    ReplaceIfBroken();
    RenewIfSecretsChanged();
  }
  std::unique_ptr<Live> last;
  {
    absl::MutexLock lock(&mu_);
    last = std::move(live_);
    for (Waiting& append : waiting_) {
      Refuse(std::move(append.pending), absl::UnavailableError("not written: the log is closed"));
    }
    waiting_.clear();
  }
  Retire(std::move(last));
  std::vector<Answer> refused;
  {
    absl::MutexLock lock(&mu_);
    std::swap(refused, refused_);
  }
  Give(std::move(refused));
}

void Producer::Serve(const Live& live, absl::Duration wait) {
  const Event event(rd_kafka_queue_poll(live.reports.get(), static_cast<int>(absl::ToInt64Milliseconds(wait))));
  if (event == nullptr) return;
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR:
      return Deliver(event.get());
    default:
      return;  // a client error: librdkafka logs it, and ReplaceIfBroken checks for fatal ones
  }
}

void Producer::Deliver(rd_kafka_event_t* event) {
  std::vector<Answer> answers;
  answers.reserve(rd_kafka_event_message_count(event));
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    answers.push_back({std::unique_ptr<Pending>(static_cast<Pending*>(message->_private)), Outcome(*message)});
  }
  Give(std::move(answers));
}

void Producer::Give(std::vector<Answer> answers) {
  {
    absl::MutexLock lock(&mu_);  // before the callbacks: they may append
    for (const Answer& answer : answers) {
      if (absl::IsUnavailable(answer.offset.status())) ++unknown_;
      if (answer.pending->admitted) budget_.Return(1, answer.pending->bytes);
    }
  }
  for (Answer& answer : answers) {
    answer.pending->done(std::move(answer.offset));
    answer.pending->done = nullptr;  // release what it holds before Flush returns
  }
  absl::MutexLock lock(&mu_);
  for (const Answer& answer : answers) {
    const auto unanswered = unanswered_.find(answer.pending->era);
    if (--unanswered->second == 0) unanswered_.erase(unanswered);
  }
  answered_.SignalAll();
}

void Producer::ReplaceIfBroken() {
  char text[512] = "";
  {
    absl::MutexLock lock(&mu_);
    const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(live_->client.get(), text, sizeof text);
    if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR || absl::Now() < try_again_) return;
  }
  absl::StatusOr<std::unique_ptr<Live>> fresh = NewLive(renewal_.Make());
  if (!fresh.ok()) {
    spdlog::error("the producer is broken ({}) and no new one can be made: {}", text, fresh.status().ToString());
    try_again_ = absl::Now() + absl::Seconds(1);
    return;
  }
  spdlog::warn("the producer was broken and has been replaced; the outcome of the appends in flight is unknown: {}",
               text);
  std::unique_ptr<Live> broken;
  {
    absl::MutexLock lock(&mu_);
    broken = std::exchange(live_, *std::move(fresh));
    ++made_;
  }
  Retire(std::move(broken));
}

void Producer::RenewIfSecretsChanged() {
  if (next_ == nullptr) {
    std::optional<Client> client = renewal_.Next();
    if (!client) return;
    absl::StatusOr<std::unique_ptr<Live>> fresh = NewLive(*std::move(client));
    if (!fresh.ok()) {
      spdlog::error("the producer keeps its connections with the secrets of before: {}", fresh.status().ToString());
      return;
    }
    next_ = *std::move(fresh);
    absl::MutexLock lock(&mu_);
    renewing_ = true;
  }
  std::unique_ptr<Live> old;
  {
    absl::MutexLock lock(&mu_);
    // Each is answered within the time that an append may take.
    if (rd_kafka_outq_len(live_->client.get()) > 0) return;
    old = std::exchange(live_, std::move(next_));
    renewing_ = false;
    for (Waiting& append : waiting_) {
      absl::Status status = Produce(append.partition, append.key, append.value, append.pending.get());
      if (status.ok()) {
        static_cast<void>(append.pending.release());  // owned by its delivery report
      } else {
        Refuse(std::move(append.pending), std::move(status));
      }
    }
    waiting_.clear();
  }
  Retire(std::move(old));
}

void Producer::Retire(std::unique_ptr<Live> live) {
  const absl::Time deadline = absl::Now() + kRetirement;
  rd_kafka_purge(live->client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  while (rd_kafka_outq_len(live->client.get()) > 0 && absl::Now() < deadline) Serve(*live, kTick);
  // librdkafka must answer each purged record.
  if (const int left = rd_kafka_outq_len(live->client.get()); left > 0)
    spdlog::critical("{} appends were never answered by Kafka's client", left);
}

}  // namespace throughline::log::kafka
