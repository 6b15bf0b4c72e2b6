// The service on one log, through its handlers: views, worklists, timers, and that a rebuild gives the same rows.

#include "libs/calendar/calendars_file.h"
#include "services/ownership/testing.h"

namespace throughline::ownership {
namespace {

TEST_F(OwnershipService, HasAHandlerForEveryMethod) { EXPECT_TRUE(api_->Check().ok()) << api_->Check(); }

TEST_F(OwnershipService, ACaseHasAnOwnerBeforeItsOwnershipStreamStarts) {
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_EQ(View().supervisor(), "sue");
  EXPECT_EQ(View().version(), 0u);
  EXPECT_EQ(View().ownership_periods_size(), 1);
  EXPECT_EQ(Worklist("ana"), (Strings{"NEXT_UPDATE/c1", "OWNED/c1"}));
  auto unknown =
      Give<v1::GetOwnershipResponse>("GetOwnership", FromText<v1::GetOwnershipRequest>(R"pb(case_id: "c9")pb"));
  EXPECT_EQ(runtime::ReasonOf(unknown.status()), "CASE_UNKNOWN");
  auto command = Give<v1::ReopenCaseResponse>("ReopenCase", FromText<v1::ReopenCaseRequest>(R"pb(case_id: "c9"
                                                                                                 reason: "r")pb"));
  EXPECT_EQ(command.status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OwnershipService, AHandOverIsAnOfferUntilItIsAccepted) {
  auto offer = FromText<v1::OfferHandoffRequest>(R"pb(case_id: "c1" to: "ben" reason: "knows it")pb");
  auto offered = Give<v1::OfferHandoffResponse>("OfferHandoff", offer);
  ASSERT_TRUE(offered.ok()) << offered.status();
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_EQ(View().handoff().handoff_id(), offered->handoff_id());
  EXPECT_EQ(Worklist("ben"), (Strings{"HANDOFF_OFFERED/c1"}));
  EXPECT_EQ(node_.Gauge("throughline_handoffs_open"), 1);
  v1::AcceptHandoffRequest accept;
  accept.set_case_id("c1");
  accept.set_handoff_id(offered->handoff_id());
  auto accepted = Give<v1::AcceptHandoffResponse>("AcceptHandoff", accept, "ben");
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(View().owner(), "ben");
  EXPECT_EQ(View().supervisor(), "sue");
  EXPECT_EQ(View().ownership_periods_size(), 2);
  EXPECT_EQ(Worklist("ana"), Strings());
  EXPECT_EQ(Worklist("ben"), (Strings{"NEXT_UPDATE/c1", "OWNED/c1"}));
  offer.set_to("nobody");
  EXPECT_EQ(runtime::ReasonOf(Give<v1::OfferHandoffResponse>("OfferHandoff", offer, "ben").status()), "PERSON_UNKNOWN");
  ExpectRebuildIsTheSame();
}

TEST_F(OwnershipService, AnUnansweredOfferExpires) {
  EXPECT_TRUE(Give<v1::OfferHandoffResponse>("OfferHandoff", FromText<v1::OfferHandoffRequest>(R"pb(case_id: "c1"
                                                                                                    to: "ben"
                                                                                                    reason: "r")pb"))
                  .ok());
  world_.Pass(absl::Hours(4) - absl::Seconds(1));
  EXPECT_TRUE(View().has_handoff());
  world_.Pass(absl::Seconds(1));
  EXPECT_FALSE(View().has_handoff());
  EXPECT_EQ(View().owner(), "ana");
  ExpectRebuildIsTheSame();
}

TEST_F(OwnershipService, APromiseIsBrokenAtItsDueTimeAndOwnerAndSupervisorSeeIt) {
  Promise(absl::Hours(1));
  EXPECT_EQ(Worklist("ana"), (Strings{"PROMISE_OPEN/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), Strings());
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR, "include_team: true"),
            (Strings{"PROMISE_OPEN/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(node_.Gauge("throughline_promises_open"), 1);
  world_.Pass(absl::Hours(1) - absl::Seconds(1));
  EXPECT_EQ(View().promises(0).status(), v1::PROMISE_STATUS_OPEN) << "not early";
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(View().promises(0).status(), v1::PROMISE_STATUS_BROKEN);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(Worklist("ana"), (Strings{"PROMISE_BROKEN!/c1", "NEXT_UPDATE/c1", "OWNED/c1"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), (Strings{"PROMISE_BROKEN!/c1"}));
  EXPECT_EQ(node_.Gauge("throughline_promises_open"), 0);
  EXPECT_EQ(node_.Gauge("throughline_promises_broken_total"), 1);
  EXPECT_EQ(node_.Gauge("throughline_promises_overdue"), 0);
  ExpectRebuildIsTheSame();
}

// A clock that jumps hours ahead for a few seconds must not break promises or expire offers.
TEST_F(OwnershipService, APromiseIsKeptAndAnOfferTakenWhileTheClockIsAhead) {
  const std::string promise = Promise(absl::Hours(1));
  auto offered = Give<v1::OfferHandoffResponse>(
      "OfferHandoff", FromText<v1::OfferHandoffRequest>(R"pb(case_id: "c1" to: "ben" reason: "r")pb"));
  ASSERT_TRUE(offered.ok()) << offered.status();
  world_.clock.Jump(absl::Hours(5));
  world_.Pass(absl::Seconds(10));
  EXPECT_EQ(Worklist("ana"), (Strings{"PROMISE_OPEN/c1", "NEXT_UPDATE/c1", "OWNED/c1"})) << "not shown as overdue";
  EXPECT_EQ(node_.Gauge("throughline_promises_open"), 1);
  auto keep = FromText<v1::KeepPromiseRequest>(R"pb(case_id: "c1" evidence: "called")pb");
  keep.set_promise_id(promise);
  auto kept = Give<v1::KeepPromiseResponse>("KeepPromise", keep);
  EXPECT_TRUE(kept.ok()) << kept.status();
  v1::AcceptHandoffRequest accept;
  accept.set_case_id("c1");
  accept.set_handoff_id(offered->handoff_id());
  auto accepted = Give<v1::AcceptHandoffResponse>("AcceptHandoff", accept, "ben");
  EXPECT_TRUE(accepted.ok()) << accepted.status();
  world_.clock.Jump(-absl::Hours(5));
  world_.Pass(absl::Hours(5));
  EXPECT_EQ(View().owner(), "ben");
  EXPECT_EQ(View().promises(0).status(), v1::PROMISE_STATUS_KEPT);
  ExpectRebuildIsTheSame();
}

TEST_F(OwnershipService, APromiseThatBreaksAfterClosingIsInBothWorklists) {
  Promise(absl::Hours(1));
  auto close = FromText<v1::CloseCaseRequest>(R"pb(case_id: "c1" reason: "no part" options_offered: "refund")pb");
  ASSERT_TRUE(Give<v1::CloseCaseResponse>("CloseCase", close).ok());
  EXPECT_EQ(Worklist("ana"), (Strings{"PROMISE_OPEN/c1"}));
  world_.Pass(absl::Hours(2));
  EXPECT_EQ(Worklist("ana"), (Strings{"PROMISE_BROKEN!/c1"}));
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), (Strings{"PROMISE_BROKEN!/c1"}));
  // Reopening and closing the case again takes note of the broken promise.
  ASSERT_TRUE(
      Give<v1::ReopenCaseResponse>("ReopenCase", FromText<v1::ReopenCaseRequest>(R"pb(case_id: "c1" reason: "r")pb"))
          .ok());
  ASSERT_TRUE(Give<v1::CloseCaseResponse>("CloseCase", close).ok());
  EXPECT_EQ(Worklist("ana"), Strings());
  EXPECT_EQ(Worklist("sue", ROLE_SUPERVISOR), Strings());
  ExpectRebuildIsTheSame();
}

TEST_F(OwnershipService, AKeptOrRenegotiatedPromiseIsNotBrokenAtItsFirstDueTime) {
  const std::string first = Promise(absl::Hours(1));
  auto keep = FromText<v1::KeepPromiseRequest>(R"pb(case_id: "c1" evidence: "called")pb");
  keep.set_promise_id(first);
  ASSERT_TRUE(Give<v1::KeepPromiseResponse>("KeepPromise", keep).ok());
  const std::string second = Promise(absl::Hours(1));
  auto move = FromText<v1::RenegotiatePromiseRequest>(R"pb(case_id: "c1" reason: "vendor late")pb");
  move.set_promise_id(second);
  *move.mutable_new_due() = runtime::ToProto(world_.clock.Now() + absl::Hours(3));
  ASSERT_TRUE(Give<v1::RenegotiatePromiseResponse>("RenegotiatePromise", move).ok());
  world_.Pass(absl::Hours(2));
  EXPECT_EQ(View().promises(0).status(), v1::PROMISE_STATUS_KEPT);
  EXPECT_EQ(View().promises(1).status(), v1::PROMISE_STATUS_OPEN);
  world_.Pass(absl::Hours(1));
  EXPECT_EQ(View().promises(1).status(), v1::PROMISE_STATUS_BROKEN);
  EXPECT_EQ(node_.Gauge("throughline_promises_kept_total"), 1);
  ExpectRebuildIsTheSame();
}

TEST_F(OwnershipService, AResolvedNoticeAsksTheOwnerOfEveryLinkedOpenCaseAndClosesNothing) {
  world_.Write(Topic::kIntake, "case/c2",
               FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c2" owner: "ben" })pb"));
  world_.Write(Topic::kOutageNotice, "notice/n1",
               FromText<outage::v1::NoticeEvent>(R"pb(published { notice_id: "n1" })pb"));
  world_.Write(Topic::kOutageNotice, "notice/n1",
               FromText<outage::v1::NoticeEvent>(R"pb(resolved { text: "works" })pb"));
  EXPECT_EQ(Worklist("ana"), (Strings{"NEXT_UPDATE/c1", "CONFIRMATION_REQUESTED/c1", "OWNED/c1"}));
  EXPECT_EQ(Worklist("ben"), (Strings{"NEXT_UPDATE/c2", "OWNED/c2"}));
  EXPECT_EQ(View().status(), v1::CASE_STATUS_OPEN);
  // A link that is folded after the resolution.
  world_.Write(Topic::kIntake, "case/c2",
               FromText<intake::v1::CaseEvent>(R"pb(linked_to_notice { notice_id: "n1" })pb"));
  EXPECT_EQ(Worklist("ben"), (Strings{"NEXT_UPDATE/c2", "CONFIRMATION_REQUESTED/c2", "OWNED/c2"}));
  ExpectRebuildIsTheSame();
}

TEST(OwnershipReplicas, AskForConfirmationWhicheverTopicEachOfThemFoldsFirst) {
  World world;
  Node& of_cases = world.Add(Define({}));
  Node& of_notices = world.Add(Define({}));
  of_cases.Hold({Topic::kIntake});
  of_notices.Hold({Topic::kOutageNotice});
  world.Run();
  of_cases.log().withheld = {Topic::kOutageNotice};
  of_notices.log().withheld = {Topic::kIntake};
  world.Write(Topic::kIntake, "case/c1",
              FromText<intake::v1::CaseEvent>(R"pb(opened { case_id: "c1" owner: "ana" notice_ids: "n1" })pb"));
  world.Write(Topic::kOutageNotice, "notice/n1",
              FromText<outage::v1::NoticeEvent>(R"pb(published { notice_id: "n1" })pb"));
  world.Write(Topic::kOutageNotice, "notice/n1",
              FromText<outage::v1::NoticeEvent>(R"pb(resolved { text: "works" })pb"));
  of_cases.log().withheld.clear();
  of_notices.log().withheld.clear();
  world.Run();
  EXPECT_TRUE(runtime::kStreamRows.Has(of_cases.store(), "ownership/c1"));
}

TEST_F(OwnershipService, ClosedWithoutTheCustomerIsNeverCountedAsResolved) {
  auto close = FromText<v1::CloseCaseRequest>(R"pb(case_id: "c1" reason: "no part" options_offered: "refund")pb");
  EXPECT_EQ(runtime::ReasonOf(Give<v1::CloseCaseResponse>("CloseCase", close, "ben").status()), "NOT_OWNER");
  ASSERT_TRUE(Give<v1::CloseCaseResponse>("CloseCase", close).ok());
  EXPECT_EQ(node_.Gauge("throughline_cases_closed_unconfirmed_total"), 1);
  EXPECT_EQ(Worklist("ana"), Strings());
  ASSERT_TRUE(Give<v1::ReopenCaseResponse>("ReopenCase",
                                           FromText<v1::ReopenCaseRequest>(R"pb(case_id: "c1" reason: "r")pb"), "ben")
                  .ok());
  EXPECT_EQ(View().owner(), "ana");
  EXPECT_EQ(View().closed_unconfirmed_count(), 1u);
  EXPECT_TRUE(Give<v1::ProposeResolutionResponse>(
                  "ProposeResolution", FromText<v1::ProposeResolutionRequest>(R"pb(case_id: "c1" text: "t")pb"))
                  .ok());
  EXPECT_TRUE(Give<v1::ConfirmResolutionResponse>(
                  "ConfirmResolution", FromText<v1::ConfirmResolutionRequest>(R"pb(case_id: "c1" evidence: "kim")pb"))
                  .ok());
  EXPECT_EQ(Worklist("ana"), (Strings{"NEXT_UPDATE/c1", "CONFIRMED/c1"}));
  ASSERT_TRUE(Give<v1::CloseCaseResponse>("CloseCase", FromText<v1::CloseCaseRequest>(R"pb(case_id: "c1")pb"), "sue",
                                          ROLE_SUPERVISOR)
                  .ok());
  EXPECT_EQ(View().status(), v1::CASE_STATUS_CLOSED_CONFIRMED);
  EXPECT_EQ(node_.Gauge("throughline_cases_closed_confirmed_total"), 1);
  EXPECT_EQ(node_.Gauge("throughline_cases_closed_unconfirmed_total"), 1) << "what was counted stays so";
  EXPECT_EQ(node_.Gauge("throughline_case_reopenings_total"), 1);
  ExpectRebuildIsTheSame();
}

TEST_F(OwnershipService, APromiseInWordsIsComputedOnceByTheCalendar) {
  Config config;
  config.calendars = *calendar::ParseCalendars(
      "default = 'c'\n[calendar.c]\nzone = 'Europe/Berlin'\nweek.mon-sun = ['08:00-09:00']\n"
      "[calendar.night]\nzone = 'UTC'\nweek.mon-sun = ['22:00-06:00']\n");
  const auto api = MakeApi(node_.streams(), config);
  const auto promise = [&](const server::Api& by, const std::string& request, const std::string& id) {
    return Ask<v1::MakePromiseResponse>(world_, by, "MakePromise",
                                        FromText<v1::MakePromiseRequest>("case_id: \"c1\" text: \"t\" " + request),
                                        Asking("ana", ROLE_REP, id));
  };
  const absl::TimeZone berlin = config.calendars.Find("c")->zone();
  const absl::Time due = absl::FromCivil(absl::CivilHour(absl::ToCivilDay(world_.clock.Now(), berlin) + 2) + 9, berlin);
  const auto first = promise(*api, "due_in: \"2 business days\"", "words");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(runtime::FromProto(first->due()), due);

  // Sent again a day later, to a replica with another calendar: the same promise.
  world_.Pass(absl::Hours(24));
  config.calendars =
      *calendar::ParseCalendars("default = 'c'\n[calendar.c]\nzone = 'UTC'\nweek.mon-sun = ['12:00-13:00']\n");
  const auto changed = MakeApi(node_.streams(), config);
  const auto again = promise(*changed, "due_in: \"2 business days\"", "words");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());

  const auto night = promise(*api, "due_in: \"1 business day\" calendar: \"night\"", "night");
  ASSERT_TRUE(night.ok()) << night.status();
  EXPECT_EQ(absl::ToCivilHour(runtime::FromProto(night->due()), absl::UTCTimeZone()).hour(), 6);
  EXPECT_EQ(runtime::BadFieldsOf(promise(*api, "due_in: \"soon\"", "a").status()), Strings{"due_in"});
  EXPECT_EQ(runtime::BadFieldsOf(promise(*api, "due_in: \"1 hour\" calendar: \"x\"", "b").status()),
            Strings{"calendar"});
  EXPECT_EQ(runtime::BadFieldsOf(promise(*api, "due_in: \"90000 hours\"", "c").status()), Strings{"due_in"});
  // Without a file, one that is always open.
  const auto always = promise(*api_, "due_in: \"1 business hour\"", "d");
  ASSERT_TRUE(always.ok()) << always.status();
  EXPECT_EQ(runtime::FromProto(always->due()), world_.clock.Now() + absl::Hours(1));
  ExpectRebuildIsTheSame();
}

TEST_F(OwnershipService, TheSameCommandTwiceHasOneEffect) {
  auto request = FromText<v1::MakePromiseRequest>(R"pb(case_id: "c1" text: "call back")pb");
  *request.mutable_due() = runtime::ToProto(Noon() + absl::Hours(1));
  const auto caller = Asking("ana", ROLE_REP, "the same");
  auto first = Ask<v1::MakePromiseResponse>(world_, *api_, "MakePromise", request, caller);
  world_.Pass(absl::Hours(2));
  auto again = Ask<v1::MakePromiseResponse>(world_, *api_, "MakePromise", request, caller);
  ASSERT_TRUE(first.ok() && again.ok()) << first.status() << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(View().promises_size(), 1);
}

TEST_F(OwnershipService, AWorklistHasPagesAndIsForThoseWhoMayReadIt) {
  for (int i = 0; i < 5; ++i) {
    const std::string id = "d" + std::to_string(i);
    world_.Write(Topic::kIntake, "case/" + id,
                 FromText<intake::v1::CaseEvent>("opened { owner: \"ana\" case_id: \"" + id + "\" }"));
  }
  Strings seen;
  auto request = FromText<v1::ListWorklistRequest>("page_size: 4");
  for (int page = 0; page < 3; ++page) {
    auto response = Give<v1::ListWorklistResponse>("ListWorklist", request);
    ASSERT_TRUE(response.ok()) << response.status();
    for (const auto& item : response->items()) {
      if (item.reason() == v1::WORKLIST_REASON_OWNED) seen.push_back(item.case_id());
    }
    EXPECT_EQ(response->next_page_token().empty(), page == 2);
    request.set_page_token(response->next_page_token());
    if (page == 0) {
      auto other = request;
      other.set_person("ben");
      EXPECT_EQ(Give<v1::ListWorklistResponse>("ListWorklist", other, "sue", ROLE_SUPERVISOR).status().code(),
                absl::StatusCode::kInvalidArgument);
    }
  }
  EXPECT_EQ(seen, (Strings{"c1", "d0", "d1", "d2", "d3", "d4"}));
  const auto of_ana = FromText<v1::ListWorklistRequest>(R"pb(person: "ana")pb");
  EXPECT_EQ(runtime::ReasonOf(Give<v1::ListWorklistResponse>("ListWorklist", of_ana, "ben").status()),
            "NOT_YOUR_WORKLIST");
  EXPECT_TRUE(Give<v1::ListWorklistResponse>("ListWorklist", of_ana, "wall", ROLE_READER).ok());
  EXPECT_EQ(
      Give<v1::ListWorklistResponse>("ListWorklist", v1::ListWorklistRequest(), "wall", ROLE_READER).status().code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace throughline::ownership
