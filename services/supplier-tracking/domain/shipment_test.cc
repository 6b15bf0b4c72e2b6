#include "services/supplier-tracking/domain/shipment.h"

#include <algorithm>
#include <numeric>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/fingerprint.h"

namespace throughline::supplier {
namespace {

using common::v1::ROLE_PARTNER;
using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kUps = By("ups", ROLE_PARTNER, "ups");
constexpr int64_t kNoon = 1772366400;

std::string Id(char c) { return std::string(32, c); }

RecordStatus Scan(char id, v1::TrackingState state, int64_t instant, const std::string& text = "") {
  RecordStatus command;
  command.request.set_fingerprint(Id(id));
  command.request.set_state(state);
  command.request.set_text(text);
  command.request.mutable_time()->mutable_instant()->set_seconds(instant);
  return command;
}

RecordStatus Correction(char id, v1::TrackingState state, int64_t instant, char of) {
  RecordStatus command = Scan(id, state, instant);
  command.request.set_correction_of(Id(of));
  return command;
}

// The state after these commands.
template <typename... Commands>
v1::ShipmentState After(const Commands&... commands) {
  v1::ShipmentState state;
  const auto apply = [&](const auto& command) {
    const Shipment::Decision decision = Shipment::Decide(state, command, kUps);
    ASSERT_TRUE(decision.ok()) << decision.status();
    for (const auto& event : *decision) Shipment::Evolve(state, event);
  };
  (apply(commands), ...);
  return state;
}

AnnounceShipment Announced(const std::string& order, uint64_t version, bool last_leg, bool return_leg = false) {
  AnnounceShipment command;
  command.request.set_order_id(order);
  command.request.set_leg(1);
  command.request.set_last_leg(last_leg);
  command.request.set_return_leg(return_leg);
  command.request.set_order_version(version);
  return command;
}

TEST(Shipment, StartsWithAScanOrAnAnnouncement) {
  const auto scan = Scan('a', v1::TRACKING_STATE_PICKED_UP, kNoon - 60);
  EXPECT_EQ(After(scan, Announced("SO-1", 2, true)).SerializeAsString(),
            After(Announced("SO-1", 2, true), scan).SerializeAsString());
}

TEST(Shipment, TheLatestInstantDecidesInAnyOrder) {
  const auto state = After(Scan('a', v1::TRACKING_STATE_OUT_FOR_DELIVERY, kNoon - 60),
                           Scan('b', v1::TRACKING_STATE_IN_TRANSIT, kNoon - 3600));
  EXPECT_EQ(state.state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(state.state_since().seconds(), kNoon - 60);
}

TEST(Shipment, OfEqualInstantsTheStateFurtherOnTheWayDecides) {
  const auto out = Scan('a', v1::TRACKING_STATE_OUT_FOR_DELIVERY, kNoon);
  const auto transit = Scan('b', v1::TRACKING_STATE_IN_TRANSIT, kNoon);
  EXPECT_EQ(After(out, transit).state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
  EXPECT_EQ(After(transit, out).state(), v1::TRACKING_STATE_OUT_FOR_DELIVERY);
}

TEST(Shipment, DeliveredDoesNotRegress) {
  EXPECT_EQ(After(Scan('a', v1::TRACKING_STATE_DELIVERED, kNoon - 60), Scan('b', v1::TRACKING_STATE_IN_TRANSIT, kNoon))
                .state(),
            v1::TRACKING_STATE_DELIVERED);
}

TEST(Shipment, OnlyACorrectionThatNamesItUndoesADeliveryInAnyOrder) {
  const auto delivered = Scan('a', v1::TRACKING_STATE_DELIVERED, kNoon - 60);
  const auto correction = Correction('b', v1::TRACKING_STATE_ATTEMPTED, kNoon, 'a');
  EXPECT_EQ(After(delivered, correction).state(), v1::TRACKING_STATE_ATTEMPTED);
  EXPECT_EQ(After(correction, delivered).SerializeAsString(), After(delivered, correction).SerializeAsString());
}

TEST(Shipment, ACorrectionOfAnotherEventDoesNotUndoADelivery) {
  EXPECT_EQ(After(Scan('a', v1::TRACKING_STATE_DELIVERED, kNoon - 60),
                  Correction('b', v1::TRACKING_STATE_ATTEMPTED, kNoon, 'c'))
                .state(),
            v1::TRACKING_STATE_DELIVERED);
}

TEST(Shipment, ADeliveryOnAReturnLegIsAReturn) {
  const auto delivered = Scan('a', v1::TRACKING_STATE_DELIVERED, kNoon);
  EXPECT_EQ(After(Announced("SO-1", 2, false, true), delivered).state(), v1::TRACKING_STATE_RETURNED);
  EXPECT_EQ(After(delivered, Announced("SO-1", 2, false, true)).state(), v1::TRACKING_STATE_RETURNED);
  EXPECT_EQ(After(delivered, Scan('b', v1::TRACKING_STATE_RETURNING, kNoon - 60)).state(), v1::TRACKING_STATE_RETURNED);
}

TEST(Shipment, ARepeatedScanChangesNothing) {
  const auto scan = Scan('a', v1::TRACKING_STATE_IN_TRANSIT, kNoon, "Arrived");
  const auto again = Shipment::Decide(After(scan), scan, kUps);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->empty());
}

TEST(Shipment, AnotherTextIsAnAmendment) {
  const auto decision = Shipment::Decide(After(Scan('a', v1::TRACKING_STATE_IN_TRANSIT, kNoon, "Arrived")),
                                         Scan('a', v1::TRACKING_STATE_IN_TRANSIT, kNoon, "Arrived at hub"), kUps);
  ASSERT_TRUE(decision.ok());
  ASSERT_EQ(decision->size(), 1u);
  EXPECT_EQ((*decision)[0].status_amended().text(), "Arrived at hub");
}

TEST(Shipment, AnEtaNeverChangesTheStateAndTheLatestStatementHolds) {
  auto early = Scan('a', v1::TRACKING_STATE_PICKED_UP, kNoon - 7200);
  early.eta.mutable_latest()->set_seconds(kNoon + 1000);
  early.eta_stated_at = early.request.time().instant();
  auto late = Scan('b', v1::TRACKING_STATE_IN_TRANSIT, kNoon - 3600);
  late.eta.mutable_latest()->set_seconds(kNoon + 5000);
  late.eta_stated_at = late.request.time().instant();
  const auto state = After(late, early);
  EXPECT_EQ(state.state(), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(state.eta().latest().seconds(), kNoon + 5000);
  EXPECT_EQ(state.SerializeAsString(), After(early, late).SerializeAsString());
}

TEST(Shipment, AContradictionIsFlaggedAndDoesNotWin) {
  RecordConflict conflict;
  conflict.request.set_fingerprint(Id('c'));
  conflict.request.set_code_state(v1::TRACKING_STATE_ANNOUNCED);
  conflict.request.set_other_state(v1::TRACKING_STATE_DELIVERED);
  conflict.request.mutable_time()->mutable_instant()->set_seconds(kNoon);
  const auto state = After(Scan('a', v1::TRACKING_STATE_IN_TRANSIT, kNoon - 60), conflict);
  EXPECT_EQ(state.state(), v1::TRACKING_STATE_IN_TRANSIT);
  ASSERT_EQ(state.flags_size(), 1);
  EXPECT_EQ(state.flags(0), v1::TRACKING_FLAG_CONFLICTING);
}

TEST(Shipment, AnUnmappedReportIsQuarantinedUntilItHasAMeaning) {
  QuarantineStatus unknown;
  unknown.request.set_fingerprint(Id('q'));
  const auto waiting = After(Scan('a', v1::TRACKING_STATE_IN_TRANSIT, kNoon - 60), unknown);
  EXPECT_EQ(waiting.state(), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(waiting.quarantined_size(), 1);
  const auto decision = Shipment::Decide(waiting, Scan('q', v1::TRACKING_STATE_DELIVERED, kNoon), kUps);
  ASSERT_TRUE(decision.ok());
  EXPECT_TRUE((*decision)[0].status_recorded().from_quarantine());
  EXPECT_EQ(After(unknown, Scan('q', v1::TRACKING_STATE_DELIVERED, kNoon)).quarantined_size(), 0);
}

// Told with more of its place, a scan without an offset has another instant; told with a place that refutes its offset,
// it is uncertain. Whichever telling came first, the result is the same.
TEST(Shipment, TheBestTellingOfATimeHoldsInAnyOrder) {
  const auto told = [](int64_t instant, v1::OffsetSource source, bool uncertain, const std::string& city) {
    RecordStatus command = Scan('a', v1::TRACKING_STATE_DELIVERED, instant);
    command.request.mutable_time()->set_offset_source(source);
    command.request.mutable_time()->set_uncertain(uncertain);
    if (uncertain) command.request.add_flags(v1::TRACKING_FLAG_TIME_UNCERTAIN);
    command.request.mutable_place()->set_city(city);
    return command;
  };
  const RecordStatus other = Scan('b', v1::TRACKING_STATE_OUT_FOR_DELIVERY, kNoon + 1800);
  const auto check = [&](const RecordStatus& better, const std::vector<RecordStatus>& worse) {
    std::vector<RecordStatus> all = worse;
    all.push_back(better);
    all.push_back(other);
    std::vector<size_t> order(all.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::string bytes;
    do {
      v1::ShipmentState state;
      for (const size_t i : order) {
        const auto decision = Shipment::Decide(state, all[i], kUps);
        ASSERT_TRUE(decision.ok()) << decision.status();
        for (const auto& event : *decision) Shipment::Evolve(state, event);
        EXPECT_TRUE(Shipment::Decide(state, all[i], kUps)->empty()) << "told again";
      }
      ASSERT_EQ(state.scans_size(), 2);
      const auto& scan = state.scans(state.scans(0).state() == v1::TRACKING_STATE_DELIVERED ? 0 : 1);
      EXPECT_EQ(scan.instant(), absl::ToUnixMicros(runtime::FromProto(better.request.time().instant())));
      EXPECT_EQ(scan.flags() != 0, better.request.time().uncertain());
      EXPECT_LE(state.scans(0).instant(), state.scans(1).instant());
      if (bytes.empty()) bytes = state.SerializeAsString();
      EXPECT_EQ(state.SerializeAsString(), bytes);
    } while (std::next_permutation(order.begin(), order.end()));
  };
  const RecordStatus nowhere = told(kNoon, v1::OFFSET_SOURCE_ASSUMED, true, ""),
                     perhaps = told(kNoon + 3600, v1::OFFSET_SOURCE_PLACE, true, "Louisville"),
                     surely = told(kNoon + 7200, v1::OFFSET_SOURCE_PLACE, false, "Chicago"),
                     explicitly = told(kNoon, v1::OFFSET_SOURCE_EXPLICIT, false, ""),
                     refuted = told(kNoon, v1::OFFSET_SOURCE_EXPLICIT, true, "Chicago");
  check(surely, {nowhere, perhaps});
  check(perhaps, {nowhere});
  check(refuted, {explicitly});
}

// The same code at the same moment: the text tells later that it went to the sender.
TEST(Shipment, AScanThatOneTellingCallsAReturnIsAReturn) {
  const auto delivered = Scan('a', v1::TRACKING_STATE_DELIVERED, kNoon, "Delivered"),
             returned = Scan('a', v1::TRACKING_STATE_RETURNED, kNoon, "Delivered, To Original Sender");
  const auto one = After(delivered, returned, delivered), other = After(returned, delivered);
  EXPECT_EQ(one.state(), v1::TRACKING_STATE_RETURNED);
  EXPECT_EQ(one.SerializeAsString(), other.SerializeAsString());
}

// A body that does not fit into one record: its parts come in any order, and before the message.
TEST(Shipment, ALongMessageIsQuarantinedOnceAllItsPartsAreThere) {
  const auto part = [](char id, uint64_t offset) {
    RecordQuarantinePart command;
    command.request.set_fingerprint(Id(id));
    command.request.set_raw_offset(offset);
    command.request.set_raw("1234");
    return command;
  };
  QuarantineStatus message;
  message.request.set_fingerprint(Id('q'));
  message.request.set_raw("1234");
  message.request.set_raw_size(10);
  const auto incomplete = After(part('q', 8), part('p', 4));
  EXPECT_EQ(incomplete.quarantine_parts_size(), 2);
  EXPECT_EQ(runtime::ReasonOf(Shipment::Decide(incomplete, message, kUps).status()).value_or(""),
            "QUARANTINE_INCOMPLETE");
  const auto whole = After(part('q', 8), part('p', 4), part('q', 4), part('q', 4), message);
  EXPECT_EQ(whole.quarantined_size(), 1);
  EXPECT_EQ(whole.quarantine_parts_size(), 1) << "that of the other message";
  EXPECT_TRUE(Shipment::Decide(whole, part('q', 4), kUps)->empty());
  auto more = part('q', 4);
  more.limits.parts = 2;
  EXPECT_EQ(runtime::ReasonOf(Shipment::Decide(incomplete, more, kUps).status()).value_or(""), "TOO_MANY_SCANS");
  EXPECT_EQ(After(part('p', 4)).state(), v1::TRACKING_STATE_UNSPECIFIED);
}

TEST(Shipment, BelongsToTheOrderThatAnnouncedItFirst) {
  Given<Shipment> given({R"(announced { order_id: "SO-1" order_version: 2 })"});
  given.When(Announced("SO-2", 9, true), kUps).ThenRefused(absl::StatusCode::kFailedPrecondition, "SO-1");
  given.When(Announced("SO-1", 2, true), kUps).Then({});
  given.When(Announced("SO-1", 3, false), kUps).AndState([](const auto& state) {
    EXPECT_EQ(state.order_version(), 3u);
  });
}

TEST(Shipment, RefusesScansDaysAheadAndMoreThanItsLimits) {
  EXPECT_EQ(Shipment::Decide({}, Scan('a', v1::TRACKING_STATE_DELIVERED, kNoon + 3 * 86400), kUps).status().code(),
            absl::StatusCode::kInvalidArgument);
  auto second = Scan('b', v1::TRACKING_STATE_IN_TRANSIT, kNoon);
  second.limits.scans = 1;
  const auto full = Shipment::Decide(After(Scan('a', v1::TRACKING_STATE_PICKED_UP, kNoon)), second, kUps).status();
  EXPECT_EQ(runtime::ReasonOf(full), "TOO_MANY_SCANS") << full;
}

// An offset that follows from the place must not make another scan once the place is known.
TEST(Shipment, TheFingerprintOfATimeWithoutOffsetIsItsLocalTime) {
  v1::CarrierTime assumed, placed, given;
  assumed.set_local_time("2026-03-01T09:00:00");
  assumed.set_offset_source(v1::OFFSET_SOURCE_ASSUMED);
  assumed.mutable_instant()->set_seconds(kNoon);
  placed = assumed;
  placed.set_offset_source(v1::OFFSET_SOURCE_PLACE);
  placed.mutable_instant()->set_seconds(kNoon + 18000);
  given = placed;
  given.set_offset_source(v1::OFFSET_SOURCE_EXPLICIT);
  v1::CarrierCode code;
  code.set_code("OT");
  Reported reported{"ups", "1Z", 1, &code, {}, {}, &assumed, nullptr, ""};
  const std::string base = Fingerprint(reported);
  reported.time = &placed;
  EXPECT_EQ(Fingerprint(reported), base);
  reported.time = &given;
  EXPECT_NE(Fingerprint(reported), base);
  // On one day, a parcel can be scanned alike in two towns.
  v1::CarrierTime day = assumed;
  day.set_local_time("2026-03-01");
  v1::Place memphis, louisville, capitals;
  memphis.set_city("Memphis");
  louisville.set_city("Louisville");
  capitals.set_city("MEMPHIS");
  reported.time = &day;
  reported.place = &memphis;
  const std::string here = Fingerprint(reported);
  reported.place = &louisville;
  EXPECT_NE(Fingerprint(reported), here);
  reported.place = &capitals;
  EXPECT_EQ(Fingerprint(reported), here);
}

TEST(Shipment, AScanToldAgainWithItsPlaceIsAmended) {
  auto scan = Scan('a', v1::TRACKING_STATE_IN_TRANSIT, kNoon);
  const auto state = After(scan);
  scan.request.mutable_place()->set_city("Memphis");
  const auto amended = Shipment::Decide(state, scan, kUps);
  ASSERT_TRUE(amended.ok()) << amended.status();
  ASSERT_EQ(amended->size(), 1u);
  EXPECT_EQ(amended->at(0).status_amended().place().city(), "Memphis");
  auto after = state;
  Shipment::Evolve(after, amended->at(0));
  EXPECT_EQ(after.scans_size(), 1);
  scan.request.mutable_place()->set_city("MEMPHIS");
  EXPECT_TRUE(Shipment::Decide(after, scan, kUps)->empty()) << "capitals say nothing new";
}

TEST(Shipment, TheFingerprintCoversIdentityAndNotText) {
  v1::CarrierTime time;
  time.mutable_instant()->set_seconds(kNoon);
  v1::Place memphis;
  memphis.set_city("Memphis");
  v1::CarrierCode code;
  code.set_code("OT");
  const Reported reported{"ups", "1Z", 1, &code, {}, {}, &time, &memphis, ""};
  const std::string base = Fingerprint(reported);
  EXPECT_EQ(base.size(), 32u);
  Reported other = reported;
  other.epoch = 2;
  EXPECT_NE(Fingerprint(other), base);
  other = reported;
  other.place = nullptr;
  EXPECT_EQ(Fingerprint(other), base) << "told again with more detail, it is the same scan";
  other = reported;
  other.number = "1Z1";
  EXPECT_NE(Fingerprint(other), base);
  v1::CarrierTime retold = time;
  retold.set_carrier_text("noon");
  other = reported;
  other.time = &retold;
  EXPECT_EQ(Fingerprint(other), base);
}

}  // namespace
}  // namespace throughline::supplier
