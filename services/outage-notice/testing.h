#pragma once

// The fixture of the tests of outage-notice through its engine: one replica, with what a test gives it.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/ids.h"
#include "libs/runtime/testing/bench.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/domain/notice.h"
#include "services/outage-notice/outage_notice.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::outage {

using runtime::testing::FromText;

class OutageNotice : public ::testing::Test {
 protected:
  OutageNotice() { Start(); }

  void Start() {
    replica_ = std::make_unique<runtime::testing::Replica>(Define(config_), *log_, store_, &assignment_, clock_);
    EXPECT_TRUE(replica_->Start().ok());
    std::vector<log::Position> held;
    for (int32_t i = 0; i < book_.partitions; ++i) held.push_back({{log::Topic::kOutageNotice, i}, 0});
    assignment_.Hold(held);
    Run();
  }
  // As after a kill -9: what is folded stays, what is in memory does not.
  void Restart() {
    replica_.reset();
    assignment_.Leave();
    log_ = std::make_unique<runtime::testing::ScriptedLog>(book_);
    config_.delivery.outbox = std::make_shared<Outbox>();
    Start();
  }

  void Run() { ASSERT_TRUE(replica_->Run().ok()); }
  void Pass(absl::Duration time) {
    clock_.Pass(time);
    Run();
  }
  template <typename S, typename C>
  absl::Status Give(const std::string& key, const C& command, runtime::Caller caller) {
    auto answer = replica_->Send<S>(key, command, caller, clock_.Now() + absl::Seconds(10));
    Run();
    return answer->has_value() ? (**answer).status() : absl::InternalError("no answer");
  }
  runtime::Caller Ana() {
    auto caller = runtime::testing::By("ana", common::v1::ROLE_SUPERVISOR, "", clock_.Now());
    caller.command_id = "command-" + std::to_string(++commands_);
    return caller;
  }
  void DefineCheckout() {
    EXPECT_TRUE(Give<Component>("checkout",
                                DefineComponent{FromText<v1::DefineComponentRequest>(
                                    R"(component_id: "checkout" name: "Checkout")")},
                                Ana())
                    .ok());
  }
  // Returns the id. Noon is 1772366400; the next update is due in an hour.
  std::string Publish(const std::string& more = "") {
    const runtime::Caller ana = Ana();
    PublishNotice command{
        FromText<v1::PublishNoticeRequest>(R"(kind: NOTICE_KIND_OUTAGE component_ids: "checkout" title: "Down"
                                              description: "No paying." next_update_due { seconds: 1772370000 }
                                              expected_end_unknown: true)"),
        {}};
    command.request.MergeFrom(FromText<v1::PublishNoticeRequest>(more));
    if (command.request.has_expected_end()) command.request.clear_expected_end_unknown();
    command.unknown_components = UnknownOf(store_, command.request.component_ids());
    const std::string id = runtime::DerivedId(ana, "notice");
    EXPECT_TRUE(Give<Notice>(id, command, ana).ok());
    return id;
  }
  void OpenCase(const std::string& id, const std::string& notice, const std::string& customer = "kim") {
    intake::v1::CaseEvent event;
    event.mutable_opened()->set_case_id(id);
    event.mutable_opened()->set_customer_id(customer);
    event.mutable_opened()->add_notice_ids(notice);
    Foreign(id, 1, "throughline.intake.v1.CaseOpened", event);
  }
  void Foreign(const std::string& id, uint64_t version, const std::string& type, const intake::v1::CaseEvent& event) {
    throughline::log::v1::Commit commit;
    commit.set_stream("case/" + id);
    commit.set_version(version);
    commit.set_follows(last_digests_[id]);
    commit.set_command_id(id + "-" + std::to_string(version));
    commit.mutable_actor()->set_id("ana");
    commit.set_schema_version(1);
    commit.add_events()->set_type(type);
    commit.mutable_events(0)->set_data(event.SerializeAsString());
    const std::string record = commit.SerializeAsString();
    last_digests_[id] = crypto::Sha256(record);
    book_.WriteForeign(commit.stream(), record);
    Run();
  }
  static v1::CheckComponentRequest Checking(const std::string& component, const std::string& more = "") {
    auto request = FromText<v1::CheckComponentRequest>(more);
    request.set_component_id(component);
    return request;
  }
  v1::CheckComponentResponse Check(const std::string& component = "checkout", const std::string& more = "") {
    auto checked = CheckComponent(store_, Checking(component, more), clock_.Now());
    EXPECT_TRUE(checked.ok()) << checked.status();
    return checked.ok() ? *checked : v1::CheckComponentResponse();
  }
  int Listed(const std::string& filter) {
    auto listed = ListNotices(store_, FromText<v1::ListNoticesRequest>(filter));
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.ok() ? listed->notices_size() : -1;
  }

  Config config_;
  runtime::testing::Book book_{3};
  std::unique_ptr<runtime::testing::ScriptedLog> log_ = std::make_unique<runtime::testing::ScriptedLog>(book_);
  store::MemoryKeyValue store_;
  runtime::ManualClock clock_{runtime::testing::Noon()};
  runtime::testing::ScriptedAssignment assignment_;
  std::unique_ptr<runtime::testing::Replica> replica_;
  int commands_ = 0;
  std::map<std::string, std::string> last_digests_;  // of the case streams
};

}  // namespace throughline::outage
