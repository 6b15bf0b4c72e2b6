#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using Make = v1::MakePromiseRequest;
using Keep = v1::KeepPromiseRequest;
using Renegotiate = v1::RenegotiatePromiseRequest;

const std::string kMade =
    R"pb(promise_made { promise_id: "p1" made_by: "ana" to: "kim" text: "call back" due)pb" + At(60) + "}";
const BreakPromise kBreak{FromText<v1::PromiseBroken>(R"pb(promise_id: "p1" supervisor: "sue")pb")};

runtime::Caller Timer(int64_t seconds) {
  return By("throughline.ownership", ROLE_SERVICE, "", Noon() + absl::Seconds(seconds));
}

TEST(Promise, SaysWhoPromisedWhatToWhomByWhen) {
  Given<Ownership>()
      .When(On<Make>(R"pb(text: "call back" due)pb" + At(60)), Ana())
      .Then({kStarted, R"pb(promise_made { made_by: "ana" to: "kim" text: "call back" promise_id: ")pb" +
                           runtime::DerivedId(Ana(), "promise") + "\" due " + At(60) + "}"});
}

TEST(Promise, IsMadeByTheOwnerOrASupervisorForTheFuture) {
  Given<Ownership> given({kStarted});
  given.When(On<Make>(R"pb(text: "x" due)pb" + At(60)), Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(On<Make>(R"pb(text: "x" due)pb" + At(0)), Ana()).ThenRefused(StatusCode::kInvalidArgument, "due");
  given.When(On<Make>(R"pb(text: "x")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "due");
  given.When(On<Make>(R"pb(text: " " due)pb" + At(60)), Sue()).ThenRefused(StatusCode::kInvalidArgument, "text");
  EXPECT_TRUE(Ownership::Decide(given.state(), On<Make>(R"pb(text: "x" due)pb" + At(60)), Sue()).ok());
}

TEST(Promise, ThereAreAtMostAHundred) {
  std::vector<std::string> events = {kStarted};
  for (int i = 0; i < Ownership::kMaxPromises; ++i) events.push_back(kMade);
  Given<Ownership>(events)
      .When(On<Make>(R"pb(text: "x" due)pb" + At(60)), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "100");
}

TEST(Promise, IsKeptUpToItsDueTimeByTheOwner) {
  Given<Ownership> given({kStarted, kMade});
  const auto keep = On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb");
  given.When(keep, Ana(60)).Then({R"pb(promise_kept { promise_id: "p1" by: "ana" evidence: "called" })pb"});
  given.When(keep, Ben()).ThenRefused(StatusCode::kPermissionDenied, "ana");
  given.When(On<Keep>(R"pb(promise_id: "p1")pb"), Ana()).ThenRefused(StatusCode::kInvalidArgument, "evidence");
  given.When(On<Keep>(R"pb(promise_id: "p2" evidence: "x")pb"), Ana()).ThenRefused(StatusCode::kNotFound);
}

TEST(Promise, IsBrokenAfterItsDueTimeEvenBeforeTheTimerRecordsIt) {
  Given<Ownership>({kStarted, kMade})
      .When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana(61))
      .ThenRefused(StatusCode::kFailedPrecondition, "broken");
  Given<Ownership>({kStarted, kMade})
      .When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "r" new_due)pb" + At(600)), Ana(60))
      .ThenRefused(StatusCode::kFailedPrecondition, "broken");
}

TEST(Promise, KeepingItTwiceChangesNothing) {
  Given<Ownership>({kStarted, kMade, R"pb(promise_kept { promise_id: "p1" by: "ana" evidence: "called" })pb"})
      .When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana(600))
      .Then({});
}

TEST(Promise, IsRenegotiatedBeforeItsDueTimeWithAReason) {
  Given<Ownership> given({kStarted, kMade});
  given.When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "vendor late" new_due)pb" + At(600)), Ana(59))
      .Then({R"pb(promise_renegotiated { promise_id: "p1" by: "ana" reason: "vendor late" old_due)pb" + At(60) +
             " new_due " + At(600) + "}"})
      .AndState(
          [](const auto& state) { EXPECT_EQ(state.promises(0).due().seconds(), absl::ToUnixSeconds(Noon()) + 600); });
  given.When(On<Renegotiate>(R"pb(promise_id: "p1" new_due)pb" + At(600)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "reason");
  given.When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "r" new_due)pb" + At(-1)), Ana())
      .ThenRefused(StatusCode::kInvalidArgument, "new_due");
  Given<Ownership>({kStarted, kMade, R"pb(promise_kept { promise_id: "p1" })pb"})
      .When(On<Renegotiate>(R"pb(promise_id: "p1" reason: "r" new_due)pb" + At(600)), Ana())
      .ThenRefused(StatusCode::kFailedPrecondition, "kept");
}

TEST(Promise, TheTimerBreaksItOnceAndNamesTheOwnerAndWhoStandsAbove) {
  Given<Ownership>({kStarted, kMade}).When(kBreak, Timer(59)).Then({});
  Given<Ownership>({kStarted, kMade})
      .When(kBreak, Timer(60))
      .Then({R"pb(promise_broken { promise_id: "p1" owner: "ana" supervisor: "sue" due)pb" + At(60) + "}"});
  Given<Ownership>({kStarted, kMade, R"pb(promise_broken { promise_id: "p1" })pb"}).When(kBreak, Timer(61)).Then({});
  Given<Ownership>({kStarted, kMade, R"pb(promise_kept { promise_id: "p1" })pb"}).When(kBreak, Timer(61)).Then({});
  Given<Ownership>().When(kBreak, Timer(61)).Then({});
}

TEST(Promise, ARenegotiatedOneBreaksAtItsNewTime) {
  const std::string moved =
      R"pb(promise_renegotiated { promise_id: "p1" old_due)pb" + At(60) + " new_due " + At(600) + "}";
  Given<Ownership>({kStarted, kMade, moved}).When(kBreak, Timer(60)).Then({});
  Given<Ownership>({kStarted, kMade, moved})
      .When(kBreak, Timer(600))
      .Then({R"pb(promise_broken { promise_id: "p1" owner: "ana" supervisor: "sue" due)pb" + At(600) + "}"});
}

TEST(Promise, StaysOpenWhenTheCaseIsClosedButNoNewOneCanBeMade) {
  Given<Ownership> given({kStarted, kMade, "closed { resolution_code: RESOLUTION_CODE_UNCONFIRMED }"});
  given.When(On<Keep>(R"pb(promise_id: "p1" evidence: "called")pb"), Ana()).Then({R"pb(promise_kept {
                                                                                         promise_id: "p1"
                                                                                         by: "ana"
                                                                                         evidence: "called"
                                                                                       })pb"});
  given.When(On<Make>(R"pb(text: "x" due)pb" + At(60)), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "closed");
}

}  // namespace
}  // namespace throughline::ownership
