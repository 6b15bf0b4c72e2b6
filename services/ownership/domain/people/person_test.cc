#include "services/ownership/domain/people/person.h"

#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using Set = v1::SetAvailabilityRequest;

constexpr char kAna[] = R"pb(introduced {
                               person: "ana"
                               profile { kind: PERSON_KIND_REP team: "north" }
                               available: true
                               by: "ana"
                             })pb";
constexpr char kSue[] = R"pb(introduced {
                               person: "sue"
                               profile { kind: PERSON_KIND_SUPERVISOR team: "north" }
                               by: "sue"
                             })pb";
constexpr char kGone[] = R"pb(deactivated { by: "sue" reason: "left" })pb";

runtime::Caller Root() { return By("root", common::v1::ROLE_ADMIN); }

MeetPerson Met(const std::string& profile) {
  return {FromText<v1::PersonIntroduced>("person: \"ana\" profile {" + profile + "}")};
}
ChangePerson Change(const std::string& request) {
  return {FromText<v1::ChangePersonRequest>(request), /*above_is_supervisor=*/true, /*above_is_below=*/false};
}
DeactivatePerson Deactivate(const std::string& person, bool somebody_above = true) {
  return {FromText<v1::DeactivatePersonRequest>("person: \"" + person + "\" reason: \"left\""), somebody_above};
}

TEST(Person, TheFirstCallMakesThemKnownOnce) {
  const MeetPerson met = Met("kind: PERSON_KIND_REP team: \"north\"");
  Given<Person>().When(met, Ana()).Then({R"pb(introduced {
                                                person: "ana"
                                                profile { kind: PERSON_KIND_REP team: "north" }
                                                by: "ana"
                                              })pb"});
  Given<Person>({kAna}).When(met, Ana()).Then({});
}

TEST(Person, AnotherRoleOfTheCredentialChangesTheRoleAndNothingElse) {
  Given<Person>({kAna})
      .When(Met("kind: PERSON_KIND_SUPERVISOR team: \"south\""), Ana())
      .Then({R"pb(profile_changed {
                    profile { kind: PERSON_KIND_SUPERVISOR team: "north" }
                    by: "ana"
                    reason: "the person's credential names another role"
                  })pb"});
}

TEST(Person, ACallOfSomebodyDeactivatedBringsNobodyBack) {
  Given<Person>({kAna, kGone}).When(Met("kind: PERSON_KIND_REP team: \"north\""), Ana()).Then({});
}

TEST(Availability, ARepSetsTheirOwnAndTheirRoleGivesTheKind) {
  Given<Person>().When<Set>(R"pb(available: true team: "north")pb", Ana()).Then({kAna});
}

TEST(Availability, TheCredentialsTeamIsTheFirst) {
  runtime::Caller ana = Ana();
  ana.team = "north";
  Given<Person>().When<Set>("available: true", ana).Then({kAna});
}

TEST(Availability, ChangesNothingElseOfThePerson) {
  Given<Person>({kAna}).When<Set>(R"pb(available: true team: "north")pb", Ana()).Then({});
  Given<Person>({kAna})
      .When<Set>("", Ana())
      .Then({R"pb(availability_changed { by: "ana" })pb"})
      .AndState([](const v1::PersonState& state) { EXPECT_EQ(state.profile().team(), "north"); });
  Given<Person>({kAna})
      .When<Set>(R"pb(team: "south")pb", Ana())
      .ThenRefused(absl::StatusCode::kInvalidArgument, "north");
  Given<Person>({kAna})
      .When<Set>("kind: PERSON_KIND_SUPERVISOR", Sue())
      .ThenRefused(absl::StatusCode::kInvalidArgument, "credential");
}

TEST(Availability, OnlyASupervisorSetsAnotherPersons) {
  Given<Person>().When<Set>(R"pb(person: "ben")pb", Ana()).ThenRefused(absl::StatusCode::kPermissionDenied, "ben");
  Given<Person>({kAna}).When<Set>(R"pb(person: "ana")pb", Sue()).Then({R"pb(availability_changed { by: "sue" })pb"});
}

TEST(Availability, OnlyASupervisorIsOneOrOnDuty) {
  Given<Person>().When<Set>("on_duty: true", Sue()).Then({R"pb(introduced {
                                                                 person: "sue"
                                                                 profile { kind: PERSON_KIND_SUPERVISOR }
                                                                 on_duty: true
                                                                 by: "sue"
                                                               })pb"});
  Given<Person>().When<Set>("kind: PERSON_KIND_SUPERVISOR", Ana()).ThenRefused(absl::StatusCode::kPermissionDenied);
  Given<Person>().When<Set>("on_duty: true", Ana()).ThenRefused(absl::StatusCode::kInvalidArgument, "on_duty");
  Given<Person>({kAna}).When<Set>("on_duty: true", Ana()).ThenRefused(absl::StatusCode::kInvalidArgument, "on_duty");
}

TEST(Availability, MakesNobodyKnownButTheRepOrSupervisorWhoCalls) {
  const auto unknown = [](const std::string& request, const runtime::Caller& caller) {
    Given<Person>().When<Set>(request, caller).ThenRefused(absl::StatusCode::kNotFound, "credential");
  };
  unknown(R"pb(person: "ana")pb", Sue());
  unknown(R"pb(person: "ups" kind: PERSON_KIND_REP)pb", Sue());
  unknown("kind: PERSON_KIND_REP", Root());
  unknown("kind: PERSON_KIND_SUPERVISOR", Root());
  unknown("kind: PERSON_KIND_REP", By("ups", common::v1::ROLE_PARTNER));
  unknown("kind: PERSON_KIND_REP", By("dashboard", common::v1::ROLE_READER));
  Given<Person>().When<Set>("kind: PERSON_KIND_REP", Sue()).ThenRefused(absl::StatusCode::kInvalidArgument, "kind");
}

TEST(Availability, OfSomebodyDeactivatedIsRefused) {
  Given<Person>({kAna, kGone})
      .When<Set>("available: true", Ana())
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "reactivate");
}

TEST(ChangePerson, ReplacesWhatIsGivenAndKeepsTheRest) {
  Given<Person>({kAna})
      .When(Change(R"pb(person: "ana"
                        reports_to: "sue"
                        skills { words: "returns" words: "billing" words: "returns" }
                        capacity: 20
                        reason: "new desk")pb"),
            Sue())
      .Then({R"pb(profile_changed {
                    profile {
                      kind: PERSON_KIND_REP
                      team: "north"
                      reports_to: "sue"
                      skills: "billing"
                      skills: "returns"
                      capacity: 20
                    }
                    by: "sue"
                    reason: "new desk"
                  })pb"});
  Given<Person>({kAna}).When(Change(R"pb(person: "ana" team: "north")pb"), Sue()).Then({});
}

TEST(ChangePerson, MakesNobodyKnown) {
  Given<Person>()
      .When(Change(R"pb(person: "ups" kind: PERSON_KIND_REP team: "south")pb"), Sue())
      .ThenRefused(absl::StatusCode::kNotFound, "ups");
}

TEST(ChangePerson, TheCredentialGivesTheRole) {
  Given<Person>({kAna}).When(Change(R"pb(person: "ana" kind: PERSON_KIND_REP)pb"), Sue()).Then({});
  Given<Person>({kAna})
      .When(Change(R"pb(person: "ana" kind: PERSON_KIND_SUPERVISOR)pb"), Sue())
      .ThenRefused(absl::StatusCode::kInvalidArgument, "credential");
  Given<Person>({kSue})
      .When(Change(R"pb(person: "sue" kind: PERSON_KIND_REP)pb"), Root())
      .ThenRefused(absl::StatusCode::kInvalidArgument, "credential");
}

TEST(ChangePerson, NobodyIsAboveThemselves) {
  Given<Person>({kSue})
      .When(Change(R"pb(person: "sue" reports_to: "sue")pb"), Root())
      .ThenRefused(absl::StatusCode::kInvalidArgument, "above themselves");
  ChangePerson below = Change(R"pb(person: "sue" reports_to: "tom")pb");
  below.above_is_below = true;
  Given<Person>({kSue}).When(below, Root()).ThenRefused(absl::StatusCode::kInvalidArgument, "above themselves");
  ChangePerson rep = Change(R"pb(person: "sue" reports_to: "ana")pb");
  rep.above_is_supervisor = false;
  Given<Person>({kSue}).When(rep, Root()).ThenRefused(absl::StatusCode::kInvalidArgument, "no active supervisor");
}

TEST(Person, ASupervisorWhoBecomesARepIsNotOnDutyAnyMore) {
  Given<Person>({kSue, R"pb(availability_changed { on_duty: true by: "sue" })pb"})
      .When(Met("kind: PERSON_KIND_REP"), Sue())
      .AndState([](const v1::PersonState& state) {
        EXPECT_EQ(state.profile().kind(), v1::PERSON_KIND_REP);
        EXPECT_FALSE(state.on_duty());
      });
}

TEST(ChangePerson, WorkingHoursAreInOrderAndWithinADay) {
  const auto with = [](const std::string& periods) {
    return Change(R"pb(person: "ana"
                       working_hours { zone: "Europe/Berlin")pb" +
                  periods + "}");
  };
  Given<Person>({kAna})
      .When(with("periods { weekday: 1 from_minute: 540 until_minute: 720 } "
                 "periods { weekday: 1 from_minute: 780 until_minute: 1020 }"),
            Sue())
      .AndState([](const v1::PersonState& state) { EXPECT_EQ(state.profile().working_hours().periods_size(), 2); });
  for (const char* wrong : {"periods { weekday: 0 from_minute: 540 until_minute: 720 }",
                            "periods { weekday: 8 from_minute: 540 until_minute: 720 }",
                            "periods { weekday: 1 from_minute: 540 until_minute: 540 }",
                            "periods { weekday: 1 from_minute: 540 until_minute: 1441 }",
                            "periods { weekday: 1 from_minute: 540 until_minute: 720 } "
                            "periods { weekday: 1 from_minute: 700 until_minute: 800 }",
                            "periods { weekday: 2 from_minute: 540 until_minute: 720 } "
                            "periods { weekday: 1 from_minute: 540 until_minute: 720 }"}) {
    SCOPED_TRACE(wrong);
    Given<Person>({kAna}).When(with(wrong), Sue()).ThenRefused(absl::StatusCode::kInvalidArgument, "periods[");
  }
}

TEST(Absence, IsPlannedAndEnded) {
  const std::string planned = "absence_planned { absence_id: \"a1\" from " + At(0) + " until " + At(3600) +
                              " by: \"ana\" planned_at " + At(0) + "}";
  Given<Person>({kAna})
      .When<v1::PlanAbsenceRequest>("until " + At(3600) + " reason: \"dentist\"", Ana())
      .AndState([](const v1::PersonState& state) { EXPECT_EQ(state.absences_size(), 1); });
  Given<Person>({kAna, planned})
      .When<v1::EndAbsenceRequest>("absence_id: \"a1\"", Ana(60))
      .Then({R"pb(absence_ended { absence_id: "a1" by: "ana" })pb"})
      .AndState([](const v1::PersonState& state) { EXPECT_EQ(state.absences_size(), 0); });
  Given<Person>({kAna, planned})
      .When<v1::EndAbsenceRequest>("absence_id: \"a1\"", Ana(3600))
      .ThenRefused(absl::StatusCode::kNotFound, "not over");
}

TEST(Absence, EndsAfterItBeginsAndInTheFuture) {
  const auto plan = [](const std::string& times) {
    return Given<Person>({kAna}).When<v1::PlanAbsenceRequest>(times, Ana());
  };
  plan("from " + At(60) + " until " + At(60)).ThenRefused(absl::StatusCode::kInvalidArgument, "until");
  plan("until " + At(-60)).ThenRefused(absl::StatusCode::kInvalidArgument, "until");
  plan("").ThenRefused(absl::StatusCode::kInvalidArgument, "until");
}

TEST(Absence, ThoseThatAreOverAreForgottenAndDoNotCount) {
  std::vector<std::string> events{kAna};
  for (int i = 0; i < 100; ++i) {
    events.push_back("absence_planned { absence_id: \"a" + std::to_string(i) + "\" from " + At(0) + " until " + At(60) +
                     " planned_at " + At(0) + "}");
  }
  Given<Person>(events)
      .When<v1::PlanAbsenceRequest>("until " + At(3600), Ana(30))
      .ThenRefused(absl::StatusCode::kFailedPrecondition, "100 absences");
  Given<Person>(events)
      .When<v1::PlanAbsenceRequest>("until " + At(3600), Ana(60))
      .AndState([](const v1::PersonState& state) { EXPECT_EQ(state.absences_size(), 1); });
}

TEST(Absence, OfAnotherIsForSupervisors) {
  const std::string request = "person: \"ana\" until " + At(3600);
  Given<Person>({kAna}).When<v1::PlanAbsenceRequest>(request, Ben()).ThenRefused(absl::StatusCode::kPermissionDenied);
  Given<Person>({kAna}).When<v1::PlanAbsenceRequest>(request, Sue()).AndState([](const v1::PersonState& state) {
    EXPECT_EQ(state.absences_size(), 1);
  });
}

TEST(Deactivation, TakesThePersonOutOnceAndSaysWhy) {
  Given<Person>({kAna}).When(Deactivate("ana"), Sue()).Then({kGone}).AndState([](const v1::PersonState& state) {
    EXPECT_FALSE(state.available());
  });
  Given<Person>({kAna, kGone}).When(Deactivate("ana"), Sue()).Then({});
  Given<Person>().When(Deactivate("ana"), Sue()).ThenRefused(absl::StatusCode::kNotFound, "ana");
  Given<Person>({kAna})
      .When(DeactivatePerson{FromText<v1::DeactivatePersonRequest>("person: \"ana\""), true}, Sue())
      .ThenRefused(absl::StatusCode::kInvalidArgument, "reason");
}

TEST(Deactivation, LeavesSomebodyWhoTakesOver) {
  Given<Person>({kSue}).When(Deactivate("sue", false), Root()).ThenRefused(absl::StatusCode::kFailedPrecondition);
  Given<Person>({kAna}).When(Deactivate("ana", false), Root()).ThenRefused(absl::StatusCode::kFailedPrecondition);
}

TEST(Deactivation, WithoutACredentialNeedsNobodyWhoTakesOver) {
  DeactivatePerson gone = Deactivate("ana", false);
  gone.credential_gone = true;
  Given<Person>({kAna}).When(gone, Sue()).Then({kGone});
}

TEST(Deactivation, IsTakenBackByReactivation) {
  const auto reactivate = [](const std::vector<std::string>& events) {
    return Given<Person>(events).When<v1::ReactivatePersonRequest>(R"pb(person: "ana" reason: "back")pb", Sue());
  };
  reactivate({kAna, kGone}).Then({R"pb(reactivated { by: "sue" reason: "back" })pb"});
  reactivate({kAna}).Then({});
  reactivate({}).ThenRefused(absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace throughline::ownership
