// What outages leave to be done, in the worklists of those who are to do it.

#include "services/ownership/testing.h"
#include "throughline/outage/v1/component.pb.h"

namespace throughline::ownership {
namespace {

class OutageWork : public OwnershipService {
 protected:
  OutageWork() {
    EXPECT_TRUE(
        Give<v1::SetAvailabilityResponse>("SetAvailability", v1::SetAvailabilityRequest(), "ben", ROLE_REP).ok());
  }
  void Component(const std::string& event) {
    world_.Write(Topic::kOutageNotice, "component/till", FromText<outage::v1::ComponentEvent>(event));
  }
  void Notice(const std::string& event) {
    world_.Write(Topic::kOutageNotice, "notice/n7", FromText<outage::v1::NoticeEvent>(event));
  }
  std::string Now(absl::Duration later = absl::ZeroDuration()) {
    return "{ seconds: " + std::to_string(absl::ToUnixSeconds(world_.clock.Now() + later)) + " }";
  }
};

TEST_F(OutageWork, ASuspicionIsThereForWhoIsToLookUntilItIsConfirmedOrDismissed) {
  Component("suspected { suspicion_id: 's1' owner: 'ben' cases: 30 window { seconds: 900 } at " + Now() + " }");
  EXPECT_EQ(Worklist("ben"), (Strings{"SUSPECTED_OUTAGE/"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), Strings());
  world_.Pass(absl::Minutes(16));
  EXPECT_EQ(Worklist("ben"), (Strings{"SUSPECTED_OUTAGE!/"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), (Strings{"SUSPECTED_OUTAGE!/"}));
  Component("reassigned { suspicion_id: 's1' from: 'ben' to: 'ana' }");
  EXPECT_EQ(Worklist("ben"), Strings());
  Component("dismissed { suspicion_id: 's1' by: 'ana' reason: 'a letter' }");
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), Strings());
  Component("suspected { suspicion_id: 's2' owner: 'ben' cases: 30 at " + Now() + " }");
  Component("confirmed { suspicion_id: 's2' notice_id: 'n7' }");
  EXPECT_EQ(Worklist("ben"), Strings());
  ExpectRebuildIsTheSame();
}

TEST_F(OutageWork, AFollowUpIsThereForWhoOwesItAndBrokenForWhoeverStandsAboveToo) {
  const auto make = [&](const std::string& id) {
    Notice(
        "follow_up_made { by: 'sue' commitment { kind: COMMITMENT_KIND_FOLLOW_UP owed_by: 'ben' text: 'An alert' "
        "team: 'till' due " +
        Now(absl::Hours(1)) + " commitment_id: '" + id + "' } }");
  };
  make("f1");
  make("f2");
  EXPECT_EQ(Worklist("ben"), (Strings{"FOLLOW_UP/", "FOLLOW_UP/"}));
  Notice("follow_up_settled { commitment_id: 'f1' outcome: COMMITMENT_OUTCOME_KEPT owed_by: 'ben' }");
  EXPECT_EQ(Worklist("ben"), (Strings{"FOLLOW_UP/"}));
  const auto owed = Give<v1::ListCommitmentsResponse>(
      "ListCommitments", FromText<v1::ListCommitmentsRequest>("kind: COMMITMENT_KIND_FOLLOW_UP"), "ben", ROLE_REP);
  ASSERT_TRUE(owed.ok()) << owed.status();
  ASSERT_EQ(owed->commitments_size(), 1);
  EXPECT_EQ(owed->commitments(0).commitment().commitment().text(), "An alert");
  world_.Pass(absl::Hours(2));
  Notice("follow_up_settled { commitment_id: 'f2' outcome: COMMITMENT_OUTCOME_BROKEN owed_by: 'ben' above: 'sue' }");
  EXPECT_EQ(Worklist("ben"), (Strings{"COMMITMENT_BROKEN!/"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), (Strings{"COMMITMENT_BROKEN!/"}));
  v1::AcknowledgeWorkItemRequest seen;
  seen.set_item_id(
      Give<v1::ListWorklistResponse>("ListWorklist", v1::ListWorklistRequest(), "ben", ROLE_REP)->items(0).item_id());
  EXPECT_TRUE(Give<v1::AcknowledgeWorkItemResponse>("AcknowledgeWorkItem", seen, "ben", ROLE_REP).ok());
  EXPECT_EQ(Worklist("ben"), Strings());
  ExpectRebuildIsTheSame();
}

}  // namespace
}  // namespace throughline::ownership
