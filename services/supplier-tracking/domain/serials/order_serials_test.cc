#include "services/supplier-tracking/domain/serials/order_serials.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kReader = By("ana", common::v1::ROLE_REP);
const runtime::Caller kPacker = By("acme", common::v1::ROLE_PARTNER, "acme");

constexpr char kPhones[] = R"(placed {
  order_id: "SO-1" customer_id: "c1" owner: "ana" placed_at { seconds: 1772366400 }
  promised_time { seconds: 1772800000 }
  lines { line_id: "1" sku: "PHONE-1" quantity: 1 vendor_id: "acme" }
  lines { line_id: "2" sku: "PAD-2" quantity: 2 vendor_id: "bolt" } })";

v1::RecordSerialRequest Reading(const std::string& text) {
  return FromText<v1::RecordSerialRequest>(absl::StrCat("order_id: \"SO-1\" line_id: \"1\" ", text));
}
std::string Read(const std::string& place, const std::string& number, int unit = 1, const std::string& line = "1",
                 const std::string& by = "ana") {
  return absl::StrCat("serial_recorded { line_id: \"", line, "\" unit: ", unit, " place: SERIAL_PLACE_", place,
                      " serial_number: \"", number, "\" by: \"", by, "\" }");
}
std::string Mismatch(const std::string& what, const std::string& key) {
  return absl::StrCat(R"(concern_raised { owner: "ana" customer_id: "c1" concern {
    kind: CONCERN_KIND_SERIAL_MISMATCH about: "line/1" since { seconds: 1772366400 }
    text: "line 1, article PHONE-1 of vendor acme: )",
                      what, "\" key: \"", key, "\" fault: \"serial-mismatch/acme/PHONE-1\" } }");
}
constexpr char kFits[] = R"(concern_cleared { kind: CONCERN_KIND_SERIAL_MISMATCH about: "line/1"
                            evidence: "the serial numbers of line 1 fit together" })";

TEST(OrderSerials, OneNumberAloneIsComparedWithNothing) {
  for (const char* place : {"PACKED", "BOX", "DEVICE"}) {
    Given<Order>({kPhones})
        .When(Reading(absl::StrCat("place: SERIAL_PLACE_", place, R"( serial_number: "A-1")")), kReader)
        .Then({Read(place, "A-1")});
  }
}

TEST(OrderSerials, AnyTwoAreComparedAsSoonAsBothAreKnown) {
  const auto boxed = Reading(R"(place: SERIAL_PLACE_BOX serial_number: "B")");
  const auto on_device = Reading(R"(place: SERIAL_PLACE_DEVICE serial_number: "B")");
  Given<Order>({kPhones, Read("PACKED", "A")})
      .When(boxed, kReader)
      .Then({Read("BOX", "B"), Mismatch("packed A, on the box B", "A 1/B/")});
  Given<Order>({kPhones, Read("PACKED", "A")})
      .When(on_device, kReader)
      .Then({Read("DEVICE", "B"), Mismatch("packed A, on the device B", "A 1//B")});
  Given<Order>({kPhones, Read("BOX", "A")})
      .When(on_device, kReader)
      .Then({Read("DEVICE", "B"), Mismatch("on the box A, on the device B", "1/A/B")});
  Given<Order>({kPhones, Read("BOX", "A"), Read("DEVICE", "A")})
      .When(Reading(R"(place: SERIAL_PLACE_PACKED serial_number: "B")"), kReader)
      .Then({Read("PACKED", "B"), Mismatch("packed B, on the box A, on the device A", "B 1/A/A")});
}

TEST(OrderSerials, CaseBlanksAndHyphensDoNotCount) {
  Given<Order>({kPhones, Read("PACKED", "SN-00 1a")})
      .When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "sn001A")"), kReader)
      .Then({Read("BOX", "sn001A")});
}

TEST(OrderSerials, WhatAVendorsDispatchPackedIsCompared) {
  const std::string sent =
      R"(vendor_dispatched { stated_at { seconds: 1772366400 } vendor_id: "acme" line_ids: "1" carrier: "ups" tracking_number: "1Z"
                              serials { line_id: "1" serial_number: "A" } })";
  Given<Order>({kPhones, sent})
      .When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "B")"), kReader)
      .Then({Read("BOX", "B"), Mismatch("packed A, on the box B", "A 1/B/")});
  // The store had read the box before the vendor told.
  const Given<Order> read({kPhones, Read("BOX", "B")});
  UpdateFromVendor update{FromText<v1::RecordVendorUpdateRequest>(R"(order_id: "SO-1" vendor_id: "acme"
    dispatched { carrier: "ups" tracking_number: "1Z" serials { line_id: "1" serial_number: "A" } })"),
                          {}};
  read.When(update, kPacker)
      .Then({sent,
             R"(shipment_added { shipment: "shipment/ups/1Z/1" carrier: "ups" tracking_number: "1Z" epoch: 1 leg: 1
                                 last_leg: true line_ids: "1" })",
             Mismatch("packed A, on the box B", "A 1/B/")});
}

TEST(OrderSerials, WhatStandsInACartonIsCompared) {
  const Given<Order> read({kPhones, Read("BOX", "B")});
  const UpdateFromVendor update{FromText<v1::RecordVendorUpdateRequest>(R"(order_id: "SO-1" vendor_id: "acme"
    dispatched { carrier: "ups" tracking_number: "1Z" cartons { sscc: "376104250021234569"
      contents { line_id: "1" quantity: 1 } serials { line_id: "1" serial_number: "A" } } })"),
                                {}};
  const auto decided = Order::Decide(read.state(), update, kPacker);
  ASSERT_TRUE(decided.ok()) << decided.status();
  EXPECT_EQ(decided->back().concern_raised().concern().kind(), v1::CONCERN_KIND_SERIAL_MISMATCH);
}

TEST(OrderSerials, AMismatchIsRaisedOnceAndClearedWhenAllFits) {
  const std::string wrong = Mismatch("packed A, on the box B", "A 1/B/");
  const Given<Order> raised({kPhones, Read("PACKED", "A"), Read("BOX", "B"), wrong});
  raised.When(Reading(R"(place: SERIAL_PLACE_DEVICE serial_number: "B")"), kReader).Then({Read("DEVICE", "B")});
  raised.When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "B")"), kReader).Then({});
  raised.When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "A")"), kReader).Then({Read("BOX", "A"), kFits});
  raised.When(Reading(R"(place: SERIAL_PLACE_PACKED serial_number: "B")"), kReader).Then({Read("PACKED", "B"), kFits});
  // The same numbers do not raise it again; others do.
  const Given<Order> settled({kPhones, Read("PACKED", "A"), Read("BOX", "B"), wrong, Read("BOX", "A"), kFits});
  settled.When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "B")"), kReader).Then({Read("BOX", "B")});
  settled.When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "C")"), kReader)
      .Then({Read("BOX", "C"), Mismatch("packed A, on the box C", "A 1/C/")});
}

TEST(OrderSerials, OfSeveralArticlesANumberMustBeAmongThosePackedOnceAllAreKnown) {
  const auto reading = [](const std::string& text) {
    return FromText<v1::RecordSerialRequest>(absl::StrCat("order_id: \"SO-1\" line_id: \"2\" ", text));
  };
  Given<Order>({kPhones, Read("PACKED", "A", 1, "2")})
      .When(reading(R"(unit: 2 place: SERIAL_PLACE_BOX serial_number: "X")"), kReader)
      .Then({Read("BOX", "X", 2, "2")});
  const Given<Order> both({kPhones, Read("PACKED", "A", 1, "2"), Read("PACKED", "B", 2, "2")});
  both.When(reading(R"(unit: 1 place: SERIAL_PLACE_BOX serial_number: "B")"), kReader).Then({Read("BOX", "B", 1, "2")});
  both.When(reading(R"(unit: 1 place: SERIAL_PLACE_BOX serial_number: "X")"), kReader)
      .Then({Read("BOX", "X", 1, "2"), R"(concern_raised { owner: "ana" customer_id: "c1" concern {
                kind: CONCERN_KIND_SERIAL_MISMATCH about: "line/2" since { seconds: 1772366400 }
                text: "line 2, article PAD-2 of vendor bolt, number 1: packed A, B, on the box X"
                key: "A B 1/X/" fault: "serial-mismatch/bolt/PAD-2" } })"});
}

TEST(OrderSerials, RefusesWhatCannotBe) {
  const Given<Order> placed({kPhones});
  placed.When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "-")"), kReader)
      .ThenRefused(absl::StatusCode::kInvalidArgument, "serial_number");
  placed.When(Reading(R"(serial_number: "A")"), kReader).ThenRefused(absl::StatusCode::kInvalidArgument, "place");
  placed.When(Reading(R"(unit: 2 place: SERIAL_PLACE_BOX serial_number: "A")"), kReader)
      .ThenRefused(absl::StatusCode::kInvalidArgument, "more than the 1");
  v1::RecordSerialRequest other_line = Reading(R"(place: SERIAL_PLACE_BOX serial_number: "A")");
  other_line.set_line_id("9");
  placed.When(other_line, kReader).ThenRefused(absl::StatusCode::kInvalidArgument);
  Given<Order>()
      .When(Reading(R"(place: SERIAL_PLACE_BOX serial_number: "A")"), kReader)
      .ThenRefused(absl::StatusCode::kNotFound, "SO-1");
}

TEST(OrderSerials, AVendorRecordsThoseOfItsOwnLinesAndLearnsNothingOfOthers) {
  const auto packed = Reading(R"(place: SERIAL_PLACE_PACKED serial_number: "A")");
  Given<Order>({kPhones}).When(packed, kPacker).Then({Read("PACKED", "A", 1, "1", "acme")});
  const runtime::Caller other = By("bolt", common::v1::ROLE_PARTNER, "bolt");
  std::set<std::string> answers;
  for (const std::vector<std::string>& history : {std::vector<std::string>{kPhones}, {}}) {
    v1::OrderState state;
    for (const std::string& event : history) Order::Evolve(state, FromText<v1::OrderEvent>(event));
    const auto refused = Order::Decide(state, packed, other).status();
    EXPECT_EQ(runtime::ReasonOf(refused), "NOT_YOUR_PARTY");
    answers.insert(std::string(refused.message()));
  }
  EXPECT_EQ(answers.size(), 1u) << "an order of others is as one that there is not";
}

// Against a plain model: what was read last at each place; in whatever order it is told.
TEST(OrderSerials, AnyReadingsFollowTheModel) {
  EXPECT_TRUE(rc::check("packed, box and device", [] {
    v1::OrderState state;
    Order::Evolve(state, FromText<v1::OrderEvent>(kPhones));
    std::map<int, std::string> known;
    int64_t now = 1772366400;
    for (const auto& [place, number] : *rc::gen::container<std::vector<std::pair<int, int>>>(
             rc::gen::pair(rc::gen::inRange(1, 4), rc::gen::inRange(0, 3)))) {
      v1::RecordSerialRequest request = Reading("");
      request.set_place(static_cast<v1::SerialPlace>(place));
      request.set_serial_number(absl::StrCat("N", number));
      runtime::Caller caller = kReader;
      caller.time = absl::FromUnixSeconds(++now);
      const auto events = Order::Decide(state, request, caller);
      RC_ASSERT(events.ok());
      for (const auto& event : *events) Order::Evolve(state, event);
      known[place] = request.serial_number();
      std::set<std::string> different;
      for (const auto& [where, what] : known) different.insert(what);
      RC_ASSERT(MismatchOf(state.lines(0)).empty() == (different.size() < 2));
      const bool open = FindConcern(state, v1::CONCERN_KIND_SERIAL_MISMATCH, "line/1") != nullptr;
      RC_ASSERT(!open || different.size() > 1);
    }
  }));
}

}  // namespace
}  // namespace throughline::supplier
