#include "services/supplier-tracking/api/vendors/vendor_updates.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/vendors/carton_rows.h"
#include "services/supplier-tracking/risk/assess.h"

namespace throughline::supplier {
namespace {

using VendorUpdate = v1::RecordVendorUpdateRequest;

// Completes the ETA in place. A date without a zone is in the zone of the order's destination.
absl::Status Complete(const std::string& field, const std::string& zone, v1::Eta& eta) {
  if (eta.has_date() && !eta.has_zone() && !zone.empty()) eta.set_zone(zone);
  absl::StatusOr<v1::Eta> complete = Carriers::CompleteEta(eta, field);
  if (!complete.ok()) return complete.status();
  eta = *std::move(complete);
  return absl::OkStatus();
}

absl::Status CompleteEtas(const std::string& zone, VendorUpdate& request) {
  const auto complete = [&](absl::string_view field, auto* update) {
    if (!update->has_expected_delivery()) return absl::OkStatus();
    return Complete(absl::StrCat(field, ".expected_delivery"), zone, *update->mutable_expected_delivery());
  };
  switch (request.update_case()) {
    case VendorUpdate::kAcknowledged:
      return complete("acknowledged", request.mutable_acknowledged());
    case VendorUpdate::kBackordered:
      return complete("backordered", request.mutable_backordered());
    case VendorUpdate::kDelayed:
      return complete("delayed", request.mutable_delayed());
    case VendorUpdate::kDispatched:
      return complete("dispatched", request.mutable_dispatched());
    case VendorUpdate::kShortShipped:
      return complete("short_shipped", request.mutable_short_shipped());
    case VendorUpdate::kSubstituted:
      return complete("substituted", request.mutable_substituted());
    case VendorUpdate::kSplit: {
      v1::SplitUpdate& split = *request.mutable_split();
      for (int i = 0; i < split.parts_size(); ++i) {
        absl::Status status = complete(absl::StrCat("split.parts[", i, "]"), split.mutable_parts(i));
        if (!status.ok()) return status;
      }
      return absl::OkStatus();
    }
    case VendorUpdate::kRefused:
    case VendorUpdate::UPDATE_NOT_SET:
      return absl::OkStatus();  // refused by the rules
  }
  return absl::OkStatus();
}

struct Gathered {
  bool known = false;  // whether the order is
  std::string zone;    // of its destination
  UpdateFromVendor command;

  bool sure() const { return known && command.number.in_use_by.empty() && command.ssccs_in_use.empty(); }
};

Gathered Gather(const store::KeyValue& reader, const VendorUpdate& request, absl::Time now) {
  Gathered gathered;
  if (const auto order = ReadOrder(reader, request.order_id()); order.ok()) {
    gathered.known = true;
    gathered.zone = order->view().destination_zone();
  }
  const v1::DispatchedUpdate& sent = request.dispatched();
  if (!sent.tracking_number().empty()) {
    gathered.command.number = FactsOf(reader, sent.carrier(), sent.tracking_number(), request.order_id(), now);
  }
  gathered.command.ssccs_in_use = SsccsInUse(reader, request.order_id(), sent, now);
  return gathered;
}

}  // namespace

void PrepareUpdate(runtime::Streams& streams, const Carriers& carriers, VendorUpdate request, absl::Time now,
                   absl::Time deadline, std::function<void(absl::StatusOr<UpdateFromVendor>)> done) {
  if (!IsId(request.order_id(), 64)) return done(runtime::BadField("order_id", kNotAnOrderId));
  VendorUpdate given = request;
  if (request.has_dispatched()) {
    v1::DispatchedUpdate& sent = *request.mutable_dispatched();
    sent.set_tracking_number(carriers.NumberOf(sent.carrier(), sent.tracking_number()));
  }
  const auto finish = [&streams, done, now, given = std::move(given)](Gathered gathered, VendorUpdate complete) {
    if (absl::Status status = CompleteEtas(gathered.zone, complete); !status.ok()) return done(std::move(status));
    gathered.command.estimate = EstimateFor(*streams.View(), complete, now).value_or(v1::Estimate());
    gathered.command.request = given;
    gathered.command.complete = std::move(complete);
    done(std::move(gathered.command));
  };
  Gathered gathered = Gather(*streams.View(), request, now);
  if (gathered.sure()) return finish(std::move(gathered), std::move(request));
  streams.AfterPresent(deadline,
                       [&streams, finish, done, request = std::move(request), now](const absl::Status& status) {
                         if (!status.ok()) return done(status);
                         finish(Gather(*streams.View(), request, now), request);
                       });
}

}  // namespace throughline::supplier
