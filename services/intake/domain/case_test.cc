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
using Record = v1::RecordInteractionRequest;

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
std::string Opened(const std::string& rest) {
  return R"pb(opened { case_id: "c1" customer_id: "kim" subject: "no heat" text: "It is cold.")pb" + rest + "}";
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

TEST(Interaction, IsKeptWordForWordWithSpeakerAndMistake) {
  const auto ana = By("ana", ROLE_REP);
  Given<Case>({kOpened})
      .When<Record>(R"pb(case_id: "c1"
                         channel: CHANNEL_PHONE
                         direction: DIRECTION_OUTBOUND
                         text: "Tomorrow, I said. "
                         company_mistake: true)pb",
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
  Given<Case>({kOpened}).When<Record>(inbound, ana).Then({recorded});
  Given<Case>({kOpened, kAgain}).When<Record>(inbound, ana).Then({recorded, raised});
  Given<Case>({kOpened, kAgain, kAgain, "repeated_contact_raised { inbound_interactions: 3 }"})
      .When<Record>(inbound, ana)
      .Then({recorded});
  // The opening of a proactive case is not an interaction of the customer.
  Given<Case>({kProactive, kAgain}).When<Record>(inbound, ana).Then({recorded});
  Given<Case>({kProactive, kAgain, kAgain}).When<Record>(inbound, ana).Then({recorded, raised});
}

TEST(Interaction, AnOutboundOneIsNotCountedAsInbound) {
  Given<Case>({kOpened, kAgain})
      .When<Record>(R"pb(case_id: "c1" channel: CHANNEL_EMAIL direction: DIRECTION_OUTBOUND text: "Done.")pb",
                    By("ana", ROLE_REP))
      .AndState([](const auto& state) {
        EXPECT_EQ(state.inbound_interactions(), 2u);
        EXPECT_FALSE(state.repeated_contact());
      });
}

TEST(Interaction, NeedsACaseAndItsFields) {
  const auto ana = By("ana", ROLE_REP);
  Given<Case>()
      .When<Record>(R"pb(case_id: "c9" channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "?")pb", ana)
      .ThenRefused(StatusCode::kNotFound, "c9");
  EXPECT_EQ(runtime::BadFieldsOf(Case::Decide({}, Record(), ana).status()),
            (std::vector<std::string>{"text", "direction", "channel"}));
  Given<Case>({kOpened})
      .When<Record>(R"pb(channel: CHANNEL_PROACTIVE direction: DIRECTION_INBOUND text: "?")pb", ana)
      .ThenRefused(StatusCode::kInvalidArgument, "PROACTIVE");
}

TEST(Link, IsMadeOncePerNotice) {
  const LinkNotice link{FromText<v1::CaseLinkedToNotice>(R"pb(notice_id: "n1" component_id: "web")pb")};
  const auto reactor = By("throughline.intake", ROLE_SERVICE);
  const std::string linked = R"pb(linked_to_notice { notice_id: "n1" component_id: "web" })pb";
  Given<Case>({kOpened}).When(link, reactor).Then({linked});
  Given<Case>({kOpened, linked}).When(link, reactor).Then({});
  Given<Case>({R"pb(opened { case_id: "c1" owner: "ana" notice_ids: "n1" })pb"}).When(link, reactor).Then({});
  Given<Case>().When(link, reactor).Then({});
}

}  // namespace
}  // namespace throughline::intake
