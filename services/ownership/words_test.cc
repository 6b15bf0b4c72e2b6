// What the customer says reaches the owner, and what it takes back; silence; merged cases. The service on one log.

#include "services/ownership/testing.h"

namespace throughline::ownership {
namespace {

class Words : public OwnershipService {
 protected:
  void Said(bool inbound, const std::string& case_id = "c1", const std::string& more = "") {
    const std::string id = "i" + std::to_string(++interactions_);
    world_.Write(Topic::kIntake, "case/" + case_id,
                 FromText<intake::v1::CaseEvent>("interaction_recorded { interaction_id: \"" + id +
                                                 "\" by: \"ben\" direction: " +
                                                 (inbound ? "DIRECTION_INBOUND" : "DIRECTION_OUTBOUND") + more + " }"));
  }
  template <typename Response, typename Request>
  absl::Status Do(std::string_view method, const std::string& request, const std::string& who = "ana",
                  runtime::Role role = ROLE_REP) {
    return Give<Response>(method, FromText<Request>(request), who, role).status();
  }
  absl::Status Propose(const std::string& more = "") {
    return Do<v1::ProposeResolutionResponse, v1::ProposeResolutionRequest>("ProposeResolution",
                                                                           R"(case_id: "c1" text: "new valve")" + more);
  }
  absl::Status Confirm() {
    return Do<v1::ConfirmResolutionResponse, v1::ConfirmResolutionRequest>("ConfirmResolution",
                                                                           R"(case_id: "c1" evidence: "kim")");
  }
  absl::Status Close() {
    return Do<v1::CloseCaseResponse, v1::CloseCaseRequest>("CloseCase",
                                                           R"(case_id: "c1" reason: "r" options_offered: "o")");
  }
  v1::OwnershipView ViewOf(const std::string& case_id) {
    return Give<v1::GetOwnershipResponse>("GetOwnership",
                                          FromText<v1::GetOwnershipRequest>("case_id: \"" + case_id + "\""))
        ->ownership();
  }
  void Open(const std::string& case_id, const std::string& owner) {
    world_.Write(Topic::kIntake, "case/" + case_id,
                 FromText<intake::v1::CaseEvent>("opened { case_id: \"" + case_id +
                                                 "\" customer_id: \"kim\" owner: \"" + owner + "\" }"));
  }
  absl::StatusOr<v1::MergeCasesResponse> Merge(const std::string& one, const std::string& other,
                                               const std::string& who = "ana", runtime::Role role = ROLE_REP) {
    return Give<v1::MergeCasesResponse>(
        "MergeCases",
        FromText<v1::MergeCasesRequest>("reason: \"r\" case_id: \"" + one + "\" other_case_id: \"" + other + "\""), who,
        role);
  }
  static int Open(const v1::OwnershipView& view, v1::CommitmentKind kind) {
    int open = 0;
    for (const auto& one : view.commitments()) {
      open += one.commitment().kind() == kind && one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED;
    }
    return open;
  }

 private:
  int interactions_ = 0;
};

TEST_F(Words, OfTheCustomerWaitOnTheOwnersWorklistWhoeverTookThem) {
  Said(true);
  EXPECT_EQ(Worklist("ana"), (Strings{"CUSTOMER_WAITS/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(View().unanswered().interaction_id(), "i1");
  EXPECT_EQ(runtime::FromProto(View().unanswered().due()), Noon() + absl::Hours(24));
  EXPECT_EQ(node_.Gauge("throughline_customers_waiting"), 1);
  EXPECT_EQ(runtime::ReasonOf(Close()), "CUSTOMER_WAITS");
  Said(false);
  EXPECT_EQ(Worklist("ana"), (Strings{"NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(node_.Gauge("throughline_customers_waiting"), 0);
  EXPECT_TRUE(Close().ok());
  ExpectRebuildIsTheSame();
}

TEST_F(Words, ThatAreNotAnsweredInTimeAreRaisedUntilTheyAre) {
  Said(true);
  world_.Pass(absl::Hours(24) + absl::Seconds(1));
  EXPECT_EQ(Worklist("ana"), (Strings{"CUSTOMER_WAITS!/c1", "COMMITMENT_BROKEN!/c1", "COMMITMENT_BROKEN!/c1",
                                      "NEXT_UPDATE/c1", "OWNED/c1"}))
      << "the reply and the next update";
  world_.Pass(absl::Hours(24));
  EXPECT_EQ(Worklist("ana").size(), 5u) << "hearing nothing for longer is one thing";
  EXPECT_EQ(Open(View(), v1::COMMITMENT_KIND_NEXT_UPDATE), 1);
  Said(false);
  EXPECT_EQ(Worklist("ana"), (Strings{"NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(node_.Gauge("throughline_commitments_broken_total"), 3);
  ExpectRebuildIsTheSame();
}

// "It broke again" after a confirmation was followed by a case closed as confirmed.
TEST_F(Words, AfterAConfirmationTakeItBack) {
  ASSERT_TRUE(Propose().ok());
  ASSERT_TRUE(Confirm().ok());
  EXPECT_EQ(View().status(), v1::CASE_STATUS_RESOLVED_CONFIRMED);
  Said(true);
  EXPECT_EQ(View().status(), v1::CASE_STATUS_OPEN);
  EXPECT_FALSE(View().resolution().has_confirmed_at());
  EXPECT_EQ(node_.Gauge("throughline_confirmations_taken_back_total"), 1);
  const absl::Status closed = Do<v1::CloseCaseResponse, v1::CloseCaseRequest>("CloseCase", R"(case_id: "c1")");
  EXPECT_FALSE(closed.ok());
  EXPECT_EQ(node_.Gauge("throughline_cases_closed_confirmed_total"), 0);
}

TEST_F(Words, OnAClosedCaseReopenItAndRaiseNothingOld) {
  Promise(absl::Hours(1));
  world_.Pass(absl::Hours(2));
  EXPECT_EQ(Worklist("ana"), (Strings{"PROMISE_BROKEN!/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  ASSERT_TRUE(Close().ok());
  EXPECT_EQ(Worklist("ana"), Strings());
  Said(true);
  EXPECT_EQ(View().status(), v1::CASE_STATUS_OPEN);
  EXPECT_EQ(View().reopen_count(), 1u);
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_EQ(Worklist("ana"), (Strings{"CUSTOMER_WAITS/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  ExpectRebuildIsTheSame();
}

TEST_F(Words, OnACaseThatANewOneContinuesAreTheNewOnes) {
  ASSERT_TRUE(Close().ok());
  Said(true, "c1", R"( continued_by_case_id: "c2")");
  EXPECT_EQ(View().status(), v1::CASE_STATUS_CLOSED_UNCONFIRMED);
}

TEST_F(Words, OfOursSetTheNextUpdate) {
  Said(false, "c1", " next_update_due { seconds: 1772400000 }");
  const auto view = View();
  for (const auto& one : view.commitments()) {
    if (one.outcome() == v1::COMMITMENT_OUTCOME_UNSPECIFIED) EXPECT_EQ(one.commitment().due().seconds(), 1772400000);
  }
  EXPECT_EQ(Open(View(), v1::COMMITMENT_KIND_NEXT_UPDATE), 1);
  ExpectRebuildIsTheSame();
}

// After an outage the timers may run before the reactions to what was said during it.
TEST_F(Words, OfOursThatWereInTimeAreNotBrokenBeforeTheReactionToThemComes) {
  Said(true);
  world_.Pass(absl::Hours(1));
  node_.Hold({Topic::kOwnership});  // timers, and no reactions to intake
  Said(false);
  world_.Pass(absl::Hours(23) + absl::Minutes(30));
  EXPECT_EQ(node_.Gauge("throughline_commitments_broken_total"), 0);
  node_.HoldAll();
  world_.Run();
  EXPECT_EQ(Worklist("ana").size(), 2u) << ::testing::PrintToString(Worklist("ana"));
  EXPECT_FALSE(View().has_unanswered());
  const auto view = View();
  for (const auto& one : view.commitments()) {
    if (one.commitment().commitment_id() == "c1") EXPECT_EQ(one.outcome(), v1::COMMITMENT_OUTCOME_KEPT);
    if (one.commitment().kind() == v1::COMMITMENT_KIND_REPLY) EXPECT_EQ(one.outcome(), v1::COMMITMENT_OUTCOME_KEPT);
  }
  ExpectRebuildIsTheSame();
}

TEST_F(Words, AnAlertIsANextActionAndRepeatedContactIsShown) {
  world_.Write(Topic::kIntake, "case/c1",
               FromText<intake::v1::CaseEvent>(R"pb(alert_attached { text: "SO-1 is late" origin: "o" })pb"));
  EXPECT_EQ(Worklist("ana"), (Strings{"NEXT_ACTION/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_FALSE(View().repeated_contact());
}

TEST_F(Words, AnOwnersNextActionSurvivesAnothersNote) {
  const auto note = [&](const std::string& text, const std::string& who, const std::string& done = "") {
    auto request = FromText<v1::AddWorkNoteRequest>("case_id: \"c1\" text: \"t\" next_action: \"" + text + "\"" + done);
    *request.mutable_next_action_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(1));
    return Give<v1::AddWorkNoteResponse>("AddWorkNote", request, who);
  };
  ASSERT_TRUE(note("ask acme", "ana").ok());
  ASSERT_TRUE(note("look at it", "ben").ok());
  EXPECT_EQ(Worklist("ana"), (Strings{"NEXT_ACTION/c1", "NEXT_ACTION/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  world_.Pass(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(Worklist("ana"), (Strings{"COMMITMENT_BROKEN!/c1", "COMMITMENT_BROKEN!/c1", "NEXT_UPDATE/c1", "OWNED/c1"}))
      << "a missed next action is raised";
  ExpectRebuildIsTheSame();
}

TEST_F(Words, TheCustomersSilenceIsAnnouncedAndCloses) {
  ASSERT_TRUE(Propose().ok());
  EXPECT_EQ(runtime::FromProto(View().closes_at()), world_.clock.Now() + absl::Hours(168));
  for (int hour = 0; hour < 144; ++hour) {
    world_.Pass(absl::Hours(1));
    if (hour % 20 == 0) Said(false);
  }
  EXPECT_TRUE(View().closing_announced());
  EXPECT_EQ(Worklist("ana").front(), "CLOSING_ANNOUNCED/c1");
  world_.Pass(absl::Hours(24) - absl::Seconds(1));
  EXPECT_EQ(View().status(), v1::CASE_STATUS_RESOLUTION_PROPOSED);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(View().status(), v1::CASE_STATUS_CLOSED_UNCONFIRMED);
  EXPECT_EQ(View().closing().by(), "throughline.ownership");
  EXPECT_EQ(View().closing().options_offered(0), "new valve");
  EXPECT_EQ(Worklist("ana"), Strings());
  ExpectRebuildIsTheSame();
}

TEST_F(Words, AnythingThatTheCustomerSaysEndsTheirSilence) {
  ASSERT_TRUE(Propose().ok());
  world_.Pass(absl::Hours(150));
  EXPECT_TRUE(View().closing_announced());
  Said(true);
  EXPECT_FALSE(View().closing_announced());
  world_.Pass(absl::Hours(500));
  EXPECT_EQ(View().status(), v1::CASE_STATUS_OPEN);
}

TEST_F(Words, TheCodeIsGoodOnceAndStandsNowhere) {
  const std::string code = "7Q2M-9KXW-4T5R-81ZC";
  auto propose = FromText<v1::ProposeResolutionRequest>(R"pb(case_id: "c1" text: "new valve")pb");
  propose.set_code_sha256(crypto::Sha256(code));
  ASSERT_TRUE(Give<v1::ProposeResolutionResponse>("ProposeResolution", propose).ok());
  const auto answer = [&](const std::string& with, runtime::Role role = common::v1::ROLE_SERVICE) {
    return Do<v1::AnswerResolutionResponse, v1::AnswerResolutionRequest>(
        "AnswerResolution", "case_id: \"c1\" confirmed: true code: \"" + with + "\"", "web", role);
  };
  EXPECT_EQ(runtime::ReasonOf(answer("7Q2M-9KXW-4T5R-81ZD")), "CODE_WRONG");
  ASSERT_TRUE(answer(code).ok());
  EXPECT_EQ(View().status(), v1::CASE_STATUS_RESOLVED_CONFIRMED);
  EXPECT_EQ(runtime::ReasonOf(answer(code)), "NOTHING_PROPOSED");
  for (const auto& [partition, records] : world_.book.records) {
    for (const auto& record : records) EXPECT_EQ(record->value.find(code), std::string::npos);
  }
  node_.store().Scan("", "", [&](std::string_view, std::string_view value) {
    EXPECT_EQ(value.find(code), std::string_view::npos);
    return true;
  });
}

TEST_F(Words, AMergeEndsInTheOlderCaseWhateverTheOrder) {
  const std::string promise = Promise(absl::Hours(1));  // on c1
  world_.Pass(absl::Seconds(1));
  Open("c0", "ben");  // younger, though its id comes first
  Said(true, "c0");
  EXPECT_EQ(Worklist("ben").front(), "CUSTOMER_WAITS/c0");
  auto merged = Merge("c1", "c0");
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->case_id(), "c1");
  EXPECT_EQ(merged->merged_case_id(), "c0");
  EXPECT_EQ(merged->owner(), "ana");
  EXPECT_EQ(ViewOf("c0").status(), v1::CASE_STATUS_CLOSED_MERGED);
  EXPECT_EQ(ViewOf("c0").merged_into_case_id(), "c1");
  EXPECT_EQ(View().absorbed_case_ids(0), "c0");
  EXPECT_EQ(Worklist("ben"), Strings());
  EXPECT_EQ(Worklist("ana"), (Strings{"CUSTOMER_WAITS/c1", "PROMISE_OPEN/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_TRUE(Merge("c0", "c1", "ben").ok()) << "they are one already";
  // Words on the merged case reach the owner of the one that goes on, and reopen it.
  Said(false, "c0");
  EXPECT_EQ(Worklist("ana"), (Strings{"PROMISE_OPEN/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  ASSERT_TRUE(Close().ok());
  Said(true, "c0");
  EXPECT_EQ(View().status(), v1::CASE_STATUS_OPEN);
  EXPECT_EQ(Worklist("ana").front(), "CUSTOMER_WAITS/c1");
  EXPECT_EQ(node_.Gauge("throughline_promises_open"), 1);
  ExpectRebuildIsTheSame();
}

TEST_F(Words, MergesOfThreeInACircleEndInOneOpenCase) {
  for (const auto& order : {std::vector<std::pair<std::string, std::string>>{{"c1", "d"}, {"d", "e"}, {"e", "c1"}},
                            {{"d", "e"}, {"e", "c1"}, {"c1", "d"}},
                            {{"e", "c1"}, {"c1", "d"}, {"d", "e"}}}) {
    static int round = 0;
    const std::string d = "d" + std::to_string(++round), e = "e" + std::to_string(round);
    world_.Pass(absl::Seconds(1));
    Open(d, "ben");
    world_.Pass(absl::Seconds(1));
    Open(e, "ben");
    const auto name = [&](const std::string& id) { return id == "d" ? d : id == "e" ? e : id; };
    std::vector<std::shared_ptr<FakeCall>> calls;
    for (const auto& [one, other] : order) {  // all under way at once
      auto request = FromText<v1::MergeCasesRequest>(R"pb(reason: "r")pb");
      request.set_case_id(name(one));
      request.set_other_case_id(name(other));
      calls.push_back(Begin(world_, *api_, "MergeCases", request,
                            Asking("sue", ROLE_SUPERVISOR, "m" + std::to_string(round) + one + other)));
    }
    world_.Run();
    int open = 0;
    for (const std::string& id : {std::string("c1"), d, e}) open += ViewOf(id).status() == v1::CASE_STATUS_OPEN;
    EXPECT_EQ(open, 1);
    EXPECT_EQ(View().status(), v1::CASE_STATUS_OPEN);
  }
  ExpectRebuildIsTheSame();
}

TEST_F(Words, AClosedCaseThatAnotherIsMergedIntoIsOpenedAgain) {
  ASSERT_TRUE(Close().ok());
  world_.Pass(absl::Seconds(1));
  Open("d", "ben");
  ASSERT_TRUE(Merge("d", "c1", "ben").ok());
  EXPECT_EQ(View().status(), v1::CASE_STATUS_OPEN);
  EXPECT_EQ(Open(View(), v1::COMMITMENT_KIND_NEXT_UPDATE), 1);
}

TEST_F(Words, AMergeThatStoppedInTheMiddleIsCompleted) {
  world_.Pass(absl::Seconds(1));
  Open("d", "ben");
  Said(true, "d");
  node_.Hold({});  // nobody reacts
  ASSERT_TRUE(Merge("d", "c1", "ben").ok());
  EXPECT_EQ(View().absorbed_case_ids_size(), 0);
  node_.HoldAll();
  world_.Run();
  EXPECT_EQ(View().absorbed_case_ids(0), "d");
  EXPECT_EQ(Worklist("ana").front(), "CUSTOMER_WAITS/c1");
}

// However much has happened to a case, its view and state stay small.
TEST_F(Words, ACommandCostsNoMoreAfterThousandsOfInteractionsAndSettledCommitments) {
  const auto size = [&] {
    size_t bytes = 0;
    for (const char* key : {"ownership/c1"}) {
      bytes += runtime::kStreamRows.Get(node_.store(), key)->ByteSizeLong();
    }
    return bytes + kViews.Get(node_.store(), "c1")->ByteSizeLong();
  };
  const auto talk = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Said(i % 2 == 0);
      auto keep = FromText<v1::KeepPromiseRequest>(R"pb(case_id: "c1" evidence: "called")pb");
      keep.set_promise_id(Promise(absl::Hours(1)));
      ASSERT_TRUE(Give<v1::KeepPromiseResponse>("KeepPromise", keep).ok());
    }
  };
  talk(150);
  const size_t before = size();
  talk(600);
  EXPECT_LE(size(), before + 200);
}

}  // namespace
}  // namespace throughline::ownership
