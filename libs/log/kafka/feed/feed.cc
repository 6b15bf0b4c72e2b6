#include "libs/log/kafka/feed/feed.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <pthread.h>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "spdlog/spdlog.h"

#include "libs/log/kafka/secrets.h"

namespace throughline::log {
namespace {

using kafka::Client;

constexpr absl::Duration kCloseTimeout = absl::Seconds(2);

absl::StatusOr<Client> NewProducer(const KafkaCluster& cluster) {
  absl::StatusOr<kafka::Conf> conf = kafka::MakeConf(cluster, kafka::Role::kProducer);
  if (!conf.ok()) return conf.status();
  const std::pair<const char*, const char*> settings[] = {
      {"message.timeout.ms", "0"},  // none: a record that timed out would be published again after its successors
      {"partitioner", "murmur2"},   // as other clients
      {"linger.ms", "5"},
      {"queue.buffering.max.messages", "20000"},
  };
  for (const auto& [name, value] : settings) {
    if (absl::Status status = kafka::Set(conf->get(), name, value); !status.ok()) return status;
  }
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  return kafka::NewClient(RD_KAFKA_PRODUCER, *std::move(conf));
}

class KafkaFeed final : public EventFeed {
 public:
  KafkaFeed(const KafkaCluster& cluster, std::shared_ptr<const kafka::Secrets> secrets)
      : cluster_(cluster),
        secrets_(std::move(secrets)),
        renewal_(*secrets_, [cluster] { return NewProducer(cluster); }) {}

  absl::Status Start() {
    absl::StatusOr<Client> producer = renewal_.Make();
    if (!producer.ok()) return producer.status();
    producer_ = *std::move(producer);
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  ~KafkaFeed() override {
    if (!thread_.joinable()) return;
    stop_.store(true);
    thread_.join();
    rd_kafka_flush(producer_.get(), 0);
    const absl::Time deadline = absl::Now() + kCloseTimeout;
    while (rd_kafka_outq_len(producer_.get()) > 0 && absl::Now() < deadline) Serve(absl::Milliseconds(20));
    GiveUp();
  }

  void Publish(FeedEvent event, Done done) override {
    auto waiting = std::make_unique<Waiting>(Waiting{std::move(done), event.broken});
    const std::string topic = KafkaEventsTopicName(cluster_, event.topic);
    absl::Status status = Produce(event, topic, waiting.get());
    if (status.ok()) {
      static_cast<void>(waiting.release());  // owned by its delivery report
    } else {
      waiting->Answer(std::move(status));
    }
  }

 private:
  struct Waiting {
    Done done;
    std::shared_ptr<std::atomic<bool>> broken;

    void Answer(absl::Status status) const {
      if (!status.ok() && broken != nullptr) broken->store(true);
      done(std::move(status));
    }
  };

  // Hands `waiting` over to librdkafka, or returns an error.
  absl::Status Produce(FeedEvent& event, const std::string& topic, Waiting* waiting) {
    absl::MutexLock lock(&mutex_);
    if (replacing_) return absl::UnavailableError("the producer is being replaced");
    // When there is a new producer, all events of the old one have failed.
    if (event.broken != nullptr && event.broken->load()) {
      return absl::UnavailableError("an earlier event was not published");
    }
    rd_kafka_headers_t* headers = rd_kafka_headers_new(event.headers.size());
    for (const auto& [name, value] : event.headers) {
      rd_kafka_header_add(headers, name.c_str(), static_cast<ssize_t>(name.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
    }
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        producer_.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
        RD_KAFKA_V_VALUE(event.value.data(), event.value.size()), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(waiting), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
    rd_kafka_headers_destroy(headers);
    return absl::UnavailableError(topic + " does not take events now: " + kafka::ErrorText(error));
  }

  void Run() {
    pthread_setname_np(pthread_self(), "log-feed");
    while (!stop_.load()) {
      Serve(absl::Milliseconds(100));
      ReplaceIfBroken();
      if (std::optional<Client> fresh = renewal_.Next()) Replace(*std::move(fresh));
    }
  }

  void Serve(absl::Duration wait) {
    kafka::Queue queue(rd_kafka_queue_get_main(producer_.get()));
    kafka::Event event(rd_kafka_queue_poll(queue.get(), kafka::Milliseconds(wait)));
    if (event != nullptr && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR) Deliver(event.get());
  }

  // Called periodically: librdkafka reports the error only once, and making a new producer may fail.
  void ReplaceIfBroken() {
    char text[512];
    if (std::chrono::steady_clock::now() < replace_after_) return;
    if (rd_kafka_fatal_error(producer_.get(), text, sizeof text) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    absl::StatusOr<Client> anew = renewal_.Make();
    if (!anew.ok()) {
      spdlog::error("the feed's producer is broken ({}) and no new one can be made: {}", text,
                    std::string(anew.status().message()));
      replace_after_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
      return;
    }
    spdlog::warn("the feed's producer was broken and has been replaced: {}", text);
    Replace(*std::move(anew));
  }

  // What is in flight is published again by whoever published it: consumers know an event by its id.
  void Replace(Client fresh) {
    {
      absl::MutexLock lock(&mutex_);
      replacing_ = true;  // what the old producer took from here on, nobody would answer
    }
    GiveUp();
    {
      absl::MutexLock lock(&mutex_);
      producer_.swap(fresh);
      replacing_ = false;
    }
    fresh.reset();  // takes a while: without the lock
  }

  void Deliver(rd_kafka_event_t* event) {
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
      const std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(message->_private));
      waiting->Answer(message->err == RD_KAFKA_RESP_ERR_NO_ERROR
                          ? absl::OkStatus()
                          : absl::UnavailableError(kafka::ErrorText(message->err)));
    }
  }

  // Answers all events in flight with an error.
  void GiveUp() {
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    kafka::Queue queue(rd_kafka_queue_get_main(producer_.get()));
    while (rd_kafka_outq_len(producer_.get()) > 0) {
      kafka::Event event(rd_kafka_queue_poll(queue.get(), 100));
      if (event != nullptr && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR) Deliver(event.get());
    }
  }

  const KafkaCluster cluster_;
  const std::shared_ptr<const kafka::Secrets> secrets_;
  kafka::Renewal renewal_;  // used by the thread only, once it runs
  absl::Mutex mutex_;       // excludes Produce while the producer is replaced
  bool replacing_ ABSL_GUARDED_BY(mutex_) = false;
  Client producer_;                                      // replaced by the thread only
  std::chrono::steady_clock::time_point replace_after_;  // after a failed attempt
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventFeed>> OpenKafkaFeed(const KafkaCluster& cluster,
                                                         std::shared_ptr<const kafka::Secrets> secrets) {
  if (secrets == nullptr) secrets = std::make_shared<const kafka::Secrets>(cluster);
  auto feed = std::make_unique<KafkaFeed>(cluster, std::move(secrets));
  if (absl::Status status = feed->Start(); !status.ok()) return status;
  return feed;
}

}  // namespace throughline::log
