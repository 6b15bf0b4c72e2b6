// "It's down, I only say what I'm told". The sentences of the story, each with its test; what is public is read as the
// website reads it:
// - the website asks before it shows the form, and gets what is down, since when, the next update's time, the expected
//   end or an honest "unknown", what to do until then: IsSaidBeforeTheCustomerFillsInTheForm, SaysWhenItIsExpectedToEnd
// - it is posted: IsPostedWhereAnybodyCanRead
// - no notice without a next-update time: IsNotPublishedWithoutATimeOfTheNextUpdate
// - a missed update is raised to the notice's owner, and shows in public as overdue:
// WithoutItsNextUpdateIsShownAsOverdue
// - cases that arrive anyway are linked as they are opened; the rep sees it before the customer has finished the
//   sentence: IsOnTheRepsScreenBeforeTheCustomerHasFinishedTheSentence
// - enough similar cases with no notice raise a suspected outage, for a person to confirm:
//   ThatNobodyToldUsOfIsSuspectedAndAPersonConfirmsIt, OrIsDismissedWithAReason
// - the suggestion is recorded, routed, acknowledged, and answered with a decision and a reason:
//   IsRecordedRoutedToTheDepartmentAcknowledgedAndAnsweredWithADecisionAndAReason,
//   ThatGetsNoAnswerBecomesOverdueInsteadOfAShrug
// - when it is resolved, every linked case's owner is asked to confirm with the customer; nothing is mass-closed:
//   ThatEndsIsConfirmedWithEveryCustomerAndClosesNoCase

#include "tests/stories/story.h"
#include "throughline/intake/v1/suggestion.pb.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::stories {
namespace {

using outage::v1::NoticeView;
using ownership::v1::WORKLIST_REASON_CONFIRMATION_REQUESTED;

class Outage : public Story<Outage> {
 protected:
  // A working component, and the notice that is published when it fails.
  std::string Part(const std::string& component_id) {
    sam.Defines(component_id, "The " + component_id + " page");
    return component_id;
  }
  outage::v1::PublishNoticeRequest DownSinceMonday(const std::string& component_id) {
    outage::v1::PublishNoticeRequest notice;
    notice.set_kind(outage::v1::NOTICE_KIND_OUTAGE);
    notice.add_component_ids(component_id);
    notice.set_title("The " + component_id + " page is down");
    notice.set_description("You are signed out as soon as you send the form.");
    *notice.mutable_since() = In(-absl::Hours(72));
    *notice.mutable_next_update_due() = In(absl::Hours(2));
    notice.set_expected_end_unknown(true);
    notice.set_workaround("Call us: we enter it for you while you are on the line.");
    return notice;
  }
  // What somebody is to do about a notice or a component.
  static std::vector<ownership::v1::WorklistItem> SeesInWorklist(const Colleague& who,
                                                                 ownership::v1::WorklistReason reason, bool team) {
    ownership::v1::ListWorklistRequest request;
    request.set_page_size(1000);
    request.set_include_team(team);
    std::vector<ownership::v1::WorklistItem> found;
    const auto worklist = who.Asks<ownership::v1::ListWorklistResponse>(request);
    for (const auto& item : worklist->items()) {
      if (item.reason() == reason) found.push_back(item);
    }
    return found;
  }
  // Customers call about a component until an outage of it is suspected, as the website sees it.
  outage::v1::SuspicionView CallsUntilSuspected(const std::string& component_id) {
    constexpr int kMostCalls = 60;  // it takes less than twenty
    for (int i = 0; i < kMostCalls; ++i) {
      const std::string customer = component_id + "-customer-" + std::to_string(i);
      EXPECT_EQ(ana.TakesCall(customer, "It does not work.", {.component = component_id})->notices_size(), 0);
      const auto check = webshop.ChecksComponent(component_id);
      if (check->has_suspicion()) {
        EXPECT_GT(i, 3) << "a few calls are nothing unusual";
        return check->suspicion();
      }
    }
    outage::v1::SuspicionView suspicion;
    EXPECT_TRUE(Eventually([&] {
      const auto check = webshop.ChecksComponent(component_id);
      suspicion = check->suspicion();
      return check->has_suspicion();
    }));
    return suspicion;
  }
  bool IsSuspected(const std::string& component_id) {
    const auto suspected = dashboard.Asks<outage::v1::ListSuspicionsResponse>(outage::v1::ListSuspicionsRequest());
    for (const auto& suspicion : suspected->suspicions()) {
      if (suspicion.component_id() == component_id) return true;
    }
    return false;
  }
};

TEST_F(Outage, SaysWhenItIsExpectedToEnd) {
  const std::string form = Part("address-form");
  auto notice = DownSinceMonday(form);
  notice.clear_expected_end_unknown();
  EXPECT_THAT(ana.Publishes(notice), Lacks("expected_end")) << "neither a time, nor that nobody knows";
  *notice.mutable_expected_end() = In(absl::Hours(5));
  ana.Publishes(notice);
  EXPECT_EQ(Only(webshop.ChecksComponent(form)->notices()).expected_end().seconds(), notice.expected_end().seconds());
}

TEST_F(Outage, IsPostedWhereAnybodyCanRead) {
  const std::string page = Part("store-finder");
  const auto notice = DownSinceMonday(page);
  const std::string id = ana.Publishes(notice)->notice_id();
  ana.Updates(id, "The supplier of the map is down, too.", In(absl::Hours(3)));
  outage::v1::GetNoticeFeedRequest asks;
  asks.set_component_id(page);
  const std::string feed = webshop.Asks<outage::v1::GetNoticeFeedResponse>(asks)->document();
  for (const std::string& said :
       {notice.title(), notice.description(), notice.workaround(), std::string("The supplier of the map is down, too."),
        std::string("Expected end: unknown")}) {
    EXPECT_NE(feed.find(said), std::string::npos) << said << " is not in " << feed;
  }
}

TEST_F(Outage, ThatNobodyToldUsOfIsSuspectedAndAPersonConfirmsIt) {
  const std::string page = Part("size-guide");
  const auto suspicion = CallsUntilSuspected(page);
  EXPECT_EQ(suspicion.owner(), "sam") << "a supervisor on duty is to look";
  EXPECT_GE(suspicion.cases(), 5u);
  EXPECT_LT(suspicion.probability(), 1e-5);
  EXPECT_TRUE(IsSuspected(page));
  EXPECT_TRUE(webshop.ChecksComponent(page)->operational()) << "it is for a person to say that it is down";
  const auto looks = [&] {
    for (const auto& item : SeesInWorklist(sam, ownership::v1::WORKLIST_REASON_SUSPECTED_OUTAGE, false)) {
      if (item.component_id() == page) return true;
    }
    return false;
  };
  EXPECT_TRUE(Eventually(looks)) << "the call centre need not be told, it tells";

  sam.Publishes(DownSinceMonday(page));
  EXPECT_TRUE(Eventually([&] { return !IsSuspected(page) && !looks(); })) << "the notice confirms it";
  EXPECT_FALSE(webshop.ChecksComponent(page)->operational());
  EXPECT_FALSE(webshop.ChecksComponent(page)->has_suspicion());
}

TEST_F(Outage, OrIsDismissedWithAReason) {
  const std::string page = Part("newsletter");
  const auto suspicion = CallsUntilSuspected(page);
  outage::v1::DismissSuspicionRequest dismisses;
  dismisses.set_component_id(page);
  dismisses.set_suspicion_id(suspicion.suspicion_id());
  EXPECT_THAT(sam.Asks<outage::v1::DismissSuspicionResponse>(dismisses), Lacks("reason"));
  dismisses.set_reason("We wrote to all customers this morning, and they ask about it.");
  sam.Asks<outage::v1::DismissSuspicionResponse>(dismisses);
  EXPECT_FALSE(IsSuspected(page));
  EXPECT_FALSE(webshop.ChecksComponent(page)->has_suspicion());
}

TEST_F(Outage, IsSaidBeforeTheCustomerFillsInTheForm) {
  const std::string form = Part("claims-form");
  EXPECT_TRUE(webshop.ChecksComponent(form)->operational());

  const auto notice = DownSinceMonday(form);
  const std::string id = ana.Publishes(notice)->notice_id();

  const auto check = webshop.ChecksComponent(form);
  EXPECT_FALSE(check->operational());
  const NoticeView shown = Only(check->notices());
  EXPECT_EQ(shown.notice_id(), id);
  EXPECT_EQ(shown.title(), notice.title());
  EXPECT_EQ(shown.current_text(), notice.description());
  EXPECT_EQ(shown.since().seconds(), notice.since().seconds());
  EXPECT_EQ(shown.next_update_due().seconds(), notice.next_update_due().seconds());
  EXPECT_FALSE(shown.has_expected_end()) << "nobody knows, and that is what is said";
  EXPECT_EQ(shown.workaround(), notice.workaround());
  EXPECT_EQ(shown.owner(), "ana");
}

TEST_F(Outage, IsNotPublishedWithoutATimeOfTheNextUpdate) {
  const std::string form = Part("returns-form");
  auto notice = DownSinceMonday(form);
  notice.clear_next_update_due();
  EXPECT_THAT(ana.Publishes(notice), Lacks("next_update_due"));
  *notice.mutable_next_update_due() = In(-absl::Minutes(1));
  EXPECT_THAT(ana.Publishes(notice), Lacks("next_update_due"));
  EXPECT_TRUE(webshop.ChecksComponent(form)->operational()) << "what was refused was never said";
}

TEST_F(Outage, IsOnTheRepsScreenBeforeTheCustomerHasFinishedTheSentence) {
  const std::string page = Part("order-history");
  const std::string early = ana.TakesCall("mira", "I cannot see my orders.", {.component = page})->case_id();
  EXPECT_EQ(ana.SeesCase(early).notices_size(), 0);

  const auto notice = DownSinceMonday(page);
  const std::string id = sam.Publishes(notice)->notice_id();

  const auto call = ben.TakesCall("tomas", "My orders are gone.", {.component = page});
  const auto shown = Only(call->notices());  // linked when opened, shown in the same response
  EXPECT_EQ(shown.notice_id(), id);
  EXPECT_EQ(shown.current_text(), notice.description());
  EXPECT_EQ(shown.workaround(), notice.workaround());

  ana.IsAvailable();
  const auto form = webshop.SendsForm("lena", "Since Monday I see nothing.", {.component = page});
  ana.IsAway();
  EXPECT_EQ(Only(form->notices()).notice_id(), id);
  const auto seen = ana.SeesCase(form->case_id());
  EXPECT_EQ(seen.owner(), "ana");
  EXPECT_EQ(Only(seen.notices()).title(), notice.title());

  EXPECT_TRUE(ana.SeesCaseUntil(early, [&](const auto& now) {
    return now.notices_size() == 1 && now.notices(0).notice_id() == id;
  })) << "the call that came before the notice is linked too";
}

TEST_F(Outage, WithoutItsNextUpdateIsShownAsOverdue) {
  const std::string page = Part("gift-cards");
  auto notice = DownSinceMonday(page);
  notice.set_owner("ben");
  *notice.mutable_next_update_due() = In(absl::Seconds(1));
  const std::string id = sam.Publishes(notice)->notice_id();
  EXPECT_FALSE(Only(webshop.ChecksComponent(page)->notices()).overdue());

  ASSERT_TRUE(dashboard.SeesNoticeUntil(id, [](const NoticeView& now) { return now.missed_update_count() == 1; }));
  const NoticeView shown = Only(webshop.ChecksComponent(page)->notices());
  EXPECT_TRUE(shown.overdue()) << "in public, not only at our desks";
  EXPECT_EQ(shown.owner(), "ben") << "raised to the one who owes the update";
  outage::v1::ListNoticesRequest late;
  late.set_overdue(true);
  const auto raised = ben.Asks<outage::v1::ListNoticesResponse>(late);
  EXPECT_EQ(Only(raised->notices()).notice_id(), id);
  EXPECT_TRUE(company().NumberBecomes("outage-notice", "throughline_notices_overdue", 1));
  for (const Colleague* who : {&ben, &sam}) {
    EXPECT_TRUE(Eventually([&] {
      for (const auto& item : SeesInWorklist(*who, ownership::v1::WORKLIST_REASON_NOTICE_UPDATE, who == &sam)) {
        if (item.notice_id() == id) return item.overdue();
      }
      return false;
    })) << "in the worklist of "
        << who->name();
  }

  ben.Updates(id, "The supplier replaces the machine tonight.", In(absl::Hours(12)));
  const NoticeView after = Only(webshop.ChecksComponent(page)->notices());
  EXPECT_FALSE(after.overdue());
  EXPECT_EQ(after.current_text(), "The supplier replaces the machine tonight.");
  EXPECT_EQ(after.missed_update_count(), 1u) << "that it was late stays on record";
}

TEST_F(Outage, ThatEndsIsConfirmedWithEveryCustomerAndClosesNoCase) {
  const std::string page = Part("checkout");
  const std::string id = sam.Publishes(DownSinceMonday(page))->notice_id();
  const std::string of_ana = ana.TakesCall("mira", "I cannot pay.", {.component = page})->case_id();
  const std::string of_ben = ben.TakesCall("tomas", "Payment hangs.", {.component = page})->case_id();
  const std::string closed = ben.TakesCall("lena", "It hangs; never mind.", {.component = page})->case_id();
  ben.Closes(closed, "She ordered by telephone.", {"We call when it works."});

  sam.Resolves(id, "You can pay again.");

  const auto asked = [&](const Colleague& owner, const std::string& of) {
    return Eventually([&] { return owner.SeesInQueue(of, WORKLIST_REASON_CONFIRMATION_REQUESTED).size() == 1; });
  };
  EXPECT_TRUE(asked(ana, of_ana));
  EXPECT_TRUE(asked(ben, of_ben));
  EXPECT_TRUE(ben.SeesInQueue(closed, WORKLIST_REASON_CONFIRMATION_REQUESTED).empty());
  EXPECT_EQ(Only(ana.SeesInQueue(of_ana, WORKLIST_REASON_CONFIRMATION_REQUESTED)).notice_id(), id);
  for (const std::string& of : {of_ana, of_ben}) {
    EXPECT_EQ(ana.SeesOwnership(of).status(), ownership::v1::CASE_STATUS_OPEN) << "nothing is mass-closed";
  }

  ana.Proposes(of_ana, "Payment works again.");
  ana.HearsYes(of_ana, "Mira paid while we spoke.");
  EXPECT_TRUE(ana.SeesInQueue(of_ana, WORKLIST_REASON_CONFIRMATION_REQUESTED).empty());
  ben.Proposes(of_ben, "Payment works again.");
  ben.HearsNo(of_ben, "It still hangs with my card.");
  EXPECT_EQ(ben.SeesOwnership(of_ben).status(), ownership::v1::CASE_STATUS_OPEN);
  EXPECT_TRUE(webshop.ChecksComponent(page)->operational());
}

// "The suggestion is recorded, routed to the department that can act, acknowledged to the customer, and answered with a
// decision and a reason."
class SuggestionToPostIt : public Story<SuggestionToPostIt> {
 protected:
  void Begin() override {
    ownership::v1::ChangePersonRequest moves;
    moves.set_person("ben");
    moves.set_team("web");
    sam.Asks<ownership::v1::ChangePersonResponse>(moves);
    ben.IsAvailable();
  }
  intake::v1::SuggestionView Sees(const Person& who, const std::string& id) {
    intake::v1::GetSuggestionRequest request;
    request.set_suggestion_id(id);
    return who.Asks<intake::v1::GetSuggestionResponse>(request)->suggestion();
  }
  intake::v1::RecordSuggestionRequest PostIt(const std::string& case_id) {
    intake::v1::RecordSuggestionRequest request;
    request.set_case_id(case_id);
    request.set_text("Post it on the form when it is down.");
    request.set_team("web");
    return request;
  }
};

TEST_F(SuggestionToPostIt, IsRecordedRoutedToTheDepartmentAcknowledgedAndAnsweredWithADecisionAndAReason) {
  using ownership::v1::WORKLIST_REASON_SUGGESTION;
  const std::string c = ana.TakesCall("mira", "The form threw me out, twice.")->case_id();
  const auto recorded = ana.Asks<intake::v1::RecordSuggestionResponse>(PostIt(c));
  EXPECT_EQ(recorded->owed_by(), "ben") << "who answers for the department that can act";
  const std::string id = recorded->suggestion_id();
  EXPECT_EQ(Sees(dashboard, id).text(), "Post it on the form when it is down.") << "word for word";
  EXPECT_EQ(Sees(dashboard, id).customer_id(), "mira");
  EXPECT_EQ(Sees(dashboard, id).recorded_by(), "ana");
  EXPECT_EQ(Only(ben.SeesInQueue(c, WORKLIST_REASON_SUGGESTION)).suggestion_id(), id);

  intake::v1::AcknowledgeSuggestionRequest tells;
  tells.set_suggestion_id(id);
  EXPECT_THAT(ana.Asks<intake::v1::AcknowledgeSuggestionResponse>(tells), Lacks("words"));
  tells.set_words("Ben's team has it; they answer within ten days, and I tell you what.");
  ana.Asks<intake::v1::AcknowledgeSuggestionResponse>(tells);
  EXPECT_EQ(Sees(dashboard, id).acknowledgement(), tells.words());
  EXPECT_EQ(Sees(dashboard, id).acknowledged_by(), "ana");

  intake::v1::AnswerSuggestionRequest answers;
  answers.set_suggestion_id(id);
  EXPECT_THAT(ben.Asks<intake::v1::AnswerSuggestionResponse>(answers), Lacks("decision"));
  answers.set_decision(intake::v1::SUGGESTION_DECISION_ADOPTED);
  EXPECT_THAT(ben.Asks<intake::v1::AnswerSuggestionResponse>(answers), Lacks("reason"));
  answers.set_reason("It saves a hundred calls a day. The form asks outage-notice from Monday on.");
  EXPECT_THAT(ana.Asks<intake::v1::AnswerSuggestionResponse>(answers), IsRefused("NOT_YOUR_TEAM"));
  ben.Asks<intake::v1::AnswerSuggestionResponse>(answers);
  const auto answered = Sees(dashboard, id);
  EXPECT_EQ(answered.status(), intake::v1::SUGGESTION_STATUS_ANSWERED);
  EXPECT_EQ(answered.decision(), intake::v1::SUGGESTION_DECISION_ADOPTED);
  EXPECT_EQ(answered.reason(), answers.reason());
  EXPECT_EQ(answered.answered_by(), "ben");
  EXPECT_TRUE(ben.SeesInQueue(c, WORKLIST_REASON_SUGGESTION).empty());
}

TEST_F(SuggestionToPostIt, ThatGetsNoAnswerBecomesOverdueInsteadOfAShrug) {
  using ownership::v1::WORKLIST_REASON_SUGGESTION;
  const std::string c = ana.TakesCall("tomas", "The form threw me out.")->case_id();
  auto request = PostIt(c);
  *request.mutable_answer_due() = In(absl::Seconds(1));
  const std::string id = ana.Asks<intake::v1::RecordSuggestionResponse>(request)->suggestion_id();
  ASSERT_TRUE(Eventually([&] { return Sees(dashboard, id).missed(); })) << "nobody had to remember to check";
  for (const Colleague* who : {&ben, &sam}) {
    EXPECT_TRUE(Eventually([&] {
      const auto raised = who->SeesInQueue(c, WORKLIST_REASON_SUGGESTION);
      return raised.size() == 1 && raised.front().overdue();
    })) << who->name();
  }
}

}  // namespace
}  // namespace throughline::stories
