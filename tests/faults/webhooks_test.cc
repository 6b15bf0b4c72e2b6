// kill -9 on the services while carriers push to the edge before them: what was answered 2xx is there, once, and what
// could not be stored was never answered so.

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "services/edge/edge.h"
#include "services/edge/testing/peer.h"
#include "tests/support/eventually.h"
#include "tests/support/suite_process.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::testing {
namespace {

constexpr int kRounds = 5;
constexpr int kCarriers = 4;  // that push at the same time
constexpr size_t kBeforeTheKill = 200;

std::string Payload(const std::string& number) {
  return absl::StrCat(
      R"({"trackingNumber":")", number,
      R"(","localActivityDate":"20251010","localActivityTime":"080000","activityLocation":{"city":"Kiel",)"
      R"("stateProvince":"","postalCode":"24103","country":"DE"},"activityStatus":{"type":"I","code":"DP",)"
      R"("description":"Departed from Facility","descriptionCode":""},"scheduledDeliveryDate":"",)"
      R"("actualDeliveryDate":"","actualDeliveryTime":"","gmtActivityDate":"20251010","gmtActivityTime":"060000",)"
      R"("gmtOffset":"+02.00","deliveryStartTime":"","deliveryEndTime":"","receivedBy":"","deliveryPhoto":""})");
}

// What carriers were told.
class Pushed {
 public:
  void Note(const std::string& number, const edge::testing::Peer::Answer& answer) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (answer.status == 200) {
      stored_.insert(number);
    } else {
      EXPECT_EQ(answer.status, 503) << answer.body;
      EXPECT_NE(answer.header("retry-after"), "");
      turned_away_.insert(number);
    }
  }
  size_t stored() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return stored_.size();
  }
  std::set<std::string> all_stored() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return stored_;
  }
  std::set<std::string> all_turned_away() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return turned_away_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> stored_ ABSL_GUARDED_BY(mutex_), turned_away_ ABSL_GUARDED_BY(mutex_);
};

edge::testing::Peer::Answer Push(int port, const std::string& number) {
  const std::string body = Payload(number);
  edge::testing::Peer peer(port);
  peer.Send(absl::StrCat("POST /webhooks/ups/e1 HTTP/1.1\r\nHost: a\r\nCredential: secret-of-ups\r\nContent-Length: ",
                         body.size(), "\r\n\r\n", body));
  return peer.Read();
}

TEST(WebhooksUnderKill, WhatWasAnsweredIsStoredOnceAndNothingElseWasAnsweredSo) {
  TestDirectory directory;
  const std::string endpoints = directory.path() + "/webhooks.toml";
  std::ofstream(directory.path() + "/ups") << "secret-of-ups";
  std::ofstream(endpoints)
      << "[[endpoint]]\ncarrier='ups'\nid='e1'\nformat='ups-track-alert'\nscheme='ups'\nsecrets=['ups']\n";
  SuiteProcess suite(directory.path() + "/data");
  Pushed pushed;
  for (int round = 0; round < kRounds; ++round) {
    const absl::Status started = suite.Start();
    ASSERT_TRUE(started.ok()) << started;
    auto edge = edge::Edge::Start({.client = {.address = suite.address()},
                                   .token_file = suite.data() + "/credentials/edge.token",
                                   .webhooks = {.endpoints = endpoints, .deadline = absl::Seconds(2)},
                                   .metrics_port = -1});
    ASSERT_TRUE(edge.ok()) << edge.status();
    std::atomic<bool> stop{false};
    std::vector<std::thread> carriers;
    for (int carrier = 0; carrier < kCarriers; ++carrier) {
      carriers.emplace_back([&, carrier] {
        for (int i = 0; !stop; ++i) {
          const std::string number = absl::StrFormat("1Z%d%d%06d", round, carrier, i);
          pushed.Note(number, Push((*edge)->port(), number));
        }
      });
    }
    const size_t enough = pushed.stored() + kBeforeTheKill;
    EXPECT_TRUE(Eventually([&] { return pushed.stored() >= enough; }));
    const size_t turned_away = pushed.all_turned_away().size();
    suite.Kill();
    // The edge goes on, and tells them.
    EXPECT_TRUE(Eventually([&] { return pushed.all_turned_away().size() >= turned_away + 2 * kCarriers; }));
    stop = true;
    for (std::thread& carrier : carriers) carrier.join();
  }
  const absl::Status started = suite.Start();
  ASSERT_TRUE(started.ok()) << started;
  const client::Client sam(suite.OptionsFor("sam"));
  const auto scans = [&](const std::string& number) {
    supplier::v1::GetShipmentRequest request;
    request.set_carrier("ups");
    request.set_tracking_number(number);
    const auto found = sam.Call<supplier::v1::GetShipmentResponse>(request);
    return found.ok() ? found->scans_size() : runtime::ReasonOf(found.status()) == "SHIPMENT_UNKNOWN" ? 0 : -1;
  };
  for (const std::string& number : pushed.all_stored()) EXPECT_EQ(scans(number), 1) << number;
  // What was turned away is sent again, and then it is there, once, whatever became of the first time.
  auto edge = edge::Edge::Start({.client = {.address = suite.address()},
                                 .token_file = suite.data() + "/credentials/edge.token",
                                 .webhooks = {.endpoints = endpoints},
                                 .metrics_port = -1});
  ASSERT_TRUE(edge.ok()) << edge.status();
  int unknown = 0;
  const std::set<std::string> again = pushed.all_turned_away();
  for (const std::string& number : again) {
    if (scans(number) == 1) ++unknown;
    if (number.back() != '0' && scans(number) == 0) continue;  // one in ten of those that never came: they are many
    EXPECT_EQ(Push((*edge)->port(), number).status, 200) << number;
    EXPECT_EQ(scans(number), 1) << number;
  }
  printf("stored %zu, turned away %zu, of these stored nevertheless %d\n", pushed.stored(), again.size(), unknown);
  edge->reset();
  EXPECT_EQ(suite.Terminate(), 0);
  const Finished verify = throughline::testing::Run({Program("throughline"), "verify", "--data", suite.data()});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

}  // namespace
}  // namespace throughline::testing
