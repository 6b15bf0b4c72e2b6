#pragma once

// All four services on one log, called through their handlers. At work: ana and ben, reps of the north, zoe, their
// supervisor, abe, a supervisor of the coast, both on duty, and sam, a supervisor who is not and who is the fallback
// owner. gone was a rep.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/testing.h"
#include "services/intake/intake.h"
#include "services/outage-notice/outage_notice.h"
#include "services/ownership/ownership.h"
#include "services/ownership/people/people.h"
#include "services/supplier-tracking/supplier_tracking.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/queries.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::people {

using namespace service::testing;  // NOLINT
using common::v1::ROLE_ADMIN;
using common::v1::ROLE_PARTNER;
using common::v1::ROLE_READER;
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;
using Strings = std::vector<std::string>;

class AtWork : public ::testing::Test {
 protected:
  AtWork() {
    Meet("abe", ROLE_SUPERVISOR, R"pb(team: "coast" on_duty: true)pb");
    Meet("zoe", ROLE_SUPERVISOR, R"pb(team: "north" on_duty: true)pb");
    Meet("sam", ROLE_SUPERVISOR, "");
    for (const char* rep : {"ana", "ben", "gone"}) Meet(rep, ROLE_REP, R"pb(team: "north")pb");
    Deactivate("gone");
  }

  // Calls a method of any service, as whoever may.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const server::Api& api, const Request& request, const std::string& who,
                                runtime::Role role) {
    std::string method = Request::descriptor()->name();
    method.resize(method.size() - std::string("Request").size());
    runtime::Caller caller = Asking(who, role, "command " + std::to_string(++commands_));
    if (role == ROLE_PARTNER) caller.party = who;
    return Ask<Response>(world_, api, method, request, caller);
  }
  // The same for a request as text, which must succeed.
  template <typename Response, typename Request>
  Response Do(const server::Api& api, const std::string& request, const std::string& who, runtime::Role role) {
    auto answer = Call<Response>(api, FromText<Request>(request), who, role);
    EXPECT_TRUE(answer.ok()) << Request::descriptor()->name() << ": " << answer.status();
    return answer.value_or(Response());
  }

  void Meet(const std::string& who, runtime::Role role, const std::string& state) {
    Do<ownership::v1::SetAvailabilityResponse, ownership::v1::SetAvailabilityRequest>(*ownership_, state, who, role);
  }
  void Deactivate(const std::string& person) {
    Do<ownership::v1::DeactivatePersonResponse, ownership::v1::DeactivatePersonRequest>(
        *ownership_, "reason: \"left\" person: \"" + person + "\"", "abe", ROLE_SUPERVISOR);
    world_.Run();
  }
  void Absent(const std::string& person) {
    ownership::v1::PlanAbsenceRequest request;
    request.set_person(person);
    *request.mutable_until() = runtime::ToProto(world_.clock.Now() + absl::Hours(24));
    ASSERT_TRUE(Call<ownership::v1::PlanAbsenceResponse>(*ownership_, request, "abe", ROLE_SUPERVISOR).ok());
  }

  std::string OpenCase(const std::string& owner = "ana", runtime::Role role = ROLE_REP) {
    return Do<intake::v1::OpenCaseResponse, intake::v1::OpenCaseRequest>(
               *intake_, R"pb(customer_id: "kim" subject: "no heat" text: "It is cold." channel: CHANNEL_PHONE)pb",
               owner, role)
        .case_id();
  }
  void DefineComponent() {
    Do<outage::v1::DefineComponentResponse, outage::v1::DefineComponentRequest>(
        *outage_, R"pb(component_id: "web" name: "Web")pb", "root", ROLE_ADMIN);
  }
  outage::v1::PublishNoticeRequest Publishing() {
    auto request = FromText<outage::v1::PublishNoticeRequest>(
        R"pb(kind: NOTICE_KIND_OUTAGE
             component_ids: "web"
             title: "Down"
             description: "It fails."
             expected_end_unknown: true)pb");
    *request.mutable_next_update_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(48));
    return request;
  }
  std::string PublishNotice(const std::string& owner) {
    auto request = Publishing();
    request.set_owner(owner);
    const auto published = Call<outage::v1::PublishNoticeResponse>(*outage_, request, "abe", ROLE_SUPERVISOR);
    EXPECT_TRUE(published.ok()) << published.status();
    return published.value_or(outage::v1::PublishNoticeResponse()).notice_id();
  }
  supplier::v1::PlaceOrderRequest Placing() {
    auto request = FromText<supplier::v1::PlaceOrderRequest>(
        R"pb(customer_id: "kim"
             lines { line_id: "1" sku: "S-1" quantity: 1 vendor_id: "acme" })pb");
    *request.mutable_promised_time() = runtime::ToProto(world_.clock.Now() + absl::Hours(240));
    request.set_order_id("SO-" + std::to_string(++orders_));
    return request;
  }
  std::string PlaceOrder(const std::string& owner) {
    auto request = Placing();
    request.set_owner(owner);
    const auto placed = Call<supplier::v1::PlaceOrderResponse>(*supplier_, request, "shop", ROLE_SERVICE);
    EXPECT_TRUE(placed.ok()) << placed.status();
    return placed.value_or(supplier::v1::PlaceOrderResponse()).order_id();
  }

  ownership::v1::OwnershipView Case(const std::string& case_id) {
    return Do<ownership::v1::GetOwnershipResponse, ownership::v1::GetOwnershipRequest>(
               *ownership_, "case_id: \"" + case_id + "\"", "ana", ROLE_REP)
        .ownership();
  }
  std::string OwnerOfOrder(const std::string& order_id) {
    const auto traced = Do<supplier::v1::TraceOrderResponse, supplier::v1::TraceOrderRequest>(
        *supplier_, "order_id: \"" + order_id + "\"", "ana", ROLE_REP);
    return traced.order().owner();
  }
  std::string OwnerOfNotice(const std::string& notice_id) {
    const auto listed =
        Do<outage::v1::ListNoticesResponse, outage::v1::ListNoticesRequest>(*outage_, "", "ana", ROLE_REP);
    for (const auto& notice : listed.notices()) {
      if (notice.notice_id() == notice_id) return notice.owner();
    }
    return "";
  }
  // The records of all topics.
  size_t Records() {
    size_t records = 0;
    for (const auto& [partition, of_it] : world_.book.records) records += of_it.size();
    return records;
  }

  World world_;
  Node& intake_node_ = world_.Add(intake::Define({}));
  Node& ownership_node_ = world_.Add(ownership::Define({}));
  Node& outage_node_ = world_.Add(outage::Define({}));
  Node& supplier_node_ = world_.Add(supplier::Define({}));
  const std::unique_ptr<server::Api> intake_ = intake::MakeApi(intake_node_.streams(), {});
  const std::unique_ptr<server::Api> ownership_ = ownership::MakeApi(ownership_node_.streams(), {});
  const std::unique_ptr<server::Api> outage_ = outage::MakeApi(outage_node_.streams(), {});
  const std::unique_ptr<server::Api> supplier_ = supplier::MakeApi(supplier_node_.streams(), {});
  int commands_ = 0;
  int orders_ = 0;
};

}  // namespace throughline::people
