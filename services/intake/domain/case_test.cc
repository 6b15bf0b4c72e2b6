#include "services/intake/domain/case.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"

namespace throughline::intake {
namespace {

using namespace runtime::testing;  // NOLINT
using absl::StatusCode;
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;

constexpr char kRequest[] = R"pb(customer_id: "kim" subject: "no heat" text: "It is cold." channel: CHANNEL_PHONE)pb";
constexpr char kOpened[] =
    R"pb(opened { case_id: "c1" customer_id: "kim" owner: "ana" channel: CHANNEL_PHONE component_id: "web" })pb";
constexpr char kProactive[] =
    R"pb(opened { case_id: "c1" customer_id: "kim" owner: "ana" channel: CHANNEL_PROACTIVE })pb";
constexpr char kAgain[] = R"pb(interaction_recorded {
                                 interaction_id: "k"
                                 channel: CHANNEL_PHONE
                                 direction: DIRECTION_INBOUND
                                 text: "?"
                                 by: "ana"
                               })pb";

OpenCase Open(const std::string& request, Candidates candidates = {}) {
  return {FromText<v1::OpenCaseRequest>(request), "c1", std::move(candidates), absl::OkStatus(), {}};
}
// The opening of Open's case; noon and 24 hours.
std::string Opened(const std::string& rest) {
  return R"pb(opened { case_id: "c1" customer_id: "kim" subject: "no heat" text: "It is cold."
                       next_update_due { seconds: 1772452800 })pb" +
         rest + "}";
}
RecordInteraction Say(const std::string& request, uint32_t repeated_contact = 3, const std::string& continued_by = "") {
  return {FromText<v1::RecordInteractionRequest>(request), repeated_contact, continued_by};
}

TEST(Opening, WhoeverTakesTheInteractionOwnsTheCaseFromItsFirstEvent) {
  OpenCase command = Open(kRequest, {.rep = "ben", .supervisor_on_duty = "sue", .fallback = "sam"});
  command.notice_ids = {"n1", "n2"};
  Given<Case>()
      .When(command, By("ana", ROLE_REP))
      .Then({Opened(
          R"pb(channel: CHANNEL_PHONE
               owner: "ana"
               assignment_reason: ASSIGNMENT_REASON_TOOK_INTERACTION
               notice_ids: "n1"
               notice_ids: "n2"
               opened_by: "ana")pb")});
  Given<Case>()
      .When(Open(kRequest), By("sue", ROLE_SUPERVISOR))
      .Then({Opened(R"pb(channel: CHANNEL_PHONE
                         owner: "sue"
                         assignment_reason: ASSIGNMENT_REASON_TOOK_INTERACTION
                         opened_by: "sue")pb")});
}

TEST(Opening, ACaseThatNobodyTookGoesToARepElseASupervisorElseTheConfiguredPerson) {
  const std::string web = R"pb(customer_id: "kim" subject: "no heat" text: "It is cold." channel: CHANNEL_WEB)pb";
  const auto shop = By("shop", ROLE_SERVICE);
  const auto named = [&](const Candidates& candidates, const std::string& rest) {
    Given<Case>().When(Open(web, candidates), shop).Then({Opened("channel: CHANNEL_WEB opened_by: \"shop\" " + rest)});
  };
  named({.rep = "ben", .supervisor_on_duty = "sue", .fallback = "sam"},
        R"pb(owner: "ben" assignment_reason: ASSIGNMENT_REASON_LEAST_LOAD)pb");
  named({.supervisor_on_duty = "sue", .fallback = "sam"},
        R"pb(owner: "sue" assignment_reason: ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY)pb");
  named({.fallback = "sam"}, R"pb(owner: "sam" assignment_reason: ASSIGNMENT_REASON_FALLBACK)pb");
  Given<Case>().When(Open(web), shop).ThenRefused(StatusCode::kFailedPrecondition, "nobody can own");
}

TEST(Opening, TheCallerDoesNotOwnAProactiveCase) {
  const auto owner = Case::FirstOwnerOf(v1::CHANNEL_PROACTIVE, {.rep = "ben"}, By("ana", ROLE_REP));
  EXPECT_EQ(owner->person, "ben");
  EXPECT_EQ(owner->reason, v1::ASSIGNMENT_REASON_LEAST_LOAD);
}

TEST(Opening, AnOpenCaseIsNotOpenedAgain) {
  Given<Case>({kProactive}).When(Open(kRequest, {.rep = "ben"}), By("throughline.intake", ROLE_SERVICE)).Then({});
}

TEST(Opening, NamesEveryFieldThatIsMissing) {
  const auto refused = Case::Decide({}, Open("order_id: \"\""), By("ana", ROLE_REP));
  EXPECT_EQ(runtime::BadFieldsOf(refused.status()),
            (std::vector<std::string>{"customer_id", "subject", "text", "order_id", "channel"}));
}

constexpr char kDigest[] = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08";

TEST(Opening, RecordsLanguageComponentsAttachmentsAndTheNextUpdate) {
  OpenCase command =
      Open(std::string(kRequest) + " " +
           R"pb(language: "pt-BR"
                component_id: "web"
                further_component_ids: "app"
                skills: "heating"
                attachments { name: "f" media_type: "image/png" size_bytes: 9 location: "https://x/f" sha256: ")pb" +
           kDigest + "\" }");
  command.unknown_component_ids = {"app"};
  command.next_update_within = absl::Hours(2);
  const std::string recorded =
      R"pb(opened {
             case_id: "c1"
             customer_id: "kim"
             subject: "no heat"
             text: "It is cold."
             channel: CHANNEL_PHONE
             owner: "ana"
             assignment_reason: ASSIGNMENT_REASON_TOOK_INTERACTION
             opened_by: "ana"
             language: "pt-BR"
             component_id: "web"
             further_component_ids: "app"
             unknown_component_ids: "app"
             skills: "heating"
             next_update_due { seconds: 1772373600 }
             attachments {
               name: "f"
               media_type: "image/png"
               size_bytes: 9
               location: "https://x/f"
               sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
             }
           })pb";
  Given<Case>().When(command, By("ana", ROLE_REP)).Then({recorded});
  command.request.mutable_next_update_due()->set_seconds(1772366401);
  const auto opening = Case::OpeningOf(command, By("ana", ROLE_REP));
  ASSERT_TRUE(opening.ok()) << opening.status();
  EXPECT_EQ(opening->next_update_due().seconds(), 1772366401) << "as the opening says";
}

TEST(Opening, NamesEveryFieldThatIsWrong) {
  const auto bad = [](const std::string& more) {
    return runtime::BadFieldsOf(
        Case::Decide({}, Open(std::string(kRequest) + " " + more), By("ana", ROLE_REP)).status());
  };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(bad(R"pb(attachments {})pb"), (Fields{"attachments[0].name", "attachments[0].media_type",
                                                  "attachments[0].sha256", "attachments[0].location"}));
  const std::string file = R"pb(attachments { name: "f" media_type: "a/b" location: "x" sha256: ")pb";
  EXPECT_EQ(bad(file + kDigest + "\" }"), Fields{});
  EXPECT_EQ(bad(file + std::string(kDigest).substr(1) + "\" }"), Fields{"attachments[0].sha256"});
  EXPECT_EQ(bad(file + "g" + std::string(kDigest).substr(1) + "\" }"), Fields{"attachments[0].sha256"});
  EXPECT_EQ(bad(R"pb(further_component_ids: "app")pb"), Fields{"further_component_ids"});
  EXPECT_EQ(bad(R"pb(component_id: "web"
                     further_component_ids: [ "app", "web", "app", "" ])pb"),
            (Fields{"further_component_ids[1]", "further_component_ids[2]", "further_component_ids[3]"}));
  EXPECT_EQ(bad(R"pb(skills: "")pb"), Fields{"skills[0]"});
  EXPECT_EQ(bad(R"pb(next_update_due { seconds: 1772366400 })pb"), Fields{"next_update_due"}) << "now is not ahead";
  for (const char* tag : {"de", "pt-BR", "zh-Hant-TW", "de-1996"}) {
    EXPECT_EQ(bad(std::string("language: '") + tag + "'"), Fields{}) << tag;
  }
  for (const char* tag : {"d", "1de", "de-", "de--x", "deutsches-x", "de_DE", "de-äb"}) {
    EXPECT_EQ(bad(std::string("language: '") + tag + "'"), Fields{"language"}) << tag;
  }
}

TEST(Opening, TheOwnerOfTheCaseBeforeGoesFirst) {
  OpenCase command = Open(kRequest, {.rep = "ben", .supervisor_on_duty = "sue", .fallback = "sam"});
  command.same_owner = "cleo";
  command.continues_case_id = "c0";
  Given<Case>().When(command, By("ana", ROLE_REP)).Then({Opened(R"pb(channel: CHANNEL_PHONE
                                                                     owner: "cleo"
                                                                     assignment_reason: ASSIGNMENT_REASON_SAME_OWNER
                                                                     continues_case_id: "c0"
                                                                     opened_by: "ana")pb")});
}

TEST(Opening, AReservedOneIsOpenedAsItWasReservedWhoeverDoesIt) {
  OpenCase command;
  command.case_id = "c1";
  command.reserved = FromText<v1::CaseEvent>(kOpened).opened();
  Given<Case>().When(command, By("throughline.intake", ROLE_SERVICE)).Then({kOpened});
  Given<Case>({kOpened}).When(command, By("throughline.intake", ROLE_SERVICE)).Then({});
}

TEST(Interaction, IsKeptWordForWordWithSpeakerAndMistake) {
  const auto ana = By("ana", ROLE_REP);
  Given<Case>({kOpened})
      .When(Say(R"pb(case_id: "c1"
                     channel: CHANNEL_PHONE
                     direction: DIRECTION_OUTBOUND
                     text: "Tomorrow, I said. "
                     company_mistake: true)pb"),
            ana)
      .Then({R"pb(interaction_recorded { channel: CHANNEL_PHONE direction: DIRECTION_OUTBOUND text: "Tomorrow, I said. "
                                         by: "ana"
                                         company_mistake: true
                                         interaction_id: ")pb" +
             runtime::DerivedId(ana, "interaction") + "\" }"});
}

TEST(Interaction, TheThirdInboundOneRaisesRepeatedContactOnce) {
  const std::string inbound = R"pb(case_id: "c1" channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "?")pb";
  const auto ana = By("ana", ROLE_REP);
  const std::string id = runtime::DerivedId(ana, "interaction");
  const std::string recorded =
      R"pb(interaction_recorded { channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "?" by: "ana"
                                  interaction_id: ")pb" +
      id + "\" }";
  const std::string raised = R"pb(repeated_contact_raised { inbound_interactions: 3 interaction_id: ")pb" + id + "\" }";
  Given<Case>({kOpened}).When(Say(inbound), ana).Then({recorded});
  Given<Case>({kOpened, kAgain}).When(Say(inbound), ana).Then({recorded, raised});
  Given<Case>({kOpened, kAgain, kAgain, "repeated_contact_raised { inbound_interactions: 3 }"})
      .When(Say(inbound), ana)
      .Then({recorded});
  // The opening of a proactive case is not an interaction of the customer.
  Given<Case>({kProactive, kAgain}).When(Say(inbound), ana).Then({recorded});
  Given<Case>({kProactive, kAgain, kAgain}).When(Say(inbound), ana).Then({recorded, raised});
}

TEST(Interaction, AnOutboundOneIsNotCountedAsInbound) {
  Given<Case>({kOpened, kAgain})
      .When(Say(R"pb(case_id: "c1" channel: CHANNEL_EMAIL direction: DIRECTION_OUTBOUND text: "Done.")pb"),
            By("ana", ROLE_REP))
      .AndState([](const auto& state) {
        EXPECT_EQ(state.inbound_interactions(), 2u);
        EXPECT_FALSE(state.repeated_contact());
      });
}

TEST(Interaction, NeedsACaseAndItsFields) {
  const auto ana = By("ana", ROLE_REP);
  Given<Case>()
      .When(Say(R"pb(case_id: "c9" channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "?")pb"), ana)
      .ThenRefused(StatusCode::kNotFound, "c9");
  EXPECT_EQ(runtime::BadFieldsOf(Case::Decide({}, RecordInteraction(), ana).status()),
            (std::vector<std::string>{"text", "direction", "channel"}));
  Given<Case>({kOpened})
      .When(Say(R"pb(channel: CHANNEL_PROACTIVE direction: DIRECTION_INBOUND text: "?")pb"), ana)
      .ThenRefused(StatusCode::kInvalidArgument, "PROACTIVE");
}

TEST(Interaction, RecordsSpeakerTimeNextUpdateAndAttachments) {
  const auto ana = By("ana", ROLE_REP);
  Given<Case>({kOpened})
      .When(Say(R"pb(case_id: "c1"
                     channel: CHANNEL_PARTNER
                     direction: DIRECTION_OUTBOUND
                     text: "Monday."
                     speaker: "Mr Lee"
                     said_at { seconds: 1772366400 }
                     next_update_due { seconds: 1772366401 }
                     attachments { name: "f" media_type: "a/b" location: "x" sha256: ")pb" +
                std::string(kDigest) + "\" }"),
            ana)
      .Then({R"pb(interaction_recorded { channel: CHANNEL_PARTNER direction: DIRECTION_OUTBOUND text: "Monday."
                                         by: "ana"
                                         speaker: "Mr Lee"
                                         said_at { seconds: 1772366400 }
                                         next_update_due { seconds: 1772366401 }
                                         attachments {
                                           name: "f"
                                           media_type: "a/b"
                                           location: "x"
                                           sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                                         }
                                         interaction_id: ")pb" +
             runtime::DerivedId(ana, "interaction") + "\" }"});
}

TEST(Interaction, TimesAreCheckedAgainstNow) {
  const auto bad = [](const std::string& more) {
    const std::string request = R"pb(case_id: "c1" channel: CHANNEL_PHONE text: "?")pb";
    return runtime::BadFieldsOf(Case::Decide({}, Say(request + more), By("ana", ROLE_REP)).status());
  };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(bad("direction: DIRECTION_INBOUND said_at { seconds: 1772366401 }"), Fields{"said_at"});
  EXPECT_EQ(bad("direction: DIRECTION_INBOUND next_update_due { seconds: 1772366401 }"), Fields{"next_update_due"});
  EXPECT_EQ(bad("direction: DIRECTION_OUTBOUND next_update_due { seconds: 1772366400 }"), Fields{"next_update_due"});
}

TEST(Interaction, OnlyStaffSpeaksForUs) {
  const std::string outbound = R"pb(case_id: "c1" channel: CHANNEL_EMAIL direction: DIRECTION_OUTBOUND text: "Hi")pb";
  const std::string inbound = R"pb(case_id: "c1" channel: CHANNEL_EMAIL direction: DIRECTION_INBOUND text: "Hi")pb";
  const auto shop = By("shop", ROLE_SERVICE);
  Given<Case>({kOpened}).When(Say(outbound), shop).ThenRefused(StatusCode::kPermissionDenied, "rep or a supervisor");
  EXPECT_EQ(runtime::ReasonOf(Case::Decide({}, Say(outbound), shop).status()), "STAFF_ONLY");
  for (const auto& who : {By("ana", ROLE_REP), By("sue", ROLE_SUPERVISOR)}) {
    EXPECT_TRUE(Case::Decide(Given<Case>({kOpened}).state(), Say(outbound), who).ok()) << who.id;
  }
  EXPECT_TRUE(Case::Decide(Given<Case>({kOpened}).state(), Say(inbound), shop).ok()) << "the customer's words";
}

TEST(Interaction, RepeatedContactIsRaisedAtTheConfiguredCount) {
  const std::string inbound = R"pb(case_id: "c1" channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "?")pb";
  const auto raised = [&](const std::vector<std::string>& before, uint32_t count) {
    const auto events = Case::Decide(Given<Case>(before).state(), Say(inbound, count), By("ana", ROLE_REP));
    return events.ok() && events->back().has_repeated_contact_raised();
  };
  EXPECT_TRUE(raised({kOpened}, 2));
  EXPECT_FALSE(raised({kOpened, kAgain}, 4));
  EXPECT_TRUE(raised({kOpened, kAgain, kAgain}, 4));
  // A lower count than before is reached by the customer's next words, not by ours.
  EXPECT_TRUE(raised({kOpened, kAgain, kAgain}, 2));
  const auto ours =
      Case::Decide(Given<Case>({kOpened, kAgain, kAgain}).state(),
                   Say(R"pb(case_id: "c1" channel: CHANNEL_PHONE direction: DIRECTION_OUTBOUND text: "?")pb", 2),
                   By("ana", ROLE_REP));
  EXPECT_EQ(ours->size(), 1u);
}

TEST(Interaction, AClosedCaseIsContinuedByOneCaseOnly) {
  const std::string inbound = R"pb(case_id: "c1" channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "?")pb";
  const auto ana = By("ana", ROLE_REP);
  const std::string recorded =
      R"pb(interaction_recorded { channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "?" by: "ana"
                                  continued_by_case_id: "c2"
                                  interaction_id: ")pb" +
      runtime::DerivedId(ana, "interaction") + "\" }";
  // The words count in the new case.
  Given<Case>({kOpened, kAgain}).When(Say(inbound, 3, "c2"), ana).Then({recorded}).AndState([](const auto& state) {
    EXPECT_EQ(state.inbound_interactions(), 2u);
    EXPECT_EQ(state.continued_by_case_id(), "c2");
  });
  const auto second = Case::Decide(Given<Case>({kOpened, recorded}).state(), Say(inbound, 3, "c3"), ana).status();
  EXPECT_EQ(runtime::ReasonOf(second), "CASE_CONTINUED");
  EXPECT_EQ(runtime::MetadataOf(second, "case_id"), "c2");
  EXPECT_NE(ContinuationId("c1", "i1"), ContinuationId("c1", "i2"));
  EXPECT_EQ(ContinuationId("c1", "i1"), ContinuationId("c1", "i1"));
}

TEST(Mistake, IsMarkedOnAnInteractionOrTheOpening) {
  MarkMistake mark{FromText<v1::MarkMistakeRequest>(R"pb(case_id: "c1" interaction_id: "k" reason: "wrong day")pb"),
                   true};
  const auto ana = By("ana", ROLE_REP);
  Given<Case>({kOpened, kAgain}).When(mark, ana).Then({R"pb(interaction_marked_as_mistake {
                                                              interaction_id: "k"
                                                              by: "ana"
                                                              reason: "wrong day"
                                                            })pb"});
  mark.known = false;
  const auto refused = Case::Decide(Given<Case>({kOpened}).state(), mark, ana).status();
  EXPECT_EQ(runtime::ReasonOf(refused), "INTERACTION_UNKNOWN");
  mark.request.set_interaction_id("c1");
  Given<Case>({kOpened}).When(mark, ana).Then(
      {R"pb(interaction_marked_as_mistake { interaction_id: "c1" by: "ana" reason: "wrong day" })pb"});
  Given<Case>().When(mark, ana).ThenRefused(StatusCode::kNotFound, "c1");
  EXPECT_EQ(runtime::BadFieldsOf(Case::Decide({}, MarkMistake(), ana).status()),
            (std::vector<std::string>{"case_id", "interaction_id", "reason"}));
}

TEST(Split, IsRecordedOncePerNewCase) {
  const RecordSplit split{FromText<v1::CaseSplit>(R"pb(new_case_id: "c2" by: "ana" reason: "two things")pb")};
  const auto ana = By("ana", ROLE_REP);
  const std::string event = R"pb(split { new_case_id: "c2" by: "ana" reason: "two things" })pb";
  Given<Case>({kOpened}).When(split, ana).Then({event});
  Given<Case>({kOpened, event}).When(split, ana).Then({});
  Given<Case>().When(split, ana).Then({});
}

TEST(Alert, IsAttachedToACaseThatExists) {
  const AttachAlert alert{FromText<v1::AlertAttached>(R"pb(text: "late" origin: "o" alert_id: "a1")pb")};
  const auto reactor = By("throughline.intake", ROLE_SERVICE);
  Given<Case>({kOpened})
      .When(alert, reactor)
      .Then({R"pb(alert_attached { text: "late" origin: "o" alert_id: "a1" })pb"});
  Given<Case>().When(alert, reactor).Then({});
}

TEST(Link, IsMadeOncePerNotice) {
  const LinkNotice link{FromText<v1::CaseLinkedToNotice>(R"pb(notice_id: "n1" component_id: "web")pb")};
  const auto reactor = By("throughline.intake", ROLE_SERVICE);
  const std::string linked = R"pb(linked_to_notice { notice_id: "n1" component_id: "web" customer_id: "kim" })pb";
  Given<Case>({kOpened}).When(link, reactor).Then({linked});
  Given<Case>({kOpened, linked}).When(link, reactor).Then({});
  Given<Case>({R"pb(opened { case_id: "c1" owner: "ana" notice_ids: "n1" })pb"}).When(link, reactor).Then({});
  Given<Case>().When(link, reactor).Then({});
}

}  // namespace
}  // namespace throughline::intake
