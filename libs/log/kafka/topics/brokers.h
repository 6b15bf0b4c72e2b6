#pragma once

// Checks the brokers' settings, for `throughline topics check`: those that lose acknowledged records, keep services
// out, or make a failover slow. deploy/kafka/broker.properties has what is recommended, with the reasons.
//
// Any thread; CheckBrokers blocks for up to the timeout.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/log/kafka/settings.h"

namespace throughline::log {

struct BrokerFinding {
  std::vector<int32_t> brokers;  // by id
  std::string setting;           // empty: the whole configuration
  bool refused = true;           // the services do not work with it; false: a risk that the operator may accept
  std::string what;
  std::string mend;
};

// A broker that does not answer is a finding. UNAVAILABLE: none does.
absl::StatusOr<std::vector<BrokerFinding>> CheckBrokers(const KafkaCluster& cluster, absl::Duration timeout);

namespace kafka {

// One broker as it describes itself.
struct BrokerFacts {
  int32_t id = 0;
  std::map<std::string, std::string> config = {};  // empty: not readable by this client
  bool answers = true;                             // false: it is away or hangs, and nothing is known of it
};

// `bootstrap`: for the commands in the findings. `session`: how long a service's session in its group is. Pure.
std::vector<BrokerFinding> JudgeBrokers(const std::vector<BrokerFacts>& brokers, absl::Duration session,
                                        const std::string& bootstrap);

}  // namespace kafka
}  // namespace throughline::log
