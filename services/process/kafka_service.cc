#include "services/process/kafka_service.h"

#include "absl/strings/str_cat.h"

#include "libs/log/kafka/feed/feed.h"

namespace throughline::process {
namespace {

absl::StatusOr<OpenedLog> OpenKafka(const log::KafkaLog::Options& options) {
  // All topics, also those that this service does not fold: a consistency token names the log by its topics and must be
  // valid at every service.
  absl::StatusOr<std::unique_ptr<log::KafkaLog>> opened = log::KafkaLog::Open(options);
  if (!opened.ok()) return opened.status();
  log::KafkaLog* kafka = opened->get();
  OpenedLog log;
  log.log = *std::move(opened);
  log.join = [kafka](const std::string& group, const std::vector<log::Topic>& topics) {
    return kafka->AssignPartitions(group, topics);
  };
  absl::StatusOr<std::unique_ptr<log::EventFeed>> feed = log::OpenKafkaFeed(options.cluster, kafka->secrets());
  if (!feed.ok()) return feed.status();
  log.feed = *std::move(feed);
  log.state = [kafka] {
    const log::KafkaLog::State state = kafka->state();
    return ProducerState{state.in_flight_records, state.in_flight_bytes, state.producers_made, state.appends_unknown};
  };
  return log;
}

void Greet(const ServiceConfig& config, const Process& process) {
  Say(absl::StrCat(config.program(), ": ", process.endpoint()));
  if (process.metrics_port() >= 0) {
    Say(absl::StrCat("metrics: ", process.metrics_address(), " (/metrics, /livez, /startupz, /readyz)"));
  }
  Say(absl::StrCat("replica: ", config.process.replica));
  Say(absl::StrCat("data: ", config.process.data));
  Say(absl::StrCat("kafka: ", config.kafka.cluster.brokers, ", topics ", config.kafka.cluster.topic_prefix, ".*"));
}

}  // namespace

int RunOnKafka(const ServiceConfig& config, const MakeService& make) {
  std::unique_ptr<Process> running;
  int port = config.process.port, metrics_port = config.process.metrics_port;  // once known, the same at each start
  return RunUntilStopped(config.run, [&](OnFailure on_failure) -> absl::StatusOr<Process*> {
    running.reset();
    absl::StatusOr<OpenedLog> log = OpenKafka(config.kafka);
    if (!log.ok()) return log.status();
    Process::Options options = config.process;
    options.port = port;
    options.metrics_port = metrics_port;
    options.on_failure = std::move(on_failure);
    std::vector<Service> services;
    services.push_back(make());
    auto started = Process::Start(std::move(options), *std::move(log), std::move(services));
    if (!started.ok()) return started.status();
    running = *std::move(started);
    port = running->port();
    metrics_port = running->metrics_port();
    Greet(config, *running);
    return running.get();
  });
}

}  // namespace throughline::process
