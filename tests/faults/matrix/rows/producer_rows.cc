// Rows 10 and 11: the response to the producer is lost, and the producer itself breaks.

#include <filesystem>
#include <fstream>

#include "absl/time/clock.h"

#include "libs/identity/tokens.h"
#include "libs/log/kafka/kafka_log.h"
#include "services/intake/intake.h"
#include "services/process/process.h"
#include "tests/faults/matrix/mock_kafka.h"
#include "tests/faults/matrix/scene.h"
#include "tests/faults/matrix/stores.h"
#include "tests/support/eventually.h"
#include "tests/support/network/tcp_proxy.h"

namespace throughline::faults {
namespace {

using testing::Replica;
using testing::TcpProxy;

// The first replica of each service connects to Kafka through a proxy that drops responses.
void RunAnswerLost(const Context& context, Outcome& outcome) {
  const int times = context.FullOrShort(20, 5);
  context.brokers.DownExcept(0);
  testing::KafkaProcess kafka;
  TcpProxy proxy;
  if (!outcome.Holds(kafka.Up({.nodes = 1, .advertised_ports = {proxy.port()}}), "starting Kafka")) return;
  proxy.ForwardTo(kafka.proxied_ports()[0]);
  Scene scene(context, outcome);
  testing::KafkaSuite::Options options;
  options.brokers = kafka.bootstrap();
  options.brokers_of = [&proxy](const Replica& replica) {
    return replica.number == 0 ? absl::StrCat("127.0.0.1:", proxy.port()) : "";
  };
  if (!scene.Begin(1, options)) return;
  Load load(scene.ledger(), scene.client(), {.seed = context.seed()});
  std::mt19937_64 random(context.seed());
  const int64_t share = context.settings.commands / (times + 1);
  for (int round = 0; round < times; ++round) {
    load.AwaitAcknowledged(scene.ledger().acknowledged() + share / 2);
    const int64_t dropped = proxy.traffic().dropped_answers;
    proxy.Be(TcpProxy::Mode::kDropAnswers);
    // Sometimes for longer than an append waits.
    const bool long_one = round % 5 == 4;
    proxy.AwaitDropped(dropped + 2000, absl::Seconds(5));
    absl::SleepFor(long_one ? absl::Seconds(12) : absl::Milliseconds(random() % 1500));
    proxy.Be(TcpProxy::Mode::kForward);
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  outcome.injected = absl::StrCat(times, " x a TCP proxy that drops what the broker answers");
  outcome.Note(absl::StrCat(proxy.traffic().dropped_answers, " bytes of answers dropped"));
  if (proxy.traffic().dropped_answers == 0) outcome.Problem("no answer was dropped: the row shows nothing");
  Examine(context, scene.suite(), scene.ledger(), outcome);
}

// Two replicas of intake in this process: only librdkafka's mock cluster can make a producer fail on demand.
class IntakeOnMock {
 public:
  absl::Status Start(const MockKafka& mock, const std::string& directory, int number) {
    log::KafkaLog::Options options;
    options.cluster.brokers = mock.brokers();
    options.check_topics = false;
    options.append_timeout = absl::Seconds(3);
    auto opened = log::KafkaLog::Open(options);
    if (!opened.ok()) return opened.status();
    kafka_ = opened->get();
    process::OpenedLog log;
    log.log = *std::move(opened);
    log.join = [kafka = kafka_](const std::string& group, const std::vector<log::Topic>& topics) {
      return kafka->AssignPartitions(group, topics);
    };
    process::Process::Options of_process;
    of_process.data = absl::StrCat(directory, "/replica-", number);
    of_process.tokens = identity::TokensPath(directory);
    of_process.metrics_port = -1;
    std::vector<process::Service> services;
    services.push_back(process::ServiceOf(intake::Define, intake::MakeApi, intake::Config()));
    auto process = process::Process::Start(of_process, std::move(log), std::move(services));
    if (!process.ok()) return process.status();
    process_ = *std::move(process);
    if (!Eventually([this] { return process_->UpdateHealth(); }, absl::Seconds(30))) {
      return absl::DeadlineExceededError("a replica on the mock cluster is not ready");
    }
    return absl::OkStatus();
  }
  void Stop() {
    if (process_ != nullptr) process_->Stop(absl::Seconds(10));
    process_.reset();
  }
  std::string endpoint() const { return process_->endpoint(); }
  uint64_t producers_made() const { return kafka_->state().producers_made; }

 private:
  log::KafkaLog* kafka_ = nullptr;
  std::unique_ptr<process::Process> process_;
};

void RunFatalError(const Context& context, Outcome& outcome) {
  const int times = context.FullOrShort(20, 5);
  std::error_code ignored;
  std::filesystem::remove_all(context.directory(), ignored);
  std::filesystem::create_directories(context.directory(), ignored);
  if (!outcome.Holds(identity::CreateFirstTokens(context.directory(), absl::Now()).status(), "making tokens")) return;
  std::string token;
  std::ifstream(identity::CredentialPath(context.directory(), kPerson)) >> token;
  const MockKafka mock;
  IntakeOnMock replicas[2];
  std::map<Replica, client::Options> ways;
  for (int i = 0; i < 2; ++i) {
    if (!outcome.Holds(replicas[i].Start(mock, context.directory(), i), "starting intake on the mock cluster")) return;
    client::Options& way = ways[{log::Topic::kIntake, i}];
    way.address = replicas[i].endpoint();
    way.token = token;
  }
  const testing::Failover client(ways, {.patience = absl::Seconds(60), .of_a_try = absl::Seconds(5)});
  Ledger ledger(context.directory() + "/ledger.txt", absl::StrCat("r", context.row),
                {.interactions = 50, .work_notes = 0, .orders = 0, .delays = 0, .doomed = 0});
  Load load(ledger, client, {.seed = context.seed()});
  const int64_t share = context.settings.commands / (times + 1);
  for (int round = 0; round < times; ++round) {
    load.AwaitAcknowledged(ledger.acknowledged() + share / 2);
    mock.FailNextProduce();
  }
  if (!load.AwaitSent(context.settings.commands)) outcome.Problem("nothing moves any more");
  load.Stop();
  SettleWith(client, ledger, context.seed(), outcome);
  const uint64_t made = replicas[0].producers_made() + replicas[1].producers_made() - 2;
  for (const auto& [replica, way] : ways)
    outcome.Holds(AwaitPresent(client::Client(way), replica.service), NameOf(replica));
  for (IntakeOnMock& replica : replicas) replica.Stop();
  outcome.injected =
      absl::StrCat(times, " x OUT_OF_ORDER_SEQUENCE_NUMBER from librdkafka's mock cluster, 2 x intake in this process");
  outcome.Note(absl::StrCat(made, " producers made anew"));
  if (made == 0) outcome.Problem("no producer broke: the row shows nothing");
  Audit audit(mock.brokers(), "throughline", MockKafka::kPartitions);
  if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
  HoldAgainst(audit, ledger, outcome);
  std::unique_ptr<store::KeyValue> stores[2];
  for (int i = 0; i < 2; ++i) {
    auto store = OpenStore(log::Topic::kIntake,
                           process::StorePath(absl::StrCat(context.directory(), "/replica-", i), log::Topic::kIntake));
    if (!outcome.Holds(store.status(), "reading a store")) return;
    stores[i] = *std::move(store);
  }
  if (const std::string how = Difference(*stores[0], *stores[1]); !how.empty())
    outcome.Problem("the two stores: " + how);
}

}  // namespace

std::vector<Row> ProducerRows() {
  return {{10, "append acknowledged by the broker, answer lost", 0, RunAnswerLost},
          {11, "producer fatal error", 0, RunFatalError}};
}

}  // namespace throughline::faults
