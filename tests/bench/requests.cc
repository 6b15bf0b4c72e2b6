#include "tests/bench/requests.h"

#include "absl/strings/str_format.h"

namespace throughline::bench {
namespace {

constexpr int64_t kPlacedAt = 1'760'000'000;  // 9 October 2025
constexpr int64_t kMidnight = 1'760'047'200;  // 10 October 2025, 00:00 at +02:00

}  // namespace

intake::v1::OpenCaseRequest OpenCase(const std::string& run, int64_t n) {
  intake::v1::OpenCaseRequest request;
  request.set_command_id(absl::StrFormat("%s-%d", run, n));
  request.set_customer_id(absl::StrFormat("customer-%d", n % 50'000));
  request.set_subject("The parcel has not come");
  request.set_text("It was promised for Tuesday. I waited at home all day and nobody rang. Where is it now?");
  request.set_channel(intake::v1::CHANNEL_PHONE);
  return request;
}

std::string OrderId(int64_t n) { return absl::StrFormat("SO-%09d", n); }

std::string TrackingNumber(int64_t n) { return absl::StrFormat("1Z999AA1%010d", n); }

supplier::v1::PlaceOrderRequest PlaceOrder(int64_t n) {
  supplier::v1::PlaceOrderRequest request;
  request.set_command_id("place-" + OrderId(n));
  request.set_order_id(OrderId(n));
  request.set_customer_id(absl::StrFormat("customer-%d", n % 50'000));
  for (int line = 1; line <= 2; ++line) {
    auto& added = *request.add_lines();
    added.set_line_id(std::to_string(line));
    added.set_sku(absl::StrFormat("SKU-%d", 1000 + line));
    added.set_description("A thing that was ordered");
    added.set_quantity(1);
    added.set_vendor_id("acme");
  }
  request.mutable_promised_time()->set_seconds(kPlacedAt + 20 * 86'400);
  request.mutable_placed_at()->set_seconds(kPlacedAt);
  request.set_destination_zone("Europe/Berlin");
  return request;
}

supplier::v1::RecordVendorUpdateRequest Dispatch(int64_t n) {
  supplier::v1::RecordVendorUpdateRequest request;
  request.set_command_id("dispatch-" + OrderId(n));
  request.set_order_id(OrderId(n));
  request.set_vendor_id("acme");
  request.add_line_ids("1");
  request.add_line_ids("2");
  request.mutable_dispatched()->set_carrier("ups");
  request.mutable_dispatched()->set_tracking_number(TrackingNumber(n));
  return request;
}

supplier::v1::PushStatusEventsRequest Scan(int64_t n, int scan) {
  supplier::v1::PushStatusEventsRequest request;
  request.set_item_id(absl::StrFormat("%d-%d", n, scan));
  auto& event = *request.mutable_event();
  event.set_carrier("ups");
  event.set_tracking_number(TrackingNumber(n));
  event.mutable_status()->set_state(supplier::v1::TRACKING_STATE_IN_TRANSIT);
  event.set_text("Departed from facility");
  event.mutable_place()->set_city(absl::StrFormat("Town %d", scan));
  event.mutable_place()->set_country("DE");
  auto& time = *event.mutable_time();
  time.set_carrier_text(absl::StrFormat("20251010 %02d0000 +02.00", scan % 24));
  time.set_local_time(absl::StrFormat("2025-10-10T%02d:00:00", scan % 24));
  time.set_offset_minutes(120);
  time.set_offset_source(supplier::v1::OFFSET_SOURCE_EXPLICIT);
  time.mutable_instant()->set_seconds(kMidnight + int64_t{3600} * (scan % 24));
  return request;
}

supplier::v1::PushRawEventsRequest Payload(int64_t n, int scan) {
  supplier::v1::PushRawEventsRequest request;
  request.set_item_id(absl::StrFormat("%d-%d", n, scan));
  request.set_format("ups-track-alert");
  request.set_content_type("application/json");
  request.set_body(absl::StrFormat(
      R"({"trackingNumber":"%s","localActivityDate":"20251010","localActivityTime":"%02d0000","activityLocation":)"
      R"({"city":"Town %d","stateProvince":"","postalCode":"24103","country":"DE"},"activityStatus":{"type":"I",)"
      R"("code":"DP","description":"Departed from Facility","descriptionCode":""},"scheduledDeliveryDate":"",)"
      R"("actualDeliveryDate":"","actualDeliveryTime":"","gmtActivityDate":"20251010","gmtActivityTime":"%02d0000",)"
      R"("gmtOffset":"+02.00","deliveryStartTime":"","deliveryEndTime":"","receivedBy":"","deliveryPhoto":""})",
      TrackingNumber(n), scan % 20 + 2, scan, scan % 20));
  return request;
}

}  // namespace throughline::bench
