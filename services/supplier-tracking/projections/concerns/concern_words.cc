#include "services/supplier-tracking/projections/concerns/concern_words.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/projections/order/customer_text.h"

namespace throughline::supplier {
namespace {

using absl::StrCat;

constexpr absl::string_view kShipment = "shipment/";
constexpr absl::string_view kLine = "line/";
constexpr absl::string_view kVendor = "vendor/";

// `ups 1Z999AA10123456784`, `line 2`, `vendor acme`, `the order`.
std::string AboutText(const std::string& about) {
  if (ShipmentName name; ParseShipmentStream(about, name)) return StrCat(name.carrier, " ", name.number);
  for (const absl::string_view kind : {kLine, kVendor}) {
    if (absl::StartsWith(about, kind)) {
      return StrCat(absl::StripSuffix(kind, "/"), " ", absl::StripPrefix(about, kind));
    }
  }
  return "the order";
}

// `: lamp`, if it is about lines or a shipment.
std::string Which(const std::string& about, const v1::OrderView& order) {
  google::protobuf::RepeatedPtrField<std::string> lines;
  if (absl::StartsWith(about, kLine)) lines.Add(std::string(absl::StripPrefix(about, kLine)));
  for (const v1::OrderShipmentView& shipment : order.shipments()) {
    if (shipment.shipment() == about) lines = shipment.line_ids();
  }
  return lines.empty() ? "" : StrCat(": ", LineNames(order, lines));
}

struct Words {
  const char* raised;
  const char* cleared;
};

// For the customer.
Words WordsFor(v1::ConcernKind kind) {
  switch (kind) {
    case v1::CONCERN_KIND_SERIAL_MISMATCH:
      return {"A serial number is not the one that was sent, and we look into it", "The serial number is settled"};
    case v1::CONCERN_KIND_LEG_GAP:
      return {"We find out which carrier has the parcel", "We know where the parcel is again"};
    case v1::CONCERN_KIND_PROOF_MISSING:
      return {"The carrier says that it was delivered, and we ask for proof", "The delivery is settled"};
    case v1::CONCERN_KIND_DELIVERY_DISPUTED:
      return {"You told us that it did not arrive, and we look into it", "The delivery is settled"};
    case v1::CONCERN_KIND_CONTRADICTION:
      return {"The carrier's reports contradict each other, and we find out what is right",
              "The carrier's reports are clear again"};
    case v1::CONCERN_KIND_SILENCE:
      return {"We have heard nothing of the parcel for longer than usual, and ask the carrier",
              "The carrier reports about the parcel again"};
    case v1::CONCERN_KIND_NOT_PICKED_UP:
      return {"The carrier has not picked it up yet, and we see to it", "It is settled that the carrier has it"};
    case v1::CONCERN_KIND_NOT_CLOSED:
      return {"It went out for delivery and did not arrive, and we ask the carrier",
              "The carrier reports about the parcel again"};
    case v1::CONCERN_KIND_UNCLAIMED:
      return {"It still waits for you to collect it", "It does not wait for you any more"};
    case v1::CONCERN_KIND_CUSTOMS_HOLD:
      return {"Customs holds it, and we see to it", "Customs does not hold it any more"};
    case v1::CONCERN_KIND_SUBSCRIPTION_EXPIRING:
      return {"", ""};
    case v1::CONCERN_KIND_SHORT_SHIPPED:
      return {"Fewer were sent than you ordered, and we see to the rest", "It is settled how the rest comes"};
    case v1::CONCERN_KIND_RECEIPT_MISSING:
      return {"Please do not come for it yet: we find out whether our store has it", "It is settled where it is"};
    case v1::CONCERN_KIND_REFUSED:
      return {"It cannot be sent as you ordered it, and we see to it", "It is settled how it comes"};
    case v1::CONCERN_KIND_SUBSTITUTION:
      return {"Something else can be sent in its place, and we ask you", "It is settled what is sent"};
    default:
      return {"Something is not right, and we see to it", "It is settled"};
  }
}

}  // namespace

std::string KindText(v1::ConcernKind kind) {
  const std::string name = v1::ConcernKind_Name(kind);
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(name, "CONCERN_KIND_"), {{"_", " "}}));
}

std::string StaffText(const v1::OrderConcernRaised& raised) {
  return StrCat(KindText(raised.concern().kind()), ": ", raised.concern().text());
}

std::string StaffText(const v1::OrderConcernCleared& cleared) {
  return StrCat("no longer ", KindText(cleared.kind()), " of ", AboutText(cleared.about()), ": ", cleared.evidence());
}

std::string CustomerText(const v1::OrderConcern& concern, const v1::OrderView& order) {
  const std::string words =
      concern.kind() == v1::CONCERN_KIND_CONTRADICTION && concern.state() == v1::TRACKING_STATE_READY_FOR_PICKUP
          ? "Please do not come for it yet: we find out whether our store has it"
          : WordsFor(concern.kind()).raised;
  return words.empty() ? "" : StrCat(words, Which(concern.about(), order));
}

std::string CustomerText(const v1::OrderConcernCleared& cleared, const v1::OrderView& order) {
  const std::string words = WordsFor(cleared.kind()).cleared;
  return words.empty() ? "" : StrCat(words, Which(cleared.about(), order));
}

bool IsContradicted(const v1::OrderView& order, const std::string& shipment) {
  return absl::c_any_of(order.concerns(), [&](const v1::OrderConcern& concern) {
    return concern.kind() == v1::CONCERN_KIND_CONTRADICTION && concern.about() == shipment;
  });
}

void NameAbout(const std::string& about, v1::TraceEntry& entry) {
  if (absl::StartsWith(about, kShipment)) entry.set_shipment(about);
  if (absl::StartsWith(about, kLine)) entry.add_line_ids(std::string(absl::StripPrefix(about, kLine)));
  if (absl::StartsWith(about, kVendor)) entry.set_vendor_id(std::string(absl::StripPrefix(about, kVendor)));
}

}  // namespace throughline::supplier
