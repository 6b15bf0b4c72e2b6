// Lists, page by page (libs/service/pages.h).

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/pages.h"
#include "services/supplier-tracking/domain/cartons/cartons.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/shipments/quarantine.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

bool Matches(const v1::OrderView& order, const v1::ListOrdersRequest& request) {
  if (request.at_risk() && !order.at_risk()) return false;
  if (request.with_concern() && order.concerns().empty()) return false;
  if (request.concern() != v1::CONCERN_KIND_UNSPECIFIED &&
      absl::c_none_of(order.concerns(), [&](const auto& concern) { return concern.kind() == request.concern(); })) {
    return false;
  }
  if (request.status() != v1::ORDER_STATUS_UNSPECIFIED && request.status() != order.status()) return false;
  if (!request.customer_id().empty() && request.customer_id() != order.customer_id()) return false;
  return request.vendor_id().empty() || absl::c_any_of(order.lines(), [&](const auto& line) {
           return line.line().vendor_id() == request.vendor_id();
         });
}

}  // namespace

absl::StatusOr<v1::ListOrdersResponse> ListOrders(const store::KeyValue& reader, const v1::ListOrdersRequest& request,
                                                  const ownership::ReadScope& scope) {
  const std::string question = service::Question(request);
  v1::ListOrdersResponse response;
  const auto list = [&](const auto& index, const auto&... prefix) -> absl::Status {
    absl::StatusOr<std::string> after = service::AfterPage(question, index.KeyOf(prefix...), request.page_token());
    if (!after.ok()) return after.status();
    response.set_next_page_token(service::FillPage(
        reader, index, *std::move(after), question,
        [&](const std::string& order_id) {
          if (response.orders_size() >= service::PageSize(request)) return false;
          absl::StatusOr<v1::OrderRow> row = ReadOrder(reader, order_id);
          if (!row.ok() || !scope.MayRead(reader, row->view().owner())) return true;
          if (Matches(row->view(), request)) *response.add_orders() = ShowOrder(*row, {});
          return true;
        },
        prefix...));
    return absl::OkStatus();
  };
  if (const std::string wrong = request.sscc().empty() ? "" : WrongSscc(request.sscc()); !wrong.empty()) {
    return runtime::BadField("sscc", wrong);
  }
  const bool concerned = request.with_concern() || request.concern() != v1::CONCERN_KIND_UNSPECIFIED;
  const absl::Status status = !request.sscc().empty()          ? list(kCartons, request.sscc())
                              : request.at_risk()              ? list(kAtRisk)
                              : concerned                      ? list(kWithConcern)
                              : !request.customer_id().empty() ? list(kByCustomer, request.customer_id())
                                                               : list(kByTime);
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<v1::ListQuarantineResponse> ListQuarantine(const store::KeyValue& reader,
                                                          const v1::ListQuarantineRequest& request) {
  const std::string question = service::Question(request);
  const std::string prefix = request.carrier().empty() ? kQuarantine.KeyOf() : kQuarantine.KeyOf(request.carrier());
  absl::StatusOr<std::string> after = service::AfterPage(question, prefix, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListQuarantineResponse response;
  const auto visit = [&](std::string_view raw, const auto&, v1::QuarantineView view) {
    if (view.count() == 0) return true;
    *response.add_codes() = std::move(view);
    if (response.codes_size() < service::PageSize(request)) return true;
    response.set_next_page_token(service::PageToken(question, raw));
    return false;
  };
  if (request.carrier().empty()) {
    kQuarantine.Scan(reader, *after, visit);
  } else {
    kQuarantine.Scan(reader, *after, visit, request.carrier());
  }
  return response;
}

absl::StatusOr<v1::ListQuarantinedMessagesResponse> ListQuarantinedMessages(
    const store::KeyValue& reader, const v1::ListQuarantinedMessagesRequest& request) {
  constexpr size_t kListedBytes = 1024;            // of a body, in a list
  constexpr size_t kShownBytes = size_t{1} << 20;  // of a body, of one shipment
  constexpr size_t kPageBytes = size_t{2} << 20;   // of all bodies
  const std::string question = service::Question(request);
  const bool one = !request.shipment().empty();
  const std::string prefix = one ? kUnclear.KeyOf(request.shipment()) : kUnclear.KeyOf();
  absl::StatusOr<std::string> after = service::AfterPage(question, prefix, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListQuarantinedMessagesResponse response;
  size_t bytes = 0;
  const auto visit = [&](std::string_view raw, const auto& key, v1::UnclearRow row) {
    if (!row.has_quarantined()) return true;
    if (!request.carrier().empty() && row.quarantined().carrier() != request.carrier()) return true;
    v1::QuarantinedMessage& message = *response.add_messages();
    message.set_shipment(std::get<0>(key));
    *message.mutable_quarantined() = std::move(*row.mutable_quarantined());
    std::string& body = *message.mutable_quarantined()->mutable_raw();
    if (!one && body.size() > kListedBytes) body.resize(kListedBytes);
    bytes += one ? std::min<size_t>(kShownBytes, message.quarantined().raw_size()) : body.size();
    if (response.messages_size() < service::PageSize(request) && bytes < kPageBytes) return true;
    response.set_next_page_token(service::PageToken(question, raw));
    return false;
  };
  if (!one) {
    kUnclear.Scan(reader, *after, visit);
    return response;
  }
  kUnclear.Scan(reader, *after, visit, request.shipment());
  for (v1::QuarantinedMessage& message : *response.mutable_messages()) {
    v1::StatusQuarantined& kept = *message.mutable_quarantined();
    kept.set_raw(QuarantinedBody(reader, request.shipment(), kept, request.raw_offset(), kShownBytes));
  }
  return response;
}

absl::StatusOr<v1::ListMappedCodesResponse> ListMappedCodes(const store::KeyValue& reader,
                                                            const v1::ListMappedCodesRequest& request) {
  const std::string question = service::Question(request);
  const std::string prefix = request.carrier().empty() ? kMapped.KeyOf() : kMapped.KeyOf(request.carrier());
  absl::StatusOr<std::string> after = service::AfterPage(question, prefix, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListMappedCodesResponse response;
  const auto visit = [&](std::string_view raw, const auto&, v1::MappedCode row) {
    *response.add_codes() = std::move(row);
    if (response.codes_size() < service::PageSize(request)) return true;
    response.set_next_page_token(service::PageToken(question, raw));
    return false;
  };
  if (request.carrier().empty()) {
    kMapped.Scan(reader, *after, visit);
  } else {
    kMapped.Scan(reader, *after, visit, request.carrier());
  }
  return response;
}

absl::StatusOr<v1::GetShipmentResponse> GetShipment(const store::KeyValue& reader,
                                                    const v1::GetShipmentRequest& request) {
  const std::string &carrier = request.carrier(), &number = request.tracking_number();
  uint32_t epoch = request.epoch();
  if (epoch == 0) {
    const auto uses = kNumbers.Get(reader, carrier, number);
    epoch = uses && !uses->epochs().empty() ? uses->epochs().rbegin()->epoch() : 1;
  }
  auto view = kShipments.Get(reader, carrier, number, epoch);
  if (!view) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "SHIPMENT_UNKNOWN",
                           absl::StrCat("nothing is known of ", ShipmentStream(carrier, number, epoch),
                                        ": check carrier, number and epoch"));
  }
  v1::GetShipmentRequest asked;  // whether or not the epoch was left out
  asked.set_carrier(carrier);
  asked.set_tracking_number(number);
  asked.set_epoch(epoch);
  const std::string question = service::Question(asked);
  absl::StatusOr<std::string> after =
      service::AfterPage(question, kScans.KeyOf(carrier, number, int64_t{epoch}), request.page_token());
  if (!after.ok()) return after.status();
  v1::GetShipmentResponse response;
  *response.mutable_shipment() = *std::move(view);
  kScans.Scan(
      reader, *after,
      [&](std::string_view raw, const auto&, v1::ScanRow row) {
        *response.add_scans() = std::move(*row.mutable_scan());
        if (response.scans_size() < service::PageSize(request)) return true;
        response.set_next_page_token(service::PageToken(question, raw));
        return false;
      },
      carrier, number, int64_t{epoch});
  return response;
}

}  // namespace throughline::supplier
