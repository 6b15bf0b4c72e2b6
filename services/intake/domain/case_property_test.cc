// Gives random commands to one case and checks the invariants.

#include <random>
#include <set>

#include "google/protobuf/util/message_differencer.h"

#include "libs/runtime/domain/testing_given.h"
#include "services/intake/domain/case.h"

namespace throughline::intake {
namespace {

using namespace runtime::testing;  // NOLINT

class RandomCase {
 public:
  explicit RandomCase(uint32_t seed) : random_(seed) {}

  void Step() {
    const auto role = Pick(2) ? common::v1::ROLE_REP : common::v1::ROLE_SERVICE;
    runtime::Caller caller = By("p" + std::to_string(Pick(3)), role);
    caller.command_id = std::to_string(++commands_);
    by_staff_ = role == common::v1::ROLE_REP;
    const auto decision = Give(caller);
    if (!decision.ok()) return;
    for (const auto& event : *decision) Apply(event);
  }
  int events() const { return events_; }

 private:
  uint32_t Pick(uint32_t n) { return std::uniform_int_distribution<uint32_t>(0, n - 1)(random_); }

  Case::Decision Give(const runtime::Caller& caller) {
    switch (Pick(8)) {
      case 0: {
        OpenCase command{
            FromText<v1::OpenCaseRequest>(R"pb(customer_id: "kim" subject: "s" text: "t")pb"), "c1", {}, {}, {}};
        command.request.set_channel(static_cast<v1::Channel>(Pick(8)));
        if (Pick(2)) command.candidates.rep = "rep";
        if (Pick(2)) command.candidates.supervisor_on_duty = "sue";
        if (Pick(2)) command.candidates.fallback = "sam";
        if (Pick(2)) command.notice_ids = {"n0"};
        if (Pick(4) == 0) command.same_owner = "cleo";
        if (Pick(2)) command.request.set_component_id("web");
        if (Pick(2)) command.unknown_component_ids = {"web"};
        return Case::Decide(state_, command, caller);
      }
      case 1: {
        LinkNotice command;
        command.request.set_notice_id("n" + std::to_string(Pick(3)));
        return Case::Decide(state_, command, caller);
      }
      case 2: {
        MarkMistake command;
        command.request = FromText<v1::MarkMistakeRequest>(R"pb(case_id: "c1" reason: "r")pb");
        command.request.set_interaction_id(Pick(2) ? "c1" : "i1");
        command.known = Pick(2);
        return Case::Decide(state_, command, caller);
      }
      case 3: {
        RecordSplit command;
        command.request.set_new_case_id("part" + std::to_string(Pick(30)));
        return Case::Decide(state_, command, caller);
      }
      case 4: {
        AttachAlert command;
        command.request.set_alert_id("a" + std::to_string(commands_));
        return Case::Decide(state_, command, caller);
      }
      default: {
        v1::RecordInteractionRequest request = FromText<v1::RecordInteractionRequest>(R"pb(case_id: "c1" text: "t")pb");
        request.set_channel(static_cast<v1::Channel>(Pick(8)));
        request.set_direction(static_cast<v1::Direction>(Pick(3)));
        const std::string continued_by = Pick(20) == 0 ? "next" + std::to_string(commands_) : "";
        return Case::Decide(state_, RecordInteraction{request, kRepeatedContact, continued_by}, caller);
      }
    }
  }

  void Apply(const v1::CaseEvent& event) {
    const v1::CaseState before = state_;
    ASSERT_EQ(event.has_opened(), before.case_id().empty()) << "the first event, and only the first, is the opening";
    if (event.has_opened()) {
      EXPECT_FALSE(event.opened().owner().empty()) << "an opened case has an owner";
      EXPECT_NE(event.opened().assignment_reason(), v1::ASSIGNMENT_REASON_UNSPECIFIED);
      EXPECT_TRUE(event.opened().has_next_update_due()) << "the customer hears from us at a known time";
    }
    if (event.has_repeated_contact_raised()) {
      ++raised_;
      EXPECT_GE(event.repeated_contact_raised().inbound_interactions(), kRepeatedContact);
    }
    if (event.interaction_recorded().direction() == v1::DIRECTION_OUTBOUND) {
      EXPECT_TRUE(by_staff_) << "only staff speaks for us";
    }
    if (!event.interaction_recorded().continued_by_case_id().empty()) {
      EXPECT_TRUE(before.continued_by_case_id().empty()) << "one case continues it";
    }
    Case::Evolve(state_, event);
    ++events_;
    EXPECT_LE(raised_, 1);
    const std::set<std::string> distinct(state_.notice_ids().begin(), state_.notice_ids().end());
    EXPECT_EQ(distinct.size(), static_cast<size_t>(state_.notice_ids_size())) << "linked once per notice";
    const std::set<std::string> parts(state_.split_off_case_ids().begin(), state_.split_off_case_ids().end());
    EXPECT_EQ(parts.size(), static_cast<size_t>(state_.split_off_case_ids_size())) << "each part once";
    if (raised_ == 0 && !event.has_interaction_recorded()) {
      EXPECT_LT(state_.inbound_interactions(), kRepeatedContact) << "repeated contact was due but not raised";
    }
  }

  std::mt19937 random_;
  int commands_ = 0;
  bool by_staff_ = false;
  int events_ = 0;
  int raised_ = 0;
  v1::CaseState state_;
};

TEST(CaseProperty, InvariantsHoldUnderRandomCommands) {
  int events = 0;
  for (uint32_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomCase random(seed);
    for (int i = 0; i < 60; ++i) random.Step();
    events += random.events();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(events, 5000) << "too few accepted commands to test anything";
}

}  // namespace
}  // namespace throughline::intake
