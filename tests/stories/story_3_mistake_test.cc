// "I understand how you feel" - over $20. The sentences of the story, each with its test:
// - the company misstated something; putting it right costs $20: ThatCosts20DollarsIsPutRightByTheRepWhoTookTheCall
// - every rep has authority per case and per period, without asking: IsPutRightWithoutAskingUpToAnAmountPerCase
// - concurrent grants never exceed it: IsPutRightByManyAtOnceAndNoLimitIsExceeded
// - above it, a supervisor decides, in a time that is promised and measured:
//   AboveTheLimitIsASupervisorsDecisionInAPromisedTime
// - the rep sees the options, up to how much, and which need approval: ShowsTheRepWhatTheyMayDo
// - "I'll need a little more time" is a promise to come back: ThatNeedsMoreTimeIsAPromise
// - what the customer was told is on record, word for word, who said it and when:
//   IsOnRecordWordForWordWithWhoSaidItAndWhen
// - a company mistake is marked as such and raises the limit: RaisesTheLimit
// - closed without agreement says so for ever, and is never counted as resolved:
//   ClosedWithoutTheCustomersAgreementIsNotResolved, IsNotResolvedWithoutTheCustomer

#include <atomic>
#include <set>
#include <thread>

#include "libs/runtime/domain/time.h"
#include "tests/stories/remedies.h"
#include "tests/stories/story.h"

namespace throughline::stories {
namespace {

using ownership::v1::CASE_STATUS_CLOSED_CONFIRMED;
using ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED;
using ownership::v1::WORKLIST_REASON_APPROVAL;
using ownership::v1::WORKLIST_REASON_PROMISE_OPEN;

class Mistake : public Story<Mistake> {
 protected:
  double Number(const std::string& gauge) { return company().Number("ownership", "throughline_" + gauge); }
  bool Becomes(const std::string& gauge, double value) {
    return company().NumberBecomes("ownership", "throughline_" + gauge, value);
  }

  std::set<std::string> CasesIn(ownership::v1::CaseStatus status) {
    intake::v1::ListCasesRequest request;
    request.set_status(status);
    request.set_page_size(1000);
    std::set<std::string> ids;
    for (const auto& found : dashboard.SeesCases(request)) ids.insert(found.case_id());
    return ids;
  }
  bool CountsAsResolved(const std::string& case_id) { return CasesIn(CASE_STATUS_CLOSED_CONFIRMED).contains(case_id); }
};

TEST_F(Mistake, IsOnRecordWordForWordWithWhoSaidItAndWhen) {
  const std::string c = ana.TakesCall("mira", "Does the adapter fit the older model?")->case_id();
  const std::string said = "Yes – it fits “every” model;\n  it costs $20.00, and we take it back.\t(Tür 3, 日本)";
  const absl::Time before = absl::Now();
  ana.TellsCustomer(c, said);
  EXPECT_FALSE(ana.SeesCase(c).company_mistake());
  ben.HearsFromCustomer(c, "It does not fit, and you want $20 for the right one.");
  ben.TellsCustomer(c, "Ana misread the table: the mistake is ours.", /*company_mistake=*/true);

  const auto interactions = dashboard.SeesInteractions(c);
  ASSERT_EQ(interactions.size(), 3u);
  EXPECT_EQ(interactions[0].text(), said);
  EXPECT_EQ(interactions[0].by(), "ana");
  EXPECT_EQ(interactions[0].direction(), intake::v1::DIRECTION_OUTBOUND);
  EXPECT_GE(runtime::FromProto(interactions[0].at()), before - absl::Milliseconds(1));
  EXPECT_LE(runtime::FromProto(interactions[0].at()), absl::Now());
  EXPECT_FALSE(interactions[0].company_mistake());
  EXPECT_TRUE(interactions[2].company_mistake());
  EXPECT_EQ(interactions[2].by(), "ben");
  EXPECT_TRUE(ana.SeesCase(c).company_mistake());
  EXPECT_EQ(ana.SeesCase(c).text(), "Does the adapter fit the older model?") << "and so is what was asked";
}

TEST_F(Mistake, ThatNeedsMoreTimeIsAPromise) {
  const std::string c = ana.TakesCall("mira", "Who pays the $20?")->case_id();
  const auto when = In(absl::Minutes(30));
  const std::string p =
      ana.Promises(c, "I'll need a little more time: I call you back with an answer.", when)->promise_id();
  const auto queued = Only(ana.SeesInQueue(c, WORKLIST_REASON_PROMISE_OPEN));
  EXPECT_EQ(queued.promise_id(), p);
  EXPECT_EQ(queued.text(), "I'll need a little more time: I call you back with an answer.");
  EXPECT_EQ(runtime::FromProto(queued.due()), runtime::FromProto(when));
  EXPECT_FALSE(queued.overdue());
  EXPECT_EQ(Only(ana.SeesOwnership(c).promises()).to(), "mira");
  EXPECT_EQ(sam.SeesInQueue(c, WORKLIST_REASON_PROMISE_OPEN, /*team=*/true).size(), 1u);

  ana.Keeps(c, p, "Called at ten past: we pay.");
  EXPECT_TRUE(ana.SeesInQueue(c, WORKLIST_REASON_PROMISE_OPEN).empty());
}

TEST_F(Mistake, ClosedWithoutTheCustomersAgreementIsNotResolved) {
  const std::string c = ana.TakesCall("tomas", "You owe me $20.")->case_id();
  ASSERT_TRUE(Becomes("cases_closed_confirmed_total", 0)) << "in this company nobody was helped yet";

  sam.Closes(c, "Not covered by the policy.", {"A voucher of $10.", "A letter to the ombudsman."});
  const auto closed = dashboard.SeesOwnership(c);
  EXPECT_EQ(closed.status(), CASE_STATUS_CLOSED_UNCONFIRMED);
  EXPECT_EQ(closed.closing().by(), "sam");
  EXPECT_EQ(closed.closed_unconfirmed_count(), 1u);
  const std::set<std::string> unconfirmed = CasesIn(CASE_STATUS_CLOSED_UNCONFIRMED);
  EXPECT_TRUE(unconfirmed.contains(c));
  EXPECT_TRUE(Becomes("cases_closed_unconfirmed_total", 1));
  EXPECT_EQ(Number("cases_closed_confirmed_total"), 0);
  EXPECT_FALSE(CountsAsResolved(c));

  ben.Reopens(c, "Tomas wrote to the ombudsman.");
  EXPECT_EQ(dashboard.SeesOwnership(c).closed_unconfirmed_count(), 1u);
  EXPECT_TRUE(Becomes("case_reopenings_total", 1));
  EXPECT_EQ(Number("cases_closed_confirmed_total"), 0);

  // The mark stays even if the case ends well later.
  ana.Proposes(c, "We pay the $20.");
  ana.HearsYes(c, "\"That is all I wanted.\"");
  ana.Closes(c);
  const auto after = dashboard.SeesOwnership(c);
  EXPECT_EQ(after.status(), CASE_STATUS_CLOSED_CONFIRMED);
  EXPECT_EQ(after.closed_unconfirmed_count(), 1u);
  EXPECT_EQ(after.reopen_count(), 1u);
  EXPECT_TRUE(Becomes("cases_closed_confirmed_total", 1));
  EXPECT_TRUE(CountsAsResolved(c));
}

TEST_F(Mistake, IsNotResolvedWithoutTheCustomer) {
  const std::string c = ana.TakesCall("lena", "The invoice is wrong.")->case_id();
  ana.Proposes(c, "We corrected it.");
  EXPECT_THAT(ana.Closes(c, "It is obviously right now."), Lacks("options_offered"));
  ana.HearsNo(c, "The VAT is still missing.");
  EXPECT_THAT(ana.HearsYes(c, "I am sure she is happy."), IsRefused("NOTHING_PROPOSED"));
  ana.Proposes(c, "We corrected the VAT too.");
  ana.HearsYes(c, "Lena by e-mail: now it is right.");
  EXPECT_THAT(ana.Proposes(c, "And a voucher."), IsRefused("ALREADY_CONFIRMED"));
  ana.HearsNo(c, "She looked again: the address is wrong.");
  EXPECT_EQ(ana.SeesOwnership(c).status(), ownership::v1::CASE_STATUS_OPEN) << "a customer may think again";
  ana.Closes(c, "Lena stopped answering.", {"A corrected invoice whenever she asks."});
  EXPECT_EQ(ana.SeesOwnership(c).status(), CASE_STATUS_CLOSED_UNCONFIRMED) << "silence is no yes";
  EXPECT_FALSE(CountsAsResolved(c));
}

TEST_F(Mistake, ThatCosts20DollarsIsPutRightByTheRepWhoTookTheCall) {
  const std::string c = ana.TakesCall("mira", "You said delivery was free, and charged me $20.")->case_id();
  ana.TellsCustomer(c, "We did say so: the mistake is ours.", /*company_mistake=*/true);
  const std::string r = Grants(ana, c, Dollars(20'00), "We said that delivery was free.")->remedy_id();
  EXPECT_EQ(ana.SeesCase(c).owner(), "ana") << "intake reads on past what happened to the remedy and to authority";
  ana.TellsCustomer(c, "You get the $20 back.");
  EXPECT_EQ(PaysIn(webshop, c), 1);
  EXPECT_EQ(PaysIn(webshop, c), 0) << "once";
  const auto remedy = SeesRemedy(dashboard, c, r);
  EXPECT_EQ(remedy.status(), ownership::v1::REMEDY_STATUS_PAID);
  EXPECT_EQ(remedy.decided_by(), "ana") << "nobody else was asked";
  ana.Proposes(c, "You have the $20 back.");
  ana.HearsYes(c, "\"That was quick.\"");
  ana.Closes(c);
  EXPECT_EQ(dashboard.SeesOwnership(c).status(), CASE_STATUS_CLOSED_CONFIRMED);
  std::set<std::string> kinds;
  for (const auto& entry : dashboard.SeesHistory(c)) kinds.insert(entry.kind());
  EXPECT_TRUE(kinds.contains("RemedyGranted") && kinds.contains("RemedyOutcomeRecorded"));
}

TEST_F(Mistake, IsPutRightWithoutAskingUpToAnAmountPerCase) {
  const std::string c = ben.TakesCall("iris", "The cup came broken.")->case_id();
  EXPECT_EQ(MayRefund(ben, c), 50'00);
  Grants(ben, c, Dollars(30'00), "It was broken.");
  EXPECT_EQ(MayRefund(ben, c), 20'00);
  EXPECT_THAT(Grants(ben, c, Dollars(20'01), "And a little more."), IsRefused("ABOVE_AUTHORITY"));
  EXPECT_THAT(Grants(ana, c, Dollars(1), "I am nice, too."), IsRefused("NOT_OWNER"));
  const std::string other = ben.TakesCall("iris", "And the saucer.")->case_id();
  EXPECT_EQ(MayRefund(ben, other), 50'00) << "another case";
}

TEST_F(Mistake, IsPutRightByManyAtOnceAndNoLimitIsExceeded) {
  const std::string c = ana.TakesCall("vera", "You charged me four times.")->case_id();
  constexpr int kAtOnce = 8;
  std::vector<std::thread> desks;
  std::atomic<int> granted = 0, refused = 0;
  ownership::v1::GrantRemedyRequest grant;
  grant.set_case_id(c);
  grant.set_kind(ownership::v1::REMEDY_KIND_REFUND);
  *grant.mutable_amount() = Dollars(10'00);
  grant.set_reason("charged twice");
  for (int i = 0; i < kAtOnce; ++i) {
    desks.emplace_back([&, i, mine = grant]() mutable {
      mine.set_command_id("desk " + std::to_string(i) + " of " + c);
      // Whoever loses too many races is told to try again.
      for (;;) {
        const auto answer = ana.line().Call<ownership::v1::GrantRemedyResponse>(mine);
        if (absl::IsAborted(answer.status()) || absl::IsUnavailable(answer.status())) continue;
        ++(answer.ok() ? granted : refused);
        return;
      }
    });
  }
  for (std::thread& desk : desks) desk.join();
  EXPECT_EQ(granted, 5) << "50 dollars, 10 each";
  EXPECT_EQ(refused, 3);
  ana.TellsCustomer(c, "You get back what we charged.");  // from here on everybody sees all of it
  EXPECT_EQ(Only(dashboard.SeesOwnership(c).granted()).minor_units(), 50'00);
}

TEST_F(Mistake, AboveTheLimitIsASupervisorsDecisionInAPromisedTime) {
  const std::string c = ana.TakesCall("olga", "The sofa is worth $300 less.")->case_id();
  const absl::Time before = absl::Now();
  const auto asked = AsksForRemedy(ana, c, Dollars(300'00), "The sofa is worth less.");
  EXPECT_EQ(asked->approver(), "sam");
  const absl::Time due = runtime::FromProto(asked->decision_due());
  EXPECT_GE(due, before + absl::Hours(4) - absl::Seconds(1)) << "promised";
  const auto item = Only(sam.SeesInQueue(c, WORKLIST_REASON_APPROVAL));
  EXPECT_EQ(runtime::FromProto(item.due()), due);
  EXPECT_EQ(item.remedy_id(), asked->remedy_id());
  Approves(sam, c, asked->remedy_id());
  EXPECT_TRUE(sam.SeesInQueue(c, WORKLIST_REASON_APPROVAL).empty());
  const auto remedy = SeesRemedy(ana, c, asked->remedy_id());
  EXPECT_EQ(remedy.status(), ownership::v1::REMEDY_STATUS_GRANTED);
  EXPECT_EQ(remedy.decided_by(), "sam");
  EXPECT_GE(remedy.decided_at().seconds(), remedy.asked_at().seconds()) << "measured";

  const auto no = AsksForRemedy(ana, c, Dollars(60'00), "And the trouble.");
  DeclinesRemedy(sam, c, no->remedy_id(), "The sofa's price was the trouble.");
  EXPECT_EQ(SeesRemedy(ana, c, no->remedy_id()).decision_reason(), "The sofa's price was the trouble.");

  const auto other = AsksForRemedy(ana, c, Dollars(90'00), "And the transport.");
  Counters(sam, c, other->remedy_id(), Dollars(40'00), "A credit for the next order.");
  HearsAboutOffer(ana, c, other->remedy_id(), true);
  EXPECT_EQ(SeesRemedy(ana, c, other->remedy_id()).amount().minor_units(), 40'00);
  EXPECT_EQ(SeesRemedy(ana, c, other->remedy_id()).kind(), ownership::v1::REMEDY_KIND_CREDIT);

  // Nobody decides about their own.
  const std::string own = sam.TakesCall("olga", "And the lamp?")->case_id();
  EXPECT_THAT(AsksForRemedy(sam, own, Dollars(600'00), "It is mine."), IsRefused("NOBODY_ABOVE"));
}

TEST_F(Mistake, ShowsTheRepWhatTheyMayDo) {
  const std::string c = ana.TakesCall("paul", "The lid is missing.")->case_id();
  const auto options = SeesOptions(ana, c);
  std::set<ownership::v1::RemedyKind> kinds;
  for (const auto& option : options.remedies()) {
    if (option.up_to().currency() != "USD") continue;
    kinds.insert(option.kind());
    EXPECT_EQ(option.up_to().minor_units(), 50'00);
    EXPECT_EQ(option.approver(), "sam") << "above that, sam is to approve";
    EXPECT_TRUE(option.has_decision_due());
  }
  EXPECT_EQ(kinds.size(), 4u) << "refund, credit, replacement, waived fee";
  EXPECT_TRUE(options.more_time());
  EXPECT_NE(SeesOptions(ben, c).not_now(), "") << "ana owns the case";
  ana.Closes(c, "He found it.", {"A lid."});
  EXPECT_NE(SeesOptions(ana, c).not_now(), "");
}

TEST_F(Mistake, RaisesTheLimit) {
  const std::string c = ana.TakesCall("nora", "You told me it was in stock.")->case_id();
  EXPECT_THAT(Grants(ana, c, Dollars(80'00), "We said so."), IsRefused("ABOVE_AUTHORITY"));
  ana.TellsCustomer(c, "It was not: the mistake is ours.", /*company_mistake=*/true);
  EXPECT_EQ(MayRefund(ana, c), 100'00);
  const std::string r = Grants(ana, c, Dollars(80'00), "We said so.")->remedy_id();
  EXPECT_TRUE(SeesRemedy(dashboard, c, r).limits().raised_by_mistake());
}

}  // namespace
}  // namespace throughline::stories
