#include "tests/faults/matrix/scene.h"

#include <filesystem>

namespace throughline::faults {

bool Scene::Begin(int nodes, testing::KafkaSuite::Options options, Ledger::Mix mix) {
  if (options.brokers.empty()) {
    const auto kafka = context_.brokers.WithNodes(nodes);
    if (!outcome_.Holds(kafka.status(), "starting Kafka")) return false;
    kafka_ = *kafka;
    options.brokers = kafka_->bootstrap();
    options.replication = nodes;
  }
  options.directory = context_.directory();
  std::error_code ignored;
  std::filesystem::remove_all(options.directory, ignored);
  if (!outcome_.Holds(suite_.Start(std::move(options)), "starting the suite")) return false;
  ledger_ = std::make_unique<Ledger>(context_.directory() + "/ledger.txt", absl::StrCat("r", context_.row), mix);
  client_ = std::make_unique<testing::Failover>(
      suite_, kPerson, testing::Failover::Options{.patience = absl::Seconds(60), .of_a_try = absl::Seconds(3)});
  return true;
}

}  // namespace throughline::faults
