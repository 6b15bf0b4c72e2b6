// The contract on the adapters that need no broker.

#include "libs/log/embedded/embedded_log.h"
#include "libs/log/simulated/simulated_log.h"
#include "libs/log/testing/event_log_contract.h"
#include "tests/support/test_directory.h"

namespace throughline::log {
namespace {

EmbeddedLog::Options In(const TestDirectory& directory, EmbeddedLog::Options options) {
  options.path = directory.path() + "/log";
  return options;
}

// The directory is removed after the log is closed.
class EmbeddedContractLog : private TestDirectory, public OpenedContractLog<EmbeddedLog> {
 public:
  explicit EmbeddedContractLog(EmbeddedLog::Options options) : OpenedContractLog(In(*this, std::move(options))) {}
};

std::unique_ptr<ContractLog> MakeEmbedded() {
  return std::make_unique<EmbeddedContractLog>(EmbeddedLog::Options{.partitions = 3});
}

// Very little in memory, so that readers alternate between the tail and RocksDB.
std::unique_ptr<ContractLog> MakeEmbeddedWithShortTail() {
  return std::make_unique<EmbeddedContractLog>(EmbeddedLog::Options{.partitions = 3, .tail_bytes = 2000});
}

class SimulatedContractLog : public ContractLog {
 public:
  SimulatedContractLog(uint64_t seed, SimulatedLog::Faults faults)
      : simulation_(seed, 3, faults), log_(simulation_.Attach(0)) {}
  EventLog& log() override { return *log_; }
  bool Reopen() override {
    log_.reset();
    log_ = simulation_.Attach(0);
    return true;
  }
  bool Pump() override { return simulation_.Advance(); }

 private:
  SimulatedLog simulation_;
  std::unique_ptr<EventLog> log_;
};

std::unique_ptr<ContractLog> MakeSimulated() {
  return std::make_unique<SimulatedContractLog>(1, SimulatedLog::Faults());
}

// Late delivery: the only fault that the contract allows without an error.
std::unique_ptr<ContractLog> MakeSimulatedWithLateDelivery() {
  SimulatedLog::Faults faults;
  faults.delivered_late = 0.3;
  return std::make_unique<SimulatedContractLog>(2, faults);
}

const ContractCase kEmbedded{"Embedded", MakeEmbedded};
const ContractCase kEmbeddedShortTail{"EmbeddedShortTail", MakeEmbeddedWithShortTail};

INSTANTIATE_TEST_SUITE_P(Adapters, EventLogContract,
                         testing::Values(kEmbedded, kEmbeddedShortTail, ContractCase{"Simulated", MakeSimulated},
                                         ContractCase{"SimulatedLateDelivery", MakeSimulatedWithLateDelivery}),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Adapters, EventLogThreads, testing::Values(kEmbedded, kEmbeddedShortTail), CaseName);

}  // namespace
}  // namespace throughline::log
