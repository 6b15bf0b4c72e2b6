// "It's not my fault" - but it is your problem: a promise is kept, broken, or was renegotiated before. There is no
// fourth state, and nobody has to remember to check.

#include "libs/runtime/domain/time.h"
#include "tests/stories/story.h"
#include "throughline/ownership/v1/escalation.pb.h"

namespace throughline::stories {
namespace {

using ownership::v1::PromiseView;
using ownership::v1::WORKLIST_REASON_PROMISE_BROKEN;
using ownership::v1::WORKLIST_REASON_PROMISE_OPEN;
using ::testing::ElementsAre;

class Promise : public Story<Promise> {
 protected:
  std::string ThePrescriptionIsNotThere() {
    return ben.TakesCall("mira", "My repeat prescription is not at the counter.")->case_id();
  }
  PromiseView Told(const std::string& case_id, const std::string& promise_id) {
    const auto ownership = ben.SeesOwnership(case_id);
    for (const PromiseView& promise : ownership.promises()) {
      if (promise.promise_id() == promise_id) return promise;
    }
    ADD_FAILURE() << "the ledger has no promise " << promise_id;
    return {};
  }
};

// "'48 hours' is a promise in the ledger: who made it, to whom, what, by when. At its due time it is kept, broken, or
// was renegotiated *before*; there is no fourth state, and nobody has to remember to check." This and the next two.
TEST_F(Promise, OfFortyEightHoursIsInTheLedgerAndIsKept) {
  const std::string c = ThePrescriptionIsNotThere();
  const auto due = In(absl::Hours(48));
  const std::string p = ben.Promises(c, "It is at the counter within 48 hours.", due)->promise_id();

  const PromiseView made = Told(c, p);
  EXPECT_EQ(made.made_by(), "ben");
  EXPECT_EQ(made.to(), "mira");
  EXPECT_EQ(made.text(), "It is at the counter within 48 hours.");
  EXPECT_EQ(runtime::FromProto(made.due()), runtime::FromProto(due));
  EXPECT_EQ(made.status(), ownership::v1::PROMISE_STATUS_OPEN);
  EXPECT_EQ(Only(ben.SeesInQueue(c, WORKLIST_REASON_PROMISE_OPEN)).promise_id(), p);

  ben.Keeps(c, p, "Mira collected it.");
  EXPECT_EQ(Told(c, p).status(), ownership::v1::PROMISE_STATUS_KEPT);
  EXPECT_TRUE(ben.SeesInQueue(c, WORKLIST_REASON_PROMISE_OPEN).empty());
  EXPECT_TRUE(company().NumberBecomes("ownership", "throughline_promises_kept_total", 1));
}

TEST_F(Promise, IsRenegotiatedBeforeItIsDueAndWithAReason) {
  const std::string c = ThePrescriptionIsNotThere();
  const std::string p = ben.Promises(c, "It is there tomorrow.", In(absl::Hours(24)))->promise_id();
  const auto later = In(absl::Hours(72));
  EXPECT_THAT(ben.Renegotiates(c, p, later, ""), Lacks("reason"));
  ben.Renegotiates(c, p, later, "The sister site sends it; Mira agreed to Thursday.");
  const PromiseView moved = Told(c, p);
  EXPECT_EQ(moved.status(), ownership::v1::PROMISE_STATUS_OPEN);
  EXPECT_EQ(moved.renegotiation_count(), 1u);
  EXPECT_EQ(runtime::FromProto(moved.due()), runtime::FromProto(later));
  EXPECT_THAT(ana.Renegotiates(c, p, later, "I would rather not."), IsRefused("NOT_OWNER"));
}

// "A broken promise reaches the owner and their supervisor at once, before the customer stands at the counter."
TEST_F(Promise, BreaksByItselfAndReachesOwnerAndSupervisorAtOnce) {
  const std::string c = ThePrescriptionIsNotThere();
  const auto due = In(absl::Seconds(1));
  const std::string p = ben.Promises(c, "I look for it now and call back.", due)->promise_id();

  ASSERT_TRUE(Eventually([&] { return Told(c, p).status() == ownership::v1::PROMISE_STATUS_BROKEN; }))
      << "nobody had to remember to check";
  EXPECT_EQ(runtime::FromProto(Told(c, p).settled_at()), runtime::FromProto(due));
  for (const Colleague* who : {&ben, &sam}) {
    const auto raised = who->SeesInQueue(c, WORKLIST_REASON_PROMISE_BROKEN);
    ASSERT_EQ(raised.size(), 1u) << who->name() << " must learn of it before the customer stands at the counter";
    EXPECT_EQ(raised.front().promise_id(), p);
    EXPECT_EQ(raised.front().owner(), "ben");
    EXPECT_TRUE(raised.front().overdue());
  }
  EXPECT_TRUE(company().NumberBecomes("ownership", "throughline_promises_broken_total", 1));

  EXPECT_THAT(ben.Keeps(c, p, "I called in the end."), IsRefused("PROMISE_BROKEN"));
  EXPECT_THAT(ben.Renegotiates(c, p, In(absl::Hours(1)), "Late is late."), IsRefused("PROMISE_BROKEN"));
  EXPECT_EQ(Told(c, p).status(), ownership::v1::PROMISE_STATUS_BROKEN);
}

// "Three contacts about one thing are one case with three contacts; the third raises *repeated contact*." This and the
// next.
TEST_F(Promise, ThatTheCustomerHasToChaseIsOneCaseWithThreeInteractions) {
  const std::string c = ThePrescriptionIsNotThere();
  EXPECT_FALSE(ben.HearsFromCustomer(c, "You said it would be here on Tuesday.")->repeated_contact());
  EXPECT_FALSE(ben.SeesCase(c).repeated_contact());
  EXPECT_TRUE(ana.HearsFromCustomer(c, "This is the third time I ask.")->repeated_contact());
  EXPECT_FALSE(ana.HearsFromCustomer(c, "And the fourth.")->repeated_contact()) << "raised once";
  const auto seen = ben.SeesCase(c);
  EXPECT_TRUE(seen.repeated_contact());
  EXPECT_EQ(seen.inbound_interactions(), 4u);
  EXPECT_EQ(seen.owner(), "ben") << "whoever answers the telephone, one person answers for the case";
  EXPECT_EQ(ben.SeesInteractions(c).size(), 3u);
}

TEST_F(Promise, ThatIsAskedForThriceIsOneCaseWithThreeContactsWhereverTheyArrive) {
  const About prescription{.order = "RX-2001"};
  const auto first = ben.TakesCall("jonas", "My repeat prescription is not at the counter.", prescription);
  const auto second = ana.TakesCall("jonas", "It is still not there.", prescription);
  EXPECT_TRUE(second->joined());
  EXPECT_EQ(second->case_id(), first->case_id());
  EXPECT_EQ(second->owner(), "ben") << "whoever answers the telephone";
  const auto third = ana.TakesCall("jonas", "The third time.", prescription);
  EXPECT_TRUE(third->joined());
  EXPECT_TRUE(third->repeated_contact());
  EXPECT_EQ(ben.SeesCase(first->case_id()).inbound_interactions(), 3u);
  EXPECT_TRUE(Eventually([&] {
    const auto waits = ben.SeesInQueue(first->case_id(), ownership::v1::WORKLIST_REASON_CUSTOMER_WAITS);
    return !waits.empty() && waits.front().repeated_contact();
  })) << "its owner sees that the customer had to come back";
}

TEST_F(Promise, NeedsOurNextActionWhenItWaitsForSomebody) {
  const std::string c = ThePrescriptionIsNotThere();
  ownership::v1::AddWorkNoteRequest work_note;
  work_note.set_case_id(c);
  work_note.set_text("The sister site may have it.");
  work_note.set_waiting_on("the sister site");
  EXPECT_THAT(ben.Asks<ownership::v1::AddWorkNoteResponse>(work_note), Lacks("next_action"));
  work_note.set_next_action("Ask the sister site for the shelf number.");
  EXPECT_THAT(ben.Asks<ownership::v1::AddWorkNoteResponse>(work_note), Lacks("next_action_due"));
  *work_note.mutable_next_action_due() = In(absl::Hours(3));
  ben.Asks<ownership::v1::AddWorkNoteResponse>(work_note);

  const auto now = ben.SeesOwnership(c);
  EXPECT_EQ(now.owner(), "ben") << "asking others for work gives nothing away";
  EXPECT_EQ(now.work_note().waiting_on(), "the sister site");
  EXPECT_EQ(now.work_note().by(), "ben");
  const auto next = Only(ben.SeesInQueue(c, ownership::v1::WORKLIST_REASON_NEXT_ACTION));
  EXPECT_EQ(next.text(), "Ask the sister site for the shelf number.");
}

// "Work asked of another department stays visible on the case, with who has it and since when; the owner does not
// change."
TEST_F(Promise, NeedsWorkOfAnotherDepartmentThatStaysVisibleOnTheCaseWithWhoHasItAndSinceWhen) {
  using ownership::v1::WORKLIST_REASON_HELP;
  const std::string c = ThePrescriptionIsNotThere();
  ownership::v1::ChangePersonRequest moves;
  moves.set_person("ana");
  moves.set_team("pharmacy");
  sam.Asks<ownership::v1::ChangePersonResponse>(moves);
  ana.IsAvailable();
  ownership::v1::RequestHelpRequest asks;
  asks.set_case_id(c);
  asks.set_team("pharmacy");
  asks.set_text("Make up the prescription.");
  *asks.mutable_due() = In(absl::Hours(3));
  const auto asked = ben.Asks<ownership::v1::RequestHelpResponse>(asks);
  EXPECT_EQ(asked->helper(), "ana") << "who is here of that department";

  const auto theirs = Only(ana.SeesInQueue(c, WORKLIST_REASON_HELP));
  EXPECT_EQ(theirs.text(), "Make up the prescription.");
  EXPECT_EQ(theirs.owner(), "ben");
  const auto on_case = [&] {
    const auto ownership = ben.SeesOwnership(c);
    for (const auto& one : ownership.commitments()) {
      if (one.commitment().commitment_id() == asked->commitment_id()) return one;
    }
    ADD_FAILURE() << "the case does not show the work that was asked for";
    return ownership::v1::CommitmentView();
  };
  EXPECT_EQ(on_case().commitment().owed_by(), "ana") << "who has it";
  EXPECT_EQ(on_case().commitment().team(), "pharmacy");
  EXPECT_GT(runtime::FromProto(on_case().made_at()), runtime::FromProto(ben.SeesOwnership(c).opened_at()))
      << "and since when";
  EXPECT_EQ(ben.SeesOwnership(c).owner(), "ben");

  EXPECT_THAT(ana.Helps(c, asked->commitment_id(), ""), Lacks("evidence"));
  ana.Helps(c, asked->commitment_id(), "It is made up and at the counter.");
  EXPECT_TRUE(ana.SeesInQueue(c, WORKLIST_REASON_HELP).empty());
  EXPECT_EQ(on_case().outcome(), ownership::v1::COMMITMENT_OUTCOME_KEPT);
  EXPECT_EQ(on_case().evidence(), "It is made up and at the counter.");
  EXPECT_EQ(ben.SeesOwnership(c).owner(), "ben");
}

// "A case that cannot be solved carries the reason and the options that the customer was offered; 'no' without either
// is refused."
TEST_F(Promise, ThatCannotBeKeptEndsWithAReasonAndWithOptions) {
  const std::string c = ThePrescriptionIsNotThere();
  EXPECT_THAT(ben.Closes(c), Lacks("reason"));
  EXPECT_THAT(ben.Closes(c, "It is no longer made."), Lacks("options_offered"));
  EXPECT_THAT(ben.Closes(c, "", {"A substitute."}), Lacks("reason"));
  EXPECT_EQ(ben.SeesOwnership(c).status(), ownership::v1::CASE_STATUS_OPEN);

  ben.Closes(c, "It is no longer made.", {"A substitute today.", "Another maker's, by Friday."});
  const auto closed = ben.SeesOwnership(c);
  EXPECT_EQ(closed.closing().resolution_code(), ownership::v1::RESOLUTION_CODE_UNCONFIRMED);
  EXPECT_EQ(closed.closing().reason(), "It is no longer made.");
  EXPECT_THAT(closed.closing().options_offered(), ElementsAre("A substitute today.", "Another maker's, by Friday."));
}

// "A change that affects customers is a notice too, of kind CHANGE, and cannot be published without its reason and what
// the customer may do about it."
TEST_F(Promise, ThatChangesForAllIsANoticeWithReasonAndOptions) {
  sam.Defines("repeat-prescriptions", "Repeat prescriptions");
  outage::v1::PublishNoticeRequest change;
  change.set_kind(outage::v1::NOTICE_KIND_CHANGE);
  change.add_component_ids("repeat-prescriptions");
  change.set_title("Repeat prescriptions take 72 hours from May");
  change.set_description("We make them up at one site.");
  *change.mutable_since() = In(absl::Hours(24 * 30));
  *change.mutable_next_update_due() = In(absl::Hours(24 * 7));

  EXPECT_THAT(sam.Publishes(change), Lacks("reason"));
  EXPECT_THAT(sam.Publishes(change), Lacks("customer_options"));
  change.set_reason("The second site lost its pharmacist.");
  EXPECT_THAT(sam.Publishes(change), Lacks("customer_options"));
  change.add_customer_options("Have it posted, free of charge.");
  sam.Publishes(change);

  const auto check = webshop.ChecksComponent("repeat-prescriptions");
  EXPECT_TRUE(check->operational()) << "a change to come is no outage";
  const auto shown = Only(check->notices());
  EXPECT_EQ(shown.reason(), "The second site lost its pharmacist.");
  EXPECT_THAT(shown.customer_options(), ElementsAre("Have it posted, free of charge."));
}

// Of the department that has the work and of whoever stands above: nobody's inaction ends it, and the owner does not
// change.
TEST_F(Promise, ThatTheOwnerCannotKeepAloneIsEscalatedAndStaysTheirs) {
  using ownership::v1::WORKLIST_REASON_ESCALATED;
  const std::string c = ThePrescriptionIsNotThere();
  ownership::v1::EscalateCaseRequest raises;
  raises.set_case_id(c);
  EXPECT_THAT(ben.Asks<ownership::v1::EscalateCaseResponse>(raises), Lacks("reason"));
  raises.set_reason("The sister site does not answer, and she needs it tonight.");
  EXPECT_THAT(ana.Asks<ownership::v1::EscalateCaseResponse>(raises), IsRefused("NOT_OWNER"));
  EXPECT_EQ(ben.Asks<ownership::v1::EscalateCaseResponse>(raises)->to(), "sam");
  EXPECT_EQ(Only(sam.SeesInQueue(c, WORKLIST_REASON_ESCALATED)).owner(), "ben");
  EXPECT_EQ(ben.SeesOwnership(c).owner(), "ben");

  ownership::v1::AcknowledgeEscalationRequest sees;
  sees.set_case_id(c);
  EXPECT_THAT(ben.Asks<ownership::v1::AcknowledgeEscalationResponse>(sees), IsRefused("NOT_ESCALATED_TO_YOU"));
  sam.Asks<ownership::v1::AcknowledgeEscalationResponse>(sees);
  EXPECT_EQ(sam.SeesInQueue(c, ownership::v1::WORKLIST_REASON_ESCALATION_DECISION).size(), 1u);
  ownership::v1::SettleEscalationRequest decides;
  decides.set_case_id(c);
  decides.set_decision("A taxi brings it over by six.");
  sam.Asks<ownership::v1::SettleEscalationResponse>(decides);
  EXPECT_FALSE(ben.SeesOwnership(c).has_escalation());
  EXPECT_EQ(ben.SeesOwnership(c).owner(), "ben");
  std::vector<std::string> told;
  for (const auto& entry : ben.SeesHistory(c)) told.push_back(entry.text());
  EXPECT_THAT(told, ::testing::Contains("sam settles the escalation: A taxi brings it over by six."));
}

// "...and nobody has to remember to check": neither has whoever an escalation was raised to.
class Ladder : public Story<Ladder> {
 public:
  static std::vector<std::string> OwnershipFlags() { return {"--escalation-acknowledge-within", "1s"}; }
};

TEST_F(Ladder, EndsAtTheTopWhereItStaysAndIsCounted) {
  const std::string c = ben.TakesCall("mira", "My repeat prescription is not at the counter.")->case_id();
  ownership::v1::EscalateCaseRequest raises;
  raises.set_case_id(c);
  raises.set_reason("The sister site does not answer.");
  ben.Asks<ownership::v1::EscalateCaseResponse>(raises);
  ASSERT_TRUE(Eventually([&] { return dashboard.SeesOwnership(c).escalation().exhausted(); }))
      << "nobody stands above sam";
  const auto now = dashboard.SeesOwnership(c);
  EXPECT_EQ(now.escalation().to(), "sam");
  EXPECT_EQ(now.owner(), "ben");
  EXPECT_TRUE(Only(sam.SeesInQueue(c, ownership::v1::WORKLIST_REASON_ESCALATED)).overdue()) << "it stays with sam";
  EXPECT_TRUE(company().NumberBecomes("ownership", "throughline_escalations_exhausted_total", 1));
}

}  // namespace
}  // namespace throughline::stories
