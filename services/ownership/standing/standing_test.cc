#include "services/ownership/standing/standing.h"

#include <map>
#include <set>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace throughline::ownership {
namespace {

v1::OwnershipEvent FromText(const std::string& text) {
  v1::OwnershipEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  return event;
}

// "owner/status/merged into", with a dash for what stays as it was.
std::string Told(const StandingChange& change) {
  const std::string status = change.status ? v1::CaseStatus_Name(*change.status).substr(12) : "-";
  return change.owner.value_or("-") + "/" + status + "/" + change.merged_into_case_id.value_or("-");
}

TEST(Standing, FollowsEveryEvent) {
  // Every event of the contract, with the least that it says.
  const std::map<std::string, std::string> changes = {
      {R"pb(started { owner: "ana" })pb", "ana/OPEN/-"},
      {R"pb(handoff_accepted { from: "ana" to: "ben" })pb", "ben/-/-"},
      {R"pb(reassigned { from: "ben" to: "cleo" })pb", "cleo/-/-"},
      {R"pb(resolution_proposed {})pb", "-/RESOLUTION_PROPOSED/-"},
      {R"pb(resolution_confirmed {})pb", "-/RESOLVED_CONFIRMED/-"},
      {R"pb(resolution_rejected {})pb", "-/OPEN/-"},
      {R"pb(confirmation_taken_back {})pb", "-/OPEN/-"},
      {R"pb(closed { resolution_code: RESOLUTION_CODE_CONFIRMED })pb", "-/CLOSED_CONFIRMED/-"},
      {R"pb(reopened {})pb", "-/OPEN/-"},
      {R"pb(merged { into_case_id: "c0" })pb", "-/CLOSED_MERGED/c0"},
      {R"pb(handoff_offered { from: "ana" to: "ben" })pb", "-/-/-"},
      {R"pb(handoff_declined {})pb", "-/-/-"},
      {R"pb(handoff_withdrawn {})pb", "-/-/-"},
      {R"pb(handoff_expired {})pb", "-/-/-"},
      {R"pb(promise_made {})pb", "-/-/-"},
      {R"pb(promise_kept {})pb", "-/-/-"},
      {R"pb(promise_renegotiated {})pb", "-/-/-"},
      {R"pb(promise_broken {})pb", "-/-/-"},
      {R"pb(work_note_added {})pb", "-/-/-"},
      {R"pb(interaction_noted { inbound: true })pb", "-/-/-"},
      {R"pb(interaction_acknowledged {})pb", "-/-/-"},
      {R"pb(commitment_made {})pb", "-/-/-"},
      {R"pb(commitment_renegotiated {})pb", "-/-/-"},
      {R"pb(commitment_settled {})pb", "-/-/-"},
      {R"pb(closing_announced {})pb", "-/-/-"},
      {R"pb(absorbed { from_case_id: "c2" })pb", "-/-/-"},
      {R"pb(confirmation_requested {})pb", "-/-/-"},
      {R"pb(escalated { to: "sue" })pb", "-/-/-"},
      {R"pb(escalation_acknowledged { by: "sue" })pb", "-/-/-"},
      {R"pb(escalation_settled { by: "sue" })pb", "-/-/-"},
      {R"pb(escalation_exhausted { to: "sue" })pb", "-/-/-"},
      {R"pb(remedy_granted {})pb", "-/-/-"},
      {R"pb(remedy_refused {})pb", "-/-/-"},
      {R"pb(remedy_requested {})pb", "-/-/-"},
      {R"pb(remedy_declined {})pb", "-/-/-"},
      {R"pb(remedy_countered {})pb", "-/-/-"},
      {R"pb(remedy_withdrawn {})pb", "-/-/-"},
      {R"pb(remedy_passed_up {})pb", "-/-/-"},
      {R"pb(remedy_handed_off {})pb", "-/-/-"},
      {R"pb(remedy_outcome_recorded {})pb", "-/-/-"},
      {R"pb(remedy_retried {})pb", "-/-/-"},
  };
  std::set<int> told;
  for (const auto& [text, change] : changes) {
    const v1::OwnershipEvent event = FromText(text);
    told.insert(event.event_case());
    EXPECT_EQ(Told(ChangeOf(event)), change) << text;
  }
  EXPECT_EQ(told.size(), v1::OwnershipEvent::descriptor()->FindOneofByName("event")->field_count())
      << "an event of the contract is missing above";
}

TEST(Standing, IsNotConfirmedByAnyOtherWayToClose) {
  const auto* codes = v1::ResolutionCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    v1::OwnershipEvent event;
    const auto code = static_cast<v1::ResolutionCode>(codes->value(i)->number());
    event.mutable_closed()->set_resolution_code(code);
    EXPECT_EQ(*ChangeOf(event).status == v1::CASE_STATUS_CLOSED_CONFIRMED, code == v1::RESOLUTION_CODE_CONFIRMED)
        << codes->value(i)->name();
  }
}

TEST(Standing, IsClosedInTheThreeWaysToClose) {
  std::vector<std::string> closed;
  const auto* statuses = v1::CaseStatus_descriptor();
  for (int i = 0; i < statuses->value_count(); ++i) {
    if (IsClosed(static_cast<v1::CaseStatus>(statuses->value(i)->number()))) {
      closed.push_back(statuses->value(i)->name());
    }
  }
  EXPECT_THAT(closed, ::testing::UnorderedElementsAre("CASE_STATUS_CLOSED_CONFIRMED", "CASE_STATUS_CLOSED_UNCONFIRMED",
                                                      "CASE_STATUS_CLOSED_MERGED"));
}

}  // namespace
}  // namespace throughline::ownership
