// Nothing is ready for collection without a store's receipt or a collection, in any order of arrival.

#include <ostream>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/collection/collection.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;

const runtime::Caller kAna = By("ana", common::v1::ROLE_REP);

// Two cups and a table, both collected in store-1.
constexpr char kPlaced[] = R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana"
  placed_at { seconds: 1772100000 } promised_time { seconds: 1772800000 }
  lines { line_id: "1" sku: "cup" quantity: 2 vendor_id: "acme" collect_at: "store-1" }
  lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "bolt" collect_at: "store-1" } })";
constexpr char kCups[] = R"(shipment_added { shipment: "shipment/ups/A/1" carrier: "ups" tracking_number: "A" epoch: 1
  leg: 1 last_leg: true line_ids: "1" collect_at: "store-1" })";
constexpr char kTable[] = R"(shipment_added { shipment: "shipment/ups/B/1" carrier: "ups" tracking_number: "B" epoch: 1
  leg: 1 last_leg: true line_ids: "2" collect_at: "store-1" })";

std::string Seen(const std::string& number, int version, const std::string& state, const std::string& more) {
  return absl::StrCat("shipment: \"shipment/ups/", number, "/1\" shipment_version: ", version,
                      " state: TRACKING_STATE_", state, " state_since { seconds: 1772300000 } ", more);
}
std::string Receipt(const std::string& store, int64_t at = 1772310000) {
  return absl::StrCat("store_receipts { store: \"", store, "\" at { seconds: ", at, " } }");
}
ObserveShipment Seeing(const std::string& text) { return {FromText<v1::ShipmentObserved>(text)}; }
v1::RecordCollectionRequest Collecting(const std::string& text) {
  return FromText<v1::RecordCollectionRequest>(absl::StrCat(R"(order_id: "SO-1" )", text));
}

// What comes, from a few numbers.
struct Happening {
  int what, number, store, quantity;
};
void showValue(const Happening& one, std::ostream& out) {
  out << one.what << "/" << one.number << "/" << one.store << "/" << one.quantity;
}
rc::Gen<std::vector<Happening>> Happenings() {
  const auto one = rc::gen::apply(
      [](int what, int number, int store, int quantity) {
        return Happening{what, number, store, quantity};
      },
      rc::gen::inRange(0, 9), rc::gen::inRange(0, 3), rc::gen::inRange(0, 4), rc::gen::inRange(1, 3));
  return rc::gen::resize(30, rc::gen::container<std::vector<Happening>>(rc::gen::resize(rc::kNominalSize, one)));
}

class Told {
 public:
  Told() {
    for (const char* event : {kPlaced, kCups, kTable}) Order::Evolve(state, FromText<v1::OrderEvent>(event));
  }
  void Happen(const Happening& one) {
    const std::string number = one.number == 0 ? "A" : one.number == 1 ? "B" : "C";
    if (one.what == 0) {
      return Decide(AddShipment{
          FromText<v1::AddShipmentRequest>(absl::StrCat(
              "carrier: \"ups\" tracking_number: \"C\" quantities { line_id: \"1\" quantity: ", one.quantity, " }")),
          {}});
    }
    if (one.what == 1) {
      const std::string what =
          one.store == 0 ? "" : absl::StrCat("quantities { line_id: \"", 1 + one.number % 2, "\" quantity: 1 }");
      return Decide(Collecting(absl::StrCat("store: \"store-1\" ", what)));
    }
    constexpr const char* kStates[] = {"IN_TRANSIT", "READY_FOR_PICKUP", "READY_FOR_PICKUP", "DELIVERED",
                                       "DELIVERED",  "RETURNING",        "LOST_OR_DAMAGED"};
    const std::string receipts = one.store == 0   ? ""
                                 : one.store == 1 ? Receipt("store-9")
                                 : one.store == 2 ? Receipt("store-1", 1772310000 + one.quantity)
                                                  : Receipt("store-9") + Receipt("store-1");
    Decide(Seeing(Seen(number, ++version_, kStates[one.what - 2], receipts)));
  }

  v1::OrderState state;
  bool ready_after_delivery = false;
  bool wrong_parcel = false;  // a collection made one ready although a better one was not, or none was needed
  bool taken_back = false;    // what was collected from a parcel is so no longer

 private:
  static bool IsOfLine(const v1::OrderState::Shipment& shipment, const v1::OrderState::Line& line) {
    return Carries(shipment, line) && EndsTheWay(shipment);
  }
  static bool IsSaidToBeThere(const v1::OrderState::Shipment& shipment) {
    return absl::c_any_of(shipment.store_receipts(),
                          [](const auto& receipt) { return receipt.store() == "store-1"; }) ||
           (shipment.store_receipts().empty() && (shipment.state() == v1::TRACKING_STATE_DELIVERED ||
                                                  shipment.state() == v1::TRACKING_STATE_READY_FOR_PICKUP));
  }
  // Each shipment carries one line only, and all is collected in store-1.
  bool TookTheWrongParcel(const v1::OrderState& before) const {
    for (const auto& seen : state.shipments()) {
      const auto* was = FindShipment(before, seen.shipment());
      if (!seen.ready_by_collection() || was->has_ready_at()) continue;
      if (HasFailed(seen.state())) return true;
      for (const auto& line : state.lines()) {
        if (!IsOfLine(seen, line)) continue;
        uint32_t known = 0;
        for (const auto& other : before.shipments()) {
          if (other.has_ready_at() && IsOfLine(other, line)) known += CarriedBy(before, other, line);
          const bool better = IsOfLine(other, line) && !FindShipment(state, other.shipment())->has_ready_at() &&
                              CarriedBy(before, other, line) > 0 && !HasFailed(other.state()) &&
                              IsSaidToBeThere(other) && !IsSaidToBeThere(seen);
          if (better) return true;
        }
        if (line.collected() <= known) return true;
      }
    }
    return false;
  }
  static bool IsTakenBack(const v1::OrderState& before, const v1::OrderState& after) {
    return absl::c_any_of(before.shipments(), [&](const auto& shipment) {
      return IsCollected(before, shipment) && !IsCollected(after, *FindShipment(after, shipment.shipment()));
    });
  }
  template <typename Command>
  void Decide(const Command& command) {
    const auto events = Order::Decide(state, command, kAna);
    if (!events.ok()) return;
    const v1::OrderState known = state;
    for (const auto& event : *events) {
      std::vector<v1::LineStatus> before;
      for (const auto& line : state.lines()) before.push_back(line.status());
      Order::Evolve(state, event);
      if (!event.has_shipment_delivered() && !event.has_shipment_observed()) continue;
      for (int i = 0; i < state.lines_size(); ++i) {
        ready_after_delivery |= IsThere(state.lines(i).status()) && !IsThere(before[static_cast<size_t>(i)]);
      }
    }
    const bool sent = absl::c_any_of(*events, [](const auto& event) { return event.has_shipment_added(); });
    if (sent) return;  // how many a parcel carries was said anew
    wrong_parcel |= TookTheWrongParcel(known);
    taken_back |= IsTakenBack(known, state);
  }
  int version_ = 10;
};

// Whether receipts or collections show that the shipment is, or was, in its store.
bool IsShown(const v1::OrderState& state, const v1::OrderState::Shipment& shipment) {
  const bool received = absl::c_any_of(shipment.store_receipts(), [&](const v1::StoreReceipt& receipt) {
    return receipt.store() == shipment.collect_at();
  });
  const bool collected = absl::c_any_of(state.lines(), [&](const auto& line) {
    return line.collected() > 0 && absl::c_linear_search(shipment.line_ids(), line.line_id());
  });
  return received || collected;
}

RC_GTEST_PROP(Collection, NothingIsReadyWithoutAReceiptOrACollection, ()) {
  Told told;
  const auto happenings = *Happenings();
  for (const Happening& one : happenings) {
    told.Happen(one);
    RC_ASSERT(!told.ready_after_delivery);
    RC_ASSERT(!told.wrong_parcel);
    RC_ASSERT(!told.taken_back);
    for (const auto& shipment : told.state.shipments()) {
      RC_ASSERT(!shipment.has_ready_at() || IsShown(told.state, shipment));
    }
    for (const auto& line : told.state.lines()) {
      RC_ASSERT(line.collected() <= line.quantity());
      if (line.status() != v1::LINE_STATUS_READY_FOR_COLLECTION) continue;
      RC_ASSERT(ArrivedOf(told.state, line) >= line.quantity());
    }
    RC_ASSERT(StandingOf(told.state).at_risk == told.state.at_risk());
    RC_ASSERT(!told.state.has_completed_at() ||
              absl::c_all_of(told.state.lines(), [](const auto& line) { return IsSettled(line.status()); }));
  }
  RC_CLASSIFY(told.state.has_completed_at(), "completed");
}

// The same observations with the same collections at the end give the same lines, in whatever order they come.
RC_GTEST_PROP(Collection, TheLastWordOnEachShipmentDecidesWhatIsReady, ()) {
  auto happenings = *Happenings();
  std::erase_if(happenings, [](const Happening& one) { return one.what < 2; });
  Told told;
  for (const Happening& one : happenings) told.Happen(one);
  // The last observation of each shipment alone.
  std::vector<Happening> last;
  for (int number = 0; number < 2; ++number) {
    for (const Happening& one : happenings) {
      if (one.number != number) continue;
      std::erase_if(last, [&](const Happening& other) { return other.number == number; });
      last.push_back(one);
    }
  }
  Told brief;
  for (const Happening& one : last) brief.Happen(one);
  for (int i = 0; i < told.state.shipments_size(); ++i) {
    RC_ASSERT(told.state.shipments(i).has_ready_at() == brief.state.shipments(i).has_ready_at());
  }
}

}  // namespace
}  // namespace throughline::supplier
