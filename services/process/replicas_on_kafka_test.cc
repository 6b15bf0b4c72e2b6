// Two replicas of intake and one of ownership, each a process, on a real Kafka.

#include <fstream>
#include <set>
#include <thread>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/client/client.h"
#include "libs/identity/tokens.h"
#include "libs/log/kafka/topics/topics.h"
#include "tests/support/kafka/kafka_process.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline {
namespace {

using ::testing::HasSubstr;

std::string Line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// One replica of a service, as a process.
class Replica {
 public:
  Replica(std::string service, std::string name, const std::string& directory, const log::KafkaCluster& kafka)
      : data_(directory + "/" + name),
        command_({testing::Program("throughline-" + service), "--data", data_, "--replica", name, "--port", "0",
                  "--metrics-port", "-1", "--tokens", identity::TokensPath(directory), "--kafka-brokers", kafka.brokers,
                  "--kafka-prefix", kafka.topic_prefix, "--log-level", "warning"}) {}

  absl::Status Start() { return process.Start(command_, {}).status(); }
  std::string address() const { return Line(data_ + "/endpoint"); }

  testing::Process process;

 private:
  const std::string data_;
  const std::vector<std::string> command_;
};

class ReplicasOnKafka : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::StatusOr<std::string> brokers = testing::SharedKafka();
    SKIP_WITHOUT_KAFKA(brokers.status());
    kafka_.brokers = *brokers;
    kafka_.topic_prefix = absl::StrCat("test-replicas-", absl::ToUnixMillis(absl::Now()), "-", getpid());
    const auto made = log::CreateTopics(kafka_, {.partitions = 3, .replication = 1});
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE(identity::CreateFirstTokens(directory_.path(), absl::Now()).ok());
  }
  std::unique_ptr<Replica> Start(const std::string& service, const std::string& name) {
    auto replica = std::make_unique<Replica>(service, name, directory_.path(), kafka_);
    const absl::Status started = replica->Start();
    EXPECT_TRUE(started.ok()) << started;
    return replica;
  }
  client::Options As(const std::string& who, const std::string& address) const {
    client::Options options;
    options.address = address;
    options.token = Line(identity::CredentialPath(directory_.path(), who));
    return options;
  }

  TestDirectory directory_;
  log::KafkaCluster kafka_;
};

intake::v1::OpenCaseRequest Opening(const std::string& id) {
  intake::v1::OpenCaseRequest request;
  request.set_command_id(id);
  request.set_customer_id("C-7");
  request.set_subject("Where is it?");
  request.set_text("Promised for Friday");
  request.set_channel(intake::v1::CHANNEL_PHONE);
  return request;
}

TEST_F(ReplicasOnKafka, AnyReplicaTakesCommandsAndAClientFailsOver) {
  auto first = Start("intake", "intake-1");
  auto second = Start("intake", "intake-2");
  auto ownership = Start("ownership", "ownership-1");
  const client::Client on_first(As("ana", first->address()));
  const client::Client on_second(As("ana", second->address()));
  const client::Client ana(As(
      "ana", absl::StrCat("intake=", first->address(), ",", second->address(), ",ownership=", ownership->address())));

  // With its token, a write acknowledged by one replica is visible on the other and in another service.
  const auto opened = on_first.Call<intake::v1::OpenCaseResponse>(Opening("first"));
  ASSERT_TRUE(opened.ok()) << opened.status();
  intake::v1::GetCaseRequest get;
  get.set_case_id(opened->case_id());
  get.set_consistency_token(opened->consistency_token());
  auto got = on_second.Call<intake::v1::GetCaseResponse>(get);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->case_().subject(), "Where is it?");
  ownership::v1::GetOwnershipRequest owner;
  owner.set_case_id(opened->case_id());
  owner.set_consistency_token(opened->consistency_token());
  const auto owned = ana.Call<ownership::v1::GetOwnershipResponse>(owner);
  ASSERT_TRUE(owned.ok()) << owned.status();

  // The same command on the other replica has no second effect.
  const auto again = on_second.Call<intake::v1::OpenCaseResponse>(Opening("first"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->case_id(), opened->case_id());

  // The first replica is killed: the same client continues with the second.
  ASSERT_TRUE(ana.Call<intake::v1::GetCaseResponse>(get).ok());
  first->process.Kill();
  const auto later = ana.Call<intake::v1::OpenCaseResponse>(Opening("second"));
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_NE(later->case_id(), opened->case_id());

  // The first comes back and catches up. With the second killed, it is assigned all partitions.
  ASSERT_TRUE(first->Start().ok());
  EXPECT_EQ(second->process.Terminate(), 0);
  const client::Client on_first_again(As("ana", first->address()));
  get.set_case_id(later->case_id());
  get.set_consistency_token(later->consistency_token());
  got = on_first_again.Call<intake::v1::GetCaseResponse>(get);
  EXPECT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(first->process.Terminate(), 0);
  EXPECT_EQ(ownership->process.Terminate(), 0);
}

// A dashboard that knows both replicas keeps watching when the one that it is connected to ends.
TEST_F(ReplicasOnKafka, AWatchContinuesAtTheOtherReplica) {
  // Once ownership is ready, everybody who has a credential is known and can own an order.
  auto ownership = Start("ownership", "ownership-1");
  auto first = Start("supplier-tracking", "supplier-1");
  auto second = Start("supplier-tracking", "supplier-2");
  const auto replicas = [&] { return absl::StrCat(first->address(), ",", second->address()); };
  supplier::v1::PlaceOrderRequest order;
  order.set_order_id("SO-1");
  order.set_customer_id("mira");
  auto& line = *order.add_lines();
  line.set_line_id("1");
  line.set_sku("KETTLE-2");
  line.set_quantity(1);
  line.set_vendor_id("acme");
  order.mutable_promised_time()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(24)));
  const client::Client webshop(As("webshop", replicas()));
  const auto placed = webshop.Call<supplier::v1::PlaceOrderResponse>(order);
  ASSERT_TRUE(placed.ok()) << placed.status();
  int updates = 0;
  const auto hear_from_the_vendor = [&] {
    supplier::v1::RecordVendorUpdateRequest update;
    update.set_order_id("SO-1");
    update.set_vendor_id("acme");
    update.mutable_backordered()->set_reason(absl::StrCat("reason ", ++updates));
    const auto heard = client::Client(As("acme", replicas())).Call<supplier::v1::RecordVendorUpdateResponse>(update);
    EXPECT_TRUE(heard.ok()) << heard.status();
  };

  supplier::v1::WatchOrderRequest watch;
  watch.set_order_id("SO-1");
  watch.set_from_start(true);
  std::multiset<std::string> seen;
  int backordered = 0, lost = 0;
  const absl::Status ended = client::Client(As("dashboard", replicas()))
                                 .Watch<supplier::v1::WatchOrderResponse>(
                                     watch,
                                     [&](const supplier::v1::WatchOrderResponse& now) {
                                       for (const auto& entry : now.entries()) {
                                         seen.insert(entry.entry_id());
                                         backordered += entry.kind() == "VendorBackordered";
                                       }
                                       if (backordered < updates) return true;
                                       if (updates == 6) return false;
                                       hear_from_the_vendor();
                                       if (updates == 3)
                                         first->process.Kill();  // the last message may or may not have been sent
                                       hear_from_the_vendor();
                                       return true;
                                     },
                                     absl::Minutes(1), [&](const absl::Status&) { ++lost; });
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(lost, 1);
  supplier::v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  const auto trace = client::Client(As("ana", second->address())).Call<supplier::v1::TraceOrderResponse>(request);
  ASSERT_TRUE(trace.ok()) << trace.status();
  std::multiset<std::string> whole;
  for (const auto& entry : trace->entries()) whole.insert(entry.entry_id());
  EXPECT_EQ(seen, whole) << "each once";
  EXPECT_EQ(second->process.Terminate(), 0);
}

TEST_F(ReplicasOnKafka, TwoCallersCreateTopicsAtTheSameTime) {
  kafka_.topic_prefix += "-twice";
  absl::StatusOr<std::vector<std::string>> made[2];
  std::thread other([&] { made[1] = log::CreateTopics(kafka_, {.partitions = 3, .replication = 1}); });
  made[0] = log::CreateTopics(kafka_, {.partitions = 3, .replication = 1});
  other.join();
  ASSERT_TRUE(made[0].ok()) << made[0].status();
  ASSERT_TRUE(made[1].ok()) << made[1].status();
  EXPECT_EQ(made[0]->size() + made[1]->size(), 2 * std::size(log::kTopics) + 2) << "and those for notes";
}

TEST_F(ReplicasOnKafka, MissingTopicsAreReportedWithWhatToDo) {
  const testing::Finished refused = testing::Run(
      {testing::Program("throughline-intake"), "--data", directory_.path() + "/none", "--tokens",
       identity::TokensPath(directory_.path()), "--kafka-brokers", kafka_.brokers, "--kafka-prefix", "no-such-topics"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("throughline topics create"));
}

}  // namespace
}  // namespace throughline
