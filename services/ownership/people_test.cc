// Persons through the service's handlers: who stands above whom, absences, and what a deactivation moves.

#include "services/ownership/people/people.h"

#include "services/ownership/credentials.h"
#include "services/ownership/testing.h"

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
  std::string AboveOf(const std::string& person) {
    return Above(node_.store(), person, world_.clock.Now()).value_or("nobody");
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
  ASSERT_TRUE(Change(R"pb(person: "tom" kind: PERSON_KIND_SUPERVISOR team: "north")pb").ok());
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
  ASSERT_TRUE(Change(R"pb(person: "abe" kind: PERSON_KIND_SUPERVISOR team: "south")pb").ok());
  ASSERT_TRUE(Change(R"pb(person: "zoe" kind: PERSON_KIND_SUPERVISOR team: "north")pb").ok());
  ASSERT_TRUE(Change(R"pb(person: "ana" kind: PERSON_KIND_REP team: "north")pb").ok());
  for (const char* person : {"abe", "zoe"}) {
    EXPECT_TRUE(Give<v1::SetAvailabilityResponse>(
                    "SetAvailability", FromText<v1::SetAvailabilityRequest>("on_duty: true"), person, ROLE_SUPERVISOR)
                    .ok());
  }
  EXPECT_EQ(AboveOf("ana"), "zoe");
  Absent("zoe", absl::Hours(1));
  EXPECT_EQ(AboveOf("ana"), "sue") << "the first on duty, by team and name";
}

TEST_F(People, NobodyStandsAboveThemselvesThroughOthers) {
  ASSERT_TRUE(Change(R"pb(person: "tom" kind: PERSON_KIND_SUPERVISOR reports_to: "sue")pb").ok());
  ASSERT_TRUE(Change(R"pb(person: "una" kind: PERSON_KIND_SUPERVISOR reports_to: "tom")pb").ok());
  EXPECT_EQ(runtime::BadFieldsOf(Change(R"pb(person: "sue" reports_to: "una")pb")), Strings{"reports_to"});
  EXPECT_EQ(runtime::BadFieldsOf(Change(R"pb(person: "sue" reports_to: "sue")pb")), Strings{"reports_to"});
  EXPECT_EQ(runtime::BadFieldsOf(Change(R"pb(person: "tom" reports_to: "ben")pb")), Strings{"reports_to"}) << "a rep";
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
  ASSERT_TRUE(Change(R"pb(person: "tom" kind: PERSON_KIND_SUPERVISOR reports_to: "sue")pb").ok());
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

TEST_F(People, CredentialsMakePersonsKnownAndTheirRevocationDeactivates) {
  const auto credential = [](const std::string& name, runtime::Role role, bool disabled) {
    identity::TokenInfo info;
    info.identity = {name, {role}, "", "care"};
    info.disabled = disabled;
    return info;
  };
  const auto follow = [&](const std::vector<identity::TokenInfo>& credentials) {
    const bool known = FollowCredentials(node_.streams(), credentials);
    world_.Run();
    return known;
  };
  std::vector<identity::TokenInfo> credentials = {credential("cleo", ROLE_REP, false),
                                                  credential("dan", ROLE_SUPERVISOR, false),
                                                  credential("shop", common::v1::ROLE_SERVICE, false)};
  EXPECT_FALSE(follow(credentials)) << "commands are under way";
  EXPECT_TRUE(follow(credentials));
  EXPECT_EQ(Get("cleo").profile().team(), "care");
  EXPECT_EQ(Get("dan").profile().kind(), v1::PERSON_KIND_SUPERVISOR);
  EXPECT_FALSE(kPersons.Has(node_.store(), "shop"));
  credentials[0] = credential("cleo", ROLE_REP, true);
  follow(credentials);
  EXPECT_TRUE(Get("cleo").deactivated());
  credentials.push_back(credential("cleo", ROLE_REP, false));
  EXPECT_TRUE(follow(credentials)) << "a new credential brings nobody back";
  EXPECT_TRUE(Get("cleo").deactivated());
}

}  // namespace
}  // namespace throughline::ownership
