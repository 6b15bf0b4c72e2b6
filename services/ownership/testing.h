#pragma once

// The fixture of ownership's tests: the service on one log, called through its handlers, with a case that ana owns.

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/testing.h"
#include "services/ownership/ownership.h"
#include "services/ownership/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {

using namespace service::testing;  // NOLINT
using common::v1::ROLE_READER;
using common::v1::ROLE_REP;
using common::v1::ROLE_SUPERVISOR;
using log::Topic;

class OwnershipService : public ::testing::Test {
 protected:
  OwnershipService() {
    world_.Write(Topic::kIntake, "case/c1", FromText<intake::v1::CaseEvent>(R"pb(
                   opened {
                     case_id: "c1"
                     customer_id: "kim"
                     subject: "no heat"
                     owner: "ana"
                     order_id: "SO-1"
                     notice_ids: "n1"
                   })pb"));
    EXPECT_TRUE(
        Give<v1::SetAvailabilityResponse>("SetAvailability", v1::SetAvailabilityRequest(), "ben", ROLE_REP).ok());
    EXPECT_TRUE(Give<v1::SetAvailabilityResponse>(
                    "SetAvailability", FromText<v1::SetAvailabilityRequest>("on_duty: true"), "sue", ROLE_SUPERVISOR)
                    .ok());
  }

  template <typename Response>
  absl::StatusOr<Response> Give(std::string_view method, const google::protobuf::Message& request,
                                const std::string& who = "ana", runtime::Role role = ROLE_REP) {
    return Ask<Response>(world_, *api_, method, request, Asking(who, role, "command " + std::to_string(++commands_)));
  }
  v1::OwnershipView View() {
    return Give<v1::GetOwnershipResponse>("GetOwnership", FromText<v1::GetOwnershipRequest>(R"pb(case_id: "c1")pb"))
        ->ownership();
  }
  // The items of a worklist as "REASON/case", or "REASON!/case" if overdue, most urgent first.
  std::vector<std::string> Worklist(const std::string& who, runtime::Role role = ROLE_REP,
                                    const std::string& request = "") {
    std::vector<std::string> items;
    auto response =
        Give<v1::ListWorklistResponse>("ListWorklist", FromText<v1::ListWorklistRequest>(request), who, role);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return items;
    for (const auto& item : response->items()) {
      items.push_back(v1::WorklistReason_Name(item.reason()).substr(16) + (item.overdue() ? "!" : "") + "/" +
                      item.case_id());
    }
    return items;
  }
  std::string Promise(absl::Duration within) {
    auto request = FromText<v1::MakePromiseRequest>(R"pb(case_id: "c1" text: "call back")pb");
    *request.mutable_due() = runtime::ToProto(world_.clock.Now() + within);
    return Give<v1::MakePromiseResponse>("MakePromise", request)->promise_id();
  }
  void ExpectRebuildIsTheSame() { EXPECT_EQ(world_.Rebuild(Define({}))->store().Snapshot(), node_.store().Snapshot()); }

  World world_;
  Node& node_ = world_.Add(Define({}));
  const std::unique_ptr<server::Api> api_ = MakeApi(node_.streams(), {});
  int commands_ = 0;
};

using Strings = std::vector<std::string>;

}  // namespace throughline::ownership
