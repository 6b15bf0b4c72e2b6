// Persons through the service's handlers: who stands above whom, absences, and what a deactivation moves.

#include "services/ownership/people/people.h"

#include "services/ownership/credentials.h"
#include "services/ownership/testing.h"
#include "throughline/ownership/v1/availability.pb.h"
#include "throughline/ownership/v1/person.pb.h"

namespace throughline::ownership {
namespace {

using absl::StatusCode;

class People : public OwnershipService {
 protected:
  template <typename Response, typename Request>
  absl::Status Do(const std::string& method, const std::string& request, const std::string& who = "sue",
                  runtime::Role role = ROLE_SUPERVISOR) {
    return Give<Response>(method, FromText<Request>(request), who, role).status();
  }
  absl::Status Change(const std::string& request) {
    return Do<v1::ChangePersonResponse, v1::ChangePersonRequest>("ChangePerson", request);
  }
  absl::Status Deactivate(const std::string& person) {
    return Do<v1::DeactivatePersonResponse, v1::DeactivatePersonRequest>("DeactivatePerson",
                                                                         "person: \"" + person + "\" reason: \"left\"");
  }
  v1::PersonView Get(const std::string& person) {
    auto found = Give<v1::GetPersonResponse>("GetPerson", FromText<v1::GetPersonRequest>("person: \"" + person + "\""));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(v1::GetPersonResponse()).person();
  }
  std::string AboveOf(const std::string& person, const std::string& last_resort = "") {
    return Above(node_.store(), person, world_.clock.Now(), last_resort).value_or("nobody");
  }
  // The person becomes known, by their first call. `state`: fields of SetAvailabilityRequest.
  void Meet(const std::string& person, runtime::Role role, const std::string& state = "") {
    const auto met =
        Give<v1::SetAvailabilityResponse>("SetAvailability", FromText<v1::SetAvailabilityRequest>(state), person, role);
    EXPECT_TRUE(met.ok()) << met.status();
  }
  std::string Offer(const std::string& to) {
    auto request = FromText<v1::OfferHandoffRequest>(R"pb(case_id: "c1" reason: "r")pb");
    request.set_to(to);
    auto offered = Give<v1::OfferHandoffResponse>("OfferHandoff", request);
    EXPECT_TRUE(offered.ok()) << offered.status();
    return offered.ok() ? offered->handoff_id() : "";
  }
  void Absent(const std::string& person, absl::Duration until) {
    auto request = FromText<v1::PlanAbsenceRequest>("person: \"" + person + "\"");
    *request.mutable_until() = runtime::ToProto(world_.clock.Now() + until);
    auto planned = Give<v1::PlanAbsenceResponse>("PlanAbsence", request, "sue", ROLE_SUPERVISOR);
    ASSERT_TRUE(planned.ok()) << planned.status();
  }
};

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

// What the credentials file says, of which every second something may change.
class Credentials : public People {
 protected:
  static identity::TokenInfo Of(const std::string& name, runtime::Role role, bool disabled = false) {
    identity::TokenInfo info;
    info.identity = {name, {role}, "", "care"};
    info.disabled = disabled;
    return info;
  }
  bool Follow(const std::vector<identity::TokenInfo>& credentials) {
    const bool known = follower_.Follow(node_.streams(), credentials);
    world_.Run();
    return known;
  }
  bool IsActive(const std::string& person) {
    const auto row = kPersons.Get(node_.store(), person);
    return row && !row->deactivated();
  }
  std::string WhyGone(const std::string& person) { return Get(person).deactivation_reason(); }

  const std::vector<identity::TokenInfo> all_ = {Of("ana", ROLE_REP), Of("ben", ROLE_REP), Of("sue", ROLE_SUPERVISOR)};
  CredentialFollower follower_;
};

TEST_F(Credentials, MakeRepsAndSupervisorsKnownAndNobodyElse) {
  const auto credentials = {Of("cleo", ROLE_REP),
                            Of("dan", ROLE_SUPERVISOR),
                            Of("shop", common::v1::ROLE_SERVICE),
                            Of("ups", common::v1::ROLE_PARTNER),
                            Of("dashboard", ROLE_READER),
                            Of("root", common::v1::ROLE_ADMIN),
                            Of("eve", ROLE_REP, /*disabled=*/true)};
  EXPECT_FALSE(Follow(credentials)) << "commands are under way";
  EXPECT_TRUE(Follow(credentials));
  EXPECT_EQ(Get("cleo").profile().team(), "care");
  EXPECT_EQ(Get("dan").profile().kind(), v1::PERSON_KIND_SUPERVISOR);
  for (const char* other : {"shop", "ups", "dashboard", "root", "eve"}) {
    EXPECT_FALSE(kPersons.Has(node_.store(), other)) << other;
  }
  ExpectRebuildIsTheSame();
}

TEST_F(Credentials, GiveTheRole) {
  Follow(all_);
  Follow({Of("ana", ROLE_SUPERVISOR), all_[1], all_[2]});
  EXPECT_EQ(Get("ana").profile().kind(), v1::PERSON_KIND_SUPERVISOR);
  Promise(absl::Hours(1));
  EXPECT_EQ(Get("ana").profile().kind(), v1::PERSON_KIND_SUPERVISOR) << "a commit of before says nothing about now";
}

TEST_F(Credentials, ThatAreRevokedOrRemovedOrGiveNoRoleDeactivateAtOnce) {
  Follow(all_);
  Follow({Of("ana", ROLE_REP, /*disabled=*/true), all_[1], all_[2]});
  EXPECT_EQ(View().owner(), "sue");
  EXPECT_EQ(WhyGone("ana"), "the person's last credential was revoked");
  Follow({Of("ana", ROLE_REP, true), Of("ana", ROLE_REP), all_[1], all_[2]});
  EXPECT_FALSE(IsActive("ana")) << "a new credential brings nobody back: a supervisor does";
  Follow({Of("ben", ROLE_READER), Of("ana", ROLE_REP), all_[2]});
  EXPECT_EQ(WhyGone("ben"), "the person's credential is no rep's or supervisor's");
  Follow({Of("ana", ROLE_REP)});
  EXPECT_EQ(WhyGone("sue"), "the person has no credential any more");
  ExpectRebuildIsTheSame();
}

TEST_F(Credentials, WhoIsReactivatedWithoutOneIsDeactivatedAgain) {
  Follow(all_);
  Follow({all_[1], all_[2]});
  ASSERT_FALSE(IsActive("ana"));
  ASSERT_TRUE((Do<v1::ReactivatePersonResponse, v1::ReactivatePersonRequest>("ReactivatePerson", R"pb(person: "ana"
                                                                                                      reason: "r")pb")
                   .ok()));
  EXPECT_TRUE(IsActive("ana"));
  Follow({all_[1], all_[2]});
  EXPECT_FALSE(IsActive("ana"));
}

// Another replica may have the file's newer version.
TEST_F(Credentials, ThatWereNeverSeenCountAsGoneOnlyAfterAWhile) {
  Follow({all_[0], all_[2]});
  EXPECT_TRUE(IsActive("ben"));
  world_.Pass(CredentialFollower::kPatience - absl::Seconds(1));
  Follow({all_[0], all_[2]});
  EXPECT_TRUE(IsActive("ben"));
  world_.Pass(absl::Seconds(1));
  Follow({all_[0], all_[2]});
  EXPECT_FALSE(IsActive("ben"));
}

TEST_F(Credentials, DeactivateWhoWasKnownBeforePersonsHadAStream) {
  world_.Write(Topic::kOwnership, "availability/ghost",
               FromText<v1::AvailabilityEvent>(R"pb(set { person: "ghost" kind: PERSON_KIND_REP available: true })pb"));
  ASSERT_TRUE(IsActive("ghost"));
  Follow(all_);
  world_.Pass(CredentialFollower::kPatience);
  Follow(all_);
  Follow(all_);
  EXPECT_FALSE(IsActive("ghost"));
}

TEST_F(Credentials, OfTheLastSupervisorLeaveWhatTheyOweUntilThereIsAnother) {
  Follow(all_);
  ASSERT_TRUE((Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>("ReassignCase", R"pb(case_id: "c1"
                                                                                          reason: "r"
                                                                                          to: "sue")pb")
                   .ok()));
  Follow({all_[0], all_[1]});
  EXPECT_FALSE(IsActive("sue")) << "is given nothing new";
  EXPECT_EQ(View().owner(), "sue");
  Follow({all_[0], all_[1], Of("tom", ROLE_SUPERVISOR)});
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(View().owner(), "tom");
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
