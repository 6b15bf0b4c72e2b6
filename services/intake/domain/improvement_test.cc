#include "services/intake/domain/improvement.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/domain/time.h"

namespace throughline::intake {
namespace {

using namespace runtime::testing;  // NOLINT: tests read better
using absl::StatusCode;
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;

std::string AfterNoon(int64_t seconds) {
  return "{ seconds: " + std::to_string(absl::ToUnixSeconds(Noon()) + seconds) + " }";
}
runtime::Caller Wim(int64_t seconds = 0) { return By("wim", ROLE_REP, "", Noon() + absl::Seconds(seconds)); }
runtime::Caller Rule(int64_t seconds = 0) {
  return By("throughline.intake", ROLE_SERVICE, "", Noon() + absl::Seconds(seconds));
}

// Ten in 100 seconds open it; fewer than half of that rate for 200 seconds close it; a change is due within 50.
const std::string kPolicy = R"pb(policy {
                                   threshold: 10
                                   window { seconds: 100 }
                                   closing_window { seconds: 200 }
                                   closing_percent: 50
                                   answer_within { seconds: 50 }
                                 })pb";
RaiseImprovement Recurs(const std::string& request = R"pb(kind: "component/checkout"
                                                          reason: "10 cases"
                                                          evidence_ids: "c1")pb") {
  return {FromText<v1::RaiseImprovementRequest>(request),
          {"web", "wim"},
          FromText<v1::ImprovementOpened>(kPolicy).policy(),
          10};
}
std::string OpenedAs(int occurrence, int64_t due, const std::string& by = "throughline.intake") {
  return "opened { occurrence: " + std::to_string(occurrence) +
         R"( kind: "component/checkout" team: "web" owed_by: "wim" reason: "10 cases" evidence_ids: "c1" count: 10)" +
         " raised_by: \"" + by + "\" answer_due " + AfterNoon(due) + kPolicy + "}";
}
const std::string kOpenedOnce = OpenedAs(1, 50);
std::string ChangedAt(int64_t seconds) {
  return R"pb(change_recorded { by: "wim" text: "retry the payment" measured_at)pb" + AfterNoon(seconds + 200) + "}";
}
RecordImprovementChange Change(const std::string& team = "web") {
  return {FromText<v1::RecordImprovementChangeRequest>(R"pb(text: "retry the payment")pb"), {team, false}};
}
MeasureImprovement Measure(uint32_t count) {
  MeasureImprovement command;
  command.request.set_count(count);
  return command;
}

TEST(ImprovementRules, SoManyOfOneKindOpenItForATeamWithEvidenceAndItsPolicy) {
  Given<Improvement>().When(Recurs(), Rule()).Then({kOpenedOnce});
  Given<Improvement>({kOpenedOnce}).When(Recurs(), Rule(1)).Then({});
}

TEST(ImprovementRules, APersonRaisesItTooAndAddsEvidenceWhileItIsOpen) {
  const runtime::Caller sue = By("sue", ROLE_SUPERVISOR, "", Noon());
  Given<Improvement>().When(Recurs(), sue).Then({OpenedAs(1, 50, "sue")});
  Given<Improvement>({kOpenedOnce}).When(Recurs(), sue).Then({R"pb(raised_again {
                                                                     by: "sue"
                                                                     reason: "10 cases"
                                                                     evidence_ids: "c1"
                                                                   })pb"});
  Given<Improvement> none;
  for (const char* kind : {"", "checkout", "/checkout", "component/"}) {
    RaiseImprovement command = Recurs();
    command.request.set_kind(kind);
    none.When(command, sue).ThenRefused(StatusCode::kInvalidArgument, "kind");
  }
  none.When(Recurs(R"pb(kind: "a/b")pb"), sue).ThenRefused(StatusCode::kInvalidArgument, "reason");
  RaiseImprovement nobody = Recurs();
  nobody.department.person = "";
  none.When(nobody, sue).ThenRefused(StatusCode::kFailedPrecondition, "no supervisor");
}

TEST(ImprovementRules, ItsTeamAnswersWithAChangeWhoseEffectIsMeasured) {
  Given<Improvement> given({kOpenedOnce});
  given.When(Change(), Wim(10)).Then({ChangedAt(10)});
  given.When(Change("billing"), By("bea", ROLE_REP, "", Noon())).ThenRefused(StatusCode::kPermissionDenied, "web");
  RecordImprovementChange empty = Change();
  empty.request.clear_text();
  given.When(empty, Wim()).ThenRefused(StatusCode::kInvalidArgument, "text");
  Given<Improvement>().When(Change(), Wim()).ThenRefused(StatusCode::kNotFound, "improvement");
  Given<Improvement>({kOpenedOnce, ChangedAt(10)})
      .When(Change(), Wim(90))
      .Then({ChangedAt(90)})
      .AndState(
          [](const auto& state) { EXPECT_EQ(runtime::FromProto(state.measured_at()), Noon() + absl::Seconds(290)); });
}

TEST(ImprovementRules, ItClosesOnlyWhenTheRateHasFallenAndElseOwesAnotherChange) {
  // 10 in 100 seconds are 20 in 200; less than half of that closes it.
  EXPECT_EQ(ClosingLimit(FromText<v1::ImprovementOpened>(kPolicy).policy(), 10), 10u);
  Given<Improvement> given({kOpenedOnce, ChangedAt(10)});
  given.When(Measure(0), Rule(209)).Then({});
  given.When(Measure(9), Rule(210)).Then({"closed { count: 9 limit: 10 }"});
  given.When(Measure(10), Rule(210))
      .Then({"not_reached { count: 10 limit: 10 answer_due " + AfterNoon(260) + "}"})
      .AndState([](const auto& state) {
        EXPECT_EQ(state.status(), v1::IMPROVEMENT_STATUS_OPEN);
        EXPECT_EQ(runtime::FromProto(state.answer_due()), Noon() + absl::Seconds(260));
      });
  Given<Improvement>({kOpenedOnce}).When(Measure(0), Rule(900)).Then({});
}

TEST(ImprovementRules, TheRateIsComparedPerTimeAndRoundedAgainstTheTeam) {
  v1::RecurrencePolicy policy = FromText<v1::ImprovementOpened>(kPolicy).policy();
  EXPECT_EQ(ClosingLimit(policy, 3), 3u);
  policy.set_closing_percent(33);
  EXPECT_EQ(ClosingLimit(policy, 10), 7u);  // 6.6
  EXPECT_EQ(ClosingLimit(policy, 0), 1u) << "none at all is always few enough";
  EXPECT_EQ(ClosingLimit(policy, UINT32_MAX), 2834678415u);
}

TEST(ImprovementRules, ClosedItIsOpenedAnewWhenTheKindRecurs) {
  const std::vector<std::string> closed = {kOpenedOnce, ChangedAt(10), "closed { count: 9 limit: 10 }"};
  Given<Improvement>(closed).When(Recurs(), Rule(400)).Then({OpenedAs(2, 450)});
  Given<Improvement>(closed).When(Change(), Wim(400)).ThenRefused(StatusCode::kFailedPrecondition, "closed");
}

TEST(ImprovementRules, AChangeThatIsNotMadeInTimeIsMissedOncePerDueTime) {
  const auto miss = [](int64_t due) {
    return MissImprovement{FromText<v1::ImprovementAnswerMissed>("due " + AfterNoon(due))};
  };
  Given<Improvement> given({kOpenedOnce});
  given.When(miss(50), Rule(49)).Then({});
  const std::string missed = R"pb(answer_missed { owed_by: "wim" team: "web" due)pb" + AfterNoon(50) + "}";
  given.When(miss(50), Rule(50)).Then({missed});
  Given<Improvement>({kOpenedOnce, missed}).When(miss(50), Rule(51)).Then({});
  Given<Improvement>({kOpenedOnce, ChangedAt(10)}).When(miss(50), Rule(51)).Then({});
  Given<Improvement> late({kOpenedOnce, missed});
  late.When(Change(), Wim(60))
      .Then({R"pb(change_recorded { by: "wim" text: "retry the payment" late: true measured_at)pb" + AfterNoon(260) +
             "}"});
}

TEST(ImprovementRules, ItIsRoutedByItsTeamAndMovesFromWhoeverIsDeactivated) {
  Given<Improvement> given({kOpenedOnce});
  RouteImprovement route{FromText<v1::RouteImprovementRequest>(R"pb(team: "pay" reason: "their gateway")pb"),
                         {"pay", "pia"},
                         {"web", false}};
  const auto moved = [](const std::string& team, const std::string& to, const std::string& by,
                        const std::string& reason) {
    return R"pb(routed { from_team: "web" from: "wim")pb" +
           (" to_team: \"" + team + "\" to: \"" + to + "\" by: \"" + by) + "\" reason: \"" + reason + "\" }";
  };
  given.When(route, Wim()).Then({moved("pay", "pia", "wim", "their gateway")});
  route.place.team = "billing";
  given.When(route, By("bea", ROLE_REP, "", Noon())).ThenRefused(StatusCode::kPermissionDenied, "web");
  const RelieveImprovement gone{
      FromText<v1::ImprovementRouted>(R"pb(from: "wim" to: "uwe" to_team: "web" reason: "gone")pb")};
  given.When(gone, Rule()).Then({moved("web", "uwe", "throughline.intake", "gone")});
  Given<Improvement>({kOpenedOnce, ChangedAt(10), "closed { }"}).When(gone, Rule()).Then({});
}

}  // namespace
}  // namespace throughline::intake
