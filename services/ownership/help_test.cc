// Help through the service's handlers: who sees it, who of a team is asked, and what goes back.

#include "services/ownership/people/people.h"
#include "services/ownership/projections/worklist.h"
#include "services/ownership/testing.h"

namespace throughline::ownership {
namespace {

using absl::StatusCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

class Help : public OwnershipService {
 protected:
  Help() {
    Meet("ana", ROLE_REP, R"pb(available: true team: "care")pb");
    Meet("tim", ROLE_REP, R"pb(available: true team: "prices")pb");
    Meet("una", ROLE_REP, R"pb(available: true team: "prices")pb");
    Meet("pia", ROLE_SUPERVISOR, R"pb(team: "prices")pb");  // tim and una's supervisor, off duty
  }
  void Meet(const std::string& person, runtime::Role role, const std::string& state) {
    const auto met =
        Give<v1::SetAvailabilityResponse>("SetAvailability", FromText<v1::SetAvailabilityRequest>(state), person, role);
    EXPECT_TRUE(met.ok()) << met.status();
  }
  absl::StatusOr<v1::RequestHelpResponse> Ask(const std::string& whom, const std::string& who = "ana") {
    auto request = FromText<v1::RequestHelpRequest>(R"pb(case_id: "c1" text: "What does it cost?")pb");
    request.MergeFrom(FromText<v1::RequestHelpRequest>(whom));
    *request.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
    return Give<v1::RequestHelpResponse>("RequestHelp", request, who);
  }
  absl::Status HandBack(const std::string& id, const std::string& who) {
    auto request = FromText<v1::HandBackHelpRequest>(R"pb(case_id: "c1" reason: "not ours")pb");
    request.set_commitment_id(id);
    return Give<v1::HandBackHelpResponse>("HandBackHelp", request, who).status();
  }
  absl::Status Done(const std::string& id, const std::string& who) {
    auto request = FromText<v1::KeepCommitmentRequest>(R"pb(case_id: "c1" evidence: "it is 12")pb");
    request.set_commitment_id(id);
    return Give<v1::KeepCommitmentResponse>("KeepCommitment", request, who).status();
  }
  v1::CommitmentView Find(const std::string& id) {
    const auto view = View();
    for (const auto& one : view.commitments()) {
      if (one.commitment().commitment_id() == id) return one;
    }
    ADD_FAILURE() << "no commitment " << id;
    return {};
  }
  int64_t Counted(const char* counter) { return runtime::Counted(node_.store(), counter); }
  std::vector<std::string> History() {
    std::vector<std::string> told;
    const auto history =
        Give<v1::GetCaseHistoryResponse>("GetCaseHistory", FromText<v1::GetCaseHistoryRequest>(R"pb(case_id: "c1")pb"));
    EXPECT_TRUE(history.ok()) << history.status();
    for (const auto& entry : history->entries()) told.push_back(entry.text());
    return told;
  }
};

TEST_F(Help, IsSeenByTheHelperAndTheOwnerUntilItIsDone) {
  const auto asked = Ask(R"pb(to: "tim")pb");
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->helper(), "tim");
  EXPECT_THAT(Worklist("tim"), ElementsAre("HELP/c1"));
  EXPECT_THAT(Worklist("ana"), Not(Contains("HELP/c1")));
  const auto item =
      Give<v1::ListWorklistResponse>("ListWorklist", v1::ListWorklistRequest(), "tim", ROLE_REP)->items(0);
  EXPECT_EQ(item.text(), "What does it cost?");
  EXPECT_EQ(item.owner(), "ana");
  EXPECT_EQ(item.commitment_id(), asked->commitment_id());
  EXPECT_EQ(item.rank(), RankOf(v1::WORKLIST_REASON_HELP));
  EXPECT_EQ(runtime::FromProto(item.due()), runtime::FromProto(Find(asked->commitment_id()).commitment().due()));
  const auto own = Give<v1::ListCommitmentsResponse>("ListCommitments", v1::ListCommitmentsRequest(), "tim", ROLE_REP);
  ASSERT_EQ(own->commitments_size(), 1);
  EXPECT_EQ(own->commitments(0).commitment().commitment().kind(), v1::COMMITMENT_KIND_HELP);

  const auto seen = Find(asked->commitment_id());
  EXPECT_EQ(seen.commitment().owed_by(), "tim");
  EXPECT_EQ(seen.commitment().owed_to(), "ana");
  EXPECT_TRUE(seen.has_made_at());
  EXPECT_EQ(View().owner(), "ana");

  EXPECT_EQ(Done(asked->commitment_id(), "una").code(), StatusCode::kPermissionDenied);
  ASSERT_TRUE(Done(asked->commitment_id(), "tim").ok());
  EXPECT_TRUE(Worklist("tim").empty());
  EXPECT_EQ(Find(asked->commitment_id()).evidence(), "it is 12");
  EXPECT_EQ(Counted(kHelpRequested), 1);
  EXPECT_EQ(Counted(kHelpGiven), 1);
  EXPECT_THAT(History(), Contains("request for help kept: \"What does it cost?\": it is 12"));
  ExpectRebuildIsTheSame();
}

TEST_F(Help, OfATeamIsAskedOfWhoIsHereAndHasLeastToDo) {
  EXPECT_EQ(Ask(R"pb(team: "prices")pb")->helper(), "tim") << "the first by name";
  const auto second = Ask(R"pb(team: "prices")pb");
  EXPECT_EQ(second->helper(), "una") << "tim has something to do";
  EXPECT_EQ(Find(second->commitment_id()).commitment().team(), "prices");
  Meet("una", ROLE_REP, R"pb(available: false)pb");
  EXPECT_EQ(Ask(R"pb(team: "prices")pb")->helper(), "tim") << "una is not here";
  Meet("tim", ROLE_REP, R"pb(available: false)pb");
  EXPECT_EQ(runtime::ReasonOf(Ask(R"pb(team: "prices")pb").status()), "NOBODY_IN_TEAM");
  Meet("pia", ROLE_SUPERVISOR, R"pb(on_duty: true)pb");
  EXPECT_EQ(Ask(R"pb(team: "prices")pb")->helper(), "pia") << "who is on duty";
  EXPECT_EQ(runtime::ReasonOf(Ask(R"pb(team: "care")pb").status()), "NOBODY_IN_TEAM") << "the owner is not asked";
  EXPECT_EQ(runtime::ReasonOf(Ask(R"pb(team: "nowhere")pb").status()), "NOBODY_IN_TEAM");
  EXPECT_EQ(runtime::ReasonOf(Ask(R"pb(to: "nobody")pb").status()), "PERSON_UNKNOWN");
}

TEST_F(Help, AskedAgainByTheSameCommandIsTheSame) {
  auto request = FromText<v1::RequestHelpRequest>(R"pb(case_id: "c1" team: "prices" text: "t")pb");
  *request.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
  const auto ask = [&] {
    return ::throughline::service::testing::Ask<v1::RequestHelpResponse>(world_, *api_, "RequestHelp", request,
                                                                         Asking("ana", ROLE_REP, "the same"));
  };
  const auto first = ask();
  const auto again = ask();  // una has less to do by now
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->helper(), first->helper());
  EXPECT_EQ(again->commitment_id(), first->commitment_id());
  EXPECT_EQ(Counted(kHelpRequested), 1);
}

TEST_F(Help, HandedBackIsWithTheOwnerAgainAndPingPongIsSeen) {
  const std::string id = Ask(R"pb(to: "tim")pb")->commitment_id();
  ASSERT_TRUE(HandBack(id, "tim").ok());
  EXPECT_TRUE(Worklist("tim").empty());
  EXPECT_EQ(Find(id).outcome(), v1::COMMITMENT_OUTCOME_RETURNED);
  EXPECT_EQ(Find(id).evidence(), "not ours");
  EXPECT_EQ(Counted(kHelpReturned), 1);
  EXPECT_THAT(History(), Contains("request for help handed back by tim: \"What does it cost?\": not ours"));
  Ask(R"pb(to: "una")pb").IgnoreError();
  EXPECT_EQ(View().help_ping_pong_count(), 0u) << "somebody else is asked";
  Ask(R"pb(to: "tim")pb").IgnoreError();
  EXPECT_EQ(View().help_ping_pong_count(), 1u);
}

TEST_F(Help, NeitherGivenNorHandedBackGoesBackByItselfToTheOwnerAndWhoeverStandsAbove) {
  const std::string id = Ask(R"pb(to: "tim")pb")->commitment_id();
  world_.Pass(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(Find(id).outcome(), v1::COMMITMENT_OUTCOME_BROKEN);
  EXPECT_THAT(Worklist("ana"), Contains("COMMITMENT_BROKEN!/c1"));
  // pia is off duty, so sue stands above tim; above ana she stands, too, and sees it once.
  const auto of_sue = Worklist("sue", ROLE_SUPERVISOR);
  EXPECT_EQ(std::count(of_sue.begin(), of_sue.end(), "COMMITMENT_BROKEN!/c1"), 1);
  EXPECT_THAT(Worklist("pia", ROLE_SUPERVISOR), Not(Contains("COMMITMENT_BROKEN!/c1")));
  EXPECT_EQ(Counted(kHelpUnanswered), 1);
  EXPECT_EQ(Counted(kHelpReturned), 0);
  EXPECT_EQ(runtime::ReasonOf(Done(id, "tim")), "COMMITMENT_BROKEN");
  EXPECT_EQ(runtime::ReasonOf(HandBack(id, "tim")), "HELP_BROKEN");

  const auto items =
      Give<v1::ListWorklistResponse>("ListWorklist", v1::ListWorklistRequest(), "ana", ROLE_REP)->items();
  const auto broken = std::find_if(items.begin(), items.end(), [](const auto& item) {
    return item.reason() == v1::WORKLIST_REASON_COMMITMENT_BROKEN;
  });
  EXPECT_EQ(broken->text(), "`tim` did not help in time: What does it cost?");
}

TEST_F(Help, ReachesTheHelpersOwnSupervisorWhoIsNotTheOwners) {
  Meet("pia", ROLE_SUPERVISOR, R"pb(on_duty: true)pb");
  auto change = FromText<v1::ChangePersonRequest>(R"pb(person: "tim" reports_to: "pia" reason: "r")pb");
  ASSERT_TRUE(Give<v1::ChangePersonResponse>("ChangePerson", change, "sue", ROLE_SUPERVISOR).ok());
  change = FromText<v1::ChangePersonRequest>(R"pb(person: "ana" reports_to: "sue" reason: "r")pb");
  ASSERT_TRUE(Give<v1::ChangePersonResponse>("ChangePerson", change, "sue", ROLE_SUPERVISOR).ok());
  Ask(R"pb(to: "tim")pb").IgnoreError();
  world_.Pass(absl::Hours(1) + absl::Seconds(1));
  for (const char* who : {"pia", "sue"}) {
    EXPECT_THAT(Worklist(who, ROLE_SUPERVISOR), Contains("COMMITMENT_BROKEN!/c1")) << who;
  }
}

TEST_F(Help, OfWhoeverIsDeactivatedGoesBackWithTheReason) {
  const std::string id = Ask(R"pb(to: "tim")pb")->commitment_id();
  ASSERT_TRUE(Give<v1::DeactivatePersonResponse>(
                  "DeactivatePerson", FromText<v1::DeactivatePersonRequest>(R"pb(person: "tim" reason: "left")pb"),
                  "sue", ROLE_SUPERVISOR)
                  .ok());
  world_.Run();
  EXPECT_EQ(Find(id).outcome(), v1::COMMITMENT_OUTCOME_RETURNED);
  EXPECT_EQ(Find(id).evidence(), "`tim` was deactivated");
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_EQ(runtime::ReasonOf(Ask(R"pb(to: "tim")pb").status()), "PERSON_DEACTIVATED");
}

// It is Sunday noon, UTC.
TEST_F(Help, IsAskedOfAMemberWhoIsAtWorkNow) {
  const auto hours = [&](const std::string& person, const std::string& from_until) {
    return Give<v1::ChangePersonResponse>(
               "ChangePerson",
               FromText<v1::ChangePersonRequest>("person: \"" + person +
                                                 "\" working_hours { zone: \"UTC\" periods { weekday: 7 " + from_until +
                                                 " } }"),
               "sue", ROLE_SUPERVISOR)
        .status();
  };
  ASSERT_TRUE(hours("tim", "from_minute: 480 until_minute: 720").ok());
  ASSERT_TRUE(hours("una", "from_minute: 720 until_minute: 960").ok());
  EXPECT_EQ(Ask(R"pb(team: "prices")pb")->helper(), "una") << "tim went home at noon";
  EXPECT_TRUE(Ask(R"pb(to: "tim")pb").ok()) << "who is named is asked";
  ASSERT_TRUE(hours("una", "from_minute: 780 until_minute: 960").ok());
  EXPECT_EQ(runtime::ReasonOf(Ask(R"pb(team: "prices")pb").status()), "NOBODY_IN_TEAM");
}

}  // namespace
}  // namespace throughline::ownership
