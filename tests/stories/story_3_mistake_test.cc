// "I understand how you feel" - over $20: what the customer was told is on record, our mistakes are marked as such, and
// a case that was closed without the customer's agreement stays marked for ever.

#include <set>

#include "libs/runtime/domain/time.h"
#include "tests/stories/story.h"

namespace throughline::stories {
namespace {

using ownership::v1::CASE_STATUS_CLOSED_CONFIRMED;
using ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED;
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
  ASSERT_TRUE(Becomes("cases_closed_confirmed", 0)) << "in this company nobody was helped yet";

  sam.Closes(c, "Not covered by the policy.", {"A voucher of $10.", "A letter to the ombudsman."});
  const auto closed = dashboard.SeesOwnership(c);
  EXPECT_EQ(closed.status(), CASE_STATUS_CLOSED_UNCONFIRMED);
  EXPECT_EQ(closed.closing().by(), "sam");
  EXPECT_EQ(closed.closed_unconfirmed_count(), 1u);
  const std::set<std::string> unconfirmed = CasesIn(CASE_STATUS_CLOSED_UNCONFIRMED);
  EXPECT_TRUE(unconfirmed.contains(c));
  EXPECT_TRUE(Becomes("cases_closed_unconfirmed", static_cast<double>(unconfirmed.size())));
  EXPECT_EQ(Number("cases_closed_confirmed"), 0);
  EXPECT_FALSE(CountsAsResolved(c));

  ben.Reopens(c, "Tomas wrote to the ombudsman.");
  EXPECT_EQ(dashboard.SeesOwnership(c).closed_unconfirmed_count(), 1u);
  EXPECT_TRUE(Becomes("case_reopenings", 1));
  EXPECT_EQ(Number("cases_closed_confirmed"), 0);

  // The mark stays even if the case ends well later.
  ana.Proposes(c, "We pay the $20.");
  ana.HearsYes(c, "\"That is all I wanted.\"");
  ana.Closes(c);
  const auto after = dashboard.SeesOwnership(c);
  EXPECT_EQ(after.status(), CASE_STATUS_CLOSED_CONFIRMED);
  EXPECT_EQ(after.closed_unconfirmed_count(), 1u);
  EXPECT_EQ(after.reopen_count(), 1u);
  EXPECT_TRUE(Becomes("cases_closed_confirmed", 1));
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

}  // namespace
}  // namespace throughline::stories
