// Suspected outages through the engine: raised by cases, confirmed by a notice, dismissed by a person.

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/testing.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/ownership.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/commands.pb.h"

namespace throughline::outage {
namespace {

using namespace service::testing;  // NOLINT
using common::v1::ROLE_REP;
using common::v1::ROLE_SUPERVISOR;

class Suspected : public ::testing::Test {
 protected:
  Suspected() {
    Meet("sam");
    Meet("sue");
    Ask<v1::DefineComponentResponse>("DefineComponent", R"pb(component_id: "till" name: "Till" owner: "sue")pb");
  }

  void Meet(const std::string& who) {
    ASSERT_TRUE(service::testing::Ask<ownership::v1::SetAvailabilityResponse>(
                    world_, *ownership_api_, "SetAvailability",
                    FromText<ownership::v1::SetAvailabilityRequest>("on_duty: true"),
                    Asking(who, ROLE_SUPERVISOR, "meet " + who))
                    .ok());
  }
  template <typename Response>
  absl::StatusOr<Response> Try(const std::string& method, const google::protobuf::Message& request,
                               const std::string& who = "sam") {
    return service::testing::Ask<Response>(world_, *api_, method, request,
                                           Asking(who, ROLE_SUPERVISOR, "command " + std::to_string(++commands_)));
  }
  template <typename Response>
  Response Ask(const std::string& method, const std::string& request) {
    const auto* type = Response::descriptor();
    const std::string name = type->full_name().substr(0, type->full_name().size() - std::string("Response").size());
    const auto* request_type = type->file()->pool()->FindMessageTypeByName(name + "Request");
    std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(request_type)->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(request, message.get())) << request;
    auto answer = Try<Response>(method, *message);
    EXPECT_TRUE(answer.ok()) << method << ": " << answer.status();
    return answer.value_or(Response());
  }
  void CasesComeIn(int count, const std::string& component = "till",
                   intake::v1::Channel channel = intake::v1::CHANNEL_PHONE) {
    for (int i = 0; i < count; ++i) {
      const std::string id = "c" + std::to_string(++cases_);
      intake::v1::CaseEvent event;
      event.mutable_opened()->set_case_id(id);
      event.mutable_opened()->set_component_id(component);
      event.mutable_opened()->set_channel(channel);
      world_.Write(log::Topic::kIntake, "case/" + id, event);
    }
  }
  std::vector<v1::SuspicionView> Open() {
    const auto listed = Ask<v1::ListSuspicionsResponse>("ListSuspicions", "");
    return {listed.suspicions().begin(), listed.suspicions().end()};
  }
  void PublishOutage() {
    v1::PublishNoticeRequest notice = FromText<v1::PublishNoticeRequest>(R"pb(kind: NOTICE_KIND_OUTAGE
                                                                              component_ids: "till"
                                                                              title: "Down"
                                                                              description: "x"
                                                                              expected_end_unknown: true)pb");
    *notice.mutable_next_update_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(24));
    ASSERT_TRUE(Try<v1::PublishNoticeResponse>("PublishNotice", notice).ok());
  }

  World world_;
  Node& node_ = world_.Add(Define({}));
  Node& ownership_node_ = world_.Add(ownership::Define({}));
  const std::unique_ptr<server::Api> api_ = MakeApi(node_.streams(), {});
  const std::unique_ptr<server::Api> ownership_api_ = ownership::MakeApi(ownership_node_.streams(), {});
  int commands_ = 0, cases_ = 0;
};

TEST_F(Suspected, ManyCasesAtOnceRaiseOneSuspicionForTheOwnerOfTheComponent) {
  CasesComeIn(6);
  EXPECT_TRUE(Open().empty());
  CasesComeIn(24);
  const auto open = Open();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].component_id(), "till");
  EXPECT_EQ(open[0].component_name(), "Till");
  EXPECT_EQ(open[0].owner(), "sue");
  EXPECT_GE(open[0].cases(), 7u);
  EXPECT_LE(open[0].probability(), 1e-5);
  EXPECT_EQ(node_.Gauge("throughline_outages_suspected"), 1);
  EXPECT_EQ(Ask<v1::CheckComponentResponse>("CheckComponent", R"pb(component_id: "till")pb").suspicion().suspicion_id(),
            open[0].suspicion_id());
}

TEST_F(Suspected, WhatWeNoticedOurselvesAndWhatIsNotDefinedRaisesNothing) {
  CasesComeIn(40, "till", intake::v1::CHANNEL_PROACTIVE);
  CasesComeIn(40, "door");
  EXPECT_TRUE(Open().empty());
}

TEST_F(Suspected, ANoticeConfirmsItAndExplainsWhatComesAfter) {
  CasesComeIn(30);
  ASSERT_EQ(Open().size(), 1u);
  PublishOutage();
  EXPECT_TRUE(Open().empty());
  CasesComeIn(30);
  EXPECT_TRUE(Open().empty());
}

TEST_F(Suspected, APersonDismissesItAndThenItIsQuietForAWhile) {
  CasesComeIn(30);
  v1::DismissSuspicionRequest dismiss;
  dismiss.set_component_id("till");
  dismiss.set_suspicion_id(Open().at(0).suspicion_id());
  dismiss.set_reason("a letter went out");
  ASSERT_TRUE(Try<v1::DismissSuspicionResponse>("DismissSuspicion", dismiss).ok());
  EXPECT_TRUE(Open().empty());
  CasesComeIn(30);
  EXPECT_TRUE(Open().empty());
  world_.Pass(absl::Hours(5));
  CasesComeIn(60);
  EXPECT_EQ(Open().size(), 1u);
  dismiss.set_suspicion_id("nil");
  EXPECT_EQ(runtime::ReasonOf(Try<v1::DismissSuspicionResponse>("DismissSuspicion", dismiss).status()),
            "SUSPICION_UNKNOWN");
}

TEST_F(Suspected, MovesOnWhenWhoWasToLookIsDeactivated) {
  CasesComeIn(30);
  ASSERT_EQ(Open().at(0).owner(), "sue");
  ASSERT_TRUE(service::testing::Ask<ownership::v1::DeactivatePersonResponse>(
                  world_, *ownership_api_, "DeactivatePerson",
                  FromText<ownership::v1::DeactivatePersonRequest>(R"pb(person: "sue" reason: "left")pb"),
                  Asking("sam", ROLE_SUPERVISOR, "deactivate"))
                  .ok());
  world_.Run();
  EXPECT_EQ(Open().at(0).owner(), "sam");
}

}  // namespace
}  // namespace throughline::outage
