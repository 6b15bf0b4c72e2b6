// "Ticket closed": whoever takes the interaction owns the case, from its first event until the customer says that it is
// solved; there is never a moment without an owner.

#include "tests/stories/story.h"

namespace throughline::stories {
namespace {

using intake::v1::ASSIGNMENT_REASON_LEAST_LOAD;
using intake::v1::ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY;
using intake::v1::ASSIGNMENT_REASON_TOOK_INTERACTION;
using ownership::v1::CASE_STATUS_CLOSED_CONFIRMED;
using ownership::v1::CASE_STATUS_OPEN;
using ownership::v1::WORKLIST_REASON_HANDOFF_OFFERED;
using ::testing::ElementsAre;

class Owner : public Story<Owner> {
 protected:
  void Begin() override {
    ana.IsAvailable();
    ben.IsAvailable();
  }

  std::string TheSerialNumberIsAnotherPhones() {
    return ana.TakesCall("mira", "The number on the box is another phone's.")->case_id();
  }
  std::string OwnerOf(const std::string& case_id) { return dashboard.SeesOwnership(case_id).owner(); }
  std::vector<std::string> OwnersOf(const std::string& case_id) {
    std::vector<std::string> owners;
    const auto view = dashboard.SeesOwnership(case_id);
    for (const auto& period : view.ownership_periods()) owners.push_back(period.person());
    return owners;
  }
  size_t LoadOf(const Colleague& rep) {
    intake::v1::ListCasesRequest owned;
    owned.set_owner(rep.name());
    owned.set_page_size(1000);
    size_t open = 0;
    for (const auto& found : rep.SeesCases(owned)) open += found.status() < CASE_STATUS_CLOSED_CONFIRMED;
    return open;
  }
};

TEST_F(Owner, IsThePersonWhoTookTheInteraction) {
  const auto call = ana.TakesCall("mira", "The number on the box is another phone's.");
  EXPECT_EQ(call->version(), 1u);
  EXPECT_EQ(call->owner(), "ana");
  EXPECT_EQ(call->assignment_reason(), ASSIGNMENT_REASON_TOOK_INTERACTION);
  const auto ownership = dashboard.SeesOwnership(call->case_id());
  EXPECT_EQ(ownership.version(), 0u) << "nothing has happened to it since, and it has an owner";
  EXPECT_EQ(ownership.owner(), "ana");
  EXPECT_EQ(ownership.supervisor(), "sam");
  EXPECT_EQ(ana.SeesInQueue(call->case_id(), ownership::v1::WORKLIST_REASON_OWNED).size(), 1u);
}

TEST_F(Owner, StaysWhoItIsUntilAnOfferIsAccepted) {
  const std::string c = TheSerialNumberIsAnotherPhones();
  EXPECT_THAT(ben.Offers(c, "ben", "I would like it."), IsRefused("NOT_OWNER"));
  EXPECT_THAT(ana.Offers(c, "nobody-here", "Somebody else's."), IsRefused("PERSON_UNKNOWN"));

  const std::string first = ana.Offers(c, "ben", "He knows phones.")->handoff_id();
  EXPECT_EQ(OwnerOf(c), "ana");
  EXPECT_EQ(ben.SeesInQueue(c, WORKLIST_REASON_HANDOFF_OFFERED).size(), 1u);
  EXPECT_THAT(sam.Accepts(c, first), IsRefused("NOT_OFFERED_TO_YOU"));
  ben.Declines(c, first, "I am on leave from noon.");
  EXPECT_EQ(OwnerOf(c), "ana");
  EXPECT_TRUE(ben.SeesInQueue(c, WORKLIST_REASON_HANDOFF_OFFERED).empty());
  EXPECT_THAT(ben.Accepts(c, first), IsRefused("HANDOFF_NOT_OPEN"));

  const std::string second = ana.Offers(c, "ben", "After your leave?", In(absl::Seconds(1)))->handoff_id();
  EXPECT_THAT(ana.Closes(c, "It is with ben now.", {"Ask ben."}), IsRefused("HANDOFF_PENDING"));
  EXPECT_TRUE(Eventually([&] { return !dashboard.SeesOwnership(c).has_handoff(); })) << "it runs out by itself";
  EXPECT_EQ(OwnerOf(c), "ana");
  EXPECT_THAT(ben.Accepts(c, second), IsRefused("HANDOFF_NOT_OPEN"));
  EXPECT_THAT(OwnersOf(c), ElementsAre("ana")) << "declined or expired, nothing has changed";

  const std::string third = ana.Offers(c, "ben", "He is back.")->handoff_id();
  ben.Accepts(c, third);
  EXPECT_EQ(OwnerOf(c), "ben");
  EXPECT_TRUE(ana.SeesCaseUntil(c, [](const auto& now) { return now.owner() == "ben"; }));
  EXPECT_THAT(ana.Promises(c, "Ben will call.", In(absl::Hours(1))), IsRefused("NOT_OWNER"));
}

TEST_F(Owner, ReturnsOfACaseAreCounted) {
  const std::string c = TheSerialNumberIsAnotherPhones();
  ben.Accepts(c, ana.Offers(c, "ben", "Yours.")->handoff_id());
  EXPECT_EQ(dashboard.SeesOwnership(c).ping_pong_count(), 0u);
  ana.Accepts(c, ben.Offers(c, "ana", "No, yours.")->handoff_id());
  EXPECT_EQ(dashboard.SeesOwnership(c).ping_pong_count(), 1u);
  EXPECT_THAT(OwnersOf(c), ElementsAre("ana", "ben", "ana"));
  EXPECT_TRUE(company().NumberBecomes("ownership", "throughline_handoff_ping_pongs_total", 1));
}

// "Whoever touches a case moves it forward or hands it back to the owner with a reason; a touch that does neither
// within its time goes back by itself, and is counted. Ping-pong (A, B, A) is visible."
TEST_F(Owner, GetsBackWhatOthersTouchMovedForwardOrWithAReasonOrByItself) {
  using ownership::v1::WORKLIST_REASON_COMMITMENT_BROKEN;
  using ownership::v1::WORKLIST_REASON_HELP;
  const std::string c = TheSerialNumberIsAnotherPhones();
  const auto given = company().Number("ownership", "throughline_help_given_total");
  const auto returned = company().Number("ownership", "throughline_help_returned_total");
  const auto unanswered = company().Number("ownership", "throughline_help_returned_unanswered_total");
  const auto ask = [&](absl::Duration within) {
    return ana.AsksForHelp(c, "ben", "Whose number is it?", In(within))->commitment_id();
  };

  const std::string done = ask(absl::Hours(1));
  EXPECT_EQ(ben.SeesInQueue(c, WORKLIST_REASON_HELP).size(), 1u);
  ben.Helps(c, done, "It is Lena's: she has Mira's phone.");
  EXPECT_TRUE(ben.SeesInQueue(c, WORKLIST_REASON_HELP).empty());

  const std::string back = ask(absl::Hours(1));
  EXPECT_THAT(ben.HandsBack(c, back, ""), Lacks("reason"));
  EXPECT_THAT(ana.HandsBack(c, back, "I do it."), IsRefused("NOT_ASKED"));
  ben.HandsBack(c, back, "The register is down.");
  EXPECT_TRUE(ben.SeesInQueue(c, WORKLIST_REASON_HELP).empty());
  EXPECT_EQ(dashboard.SeesOwnership(c).help_ping_pong_count(), 0u);

  const std::string silent = ask(absl::Seconds(1));
  EXPECT_EQ(dashboard.SeesOwnership(c).help_ping_pong_count(), 1u) << "ana, ben, ana, ben";
  EXPECT_TRUE(Eventually([&] { return !ana.SeesInQueue(c, WORKLIST_REASON_COMMITMENT_BROKEN).empty(); }))
      << "it is back with its owner";
  EXPECT_TRUE(ben.SeesInQueue(c, WORKLIST_REASON_HELP).empty());
  EXPECT_EQ(sam.SeesInQueue(c, WORKLIST_REASON_COMMITMENT_BROKEN).size(), 1u) << "and whoever stands above ben sees it";
  EXPECT_THAT(ben.Helps(c, silent, "Now I know."), IsRefused("COMMITMENT_BROKEN"));
  EXPECT_EQ(OwnerOf(c), "ana") << "throughout";
  EXPECT_THAT(OwnersOf(c), ElementsAre("ana"));

  EXPECT_TRUE(company().NumberBecomes("ownership", "throughline_help_given_total", given + 1));
  EXPECT_TRUE(company().NumberBecomes("ownership", "throughline_help_returned_total", returned + 1));
  EXPECT_TRUE(company().NumberBecomes("ownership", "throughline_help_returned_unanswered_total", unanswered + 1));
  std::vector<std::string> told;
  for (const auto& entry : dashboard.SeesHistory(c)) told.push_back(entry.text());
  EXPECT_THAT(told, ::testing::IsSupersetOf(
                        {"request for help kept: \"Whose number is it?\": It is Lena's: she has Mira's phone.",
                         "request for help handed back by ben: \"Whose number is it?\": The register is down."}));
}

TEST_F(Owner, OrASupervisorAloneCloses) {
  const std::string c = TheSerialNumberIsAnotherPhones();
  EXPECT_THAT(ben.Closes(c, "Looks done.", {"Call again."}), IsRefused("NOT_OWNER"));
  ownership::v1::CloseCaseRequest close;
  close.set_case_id(c);
  close.set_reason("By machine.");
  close.add_options_offered("None.");
  const auto closes = [&](const Person& who) { return who.Asks<ownership::v1::CloseCaseResponse>(close); };
  EXPECT_THAT(closes(webshop), IsForbidden());
  EXPECT_THAT(closes(ups), IsForbidden());
  EXPECT_THAT(closes(globex), IsForbidden());
  EXPECT_THAT(closes(dashboard), IsForbidden());
  EXPECT_THAT(ben.Proposes(c, "A new phone."), IsRefused("NOT_OWNER"));
  EXPECT_THAT(ben.HearsYes(c, "Fine by me."), IsRefused("NOT_OWNER"));
  EXPECT_EQ(dashboard.SeesOwnership(c).status(), CASE_STATUS_OPEN);

  ana.Proposes(c, "A new phone, today.");
  ana.HearsYes(c, "Mira holds it in her hand.");
  EXPECT_THAT(ben.Closes(c), IsRefused("NOT_OWNER")) << "not even a solved one";
  sam.Closes(c);
  EXPECT_EQ(dashboard.SeesOwnership(c).closing().by(), "sam");
  EXPECT_THAT(ana.Closes(c), IsRefused("CASE_CLOSED"));
}

TEST_F(Owner, HearsFromTheCustomerThatItIsSolved) {
  const std::string c = TheSerialNumberIsAnotherPhones();
  EXPECT_THAT(ana.HearsYes(c, "Surely."), IsRefused("NOTHING_PROPOSED"));
  ana.TellsCustomer(c, "We exchange the phone, box and all.");
  ana.Proposes(c, "An exchange, box and all.");
  EXPECT_THAT(ana.HearsYes(c, ""), Lacks("evidence"));
  ana.HearsYes(c, "Mira: \"Number and box agree now.\"");
  ana.Closes(c);
  EXPECT_EQ(dashboard.SeesOwnership(c).closing().resolution_code(), ownership::v1::RESOLUTION_CODE_CONFIRMED);
  EXPECT_EQ(dashboard.SeesOwnership(c).closed_unconfirmed_count(), 0u);

  EXPECT_THAT(ben.Reopens(c, ""), Lacks("reason"));
  ben.Reopens(c, "The receipt shows the old number.");
  const auto again = dashboard.SeesOwnership(c);
  EXPECT_EQ(again.status(), CASE_STATUS_OPEN);
  EXPECT_EQ(again.owner(), "ana") << "whoever reopens it";
  EXPECT_THAT(OwnersOf(c), ElementsAre("ana"));
  EXPECT_EQ(again.reopen_count(), 1u);
  EXPECT_EQ(again.resolution().evidence(), "Mira: \"Number and box agree now.\"") << "with its history";
  EXPECT_EQ(Only(ana.SeesInteractions(c)).text(), "We exchange the phone, box and all.");
  EXPECT_EQ(ana.SeesInQueue(c, ownership::v1::WORKLIST_REASON_OWNED).size(), 1u);
  EXPECT_THAT(ben.Reopens(c, "Twice."), IsRefused("CASE_NOT_CLOSED"));
}

// "A reopened case keeps its owner and its history": all of it can be read, by anybody who may read the case.
TEST_F(Owner, LeavesAHistoryThatOutlivesClosingAndReopening) {
  const std::string c = TheSerialNumberIsAnotherPhones();
  ana.TellsCustomer(c, "We exchange the phone.");
  const std::string p = ana.Promises(c, "The new phone comes today.", In(absl::Hours(4)))->promise_id();
  ana.Keeps(c, p, "The courier handed it over.");
  ben.Declines(c, ana.Offers(c, "ben", "He knows phones.")->handoff_id(), "I am on leave from noon.");
  ana.Closes(c, "No phone with that number exists.", {"The money back.", "Another model."});
  ben.Reopens(c, "One was found.");

  std::vector<std::string> told;
  const auto history = dashboard.SeesHistory(c);
  for (const auto& entry : history) {
    EXPECT_FALSE(entry.text().empty());
    told.push_back(entry.kind());
  }
  for (const char* kind : {"CaseOpened", "InteractionRecorded", "CommitmentMade", "CommitmentSettled", "HandoffOffered",
                           "HandoffDeclined", "CaseClosed", "CaseReopened"}) {
    EXPECT_THAT(told, ::testing::Contains(kind));
  }
  EXPECT_EQ(told.front(), "CaseOpened");
  const auto says = [&](const std::string& words) {
    return std::any_of(history.begin(), history.end(),
                       [&](const auto& entry) { return entry.text().find(words) != std::string::npos; });
  };
  EXPECT_TRUE(says("The number on the box is another phone's."));
  EXPECT_TRUE(says("promise kept: \"The new phone comes today.\": The courier handed it over."));
  EXPECT_TRUE(
      says("ana closes the case, unconfirmed: No phone with that number exists.; offered: The money back.; "
           "Another model."));
  EXPECT_TRUE(says("ben reopens the case: One was found."));
  EXPECT_EQ(OwnerOf(c), "ana");
}

// "Resolved means that the customer confirmed", and stays so only until they say otherwise.
TEST_F(Owner, HearsTheCustomersWordsWhoeverTakesThemAndWhateverTheStatus) {
  using ownership::v1::WORKLIST_REASON_CUSTOMER_WAITS;
  const std::string c = TheSerialNumberIsAnotherPhones();
  ana.Proposes(c, "An exchange, box and all.");
  ana.HearsYes(c, "Mira: \"Number and box agree now.\"");
  ben.HearsFromCustomer(c, "It broke again.");
  EXPECT_TRUE(Eventually([&] { return dashboard.SeesOwnership(c).status() == CASE_STATUS_OPEN; }));
  EXPECT_TRUE(Eventually([&] { return !ana.SeesInQueue(c, WORKLIST_REASON_CUSTOMER_WAITS).empty(); }));
  EXPECT_TRUE(ben.SeesInQueue(c, WORKLIST_REASON_CUSTOMER_WAITS).empty()) << "he only took the call";
  EXPECT_THAT(ana.Closes(c, "Done.", {"Nothing."}), IsRefused("CUSTOMER_WAITS"));

  ana.Acknowledges(Only(ana.SeesInQueue(c, WORKLIST_REASON_CUSTOMER_WAITS)), "She only tells us.");
  EXPECT_TRUE(ana.SeesInQueue(c, WORKLIST_REASON_CUSTOMER_WAITS).empty());
  ana.Closes(c, "It is beyond repair.", {"The money back."});
  ben.HearsFromCustomer(c, "I want the money back, then.");
  EXPECT_TRUE(Eventually([&] { return !ana.SeesInQueue(c, WORKLIST_REASON_CUSTOMER_WAITS).empty(); }))
      << "a closed case is open again, with its owner";
  EXPECT_EQ(OwnerOf(c), "ana");
}

TEST_F(Owner, OfAnUnassignedCaseIsTheRepWithTheFewestCases) {
  while (LoadOf(ana) <= LoadOf(ben)) ana.TakesCall("tomas", "One more thing.");
  const auto to_ben = webshop.SendsForm("lena", "No telephone, please.");
  EXPECT_EQ(to_ben->owner(), "ben");
  EXPECT_EQ(to_ben->assignment_reason(), ASSIGNMENT_REASON_LEAST_LOAD);
  while (LoadOf(ben) <= LoadOf(ana)) ben.TakesCall("tomas", "And another.");
  EXPECT_EQ(webshop.SendsForm("lena", "Me again.")->owner(), "ana");

  ana.IsAway();
  EXPECT_EQ(webshop.SendsForm("lena", "And again.")->owner(), "ben") << "who is here, however busy";
  ben.IsAway();
  const auto to_sam = webshop.SendsForm("lena", "Is anybody there?");
  EXPECT_EQ(to_sam->owner(), "sam");
  EXPECT_EQ(to_sam->assignment_reason(), ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY);
  EXPECT_EQ(sam.SeesInQueue(to_sam->case_id(), ownership::v1::WORKLIST_REASON_OWNED).size(), 1u);
  EXPECT_EQ(company().Number("intake", "throughline_cases_without_owner"), 0);
}

// "It broke again", said to whoever took the call, was followed by a case closed as solved.
TEST_F(Owner, IsReachedByTheCustomersWordsAndASolvedCaseIsOpenAgain) {
  const std::string c = TheSerialNumberIsAnotherPhones();
  ana.Proposes(c, "An exchange, box and all.");
  ana.HearsYes(c, "Mira: \"Number and box agree now.\"");
  ben.HearsFromCustomer(c, "The new one is broken, too.");
  ASSERT_TRUE(Eventually([&] { return dashboard.SeesOwnership(c).status() == CASE_STATUS_OPEN; }));
  EXPECT_EQ(ana.SeesInQueue(c, ownership::v1::WORKLIST_REASON_CUSTOMER_WAITS).size(), 1u);
  EXPECT_TRUE(ben.SeesInQueue(c, ownership::v1::WORKLIST_REASON_CUSTOMER_WAITS).empty());
  EXPECT_THAT(ana.Closes(c), Lacks("reason")) << "it is not confirmed any more";
  EXPECT_THAT(ana.Closes(c, "Exchanged.", {"Another one."}), IsRefused("CUSTOMER_WAITS"));
  ana.TellsCustomer(c, "A third one is on its way, by courier.");
  ASSERT_TRUE(Eventually([&] { return !dashboard.SeesOwnership(c).has_unanswered(); }));
  EXPECT_TRUE(ana.SeesInQueue(c, ownership::v1::WORKLIST_REASON_CUSTOMER_WAITS).empty());

  ana.Closes(c, "Exchanged.", {"Another one."});
  EXPECT_EQ(dashboard.SeesOwnership(c).status(), ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED);
  ben.HearsFromCustomer(c, "And the third one, too.");
  ASSERT_TRUE(Eventually([&] { return dashboard.SeesOwnership(c).status() == CASE_STATUS_OPEN; }));
  EXPECT_EQ(dashboard.SeesOwnership(c).owner(), "ana");
  EXPECT_EQ(ana.SeesInQueue(c, ownership::v1::WORKLIST_REASON_CUSTOMER_WAITS).size(), 1u);
}

// "Numbers report confirmed resolutions, reopenings, promises kept and customers, each on its own, and are rebuilt
// exactly by a replay": a company of its own, whose numbers begin at zero.
class Numbers : public Story<Numbers> {
 protected:
  static ownership::v1::CommitmentNumbers PromisesOf(const ownership::v1::ReportNumbers& numbers) {
    for (const auto& kind : numbers.commitments()) {
      if (kind.kind() == ownership::v1::COMMITMENT_KIND_PROMISE) return kind;
    }
    return {};
  }
};

TEST_F(Numbers, AreEachTheirOwnAndTheSameAfterAReplay) {
  const std::string solved = ana.TakesCall("mira", "The number on the box is another phone's.")->case_id();
  ana.Keeps(solved, ana.Promises(solved, "The new phone comes today.", In(absl::Hours(4)))->promise_id(), "It came.");
  ana.Proposes(solved, "An exchange, box and all.");
  ana.HearsYes(solved, "Mira: \"Number and box agree now.\"");
  ana.Closes(solved);
  const std::string given_up = ana.TakesCall("tomas", "It does not ring.")->case_id();
  const std::string again = ana.TakesCall("tomas", "And it does not vibrate.")->case_id();
  for (const std::string& c : {given_up, again}) ana.Closes(c, "No such part exists.", {"The money back."});
  ben.Reopens(again, "One was found.");
  ana.Promises(again, "The part comes now.", In(absl::Seconds(1)));
  EXPECT_TRUE(Eventually([&] { return PromisesOf(dashboard.SeesNumbers()).broken() == 1; }));

  const auto numbers = dashboard.SeesNumbers();
  EXPECT_EQ(numbers.cases_opened(), 3);
  EXPECT_EQ(numbers.customers(), 2) << "tomas called twice";
  EXPECT_EQ(numbers.closed_confirmed(), 1);
  EXPECT_EQ(numbers.closed_unconfirmed() + numbers.closed_unsolved(), 2) << "and is never counted as resolved";
  EXPECT_EQ(numbers.reopenings(), 1);
  EXPECT_EQ(PromisesOf(numbers).kept(), 1);

  ASSERT_TRUE(company().LosesAllButItsLogAndStartsAgain().ok());
  EXPECT_EQ(dashboard.SeesNumbers().ShortDebugString(), numbers.ShortDebugString()) << "to the last digit";
}

// "Resolved means that the customer confirmed. Silence gives *closed, unconfirmed*": a suite that closes after seconds.
class Silence : public Story<Silence> {
 public:
  static std::vector<std::string> OwnershipFlags() { return {"--close-unanswered-after", "4s"}; }
};

TEST_F(Silence, GivesClosedUnconfirmedAndTheOwnerIsToldBefore) {
  const std::string c = ana.TakesCall("mira", "The number on the box is another phone's.")->case_id();
  ana.Proposes(c, "An exchange, box and all.");
  EXPECT_TRUE(dashboard.SeesOwnership(c).has_closes_at());
  EXPECT_TRUE(Eventually([&] {
    return !ana.SeesInQueue(c, ownership::v1::WORKLIST_REASON_CLOSING_ANNOUNCED).empty() ||
           dashboard.SeesOwnership(c).has_closing();
  })) << "announced to the owner";
  ASSERT_TRUE(Eventually([&] { return dashboard.SeesOwnership(c).has_closing(); })) << "nobody had to do anything";
  const auto closed = dashboard.SeesOwnership(c);
  EXPECT_EQ(closed.status(), ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED);
  EXPECT_EQ(closed.closing().resolution_code(), ownership::v1::RESOLUTION_CODE_UNCONFIRMED);
  EXPECT_THAT(closed.closing().options_offered(), ElementsAre("An exchange, box and all."));
  EXPECT_EQ(closed.closed_unconfirmed_count(), 1u);
  EXPECT_FALSE(closed.resolution().has_evidence());
  std::vector<std::string> told;
  for (const auto& entry : dashboard.SeesHistory(c)) told.push_back(entry.kind());
  const auto announced = std::find(told.begin(), told.end(), "ClosingAnnounced");
  EXPECT_NE(announced, told.end());
  EXPECT_NE(std::find(announced, told.end(), "CaseClosed"), told.end()) << "announced before it was closed";

  // What the customer says reopens it, with its owner.
  ben.HearsFromCustomer(c, "I was away: it is still wrong.");
  EXPECT_TRUE(Eventually([&] { return dashboard.SeesOwnership(c).status() == CASE_STATUS_OPEN; }));
  EXPECT_EQ(dashboard.SeesOwnership(c).owner(), "ana");
}

TEST_F(Silence, EndsWithAnyWordOfTheCustomer) {
  const std::string c = ana.TakesCall("tomas", "It does not ring.")->case_id();
  ana.Proposes(c, "Switch it on.");
  ben.HearsFromCustomer(c, "I did.");
  ASSERT_TRUE(Eventually([&] { return dashboard.SeesOwnership(c).status() == CASE_STATUS_OPEN; }));
  EXPECT_FALSE(dashboard.SeesOwnership(c).has_closes_at()) << "the customer waits, and is not closed out";
}

}  // namespace
}  // namespace throughline::stories
