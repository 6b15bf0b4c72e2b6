// A case's history: what can be read of it, in pages both ways, whatever was folded first and however long it is.

#include "services/ownership/history/history.h"

#include "gmock/gmock.h"

#include "libs/runtime/domain/time.h"
#include "services/ownership/testing.h"

namespace throughline::ownership {
namespace {

class CaseHistoryOf : public OwnershipService {
 protected:
  absl::StatusOr<v1::GetCaseHistoryResponse> Ask(const std::string& request) {
    return Give<v1::GetCaseHistoryResponse>("GetCaseHistory", FromText<v1::GetCaseHistoryRequest>(request));
  }
  // "kind: text" of each.
  Strings History(const std::string& request = R"(case_id: "c1")") {
    Strings entries;
    auto response = Ask(request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return entries;
    for (const auto& entry : response->entries()) entries.push_back(entry.kind() + ": " + entry.text());
    return entries;
  }
  template <typename Response, typename Request>
  void Do(std::string_view method, const std::string& request, const std::string& who = "ana",
          runtime::Role role = ROLE_REP) {
    auto done = Give<Response>(method, FromText<Request>(request), who, role);
    ASSERT_TRUE(done.ok()) << done.status();
    world_.Pass(absl::Seconds(1));
  }
  void Said(const std::string& text, bool inbound = true) {
    intake::v1::CaseEvent event;
    auto& interaction = *event.mutable_interaction_recorded();
    interaction.set_interaction_id("i" + std::to_string(++interactions_));
    interaction.set_text(text);
    interaction.set_by("ana");
    interaction.set_direction(inbound ? intake::v1::DIRECTION_INBOUND : intake::v1::DIRECTION_OUTBOUND);
    world_.Write(Topic::kIntake, "case/c1", event);
    world_.Pass(absl::Seconds(1));
  }

 private:
  int interactions_ = 0;
};

TEST_F(CaseHistoryOf, ACaseThatWasClosedAndReopenedIsStillThere) {
  world_.Pass(absl::Seconds(1));
  Said("It is cold.");
  Said("We look into it.", false);
  const std::string promise = Promise(absl::Hours(2));
  world_.Pass(absl::Seconds(1));
  Do<v1::KeepPromiseResponse, v1::KeepPromiseRequest>(
      "KeepPromise", R"(case_id: "c1" promise_id: ")" + promise + R"(" evidence: "called at noon")");
  Do<v1::AddWorkNoteResponse, v1::AddWorkNoteRequest>("AddWorkNote", R"(case_id: "c1" text: "ordered a valve")");
  Do<v1::ProposeResolutionResponse, v1::ProposeResolutionRequest>("ProposeResolution",
                                                                  R"(case_id: "c1" text: "a new valve")");
  Do<v1::RejectResolutionResponse, v1::RejectResolutionRequest>("RejectResolution",
                                                                R"(case_id: "c1" reason: "still cold")");
  Said("There is no such part.", false);
  Do<v1::CloseCaseResponse, v1::CloseCaseRequest>(
      "CloseCase", R"(case_id: "c1" reason: "no such part" options_offered: "refund" options_offered: "a heater")");
  Do<v1::ReopenCaseResponse, v1::ReopenCaseRequest>("ReopenCase", R"(case_id: "c1" reason: "a part was found")", "ben");
  Strings history = History();
  std::erase_if(history, [](const std::string& entry) {
    return entry.find("update") != std::string::npos || entry.find("hears from us") != std::string::npos;
  });
  EXPECT_EQ(history.at(0), "CaseOpened: case opened: no heat; ana answers for it");
  EXPECT_EQ(history.at(1), "InteractionRecorded: the customer said: It is cold.");
  EXPECT_THAT(history, ::testing::Contains("InteractionRecorded: ana told the customer: We look into it."));
  const auto has = [&](const std::string& wanted) {
    EXPECT_EQ(std::count_if(history.begin(), history.end(),
                            [&](const std::string& entry) { return entry.find(wanted) != std::string::npos; }),
              1)
        << wanted << " in\n"
        << ::testing::PrintToString(history);
  };
  has("ana promises kim: \"call back\" by 2");
  has("promise kept: \"call back\": called at noon");
  has("ana: ordered a valve");
  has("ana proposes: a new valve");
  has("the customer does not accept: still cold");
  has("ana closes the case, unconfirmed: no such part; offered: refund; a heater");
  has("ben reopens the case: a part was found");
  // Whole events, with who, where and when; the newest last.
  auto response = Ask(R"(case_id: "c1")");
  ASSERT_TRUE(response.ok());
  const auto find = [&](const std::string& kind) {
    const auto found = std::find_if(response->entries().begin(), response->entries().end(),
                                    [&](const auto& entry) { return entry.kind() == kind; });
    return found == response->entries().end() ? v1::CaseHistoryEntry() : *found;
  };
  const auto closed = find("CaseClosed");
  const auto reopened = find("CaseReopened");
  v1::OwnershipEvent event;
  ASSERT_TRUE(closed.event().UnpackTo(&event));
  EXPECT_EQ(event.closed().options_offered_size(), 2);
  EXPECT_EQ(closed.by(), "ana");
  EXPECT_EQ(closed.service(), "ownership");
  EXPECT_EQ(closed.stream(), "ownership/c1");
  EXPECT_EQ(reopened.by(), "ben");
  EXPECT_LT(runtime::FromProto(closed.time()), runtime::FromProto(reopened.time()));
  EXPECT_LT(closed.version(), reopened.version());
  for (int k = 1; k < response->entries_size(); ++k) {
    const auto& before = response->entries(k - 1);
    const auto& after = response->entries(k);
    EXPECT_LT(std::pair(runtime::FromProto(before.time()), before.entry_id()),
              std::pair(runtime::FromProto(after.time()), after.entry_id()));
  }
  ExpectRebuildIsTheSame();
}

TEST_F(CaseHistoryOf, OwnersOffersAndTheirEndsAreThere) {
  Do<v1::OfferHandoffResponse, v1::OfferHandoffRequest>("OfferHandoff",
                                                        R"(case_id: "c1" to: "ben" reason: "knows it")");
  Do<v1::DeclineHandoffResponse, v1::DeclineHandoffRequest>(
      "DeclineHandoff", R"(case_id: "c1" handoff_id: ")" + View().handoff().handoff_id() + R"(" reason: "on leave")",
      "ben");
  Do<v1::OfferHandoffResponse, v1::OfferHandoffRequest>("OfferHandoff", R"(case_id: "c1" to: "ben" reason: "again")");
  Do<v1::WithdrawHandoffResponse, v1::WithdrawHandoffRequest>("WithdrawHandoff",
                                                              R"(case_id: "c1" reason: "solved meanwhile")");
  Do<v1::ReassignCaseResponse, v1::ReassignCaseRequest>(
      "ReassignCase", R"(case_id: "c1" to: "ben" reason: "ana is ill")", "sue", ROLE_SUPERVISOR);
  EXPECT_EQ(History(), (Strings{"CaseOpened: case opened: no heat; ana answers for it",
                                "HandoffOffered: ana offers the case to ben: knows it",
                                "HandoffDeclined: ben declines the case: on leave",
                                "HandoffOffered: ana offers the case to ben: again",
                                "HandoffWithdrawn: ana withdraws the offer to ben: solved meanwhile",
                                "CaseReassigned: the case goes from ana to ben: ana is ill"}));
}

// A replica that only folds what is written.
struct Reader {
  World world;
  Node& node = world.Add(Define({}));
  const std::unique_ptr<server::Api> api = MakeApi(node.streams(), {});
  Reader() { node.Hold({}); }
};

TEST(CaseHistoryTexts, NameSettledCommitmentsByTheirWords) {
  Reader reader;
  const auto write = [&](const std::string& event) {
    reader.world.Write(Topic::kOwnership, "ownership/c2", FromText<v1::OwnershipEvent>(event));
    reader.world.Pass(absl::Seconds(1));
  };
  reader.world.Write(Topic::kIntake, "case/c2",
                     FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c2" owner: "ana" subject: "s" })pb"));
  reader.world.Pass(absl::Seconds(1));
  write(R"pb(started { case_id: "c2" owner: "ana" })pb");
  write(R"pb(commitment_made {
               by: "ana"
               commitment {
                 commitment_id: "n1"
                 kind: COMMITMENT_KIND_NEXT_ACTION
                 text: "call acme"
                 due { seconds: 1790000000 }
               }
             })pb");
  write(R"pb(commitment_renegotiated {
               commitment_id: "n1"
               reason: "closed today"
               new_due { seconds: 1790086400 }
             })pb");
  write(R"pb(commitment_settled {
               commitment_id: "n1"
               kind: COMMITMENT_KIND_NEXT_ACTION
               outcome: COMMITMENT_OUTCOME_BROKEN
               due { seconds: 1790086400 }
             })pb");
  write(R"pb(commitment_settled {
               commitment_id: "c2"
               kind: COMMITMENT_KIND_NEXT_UPDATE
               outcome: COMMITMENT_OUTCOME_KEPT
               evidence: "told by mail"
             })pb");
  write(R"pb(merged { by: "ana" into_case_id: "c1" reason: "same boiler" })pb");
  const auto response =
      Ask<v1::GetCaseHistoryResponse>(reader.world, *reader.api, "GetCaseHistory",
                                      FromText<v1::GetCaseHistoryRequest>(R"pb(case_id: "c2")pb"), By("ana", ROLE_REP));
  ASSERT_TRUE(response.ok()) << response.status();
  Strings history;
  for (const auto& entry : response->entries()) history.push_back(entry.kind() + ": " + entry.text());
  EXPECT_EQ(history,
            (Strings{"CaseOpened: case opened: s; ana answers for it",
                     "CommitmentMade: next action: \"call acme\" by 2026-09-21 14:13 UTC",
                     "CommitmentRenegotiated: next action renegotiated: \"call acme\", now by 2026-09-22 14:13 UTC: "
                     "closed today",
                     "CommitmentSettled: next action broken: \"call acme\" was due 2026-09-22 14:13 UTC",
                     "CommitmentSettled: next update kept: told by mail",
                     "CaseMerged: ana merges the case into case c1, which goes on: same boiler"}));
  size_t owed = 0;
  kOwed.Scan(
      reader.node.store(), "", [&](std::string_view, const auto&, const auto&) { return ++owed > 0; },
      std::string("c2"));
  EXPECT_EQ(owed, 0u) << "what has ended is not kept";
}

TEST_F(CaseHistoryOf, PagesGoBothWays) {
  world_.Pass(absl::Seconds(1));
  for (int i = 0; i < 6; ++i) Said("word " + std::to_string(i), i % 2 == 0);
  const Strings all = History();
  ASSERT_GE(all.size(), 7u);
  for (const bool newest_first : {false, true}) {
    Strings seen;
    auto request = FromText<v1::GetCaseHistoryRequest>(R"pb(case_id: "c1" page_size: 3)pb");
    request.set_newest_first(newest_first);
    for (bool more = true; more;) {
      auto page = Give<v1::GetCaseHistoryResponse>("GetCaseHistory", request);
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_LE(page->entries_size(), 3);
      for (const auto& entry : page->entries()) seen.push_back(entry.kind() + ": " + entry.text());
      request.set_page_token(page->next_page_token());
      more = !page->next_page_token().empty();
      if (more) {
        auto other = request;
        other.set_newest_first(!newest_first);
        EXPECT_EQ(Give<v1::GetCaseHistoryResponse>("GetCaseHistory", other).status().code(),
                  absl::StatusCode::kInvalidArgument)
            << "a token of the other direction";
      }
    }
    if (newest_first) std::reverse(seen.begin(), seen.end());
    EXPECT_EQ(seen, all);
  }
  EXPECT_EQ(runtime::ReasonOf(Ask(R"(case_id: "c9")").status()), "CASE_UNKNOWN");
}

TEST_F(CaseHistoryOf, APageOfLargeEntriesEndsEarly) {
  const std::string large(16 * 1024, 'x');
  for (int i = 0; i < 100; ++i) {
    intake::v1::CaseEvent event;
    event.mutable_interaction_recorded()->set_text(large);
    world_.Append(Topic::kIntake, "case/c1", event);
  }
  world_.Run();
  int seen = 0;
  auto request = FromText<v1::GetCaseHistoryRequest>(R"pb(case_id: "c1" page_size: 1000)pb");
  for (bool more = true; more;) {
    auto page = Give<v1::GetCaseHistoryResponse>("GetCaseHistory", request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->ByteSizeLong(), kMostHistoryBytes + 3 * large.size());
    for (const auto& entry : page->entries()) seen += entry.kind() == "InteractionRecorded" ? 1 : 0;
    request.set_page_token(page->next_page_token());
    more = !page->next_page_token().empty();
  }
  EXPECT_EQ(seen, 100);
}

// Counts the rows that a read looks at.
class CountingRows : public store::KeyValueView {
 public:
  explicit CountingRows(const store::KeyValue& base) : base_(base) {}
  bool Get(std::string_view key, std::string* value) const override {
    ++rows;
    return base_.Get(key, value);
  }
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    base_.Scan(prefix, from, [&](std::string_view key, std::string_view value) {
      ++rows;
      return visit(key, value);
    });
  }
  mutable size_t rows = 0;

 private:
  const store::KeyValue& base_;
};

TEST_F(CaseHistoryOf, APageCostsWhatItShowsHoweverLongTheHistory) {
  const auto cost = [&](bool newest_first) {
    const CountingRows rows(node_.store());
    auto request = FromText<v1::GetCaseHistoryRequest>(R"pb(case_id: "c1" page_size: 20)pb");
    request.set_newest_first(newest_first);
    EXPECT_EQ(HistoryPage(rows, request, "question", "").entries_size(), 20);
    return rows.rows;
  };
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) {
      intake::v1::CaseEvent event;
      event.mutable_interaction_recorded()->set_text("word");
      world_.Append(Topic::kIntake, "case/c1", event);
    }
    world_.Run();
  };
  add(100);
  const size_t forward = cost(false), back = cost(true);
  EXPECT_LE(forward, 21u);
  EXPECT_LE(back, 2 * 21u);
  add(2000);
  EXPECT_EQ(cost(false), forward);
  EXPECT_EQ(cost(true), back);
}

TEST(OwnershipReplicas, TellTheSameHistoryWhicheverTopicEachOfThemFoldsFirst) {
  World world;
  Node& cases_first = world.Add(Define({}));
  Node& ownership_first = world.Add(Define({}));
  for (Node* node : {&cases_first, &ownership_first}) node->Hold({});  // they fold only
  cases_first.log().withheld = {Topic::kOwnership};
  ownership_first.log().withheld = {Topic::kIntake};
  world.Append(Topic::kIntake, "case/c1",
               FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c1" owner: "ana" subject: "s" })pb"));
  world.Append(Topic::kIntake, "case/c1",
               FromText<intake::v1::CaseEvent>(R"pb(linked_to_notice { notice_id: "n1" component_id: "heat" })pb"));
  world.Append(Topic::kOwnership, "ownership/c1",
               FromText<v1::OwnershipEvent>(R"pb(started {
                                                   case_id: "c1"
                                                   owner: "ana"
                                                   subject: "s"
                                                   next_update_due { seconds: 1790000000 }
                                                 })pb"));
  world.Append(
      Topic::kOwnership, "ownership/c1",
      FromText<v1::OwnershipEvent>(R"pb(promise_made { promise_id: "p" made_by: "ana" to: "k" text: "t" })pb"));
  world.Append(Topic::kOwnership, "ownership/c1",
               FromText<v1::OwnershipEvent>(R"pb(promise_kept { promise_id: "p" evidence: "e" })pb"));
  cases_first.Run();
  ownership_first.Run();
  const auto rows = [](Node& node) {
    std::map<std::string, std::string> rows;
    for (const char table : {kHistory.first_byte(), kHistoryBack.first_byte(), kOwed.first_byte()}) {
      node.store().Scan(std::string(1, table), "",
                        [&](std::string_view key, std::string_view value) { return rows.emplace(key, value).second; });
    }
    return rows;
  };
  EXPECT_EQ(rows(cases_first).size(), 4u) << "two entries of intake";
  EXPECT_EQ(rows(ownership_first).size(), 4u) << "two entries of ownership";
  cases_first.log().withheld.clear();
  ownership_first.log().withheld.clear();
  cases_first.Run();
  ownership_first.Run();
  EXPECT_EQ(rows(cases_first).size(), 8u);
  EXPECT_EQ(rows(cases_first), rows(ownership_first));
}

}  // namespace
}  // namespace throughline::ownership
