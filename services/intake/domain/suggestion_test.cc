#include "services/intake/domain/suggestion.h"

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

std::string Later(int64_t seconds) {
  return "{ seconds: " + std::to_string(absl::ToUnixSeconds(Noon()) + seconds) + " }";
}
runtime::Caller Rep(const std::string& who, int64_t seconds = 0) {
  return By(who, ROLE_REP, "", Noon() + absl::Seconds(seconds));
}
runtime::Caller System(const std::string& id, int64_t seconds = 0) {
  return By(id, ROLE_SERVICE, "", Noon() + absl::Seconds(seconds));
}

RecordSuggestion Suggest(const std::string& request) {
  return {FromText<v1::RecordSuggestionRequest>(request),
          "s1",
          {"web", "wim", v1::SUGGESTION_ROUTING_WORDS, "form"},
          "kim",
          true,
          absl::Seconds(100)};
}
const std::string kSuggested =
    R"pb(recorded { suggestion_id: "s1" text: "post outages on the form" recorded_by: "ana" customer_id: "kim"
                    team: "web"
                    owed_by: "wim"
                    routing: SUGGESTION_ROUTING_WORDS
                    matched: "form" answer_due)pb" +
    Later(100) + "}";
AnswerSuggestion Answering(const std::string& team, const std::string& reason = "it saves calls",
                           bool stands_above = false) {
  AnswerSuggestion command{{}, {team, stands_above}};
  command.request.set_decision(v1::SUGGESTION_DECISION_ADOPTED);
  command.request.set_reason(reason);
  return command;
}
MissSuggestion Missing(int64_t due) { return {FromText<v1::SuggestionAnswerMissed>("due " + Later(due))}; }

TEST(SuggestionRules, ItIsRecordedAndRoutedWithADueTime) {
  Given<Suggestion>().When(Suggest(R"pb(text: "post outages on the form")pb"), Rep("ana")).Then({kSuggested});
  Given<Suggestion>({kSuggested}).When(Suggest(R"pb(text: "again")pb"), Rep("ana")).Then({});
}

TEST(SuggestionRules, ItMayBeAcknowledgedAtOnceByAPersonAndNotByASystem) {
  const auto told = Suggest(R"pb(text: "post outages on the form" acknowledgement: "The web team has it.")pb");
  Given<Suggestion>().When(told, Rep("ana")).Then({kSuggested, R"pb(acknowledged {
                                                                      by: "ana"
                                                                      words: "The web team has it."
                                                                    })pb"});
  Given<Suggestion>().When(told, System("webform")).ThenRefused(StatusCode::kInvalidArgument, "acknowledgement");
}

TEST(SuggestionRules, ItNeedsATextATimeAheadAKnownCaseAndSomebodyWhoAnswers) {
  Given<Suggestion> none;
  none.When(Suggest(""), Rep("ana")).ThenRefused(StatusCode::kInvalidArgument, "text");
  none.When(Suggest("text: \"t\" answer_due " + Later(0)), Rep("ana"))
      .ThenRefused(StatusCode::kInvalidArgument, "answer_due");
  RecordSuggestion soon = Suggest(R"pb(text: "t" answer_due_in: "soon")pb");
  soon.meant = absl::InvalidArgumentError("is no due time");
  none.When(soon, Rep("ana")).ThenRefused(StatusCode::kInvalidArgument, "answer_due_in");
  RecordSuggestion unknown = Suggest(R"pb(text: "t" case_id: "c9")pb");
  unknown.case_known = false;
  none.When(unknown, Rep("ana")).ThenRefused(StatusCode::kNotFound, "c9");
  RecordSuggestion nobody = Suggest(R"pb(text: "t" team: "webb")pb");
  nobody.department.person = "";
  none.When(nobody, Rep("ana")).ThenRefused(StatusCode::kFailedPrecondition, "webb");
  nobody.request.set_team("");
  none.When(nobody, Rep("ana")).ThenRefused(StatusCode::kFailedPrecondition, "no supervisor");
}

TEST(SuggestionRules, ItIsAcknowledgedToTheCustomerOnceWordForWord) {
  Given<Suggestion> given({kSuggested});
  const auto tell = [](const std::string& words) {
    v1::AcknowledgeSuggestionRequest request;
    request.set_words(words);
    return request;
  };
  given.When(tell(""), Rep("ben")).ThenRefused(StatusCode::kInvalidArgument, "words");
  given.When(tell("We have it."), Rep("ben")).Then({R"pb(acknowledged { by: "ben" words: "We have it." })pb"});
  Given<Suggestion> told({kSuggested, R"pb(acknowledged { by: "ben" words: "We have it." })pb"});
  told.When(tell("We have it."), Rep("ben")).Then({});
  told.When(tell("Thanks."), Rep("ben")).ThenRefused(StatusCode::kFailedPrecondition, "told already");
  Given<Suggestion>().When(tell("w"), Rep("ben")).ThenRefused(StatusCode::kNotFound, "suggestion");
}

TEST(SuggestionRules, ItIsAnsweredByItsTeamWithADecisionAndAReason) {
  Given<Suggestion> given({kSuggested});
  const std::string answered = R"pb(decision: SUGGESTION_DECISION_ADOPTED reason: "it saves calls" team: "web")pb";
  given.When(Answering("web"), Rep("uwe")).Then({"answered { by: \"uwe\" " + answered + "}"});
  given.When(Answering("", "it saves calls"), Rep("wim")).Then({"answered { by: \"wim\" " + answered + "}"});
  given.When(Answering("board", "it saves calls", true), By("sue", ROLE_SUPERVISOR, "", Noon()))
      .Then({"answered { by: \"sue\" " + answered + "}"});
  given.When(Answering("billing"), Rep("bea")).ThenRefused(StatusCode::kPermissionDenied, "team `web`");
  given.When(Answering("web"), System("robot")).ThenRefused(StatusCode::kPermissionDenied, "web");
  given.When(Answering("web", ""), Rep("uwe")).ThenRefused(StatusCode::kInvalidArgument, "reason");
  AnswerSuggestion undecided = Answering("web");
  undecided.request.clear_decision();
  given.When(undecided, Rep("uwe")).ThenRefused(StatusCode::kInvalidArgument, "decision");
  Given<Suggestion> over({kSuggested, "answered { by: \"uwe\" " + answered + "}"});
  over.When(Answering("web"), Rep("wim")).Then({});
  over.When(Answering("web", "other"), Rep("wim")).ThenRefused(StatusCode::kFailedPrecondition, "answered");
}

TEST(SuggestionRules, AnAnswerThatIsNotGivenInTimeIsMissedOnceAndMayStillBeGiven) {
  Given<Suggestion> given({kSuggested});
  given.When(Missing(100), System("throughline.intake", 99)).Then({});
  const std::string missed = R"pb(answer_missed { owed_by: "wim" team: "web" due)pb" + Later(100) + "}";
  given.When(Missing(100), System("throughline.intake", 100)).Then({missed});
  Given<Suggestion> late({kSuggested, missed});
  late.When(Missing(100), System("throughline.intake", 101)).Then({});
  late.When(Answering("web"), Rep("wim", 130)).Then({R"pb(answered {
                                                            by: "wim"
                                                            decision: SUGGESTION_DECISION_ADOPTED
                                                            reason: "it saves calls"
                                                            team: "web"
                                                            late: true
                                                          })pb"});
  Given<Suggestion>({kSuggested, "answered { }"}).When(Missing(100), System("throughline.intake", 100)).Then({});
}

TEST(SuggestionRules, ItIsRoutedToAnotherTeamWithAReasonAndItsDueTimeStays) {
  Given<Suggestion> given({kSuggested});
  RouteSuggestion route{FromText<v1::RouteSuggestionRequest>(R"pb(team: "noc" reason: "they post outages")pb"),
                        {"noc", "nina"},
                        {"web", false}};
  given.When(route, Rep("uwe"))
      .Then({R"pb(routed {
                    from_team: "web"
                    to_team: "noc"
                    from: "wim"
                    to: "nina"
                    by: "uwe"
                    reason: "they post outages"
                  })pb"})
      .AndState([](const auto& state) {
        EXPECT_EQ(runtime::FromProto(state.answer_due()), Noon() + absl::Seconds(100));
        EXPECT_EQ(state.owed_by(), "nina");
      });
  route.place.team = "billing";
  given.When(route, Rep("bea")).ThenRefused(StatusCode::kPermissionDenied, "web");
  route.place.team = "web";
  route.department.person = "";
  given.When(route, Rep("uwe")).ThenRefused(StatusCode::kFailedPrecondition, "noc");
  route.request.set_team("web");
  given.When(route, Rep("uwe")).Then({});
  route.request.set_reason("");
  given.When(route, Rep("uwe")).ThenRefused(StatusCode::kInvalidArgument, "reason");
}

TEST(SuggestionRules, OfSomebodyWhoIsDeactivatedItMovesOnceWhileItIsOpen) {
  const RelieveSuggestion gone{
      FromText<v1::SuggestionRouted>(R"pb(from: "wim" to: "uwe" to_team: "web" reason: "`wim` was deactivated")pb")};
  const runtime::Caller service = System("throughline.intake");
  const std::string moved =
      R"pb(routed {
             from_team: "web"
             to_team: "web"
             from: "wim"
             to: "uwe"
             by: "throughline.intake"
             reason: "`wim` was deactivated"
           })pb";
  Given<Suggestion>({kSuggested}).When(gone, service).Then({moved});
  Given<Suggestion>({kSuggested, moved}).When(gone, service).Then({});
  Given<Suggestion>({kSuggested, "answered { }"}).When(gone, service).Then({});
}

}  // namespace
}  // namespace throughline::intake
