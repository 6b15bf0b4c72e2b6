// Worklists: what is in them, in which order, for whom, and what a person does with an item.

#include "services/ownership/projections/worklist.h"

#include <set>

#include "libs/runtime/domain/time.h"
#include "services/ownership/testing.h"

namespace throughline::ownership {
namespace {

class WorklistOf : public OwnershipService {
 protected:
  WorklistOf() {  // becomes known
    EXPECT_TRUE(
        Give<v1::SetAvailabilityResponse>("SetAvailability", v1::SetAvailabilityRequest(), "ana", ROLE_REP).ok());
  }
  // Without the next updates that every open case has.
  Strings Worklist(const std::string& who, runtime::Role role = ROLE_REP, const std::string& request = "") {
    Strings items = OwnershipService::Worklist(who, role, request);
    std::erase_if(items, [](const std::string& item) { return item.starts_with("NEXT_UPDATE"); });
    return items;
  }
  v1::ListWorklistResponse List(const std::string& who, const std::string& request = "",
                                runtime::Role role = ROLE_REP) {
    auto list = Give<v1::ListWorklistResponse>("ListWorklist", FromText<v1::ListWorklistRequest>(request), who, role);
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? *list : v1::ListWorklistResponse();
  }
  v1::WorklistItem Item(const std::string& who, v1::WorklistReason reason, const std::string& request = "",
                        runtime::Role role = ROLE_REP) {
    const auto list = List(who, request, role);
    for (const auto& item : list.items()) {
      if (item.reason() == reason) return item;
    }
    ADD_FAILURE() << who << " has no such item";
    return {};
  }
  absl::Status Snooze(const std::string& who, const std::string& item_id, absl::Duration time,
                      runtime::Role role = ROLE_REP) {
    v1::SnoozeWorkItemRequest request;
    request.set_item_id(item_id);
    *request.mutable_until() = runtime::ToProto(world_.clock.Now() + time);
    return Give<v1::SnoozeWorkItemResponse>("SnoozeWorkItem", request, who, role).status();
  }
  absl::Status Acknowledge(const std::string& who, const std::string& item_id, runtime::Role role = ROLE_REP) {
    v1::AcknowledgeWorkItemRequest request;
    request.set_item_id(item_id);
    return Give<v1::AcknowledgeWorkItemResponse>("AcknowledgeWorkItem", request, who, role).status();
  }
  void Notice(const std::string& event) {
    world_.Write(Topic::kOutageNotice, "notice/n7", FromText<outage::v1::NoticeEvent>(event));
  }
  void NoticeDue(const std::string& kind, absl::Duration within, const std::string& rest = "") {
    const int64_t due = absl::ToUnixSeconds(world_.clock.Now() + within);
    Notice(kind + " { next_update_due { seconds: " + std::to_string(due) + " } " + rest + " }");
  }
};

TEST(WorklistRank, OfEachReasonIsItsOwn) {
  std::set<int64_t> ranks;
  for (int i = v1::WorklistReason_MIN + 1; i <= v1::WorklistReason_MAX; ++i) {
    if (!v1::WorklistReason_IsValid(i)) continue;
    EXPECT_TRUE(ranks.insert(RankOf(static_cast<v1::WorklistReason>(i))).second) << i;
  }
  EXPECT_EQ(*ranks.begin(), RankOf(v1::WORKLIST_REASON_CUSTOMER_WAITS));
  EXPECT_EQ(*ranks.rbegin(), RankOf(v1::WORKLIST_REASON_OWNED));
}

TEST(WorklistItemId, NamesWhatTheItemIsAbout) {
  const ItemName name{v1::WORKLIST_REASON_PROMISE_OPEN, "c1", "p1"};
  const auto parsed = ParseItemId(ItemId(name));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->reason, name.reason);
  EXPECT_EQ(parsed->thing, name.thing);
  EXPECT_EQ(parsed->about, name.about);
  for (const char* other : {"", "x", "!", "AAAA", "DGMtMQ", "____"}) EXPECT_FALSE(ParseItemId(other)) << other;
}

TEST_F(WorklistOf, AnItemSaysItsRankAndSinceWhenItIsThere) {
  const absl::Time opened = world_.clock.Now();
  world_.Pass(absl::Hours(1));
  const std::string promise = Promise(absl::Hours(5));
  auto owned = Item("ana", v1::WORKLIST_REASON_OWNED);
  EXPECT_EQ(owned.rank(), RankOf(owned.reason()));
  EXPECT_EQ(runtime::FromProto(owned.since()), opened);
  auto promised = Item("ana", v1::WORKLIST_REASON_PROMISE_OPEN);
  EXPECT_EQ(promised.rank(), RankOf(promised.reason()));
  EXPECT_EQ(runtime::FromProto(promised.since()), world_.clock.Now());
  EXPECT_EQ(promised.supervisor(), "sue");
  world_.Pass(absl::Hours(1));
  const absl::Time handed = world_.clock.Now();
  ASSERT_TRUE(Give<v1::ReassignCaseResponse>("ReassignCase", FromText<v1::ReassignCaseRequest>(R"pb(case_id: "c1"
                                                                                                    to: "ben"
                                                                                                    reason: "r")pb"),
                                             "sue", ROLE_SUPERVISOR)
                  .ok());
  EXPECT_EQ(runtime::FromProto(Item("ben", v1::WORKLIST_REASON_PROMISE_OPEN).since()), handed)
      << "nobody has it for longer than they own the case";
  EXPECT_EQ(Item("ben", v1::WORKLIST_REASON_PROMISE_OPEN).item_id(), promised.item_id());
}

TEST_F(WorklistOf, WhatIsPutAsideComesBack) {
  const auto owned = Item("ana", v1::WORKLIST_REASON_OWNED);
  ASSERT_TRUE(Snooze("ana", owned.item_id(), absl::Hours(3)).ok());
  EXPECT_EQ(Worklist("ana"), Strings());
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR, "include_team: true"), (Strings{"OWNED/c1"})) << "others still see it";
  const auto aside = Item("ana", v1::WORKLIST_REASON_OWNED, "include_snoozed: true");
  EXPECT_EQ(runtime::FromProto(aside.snoozed_until()), world_.clock.Now() + absl::Hours(3));
  world_.Pass(absl::Hours(3) - absl::Seconds(1));
  EXPECT_EQ(Worklist("ana"), Strings());
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(Worklist("ana"), (Strings{"OWNED/c1"}));
  EXPECT_FALSE(Item("ana", v1::WORKLIST_REASON_OWNED).has_snoozed_until());
  Promise(absl::Hours(1));
  const auto promised = Item("ana", v1::WORKLIST_REASON_PROMISE_OPEN);
  EXPECT_EQ(runtime::ReasonOf(Snooze("ana", promised.item_id(), absl::Hours(2))), "AFTER_DUE");
  EXPECT_EQ(runtime::ReasonOf(Snooze("ben", promised.item_id(), absl::Minutes(2))), "WORK_ITEM_UNKNOWN");
  EXPECT_EQ(runtime::ReasonOf(Snooze("ana", "nonsense", absl::Minutes(2))), "WORK_ITEM_UNKNOWN");
  ExpectRebuildIsTheSame();
}

TEST_F(WorklistOf, ABrokenPromiseIsAcknowledgedByEachWhoSeesIt) {
  Promise(absl::Hours(1));
  const auto open = Item("ana", v1::WORKLIST_REASON_PROMISE_OPEN);
  EXPECT_EQ(runtime::ReasonOf(Acknowledge("ana", open.item_id())), "NOT_ACKNOWLEDGEABLE");
  world_.Pass(absl::Hours(1) + absl::Seconds(1));
  const auto broken = Item("ana", v1::WORKLIST_REASON_PROMISE_BROKEN);
  EXPECT_EQ(Item("sue", v1::WORKLIST_REASON_PROMISE_BROKEN, "", ROLE_SUPERVISOR).item_id(), broken.item_id());
  EXPECT_EQ(runtime::ReasonOf(Acknowledge("ana", open.item_id())), "WORK_ITEM_UNKNOWN") << "it is another item now";
  ASSERT_TRUE(Acknowledge("ana", broken.item_id()).ok());
  EXPECT_EQ(Worklist("ana"), (Strings{"OWNED/c1"}));
  EXPECT_TRUE(Item("ana", v1::WORKLIST_REASON_PROMISE_BROKEN, "include_snoozed: true").acknowledged());
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), (Strings{"PROMISE_BROKEN!/c1"})) << "she has not seen it yet";
  ASSERT_TRUE(Acknowledge("sue", broken.item_id(), ROLE_SUPERVISOR).ok());
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), Strings());
  world_.Pass(absl::Hours(10));
  EXPECT_EQ(Worklist("ana"), (Strings{"OWNED/c1"}));
  ExpectRebuildIsTheSame();
}

TEST_F(WorklistOf, WordsThatNeedNoAnswerAreAcknowledgedForTheCase) {
  world_.Write(Topic::kIntake, "case/c1",
               FromText<intake::v1::CaseEvent>(
                   R"pb(interaction_recorded { interaction_id: "i1" direction: DIRECTION_INBOUND text: "Thanks" })pb"));
  const auto waits = Item("ana", v1::WORKLIST_REASON_CUSTOMER_WAITS);
  EXPECT_EQ(waits.rank(), 1);
  EXPECT_EQ(runtime::ReasonOf(Acknowledge("ben", waits.item_id())), "NOT_OWNER");
  v1::AcknowledgeWorkItemRequest request;
  request.set_item_id(waits.item_id());
  request.set_reason("only thanks");
  const auto ana = Asking("ana", ROLE_REP, "the same");
  const auto first = Ask<v1::AcknowledgeWorkItemResponse>(world_, *api_, "AcknowledgeWorkItem", request, ana);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Worklist("ana"), (Strings{"OWNED/c1"}));
  EXPECT_FALSE(View().has_unanswered());
  const auto again = Ask<v1::AcknowledgeWorkItemResponse>(world_, *api_, "AcknowledgeWorkItem", request, ana);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
}

TEST_F(WorklistOf, ANoticesNextUpdateIsThereForItsOwnerAndOverdueForWhoeverStandsAbove) {
  NoticeDue("published", absl::Hours(1), R"(notice_id: "n7" owner: "ben" title: "Checkout is down")");
  const auto item = Item("ben", v1::WORKLIST_REASON_NOTICE_UPDATE);
  EXPECT_EQ(item.notice_id(), "n7");
  EXPECT_EQ(item.subject(), "Checkout is down");
  EXPECT_FALSE(item.overdue());
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), Strings());
  EXPECT_TRUE(Snooze("ben", item.item_id(), absl::Minutes(30)).ok());
  world_.Pass(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(Worklist("ben"), (Strings{"NOTICE_UPDATE!/"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), (Strings{"NOTICE_UPDATE!/"}));
  EXPECT_EQ(runtime::ReasonOf(Acknowledge("ben", item.item_id())), "NOT_ACKNOWLEDGEABLE");
  auto ben = Give<v1::GetPersonResponse>("GetPerson", v1::GetPersonRequest(), "ben");
  EXPECT_EQ(ben->person().overdue_items(), 1u);
  EXPECT_EQ(ben->person().open_cases(), 0u);
  NoticeDue("updated", absl::Hours(2));
  EXPECT_EQ(Worklist("ben"), (Strings{"NOTICE_UPDATE/"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), Strings());
  Notice(R"pb(reassigned { from: "ben" to: "ana" })pb");
  EXPECT_EQ(Worklist("ben"), Strings());
  EXPECT_EQ(Worklist("ana"), (Strings{"NOTICE_UPDATE/", "OWNED/c1"}));
  Notice(R"pb(resolved { text: "works" })pb");
  EXPECT_EQ(Worklist("ana"), (Strings{"OWNED/c1"}));
  ExpectRebuildIsTheSame();
}

TEST_F(WorklistOf, CasesThatNobodyHasTakenAreListedForAllTheOldestFirst) {
  for (const std::string id : {"d2", "d1", "d3"}) {
    world_.Write(Topic::kIntake, "case/" + id,
                 FromText<intake::v1::CaseEvent>(
                     "opened { owner: \"sue\" assignment_reason: ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY case_id: \"" +
                     id + "\" }"));
    world_.Pass(absl::Minutes(1));
  }
  Strings cases;
  auto request = FromText<v1::ListWorklistRequest>("page_size: 2 scope: WORKLIST_SCOPE_UNASSIGNED");
  for (bool more = true; more;) {
    auto page = Give<v1::ListWorklistResponse>("ListWorklist", request, "ben");
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& item : page->items()) cases.push_back(item.case_id() + " by " + item.owner());
    request.set_page_token(page->next_page_token());
    more = !page->next_page_token().empty();
  }
  EXPECT_EQ(cases, (Strings{"d2 by sue", "d1 by sue", "d3 by sue"}));
  EXPECT_EQ(Worklist("wall", ROLE_READER, "scope: WORKLIST_SCOPE_UNASSIGNED").size(), 3u);
  ASSERT_TRUE(Give<v1::AddWorkNoteResponse>("AddWorkNote", FromText<v1::AddWorkNoteRequest>(R"pb(case_id: "d1"
                                                                                                 text: "looked")pb"),
                                            "sue", ROLE_SUPERVISOR)
                  .ok());
  EXPECT_EQ(Worklist("ben", ROLE_REP, "scope: WORKLIST_SCOPE_UNASSIGNED"), (Strings{"OWNED/d2", "OWNED/d3"}));
}

TEST_F(WorklistOf, ATeamIsMergedInTheOrderOfUrgency) {
  Promise(absl::Hours(1));
  world_.Write(Topic::kIntake, "case/c2",
               FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c2" owner: "ben" })pb"));
  ASSERT_TRUE(Give<v1::OfferHandoffResponse>("OfferHandoff", FromText<v1::OfferHandoffRequest>(R"pb(case_id: "c2"
                                                                                                    to: "ana"
                                                                                                    reason: "r")pb"),
                                             "ben")
                  .ok());
  const Strings all = {"HANDOFF_OFFERED/c2", "PROMISE_OPEN/c1", "OWNED/c1", "OWNED/c2"};
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR, "scope: WORKLIST_SCOPE_TEAM"), all);
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR, "scope: WORKLIST_SCOPE_OWN"), Strings());
  Strings paged;
  auto request = FromText<v1::ListWorklistRequest>("page_size: 1 scope: WORKLIST_SCOPE_TEAM");
  for (bool more = true; more;) {
    auto page = Give<v1::ListWorklistResponse>("ListWorklist", request, "sue", ROLE_SUPERVISOR);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& item : page->items()) {
      if (item.reason() == v1::WORKLIST_REASON_NEXT_UPDATE) continue;
      paged.push_back(v1::WorklistReason_Name(item.reason()).substr(16) + "/" + item.case_id());
    }
    request.set_page_token(page->next_page_token());
    more = !page->next_page_token().empty();
  }
  EXPECT_EQ(paged, all);
  EXPECT_EQ(
      runtime::ReasonOf(Give<v1::ListWorklistResponse>(
                            "ListWorklist", FromText<v1::ListWorklistRequest>("scope: WORKLIST_SCOPE_TEAM"), "ben")
                            .status()),
      "NOT_YOUR_WORKLIST");
}

TEST_F(WorklistOf, OpenCommitmentsAreListedByDueTimeAndByKind) {
  const auto ids = [&](const std::string& request) {
    Strings ids;
    auto all = FromText<v1::ListCommitmentsRequest>(request);
    all.set_page_size(1);
    for (bool more = true; more;) {
      auto page = Give<v1::ListCommitmentsResponse>("ListCommitments", all);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return ids;
      for (const auto& one : page->commitments()) {
        ids.push_back(v1::CommitmentKind_Name(one.commitment().commitment().kind()).substr(16) + " " +
                      one.commitment().commitment().text() + (one.overdue() ? "!" : ""));
      }
      all.set_page_token(page->next_page_token());
      more = !page->next_page_token().empty();
    }
    return ids;
  };
  Promise(absl::Hours(5));
  auto note = FromText<v1::AddWorkNoteRequest>(R"pb(case_id: "c1" text: "t" next_action: "call acme")pb");
  *note.mutable_next_action_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(2));
  ASSERT_TRUE(Give<v1::AddWorkNoteResponse>("AddWorkNote", note).ok());
  Promise(absl::Hours(1));
  auto all = ids("");
  std::erase_if(all, [](const std::string& one) { return one.starts_with("NEXT_UPDATE"); });
  EXPECT_EQ(all, (Strings{"PROMISE call back", "NEXT_ACTION call acme", "PROMISE call back"}));
  EXPECT_EQ(ids("kind: COMMITMENT_KIND_NEXT_ACTION"), (Strings{"NEXT_ACTION call acme"}));
  EXPECT_EQ(ids("kind: COMMITMENT_KIND_HELP"), Strings());
  auto first = Give<v1::ListCommitmentsResponse>("ListCommitments",
                                                 FromText<v1::ListCommitmentsRequest>("kind: COMMITMENT_KIND_PROMISE"));
  ASSERT_TRUE(first.ok());
  const auto& promise = first->commitments(0);
  EXPECT_EQ(promise.case_id(), "c1");
  EXPECT_EQ(promise.commitment().made_by(), "ana");
  EXPECT_EQ(promise.commitment().commitment().owed_to(), "kim");
  EXPECT_EQ(promise.commitment().commitment().commitment_id(), View().promises(1).promise_id());
  EXPECT_EQ(
      runtime::ReasonOf(Give<v1::ListCommitmentsResponse>(
                            "ListCommitments", FromText<v1::ListCommitmentsRequest>(R"pb(person: "ana")pb"), "ben")
                            .status()),
      "NOT_YOUR_WORKLIST");
}

}  // namespace
}  // namespace throughline::ownership
