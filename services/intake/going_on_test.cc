// Where words go when their case was closed long ago, or merged into another.

#include "libs/runtime/domain/ids.h"
#include "services/intake/domain/matter.h"
#include "services/intake/reactors/complete_openings.h"
#include "services/intake/testing_contact.h"
#include "throughline/outage/v1/component.pb.h"

namespace throughline::intake {
namespace {

// Cases that were closed long ago.
class Continued : public Contact {
 protected:
  Continued() {
    Config config;
    config.reopen_within = absl::Hours(24 * 30);
    // The fixture's node reacts by the default settings, under which nothing is continued.
    its_node_ = &world_.Add(Define(config));
    its_api_ = MakeApi(its_node_->streams(), config);
  }
  absl::StatusOr<v1::RecordInteractionResponse> Hear(const std::string& case_id, const std::string& command,
                                                     const std::string& direction = "DIRECTION_INBOUND") {
    auto request = FromText<v1::RecordInteractionRequest>("channel: CHANNEL_EMAIL text: 'It broke again.' direction: " +
                                                          direction);
    request.set_case_id(case_id);
    return Ask<v1::RecordInteractionResponse>(world_, *its_api_, "RecordInteraction", request,
                                              Asking("ana", ROLE_REP, command));
  }

  Node* its_node_ = nullptr;
  std::unique_ptr<server::Api> its_api_;
};

TEST_F(Continued, WordsOnACaseClosedLongAgoOpenOneThatContinuesIt) {
  Available("ana");
  const std::string old = Open(kLate, "ana", ROLE_REP).case_id();
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 29));
  EXPECT_EQ(Hear(old, "soon")->continued_by_case_id(), "") << "the case itself goes on";
  EXPECT_EQ(View(old).status(), ownership::v1::CASE_STATUS_OPEN) << "ownership reopens it";
  EXPECT_TRUE(Hear(old, "answer", "DIRECTION_OUTBOUND").ok());
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 31));
  const auto before = View(old);
  const auto heard = Hear(old, "late");
  ASSERT_TRUE(heard.ok()) << heard.status();
  EXPECT_EQ(heard->case_id(), old) << "the words are on record where they were said";
  EXPECT_EQ(heard->owner(), "ana");
  const std::string next = heard->continued_by_case_id();
  ASSERT_NE(next, "");
  const auto view = View(next);
  EXPECT_EQ(view.continues_case_id(), old);
  EXPECT_EQ(view.owner(), "ana");
  EXPECT_EQ(view.text(), "It broke again.");
  EXPECT_EQ(view.order_id(), "SO-1");
  EXPECT_EQ(view.channel(), v1::CHANNEL_EMAIL);
  EXPECT_EQ(View(old).inbound_interactions(), before.inbound_interactions()) << "they count in the new case";
  EXPECT_FALSE(View(old).status() == ownership::v1::CASE_STATUS_OPEN);
  // A retry finds it; later words and contacts go to the new case.
  EXPECT_EQ(Hear(old, "late")->continued_by_case_id(), next);
  const auto later = Hear(old, "later");
  EXPECT_EQ(later->case_id(), next);
  EXPECT_EQ(later->continued_by_case_id(), "");
  EXPECT_EQ(Open(kLate, "ben", ROLE_REP).case_id(), next);
  EXPECT_EQ(Cases(), 2u);
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(Cases(), 2u);
}

TEST_F(Continued, OurOwnWordsDoNotContinueACase) {
  const std::string old = Open(kLate, "ana", ROLE_REP).case_id();
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 31));
  EXPECT_EQ(Hear(old, "ours", "DIRECTION_OUTBOUND")->continued_by_case_id(), "");
  EXPECT_EQ(Cases(), 1u);
}

TEST_F(Continued, OfTwoThatSpeakAtOnceOneContinuesItAndTheOtherJoins) {
  const std::string old = Open(kLate, "ana", ROLE_REP).case_id();
  Close(old, "ana");
  world_.Pass(absl::Hours(24 * 31));
  auto request = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                             text: "Again."
                                                             direction: DIRECTION_INBOUND)pb");
  request.set_case_id(old);
  std::vector<std::shared_ptr<FakeCall>> calls;
  for (int i = 0; i < 5; ++i) {
    calls.push_back(Begin(world_, *its_api_, "RecordInteraction", request, Asking("ana", ROLE_REP, std::to_string(i))));
  }
  world_.Run();
  std::map<std::string, int> on;
  std::string next;
  for (const auto& call : calls) {
    ASSERT_TRUE(call->status && call->status->ok()) << *call->status;
    v1::RecordInteractionResponse response;
    response.ParseFromString(call->responses.at(0));
    ++on[response.case_id()];
    if (!response.continued_by_case_id().empty()) next = response.continued_by_case_id();
  }
  EXPECT_EQ(on[old], 1);
  EXPECT_EQ(on[next], 4);
  EXPECT_EQ(Cases(), 2u);
}

TEST_F(Continued, AContinuationWhoseHandlerIsGoneIsOpenedByTheReactorOrByWhoSpeaksNext) {
  for (const bool speaks : {false, true}) {
    const std::string old = Open(kWeb, "ana", ROLE_REP).case_id();
    Close(old, "ana");
    world_.Pass(absl::Hours(24 * 31));
    RecordInteraction words;
    words.request = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                                text: "Again."
                                                                direction: DIRECTION_INBOUND)pb");
    words.request.set_case_id(old);
    auto caller = Asking("ana", ROLE_REP, "gone");
    caller.time = world_.clock.Trusted();
    const std::string next = ContinuationId(old, runtime::DerivedId(caller, "interaction"));
    words.continued_by_case_id = next;
    node_.streams().Execute<Case>({Case::kKind, old}, words, caller, absl::InfiniteFuture(), [](const auto&) {});
    world_.Run();
    EXPECT_EQ(View(next).case_id(), "");
    if (speaks) {
      EXPECT_EQ(Hear(old, "next " + old)->case_id(), next);
    } else {
      world_.Pass(CompleteOpenings::kPatience + absl::Seconds(1));
    }
    EXPECT_EQ(View(next).continues_case_id(), old);
    EXPECT_EQ(View(next).owner(), "ana");
    world_.Pass(absl::Minutes(1));
    EXPECT_EQ(View(next).interaction_count(), speaks ? 1u : 0u);
  }
}

// Merges, as ownership's topic tells them.
class Merged : public ::testing::Test {
 protected:
  Merged() {
    world_.Write(Topic::kOwnership, "availability/ana", FromText<ownership::v1::AvailabilityEvent>(R"pb(
                   set { person: "ana" kind: PERSON_KIND_REP available: true })pb"));
  }
  template <typename Response>
  absl::StatusOr<Response> Give(std::string_view method, const google::protobuf::Message& request) {
    return Ask<Response>(world_, *api_, method, request, Asking("ana", ROLE_REP, std::to_string(++commands_)));
  }
  std::string Open(const std::string& request) {
    return Give<v1::OpenCaseResponse>("OpenCase", FromText<v1::OpenCaseRequest>(request))->case_id();
  }
  void Own(const std::string& case_id, const std::string& event) {
    world_.Write(Topic::kOwnership, "ownership/" + case_id, FromText<ownership::v1::OwnershipEvent>(event));
  }
  void Merge(const std::string& from, const std::string& into) {
    Own(from, "started { owner: 'ana' customer_id: 'kim' }");
    Own(from, "merged { into_case_id: '" + into + "' by: 'ana' reason: 'the same' }");
  }

  World world_;
  Node& node_ = world_.Add(Define({}));
  const std::unique_ptr<server::Api> api_ = MakeApi(node_.streams(), {});
  int commands_ = 0;
};

TEST_F(Merged, WordsAndContactsGoToTheCaseThatGoesOn) {
  const std::string older = Open(kWeb);
  const std::string middle = Open(kWeb);
  const std::string younger = Open(kLate);
  Merge(younger, middle);
  Merge(middle, older);
  v1::GetCaseRequest get;
  get.set_case_id(younger);
  const auto shown = Give<v1::GetCaseResponse>("GetCase", get);
  EXPECT_EQ(shown->case_().merged_into_case_id(), middle);
  EXPECT_EQ(shown->case_().status(), ownership::v1::CASE_STATUS_CLOSED_MERGED);
  auto words = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                           text: "Again."
                                                           direction: DIRECTION_INBOUND)pb");
  words.set_case_id(younger);
  const auto said = Give<v1::RecordInteractionResponse>("RecordInteraction", words);
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(said->case_id(), older);
  EXPECT_EQ(said->owner(), "ana");
  const auto joined = Give<v1::OpenCaseResponse>("OpenCase", FromText<v1::OpenCaseRequest>(kLate));
  EXPECT_TRUE(joined->joined());
  EXPECT_EQ(joined->case_id(), older);
  EXPECT_EQ(runtime::Counted(node_.store(), kOpenCases), 1);
}

TEST_F(Merged, ARetryStaysWhereTheWordsAre) {
  const std::string older = Open(kWeb);
  const std::string younger = Open(kLate);
  auto words = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                           text: "Again."
                                                           direction: DIRECTION_INBOUND)pb");
  words.set_case_id(younger);
  const auto caller = Asking("ana", ROLE_REP, "retry");
  const auto say = [&] {
    return Ask<v1::RecordInteractionResponse>(world_, *api_, "RecordInteraction", words, caller)->case_id();
  };
  EXPECT_EQ(say(), younger);
  Merge(younger, older);
  EXPECT_EQ(say(), younger);
  EXPECT_EQ(kCases.Get(node_.store(), older)->view().interaction_count(), 0u);
}

TEST_F(Merged, ACircleOfMergesEnds) {
  const std::string one = Open(kWeb);
  const std::string two = Open(kLate);
  Merge(one, two);
  Merge(two, one);
  auto words = FromText<v1::RecordInteractionRequest>(R"pb(channel: CHANNEL_EMAIL
                                                           text: "Again."
                                                           direction: DIRECTION_INBOUND)pb");
  words.set_case_id(one);
  EXPECT_TRUE(Give<v1::RecordInteractionResponse>("RecordInteraction", words).ok());
}

}  // namespace
}  // namespace throughline::intake
