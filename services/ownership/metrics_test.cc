// A metric that says how often something has happened is a counter, and never falls: not by what happens next, and not
// by a rebuild. (The numbers of closed cases once fell when a case was reopened.)

#include <map>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "services/ownership/testing_people.h"

namespace throughline::ownership {
namespace {

std::map<std::string, int64_t> CountersOf(Node& node) {
  std::map<std::string, int64_t> counters;
  const auto definition = Define({});
  for (const runtime::DomainCounter& counter : definition->counters) {
    counters[counter.name] = runtime::Counted(node.store(), counter.counter);
  }
  return counters;
}

class Metrics : public People {
 protected:
  void Say(intake::v1::Direction direction) {
    intake::v1::CaseEvent event;
    auto& said = *event.mutable_interaction_recorded();
    said.set_interaction_id(absl::StrCat("i", ++said_));
    said.set_direction(direction);
    world_.Write(Topic::kIntake, "case/c1", event);
  }
  // Refused or not.
  template <typename Response, typename Request>
  void Try(const std::string& method, const std::string& request, absl::Duration due = absl::ZeroDuration()) {
    auto asked = FromText<Request>("case_id: \"c1\" " + request);
    if constexpr (requires { asked.mutable_due(); }) *asked.mutable_due() = runtime::ToProto(world_.clock.Now() + due);
    Give<Response>(method, asked, "sue", ROLE_SUPERVISOR).IgnoreError();
  }
  void Propose() {
    Try<v1::ProposeResolutionResponse, v1::ProposeResolutionRequest>("ProposeResolution", "text: \"t\"");
  }
  void Confirm() {
    Try<v1::ConfirmResolutionResponse, v1::ConfirmResolutionRequest>("ConfirmResolution", "evidence: \"e\"");
  }
  void Close(const std::string& how) { Try<v1::CloseCaseResponse, v1::CloseCaseRequest>("CloseCase", how); }
  void DoSomething(std::mt19937& random) {
    switch (random() % 9) {
      case 0:
        return random() % 2 == 0 ? Propose() : Confirm();
      case 1:
        return Close("reason: \"r\" options_offered: \"o\"");
      case 2:
        return Try<v1::ReopenCaseResponse, v1::ReopenCaseRequest>("ReopenCase", "reason: \"r\"");
      case 3:
        return Try<v1::ReassignCaseResponse, v1::ReassignCaseRequest>(
            "ReassignCase", absl::StrCat("reason: \"r\" to: \"", random() % 2 == 0 ? "ana" : "ben", "\""));
      case 4:
        return Say(intake::v1::DIRECTION_INBOUND);
      case 5:
        return Try<v1::MakePromiseResponse, v1::MakePromiseRequest>("MakePromise", "text: \"call back\"",
                                                                    absl::Hours(1));
      case 6:
        return Try<v1::RequestHelpResponse, v1::RequestHelpRequest>("RequestHelp", "to: \"ben\" text: \"look at it\"",
                                                                    absl::Hours(1));
      case 7:
        Say(intake::v1::DIRECTION_OUTBOUND);
        Propose();
        Confirm();
        return Close("");
      default:
        return world_.Pass(absl::Hours(1 + random() % 3));
    }
  }

  int said_ = 0;
};

TEST_F(Metrics, NoCounterFallsWhateverHappens) {
  Meet("ana", ROLE_REP);
  std::mt19937 random(20261129);
  auto before = CountersOf(node_);
  for (int step = 0; step < 600; ++step) {
    DoSomething(random);
    auto after = CountersOf(node_);
    for (const auto& [name, value] : after) ASSERT_GE(value, before[name]) << name << " fell at step " << step;
    before = std::move(after);
  }
  for (const char* name : {"throughline_cases_closed_confirmed_total", "throughline_cases_closed_unconfirmed_total",
                           "throughline_case_reopenings_total", "throughline_handoff_ping_pongs_total",
                           "throughline_promises_broken_total", "throughline_commitments_broken_total",
                           "throughline_help_requested_total", "throughline_confirmations_taken_back_total"}) {
    EXPECT_GT(before[name], 0) << name << " was never tried";
  }
  EXPECT_EQ(CountersOf(*world_.Rebuild(Define({}))), before);
}

TEST_F(Metrics, ACounterIsNamedAsOneAndAGaugeIsNot) {
  const auto definition = Define({});
  for (const auto& counter : definition->counters) EXPECT_TRUE(absl::EndsWith(counter.name, "_total")) << counter.name;
  for (const auto& gauge : definition->gauges) {
    EXPECT_FALSE(absl::EndsWith(gauge.name, "_total")) << gauge.name;
    EXPECT_FALSE(absl::StrContains(gauge.help, "ever")) << gauge.name << " is a counter: " << gauge.help;
  }
}

}  // namespace
}  // namespace throughline::ownership
