#pragma once

// The fixture of intake's tests: intake and ownership on one log, called through their handlers.

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/testing.h"
#include "services/intake/intake.h"
#include "services/intake/projections/tables.h"
#include "services/ownership/ownership.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/supplier/v1/order.pb.h"

namespace throughline::intake {

using namespace service::testing;  // NOLINT
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;
using log::Topic;

// Each opens a case of its own; kLate is about a matter.
inline constexpr char kWeb[] =
    R"pb(customer_id: "kim"
         subject: "no heat"
         text: "It is cold."
         channel: CHANNEL_WEB
         component_id: "web"
         separate: true)pb";
inline constexpr char kLate[] =
    R"pb(customer_id: "kim" subject: "late" text: "Where is it?" channel: CHANNEL_PHONE order_id: "SO-1")pb";
inline constexpr char kPublished[] = R"pb(published {
                                            notice_id: "n1"
                                            component_ids: "web"
                                            title: "Checkout is down"
                                            description: "You cannot pay."
                                            next_update_due { seconds: 1772370000 }
                                          })pb";

class IntakeService : public ::testing::Test {
 protected:
  IntakeService() { Available("sam", ROLE_SUPERVISOR, ""); }  // the fallback owner

  template <typename Response>
  absl::StatusOr<Response> Give(const server::Api& api, std::string_view method,
                                const google::protobuf::Message& request, const std::string& who, runtime::Role role) {
    return Ask<Response>(world_, api, method, request, Asking(who, role, "command " + std::to_string(++commands_)));
  }
  v1::OpenCaseResponse Open(const std::string& request, const std::string& who = "shop",
                            runtime::Role role = ROLE_SERVICE) {
    auto opened = Give<v1::OpenCaseResponse>(*api_, "OpenCase", FromText<v1::OpenCaseRequest>(request), who, role);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.value_or(v1::OpenCaseResponse());
  }
  v1::CaseView View(const std::string& case_id) {
    v1::GetCaseRequest request;
    request.set_case_id(case_id);
    return Give<v1::GetCaseResponse>(*api_, "GetCase", request, "ana", ROLE_REP)
        .value_or(v1::GetCaseResponse())
        .case_();
  }
  std::vector<std::string> List(const std::string& request) {
    std::vector<std::string> ids;
    auto response =
        Give<v1::ListCasesResponse>(*api_, "ListCases", FromText<v1::ListCasesRequest>(request), "ana", ROLE_REP);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return ids;
    for (const auto& view : response->cases()) ids.push_back(view.case_id());
    return ids;
  }
  void Available(const std::string& who, runtime::Role role = ROLE_REP, const std::string& how = "available: true") {
    ASSERT_TRUE(Give<ownership::v1::SetAvailabilityResponse>(
                    *ownership_api_, "SetAvailability", FromText<ownership::v1::SetAvailabilityRequest>(how), who, role)
                    .ok());
  }
  void Close(const std::string& case_id, const std::string& owner) {
    auto request = FromText<ownership::v1::CloseCaseRequest>(R"pb(reason: "r" options_offered: "o")pb");
    request.set_case_id(case_id);
    auto closed = Give<ownership::v1::CloseCaseResponse>(*ownership_api_, "CloseCase", request, owner, ROLE_REP);
    ASSERT_TRUE(closed.ok()) << closed.status();
  }
  void HandOver(const std::string& case_id, const std::string& from, const std::string& to) {
    ownership::v1::OfferHandoffRequest offer;
    offer.set_case_id(case_id);
    offer.set_to(to);
    offer.set_reason("r");
    auto offered = Give<ownership::v1::OfferHandoffResponse>(*ownership_api_, "OfferHandoff", offer, from, ROLE_REP);
    ASSERT_TRUE(offered.ok()) << offered.status();
    ownership::v1::AcceptHandoffRequest accept;
    accept.set_case_id(case_id);
    accept.set_handoff_id(offered->handoff_id());
    ASSERT_TRUE(
        Give<ownership::v1::AcceptHandoffResponse>(*ownership_api_, "AcceptHandoff", accept, to, ROLE_REP).ok());
  }
  void Notice(const std::string& event) {
    world_.Write(Topic::kOutageNotice, "notice/n1", FromText<outage::v1::NoticeEvent>(event));
  }

  World world_;
  Node& node_ = world_.Add(Define({}));
  Node& ownership_node_ = world_.Add(ownership::Define({}));
  const std::unique_ptr<server::Api> api_ = MakeApi(node_.streams(), {});
  const std::unique_ptr<server::Api> ownership_api_ = ownership::MakeApi(ownership_node_.streams(), {});
  int commands_ = 0;
};

}  // namespace throughline::intake
