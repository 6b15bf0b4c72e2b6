// What the edge takes from the contract, of every call.

#include <set>
#include <string>

#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

#include "libs/client/services.h"
#include "services/edge/connect/call.h"

namespace throughline::edge::connect {
namespace {

// What changes something about the replica that is asked, and nothing in the log: such a call has no command id.
const std::set<std::string> kOfReplica = {"ReplayQuarantine"};

TEST(Contract, MarksExactlyTheReadsAsFreeOfSideEffects) {
  int reads = 0;
  for (const auto* service : client::AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      const bool command = method.client_streaming() || kOfReplica.contains(method.name()) ||
                           method.input_type()->FindFieldByName("command_id") != nullptr;
      EXPECT_EQ(IsRead(method), !command) << method.full_name() << ": option idempotency_level = NO_SIDE_EFFECTS";
      reads += IsRead(method) ? 1 : 0;
    }
  }
  EXPECT_GT(reads, 10);
}

}  // namespace
}  // namespace throughline::edge::connect
