// Persons through the service's handlers: who stands above whom, absences, and what a deactivation moves.

#include "services/ownership/people/people.h"

#include "services/ownership/testing_people.h"

namespace throughline::ownership {
namespace {

using absl::StatusCode;

TEST_F(People, WhoeverDoesAnythingBecomesKnown) {
  EXPECT_FALSE(kPersons.Has(node_.store(), "ana"));
  Promise(absl::Hours(1));
  EXPECT_EQ(Get("ana").profile().kind(), v1::PERSON_KIND_REP);
  EXPECT_EQ(Get("ana").open_cases(), 1u);
  ExpectRebuildIsTheSame();
}

TEST_F(People, TheNearestSupervisorWhoIsHereStandsAbove) {
  Promise(absl::Hours(1));  // ana becomes known
  EXPECT_EQ(AboveOf("ana"), "sue") << "on duty";
  Meet("tom", ROLE_SUPERVISOR, R"pb(team: "north")pb");
  EXPECT_EQ(AboveOf("ana"), "sue");
  ASSERT_TRUE(Change(R"pb(person: "ana" team: "north")pb").ok());
  EXPECT_EQ(AboveOf("ana"), "sue") << "tom is of the team, but not on duty";
  ASSERT_TRUE(Change(R"pb(person: "ana" reports_to: "tom")pb").ok());
  EXPECT_EQ(AboveOf("ana"), "tom") << "ana reports to tom";
  Absent("tom", absl::Hours(1));
  EXPECT_EQ(AboveOf("ana"), "sue") << "tom is away";
  world_.Pass(absl::Hours(1));
  EXPECT_EQ(AboveOf("ana"), "tom");
  ASSERT_TRUE(Deactivate("tom").ok());
  EXPECT_EQ(AboveOf("ana"), "sue");
  EXPECT_EQ(AboveOf("sue"), "nobody") << "nobody is above themselves";
  EXPECT_EQ(Deactivate("sue").code(), StatusCode::kFailedPrecondition);
}

TEST_F(People, ASupervisorOfTheTeamComesBeforeAnother) {
  Meet("abe", ROLE_SUPERVISOR, R"pb(team: "south" on_duty: true)pb");
  Meet("zoe", ROLE_SUPERVISOR, R"pb(team: "north" on_duty: true)pb");
  Meet("ana", ROLE_REP, R"pb(team: "north")pb");
  EXPECT_EQ(AboveOf("ana"), "zoe");
  Absent("zoe", absl::Hours(1));
  EXPECT_EQ(AboveOf("ana"), "sue") << "the first on duty, by team and name";
}

TEST_F(People, NobodyStandsAboveThemselvesThroughOthers) {
  Meet("tom", ROLE_SUPERVISOR);
  ASSERT_TRUE(Change(R"pb(person: "tom" reports_to: "sue")pb").ok());
  Meet("una", ROLE_SUPERVISOR);
  ASSERT_TRUE(Change(R"pb(person: "una" reports_to: "tom")pb").ok());
  EXPECT_EQ(runtime::BadFieldsOf(Change(R"pb(person: "sue" reports_to: "una")pb")), Strings{"reports_to"});
  EXPECT_EQ(runtime::BadFieldsOf(Change(R"pb(person: "sue" reports_to: "sue")pb")), Strings{"reports_to"});
  EXPECT_EQ(runtime::BadFieldsOf(Change(R"pb(person: "tom" reports_to: "ben")pb")), Strings{"reports_to"}) << "a rep";
}

// Whatever a stream says.
TEST_F(People, NobodyStandsAboveThemselvesEvenIfTheyReportToThemselves) {
  world_.Write(Topic::kOwnership, "person/eve",
               FromText<v1::PersonEvent>(R"pb(introduced {
                                                person: "eve"
                                                profile { kind: PERSON_KIND_SUPERVISOR reports_to: "eve" }
                                              })pb"));
  EXPECT_EQ(AboveOf("eve"), "sue");
}

TEST_F(People, ADeactivationMovesWhatThePersonOwnsToThePersonAbove) {
  Promise(absl::Hours(1));
  world_.Write(Topic::kIntake, "case/c2",
               FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c2" owner: "ana" })pb"));
  ASSERT_TRUE(Deactivate("ana").ok());
  world_.Run();
  EXPECT_EQ(View().owner(), "sue");
  EXPECT_EQ(Worklist("ana"), Strings());
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR),
            (Strings{"PROMISE_OPEN/c1", "NEXT_UPDATE/c1", "NEXT_UPDATE/c2", "OWNED/c1", "OWNED/c2"}));
  // An opening that was decided before the deactivation was known moves at once, too.
  world_.Write(Topic::kIntake, "case/c3",
               FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c3" owner: "ana" })pb"));
  world_.Run();
  EXPECT_EQ(Worklist("ana"), Strings());
  EXPECT_TRUE(Get("ana").deactivated());
  ExpectRebuildIsTheSame();
}

TEST_F(People, NothingNewIsGivenToSomebodyDeactivatedOrAbsent) {
  const std::string offer = Offer("ben");
  ASSERT_TRUE(Deactivate("ben").ok());
  world_.Run();
  EXPECT_FALSE(View().has_handoff()) << "the offer is withdrawn";
  EXPECT_EQ(View().owner(), "ana");
  v1::AcceptHandoffRequest accept;
  accept.set_case_id("c1");
  accept.set_handoff_id(offer);
  EXPECT_EQ(Give<v1::AcceptHandoffResponse>("AcceptHandoff", accept, "ben").status().code(),
            StatusCode::kFailedPrecondition);
  const auto again = FromText<v1::OfferHandoffRequest>(R"pb(case_id: "c1" to: "ben" reason: "r")pb");
  EXPECT_EQ(runtime::ReasonOf(Give<v1::OfferHandoffResponse>("OfferHandoff", again).status()), "PERSON_DEACTIVATED");
  ASSERT_TRUE((Do<v1::ReactivatePersonResponse, v1::ReactivatePersonRequest>("ReactivatePerson",
                                                                             R"pb(person: "ben" reason: "back")pb"))
                  .ok());
  Absent("ben", absl::Hours(1));
  EXPECT_EQ(runtime::ReasonOf(Give<v1::OfferHandoffResponse>("OfferHandoff", again).status()), "PERSON_ABSENT");
  world_.Pass(absl::Hours(1));
  EXPECT_TRUE(Give<v1::OfferHandoffResponse>("OfferHandoff", again).ok());
}

TEST_F(People, AnOfferIsWithdrawnAndACaseReassigned) {
  Offer("ben");
  EXPECT_TRUE((Do<v1::WithdrawHandoffResponse, v1::WithdrawHandoffRequest>(
                   "WithdrawHandoff", R"pb(case_id: "c1" reason: "solved")pb", "ana", ROLE_REP))
                  .ok());
  EXPECT_FALSE(View().has_handoff());
  EXPECT_EQ(Worklist("ben"), Strings());
  EXPECT_TRUE((Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>("ReassignCase", R"pb(case_id: "c1"
                                                                                          to: "ben"
                                                                                          reason: "ana is ill")pb"))
                  .ok());
  EXPECT_EQ(View().owner(), "ben");
  EXPECT_EQ(Worklist("ben"), (Strings{"NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(Worklist("ana"), Strings());
  ExpectRebuildIsTheSame();
}

TEST_F(People, AClosedCaseOfSomebodyDeactivatedIsReopenedWithThePersonAbove) {
  ASSERT_TRUE(Give<v1::CloseCaseResponse>("CloseCase", FromText<v1::CloseCaseRequest>(R"pb(case_id: "c1"
                                                                                           reason: "r"
                                                                                           options_offered: "o")pb"))
                  .ok());
  ASSERT_TRUE(Deactivate("ana").ok());
  world_.Run();
  EXPECT_EQ(View().owner(), "ana");
  ASSERT_TRUE(Give<v1::ReopenCaseResponse>(
                  "ReopenCase", FromText<v1::ReopenCaseRequest>(R"pb(case_id: "c1" reason: "again")pb"), "ben")
                  .ok());
  EXPECT_EQ(View().owner(), "sue");
  ExpectRebuildIsTheSame();
}

TEST_F(People, ABrokenPromiseOfASupervisorReachesTheOneAbove) {
  Meet("tom", ROLE_SUPERVISOR);
  ASSERT_TRUE(Change(R"pb(person: "tom" reports_to: "sue")pb").ok());
  EXPECT_TRUE((Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>("ReassignCase", R"pb(case_id: "c1"
                                                                                          to: "tom"
                                                                                          reason: "hard")pb"))
                  .ok());
  auto request = FromText<v1::MakePromiseRequest>(R"pb(case_id: "c1" text: "call back")pb");
  *request.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
  ASSERT_TRUE(Give<v1::MakePromiseResponse>("MakePromise", request, "tom", ROLE_SUPERVISOR).ok());
  world_.Pass(absl::Hours(2));
  EXPECT_EQ(Worklist("tom", ROLE_SUPERVISOR), (Strings{"PROMISE_BROKEN!/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), (Strings{"PROMISE_BROKEN!/c1"}));
}

TEST_F(People, ASupervisorOfTheTeamComesBeforeAnotherWhetherOnDutyOrNot) {
  ASSERT_TRUE((Do<v1::SetAvailabilityResponse, v1::SetAvailabilityRequest>("SetAvailability", "").ok())) << "off duty";
  Meet("abe", ROLE_SUPERVISOR, R"pb(team: "south")pb");
  Meet("zoe", ROLE_SUPERVISOR, R"pb(team: "north")pb");
  Meet("ana", ROLE_REP, R"pb(team: "north")pb");
  EXPECT_EQ(AboveOf("ana"), "zoe") << "nobody is on duty";
  Absent("zoe", absl::Hours(1));
  EXPECT_EQ(AboveOf("ana"), "sue") << "zoe is away";
  Absent("sue", absl::Hours(1));
  Absent("abe", absl::Hours(1));
  EXPECT_EQ(AboveOf("ana"), "zoe") << "all are away: one of the team";
}

TEST_F(People, TheLastResortStandsAboveWhomNoSupervisorStandsAbove) {
  EXPECT_EQ(AboveOf("sue", "ben"), "ben");
  EXPECT_EQ(AboveOf("ben", "ben"), "sue") << "a supervisor is here";
  Meet("tom", ROLE_SUPERVISOR);
  EXPECT_EQ(AboveOf("sue", "ben"), "tom");
  Absent("tom", absl::Hours(1));
  EXPECT_EQ(AboveOf("sue", "ben"), "ben") << "tom is away, ben is here";
  Absent("ben", absl::Hours(1));
  EXPECT_EQ(AboveOf("sue", "ben"), "tom") << "both are away";
  world_.Pass(absl::Hours(2));
  ASSERT_TRUE(Deactivate("tom").ok());
  EXPECT_EQ(AboveOf("sue", "sue"), "nobody") << "nobody is above themselves";
  EXPECT_EQ(AboveOf("sue", "ups"), "nobody") << "is no person of ours";
  ASSERT_TRUE(Deactivate("ben").ok());
  EXPECT_EQ(AboveOf("sue", "ben"), "nobody") << "is deactivated";
}

// A promise that breaks is in the worklist of its owner, and of exactly one person above.
class BrokenPromise : public People {
 protected:
  // ana's, or whoever's `owner` is.
  void Break(const std::string& owner = "ana", runtime::Role role = ROLE_REP) {
    if (owner != "ana") {
      ASSERT_TRUE((Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>(
                       "ReassignCase", "case_id: \"c1\" reason: \"r\" to: \"" + owner + "\"")
                       .ok()));
    }
    auto request = FromText<v1::MakePromiseRequest>(R"pb(case_id: "c1" text: "call back")pb");
    *request.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
    ASSERT_TRUE(Give<v1::MakePromiseResponse>("MakePromise", request, owner, role).ok());
    world_.Pass(absl::Hours(2));
  }
  // Who sees it.
  Strings Reaches() {
    Strings reached;
    std::vector<std::string> all;
    kPersons.Scan(node_.store(), "", [&](std::string_view, const auto&, const v1::PersonView& row) {
      all.push_back(row.person());
      return true;
    });
    for (const std::string& person : all) {
      const auto role = kPersons.Get(node_.store(), person)->profile().kind() == v1::PERSON_KIND_SUPERVISOR
                            ? ROLE_SUPERVISOR
                            : ROLE_REP;
      for (const std::string& item : Worklist(person, role)) {
        if (item == "PROMISE_BROKEN!/c1") reached.push_back(person);
      }
    }
    return reached;
  }
  void OffDuty() {
    ASSERT_TRUE((Do<v1::SetAvailabilityResponse, v1::SetAvailabilityRequest>("SetAvailability", "").ok()));
  }
};

TEST_F(BrokenPromise, ReachesASupervisorWhoIsNotOnDuty) {
  OffDuty();
  Break();
  EXPECT_EQ(Reaches(), (Strings{"ana", "sue"}));
}

TEST_F(BrokenPromise, ReachesOneOfTheTeamNotAnother) {
  Meet("abe", ROLE_SUPERVISOR, R"pb(team: "south" on_duty: true)pb");
  Meet("zoe", ROLE_SUPERVISOR, R"pb(team: "north" on_duty: true)pb");
  Meet("ana", ROLE_REP, R"pb(team: "north")pb");
  Break();
  EXPECT_EQ(Reaches(), (Strings{"ana", "zoe"}));
}

TEST_F(BrokenPromise, ReachesWhoeverStandsAboveNowNotWhoStoodAboveThen) {
  Break();
  Meet("tom", ROLE_SUPERVISOR);
  ASSERT_TRUE(Change(R"pb(person: "ana" reports_to: "tom")pb").ok());
  EXPECT_EQ(Reaches(), (Strings{"ana", "tom"}));
  ASSERT_TRUE(Deactivate("tom").ok());
  EXPECT_EQ(Reaches(), (Strings{"ana", "sue"}));
}

TEST_F(BrokenPromise, ReachesAnAbsentSupervisorIfAllAreAbsent) {
  Absent("sue", absl::Hours(24));
  Break();
  EXPECT_EQ(Reaches(), (Strings{"ana", "sue"}));
}

TEST_F(BrokenPromise, OfASupervisorReachesAnother) {
  Meet("tom", ROLE_SUPERVISOR);
  Break("sue", ROLE_SUPERVISOR);
  EXPECT_EQ(Reaches(), (Strings{"sue", "tom"}));
}

TEST_F(BrokenPromise, OfTheOnlySupervisorReachesTheLastResort) {
  Break("sue", ROLE_SUPERVISOR);
  EXPECT_EQ(Reaches(), (Strings{"sue"})) << "sam, the configured one, is nobody here";
  Meet("sam", ROLE_REP);
  EXPECT_EQ(Reaches(), (Strings{"sam", "sue"}));
}

TEST_F(BrokenPromise, ReachesTheLastResortIfAllSupervisorsAreAbsent) {
  Meet("sam", ROLE_REP);
  Absent("sue", absl::Hours(24));
  Break();
  EXPECT_EQ(Reaches(), (Strings{"ana", "sam"}));
  EXPECT_EQ(View().supervisor(), "sam");
}

TEST_F(People, WhoIsDeactivatedChangesNothingWithTheCredentialThatTheyStillHave) {
  Meet("tom", ROLE_SUPERVISOR);
  ASSERT_TRUE(Deactivate("tom").ok());
  const auto refused = [&](const absl::Status& status) { return runtime::ReasonOf(status) == "PERSON_DEACTIVATED"; };
  EXPECT_TRUE(refused(Do<v1::ReactivatePersonResponse, v1::ReactivatePersonRequest>(
      "ReactivatePerson", R"pb(person: "tom" reason: "r")pb", "tom")));
  EXPECT_TRUE(refused(Do<v1::DeactivatePersonResponse, v1::DeactivatePersonRequest>(
      "DeactivatePerson", R"pb(person: "sue" reason: "r")pb", "tom")));
  EXPECT_TRUE(refused(Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>(
      "ReassignCase", R"pb(case_id: "c1" to: "ben" reason: "r")pb", "tom")));
  auto promise = FromText<v1::MakePromiseRequest>(R"pb(case_id: "c1" text: "call back")pb");
  *promise.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
  EXPECT_TRUE(refused(Give<v1::MakePromiseResponse>("MakePromise", promise, "tom", ROLE_SUPERVISOR).status()));
}

}  // namespace
}  // namespace throughline::ownership
