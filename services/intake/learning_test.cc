// Suggestions and improvements through the handlers, reactions, timers and worklists.

#include "services/intake/projections/learning.h"

#include "libs/runtime/domain/time.h"
#include "services/intake/departments/routes_file.h"
#include "services/intake/testing.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::intake {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kRoutes[] = R"(
default = "quality"
[[route]]
team = "web"
words = ["form", "web site"]
kinds = ["component/checkout", "component/web-*"]
)";

class Learning : public ::testing::Test {
 protected:
  Learning() {
    Meet("sue", ROLE_SUPERVISOR, "on_duty: true");
    Meet("wim", ROLE_REP, R"pb(available: true team: "web")pb");
    Meet("uwe", ROLE_REP, R"pb(team: "web")pb");
    Meet("qin", ROLE_REP, R"pb(team: "quality")pb");
  }

  void Fault(const std::string& order, const std::string& fault) {
    auto event =
        FromText<supplier::v1::OrderEvent>(R"pb(concern_raised {
                                                  customer_id: "kim"
                                                  concern { kind: CONCERN_KIND_SERIAL_MISMATCH about: "line/1" }
                                                })pb");
    event.mutable_concern_raised()->mutable_concern()->set_fault(fault);
    event.mutable_concern_raised()->mutable_concern()->set_key(order);
    world_.Pass(absl::Seconds(1));
    world_.Write(Topic::kSupplierTracking, "order/" + order, event);
  }
  static Config Settings() {
    Config config;
    config.departments = std::make_shared<const Routes>(*ParseRoutes(kRoutes));
    config.recurrence_threshold = 3;
    config.recurrence_window = absl::Hours(10);
    config.improvement_measured_for = absl::Hours(20);
    config.improvement_answer_within = absl::Hours(5);
    return config;
  }
  template <typename Response>
  absl::StatusOr<Response> Give(const server::Api& api, std::string_view method,
                                const google::protobuf::Message& request, const std::string& who, runtime::Role role) {
    return Ask<Response>(world_, api, method, request, Asking(who, role, "command " + std::to_string(++commands_)));
  }
  void Meet(const std::string& who, runtime::Role role, const std::string& how) {
    ASSERT_TRUE(Give<ownership::v1::SetAvailabilityResponse>(
                    *ownership_api_, "SetAvailability", FromText<ownership::v1::SetAvailabilityRequest>(how), who, role)
                    .ok());
  }
  v1::RecordSuggestionResponse Suggest(const std::string& request, const std::string& who = "ana") {
    auto recorded = Give<v1::RecordSuggestionResponse>(*api_, "RecordSuggestion",
                                                       FromText<v1::RecordSuggestionRequest>(request), who, ROLE_REP);
    EXPECT_TRUE(recorded.ok()) << recorded.status();
    return recorded.value_or(v1::RecordSuggestionResponse());
  }
  v1::SuggestionView Suggested(const std::string& id) {
    v1::GetSuggestionRequest request;
    request.set_suggestion_id(id);
    return Give<v1::GetSuggestionResponse>(*api_, "GetSuggestion", request, "ana", ROLE_REP)
        .value_or(v1::GetSuggestionResponse())
        .suggestion();
  }
  absl::Status Answer(const std::string& id, const std::string& who, runtime::Role role = ROLE_REP) {
    auto request = FromText<v1::AnswerSuggestionRequest>(R"pb(decision: SUGGESTION_DECISION_ADOPTED
                                                              reason: "it saves calls")pb");
    request.set_suggestion_id(id);
    return Give<v1::AnswerSuggestionResponse>(*api_, "AnswerSuggestion", request, who, role).status();
  }
  std::vector<std::string> Listed(const std::string& request) {
    std::vector<std::string> ids;
    const auto list = Give<v1::ListSuggestionsResponse>(*api_, "ListSuggestions",
                                                        FromText<v1::ListSuggestionsRequest>(request), "ana", ROLE_REP);
    EXPECT_TRUE(list.ok()) << list.status();
    const auto listed = list.value_or(v1::ListSuggestionsResponse());
    for (const auto& view : listed.suggestions()) {
      ids.push_back(view.suggestion_id());
    }
    return ids;
  }
  // "REASON/about", with "!" if overdue.
  std::vector<std::string> Worklist(const std::string& who, runtime::Role role = ROLE_REP) {
    std::vector<std::string> items;
    const auto list = Give<ownership::v1::ListWorklistResponse>(*ownership_api_, "ListWorklist",
                                                                ownership::v1::ListWorklistRequest(), who, role);
    const auto listed = list.value_or(ownership::v1::ListWorklistResponse());
    for (const auto& item : listed.items()) {
      items.push_back(ownership::v1::WorklistReason_Name(item.reason()).substr(16) + (item.overdue() ? "!" : "") + "/" +
                      (item.has_suggestion_id() ? item.suggestion_id() : item.improvement_kind()));
    }
    return items;
  }
  void OpenCases(int count, const std::string& component = "checkout") {
    for (int i = 0; i < count; ++i) {
      auto request = FromText<v1::OpenCaseRequest>(
          R"pb(customer_id: "kim" subject: "s" text: "It is refused." channel: CHANNEL_PHONE separate: true)pb");
      request.set_component_id(component);
      ASSERT_TRUE(Give<v1::OpenCaseResponse>(*api_, "OpenCase", request, "ana", ROLE_REP).ok());
    }
  }
  v1::ImprovementView Improved(const std::string& kind = "component/checkout") {
    v1::GetImprovementRequest request;
    request.set_kind(kind);
    return Give<v1::GetImprovementResponse>(*api_, "GetImprovement", request, "ana", ROLE_REP)
        .value_or(v1::GetImprovementResponse())
        .improvement();
  }
  absl::Status Change(const std::string& who = "wim", runtime::Role role = ROLE_REP) {
    return Give<v1::RecordImprovementChangeResponse>(
               *api_, "RecordImprovementChange",
               FromText<v1::RecordImprovementChangeRequest>(R"pb(kind: "component/checkout" text: "it retries")pb"),
               who, role)
        .status();
  }
  void Deactivate(const std::string& who) {
    ownership::v1::DeactivatePersonRequest request;
    request.set_person(who);
    request.set_reason("left");
    ASSERT_TRUE(Give<ownership::v1::DeactivatePersonResponse>(*ownership_api_, "DeactivatePerson", request, "sue",
                                                              ROLE_SUPERVISOR)
                    .ok());
    world_.Run();
  }
  void ExpectRebuildIsTheSame() {
    EXPECT_EQ(world_.Rebuild(Define(Settings()))->store().Snapshot(), node_.store().Snapshot());
    EXPECT_EQ(world_.Rebuild(ownership::Define({}))->store().Snapshot(), ownership_node_.store().Snapshot());
  }

  World world_;
  Node& node_ = world_.Add(Define(Settings()));
  Node& ownership_node_ = world_.Add(ownership::Define({}));
  const std::unique_ptr<server::Api> api_ = MakeApi(node_.streams(), Settings());
  const std::unique_ptr<server::Api> ownership_api_ = ownership::MakeApi(ownership_node_.streams(), {});
  int commands_ = 0;
};

TEST_F(Learning, ASuggestionIsRoutedByNameByItsWordsElseByDefault) {
  const auto named = Suggest(R"pb(text: "Open on Sundays." team: "web")pb");
  EXPECT_EQ(named.team(), "web");
  EXPECT_EQ(named.owed_by(), "wim") << "no supervisor is of the team: a rep who takes cases";
  EXPECT_EQ(runtime::FromProto(named.answer_due()), world_.clock.Now() + absl::Hours(240));
  const auto by_words = Suggest(R"pb(text: "Say it on the FORM, please.")pb");
  EXPECT_EQ(by_words.team(), "web");
  EXPECT_EQ(Suggested(by_words.suggestion_id()).routing(), v1::SUGGESTION_ROUTING_WORDS);
  EXPECT_EQ(Suggested(by_words.suggestion_id()).matched(), "form");
  const auto by_default = Suggest(R"pb(text: "Inform people.")pb");
  EXPECT_EQ(by_default.team(), "quality") << "`inform` is not `form`";
  EXPECT_EQ(by_default.owed_by(), "qin");
  const auto refused = Give<v1::RecordSuggestionResponse>(
      *api_, "RecordSuggestion", FromText<v1::RecordSuggestionRequest>(R"pb(text: "t" team: "webb")pb"), "ana",
      ROLE_REP);
  EXPECT_EQ(runtime::ReasonOf(refused.status()), "NOBODY_IN_TEAM");
}

TEST_F(Learning, ASuggestionOfACaseIsTheCasesCustomers) {
  OpenCases(1);
  const std::string case_id =
      Give<v1::ListCasesResponse>(*api_, "ListCases", v1::ListCasesRequest(), "ana", ROLE_REP)->cases(0).case_id();
  auto request = FromText<v1::RecordSuggestionRequest>(R"pb(text: "Say it on the form.")pb");
  request.set_case_id(case_id);
  const std::string id =
      Give<v1::RecordSuggestionResponse>(*api_, "RecordSuggestion", request, "ana", ROLE_REP)->suggestion_id();
  EXPECT_EQ(Suggested(id).customer_id(), "kim");
  EXPECT_THAT(Listed("case_id: \"" + case_id + "\""), ElementsAre(id));
  EXPECT_THAT(Listed(R"pb(customer_id: "kim")pb"), ElementsAre(id));
  EXPECT_THAT(Listed(R"pb(team: "quality")pb"), IsEmpty());
  request.set_case_id("nowhere");
  EXPECT_EQ(runtime::ReasonOf(
                Give<v1::RecordSuggestionResponse>(*api_, "RecordSuggestion", request, "ana", ROLE_REP).status()),
            "CASE_UNKNOWN");
}

TEST_F(Learning, ASuggestionThatIsNotAnsweredBecomesOverdueForItsTeamAndWhoeverStandsAbove) {
  const std::string id = Suggest(R"pb(text: "Say it on the form.")pb").suggestion_id();
  EXPECT_THAT(Worklist("wim"), Contains("SUGGESTION/" + id));
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Not(Contains("SUGGESTION/" + id)));
  world_.Pass(absl::Hours(240) + absl::Seconds(1));
  EXPECT_TRUE(Suggested(id).missed());
  EXPECT_THAT(Worklist("wim"), Contains("SUGGESTION!/" + id));
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("SUGGESTION!/" + id));
  EXPECT_THAT(Listed("overdue: true"), ElementsAre(id));
  EXPECT_EQ(node_.Gauge("throughline_suggestions_overdue"), 1);

  EXPECT_EQ(runtime::ReasonOf(Answer(id, "qin")), "NOT_YOUR_TEAM");
  ASSERT_TRUE(Answer(id, "uwe").ok()) << "another one of the team";
  EXPECT_EQ(Suggested(id).status(), v1::SUGGESTION_STATUS_ANSWERED);
  EXPECT_TRUE(Suggested(id).missed()) << "late stays late";
  EXPECT_THAT(Worklist("wim"), Not(Contains("SUGGESTION!/" + id)));
  EXPECT_THAT(Listed("overdue: true"), IsEmpty());
  EXPECT_THAT(Listed("status: SUGGESTION_STATUS_ANSWERED"), ElementsAre(id));
  EXPECT_EQ(node_.Gauge("throughline_suggestions_overdue"), 0);
  ExpectRebuildIsTheSame();
}

TEST_F(Learning, ASuggestionMovesToAnotherTeamAndFromWhoeverIsDeactivated) {
  const std::string id = Suggest(R"pb(text: "Say it on the form.")pb").suggestion_id();
  Deactivate("wim");
  EXPECT_EQ(Suggested(id).owed_by(), "uwe") << "of the same team";
  auto route = FromText<v1::RouteSuggestionRequest>(R"pb(team: "quality" reason: "they write the texts")pb");
  route.set_suggestion_id(id);
  EXPECT_EQ(
      runtime::ReasonOf(Give<v1::RouteSuggestionResponse>(*api_, "RouteSuggestion", route, "qin", ROLE_REP).status()),
      "NOT_YOUR_TEAM");
  ASSERT_TRUE(Give<v1::RouteSuggestionResponse>(*api_, "RouteSuggestion", route, "uwe", ROLE_REP).ok());
  EXPECT_EQ(Suggested(id).owed_by(), "qin");
  EXPECT_EQ(Suggested(id).rerouted_count(), 1u);
  EXPECT_THAT(Worklist("uwe"), IsEmpty());
  EXPECT_THAT(Worklist("qin"), ElementsAre("SUGGESTION/" + id));
  Deactivate("qin");
  EXPECT_EQ(Suggested(id).owed_by(), "sue") << "nobody of the team is left: who stands above";
  ExpectRebuildIsTheSame();
}

TEST_F(Learning, CasesOfOneKindAboveTheThresholdOpenAnImprovementOwnedByATeam) {
  OpenCases(2);
  world_.Pass(absl::Hours(11));
  OpenCases(2);
  EXPECT_EQ(Improved().version(), 0u) << "not three within ten hours";
  OpenCases(3, "app");
  OpenCases(1);
  const auto opened = Improved();
  ASSERT_GT(opened.version(), 0u);
  EXPECT_EQ(opened.status(), v1::IMPROVEMENT_STATUS_OPEN);
  EXPECT_EQ(opened.team(), "web");
  EXPECT_EQ(opened.owed_by(), "wim");
  EXPECT_EQ(opened.count(), 3u);
  EXPECT_EQ(opened.evidence_ids_size(), 3);
  EXPECT_THAT(Worklist("wim"), Contains("IMPROVEMENT/component/checkout"));
  EXPECT_EQ(Improved("component/app").team(), "quality") << "no route has it: the default";
  OpenCases(3);
  EXPECT_EQ(Improved().version(), opened.version()) << "it is open already";
  EXPECT_EQ(Improved().count_now(), 6u);
  ExpectRebuildIsTheSame();
}

TEST_F(Learning, TheThirdOrderWithAFaultOfOneKindOpensAnImprovement) {
  const std::string phones = "serial-mismatch/acme/PHONE-1";
  Fault("SO-1", phones);
  world_.Pass(absl::Hours(721));
  for (const char* order : {"SO-2", "SO-2", "SO-3"}) Fault(order, phones);
  Fault("SO-4", "serial-mismatch/bolt/PHONE-1");
  Fault("SO-5", "");
  EXPECT_EQ(Improved("fault/" + phones).version(), 0u) << "two orders within the window";
  Fault("SO-6", phones);
  const auto opened = Improved("fault/" + phones);
  ASSERT_GT(opened.version(), 0u);
  EXPECT_EQ(opened.team(), "quality") << "the default; it owes a change";
  EXPECT_EQ(opened.count(), 3u);
  EXPECT_THAT(opened.evidence_ids(), ElementsAre("order/SO-2", "order/SO-3", "order/SO-6"));
  EXPECT_THAT(Worklist("qin"), Contains("IMPROVEMENT/fault/" + phones));
  Fault("SO-7", phones);
  EXPECT_EQ(Improved("fault/" + phones).version(), opened.version()) << "it is open already";
  EXPECT_EQ(Improved("fault/serial-mismatch/bolt/PHONE-1").version(), 0u);
  ExpectRebuildIsTheSame();
}

TEST_F(Learning, AnImprovementClosesOnlyWhenTheRateHasFallenAndOpensAnewWhenItRecurs) {
  OpenCases(3);
  EXPECT_EQ(runtime::ReasonOf(Change("qin")), "NOT_YOUR_TEAM");
  ASSERT_TRUE(Change().ok());
  EXPECT_THAT(Worklist("wim"), Not(Contains("IMPROVEMENT/component/checkout"))) << "nothing is due now";
  // Three in ten hours are six in twenty: fewer than half of that end it.
  world_.Pass(absl::Hours(1));
  OpenCases(3);
  world_.Pass(absl::Hours(20));
  EXPECT_EQ(Improved().status(), v1::IMPROVEMENT_STATUS_OPEN) << "the change did not help";
  EXPECT_EQ(Improved().changes(0).count(), 3u);
  EXPECT_THAT(Worklist("wim"), Contains("IMPROVEMENT/component/checkout"));
  world_.Pass(absl::Hours(6));
  EXPECT_TRUE(Improved().missed());
  EXPECT_THAT(Worklist("sue", ROLE_SUPERVISOR), Contains("IMPROVEMENT!/component/checkout"));

  ASSERT_TRUE(Change("uwe").ok());
  world_.Pass(absl::Hours(1));
  OpenCases(2);
  world_.Pass(absl::Hours(20));
  EXPECT_EQ(Improved().status(), v1::IMPROVEMENT_STATUS_CLOSED);
  EXPECT_EQ(Improved().changes(1).count(), 2u);
  EXPECT_EQ(runtime::ReasonOf(Change()), "IMPROVEMENT_CLOSED");
  world_.Pass(absl::Minutes(1));
  OpenCases(2);
  EXPECT_EQ(Improved().status(), v1::IMPROVEMENT_STATUS_CLOSED);
  OpenCases(1);
  EXPECT_EQ(Improved().status(), v1::IMPROVEMENT_STATUS_OPEN);
  EXPECT_EQ(Improved().occurrence(), 2u);
  EXPECT_EQ(runtime::Counted(node_.store(), kImprovementsOpened), 2);
  EXPECT_EQ(runtime::Counted(node_.store(), kImprovementsClosed), 1);
  ExpectRebuildIsTheSame();
}

TEST_F(Learning, AnImprovementOfAnyKindIsRaisedByASupervisorAndCountsItsEvidence) {
  const auto raise = [&](const std::string& evidence) {
    auto request = FromText<v1::RaiseImprovementRequest>(R"pb(kind: "serial-mismatch/acme"
                                                              reason: "another box, another phone")pb");
    request.add_evidence_ids(evidence);
    return Give<v1::RaiseImprovementResponse>(*api_, "RaiseImprovement", request, "sue", ROLE_SUPERVISOR).status();
  };
  ASSERT_TRUE(raise("SO-1").ok());
  ASSERT_TRUE(raise("SO-2").ok());
  ASSERT_TRUE(raise("SO-2").ok());
  const auto view = Improved("serial-mismatch/acme");
  EXPECT_EQ(view.team(), "quality");
  EXPECT_THAT(view.evidence_ids(), ElementsAre("SO-1", "SO-2"));
  EXPECT_EQ(view.count_now(), 2u) << "each is counted once";
  const auto list =
      Give<v1::ListImprovementsResponse>(*api_, "ListImprovements", v1::ListImprovementsRequest(), "ana", ROLE_REP);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->improvements_size(), 1);
}

TEST(DepartmentRoutes, AreReadAndProblemsNamedByLine) {
  const auto routes = ReadRoutes("deploy/departments.toml");
  ASSERT_TRUE(routes.ok()) << routes.status();
  EXPECT_EQ(routes->by_default, "quality");
  std::string word;
  EXPECT_EQ(RouteByWords(*routes, "The web site, please", &word)->team, "web");
  EXPECT_EQ(word, "web site");
  EXPECT_EQ(RouteByWords(*routes, "platforms", &word), nullptr);
  EXPECT_EQ(RouteByKind(*routes, "component/web-cart")->team, "web");
  EXPECT_EQ(RouteByKind(*routes, "component/checkout2"), nullptr);
  const auto wrong = [](const char* text) { return std::string(ParseRoutes(text).status().message()); };
  EXPECT_EQ(wrong("defalt = \"a\""), "line 1: `defalt` is none of default, route");
  EXPECT_EQ(wrong("[[route]]\nteam = \"a\""), "line 1: the route has neither `words` nor `kinds`");
  EXPECT_EQ(wrong("[[route]]\nwords = [\"a\"]"), "line 1: the route has no `team`");
  EXPECT_THAT(wrong("[[route]]\nteam = 1\nwords = \"a\""), ::testing::HasSubstr("line 2"));
}

}  // namespace
}  // namespace throughline::intake
