#include "tests/bench/support/requests.h"

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace throughline::bench {
namespace {

// Nothing of an order is overdue, and nobody waits for its next scan, so that a measurement holds no consequences of
// what is late: the first scan was two days ago, and the others of at most 24 within half a day, a day after it.
const absl::TimeZone kZone = absl::FixedTimeZone(2 * 3600);
const absl::Time kFirstScan = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) / 3600 * 3600) - absl::Hours(44);
const absl::Time kPlaced = kFirstScan - absl::Hours(13);

absl::Time TimeOf(int scan) {
  scan %= 24;
  return scan == 0 ? kFirstScan : kFirstScan + absl::Hours(21) + absl::Minutes(30) * scan;
}

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
  request.mutable_promised_time()->set_seconds(absl::ToUnixSeconds(kPlaced) + 20 * 86'400);
  request.mutable_placed_at()->set_seconds(absl::ToUnixSeconds(kPlaced));
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
  const absl::Time instant = TimeOf(scan);
  auto& time = *event.mutable_time();
  time.set_carrier_text(absl::FormatTime("%Y%m%d %H%M%S +02.00", instant, kZone));
  time.set_local_time(absl::FormatTime("%Y-%m-%dT%H:%M:%S", instant, kZone));
  time.set_offset_minutes(120);
  time.set_offset_source(supplier::v1::OFFSET_SOURCE_EXPLICIT);
  time.mutable_instant()->set_seconds(absl::ToUnixSeconds(instant));
  return request;
}

supplier::v1::PushRawEventsRequest Payload(int64_t n, int scan) {
  const absl::Time instant = TimeOf(scan);
  supplier::v1::PushRawEventsRequest request;
  request.set_item_id(absl::StrFormat("%d-%d", n, scan));
  request.set_format("ups-track-alert");
  request.set_content_type("application/json");
  request.set_body(absl::StrFormat(
      R"({"trackingNumber":"%s",%s"activityLocation":)"
      R"({"city":"Town %d","stateProvince":"","postalCode":"24103","country":"DE"},"activityStatus":{"type":"I",)"
      R"("code":"DP","description":"Departed from Facility","descriptionCode":""},"scheduledDeliveryDate":"",)"
      R"("actualDeliveryDate":"","actualDeliveryTime":"",%s)"
      R"("gmtOffset":"+02.00","deliveryStartTime":"","deliveryEndTime":"","receivedBy":"","deliveryPhoto":""})",
      TrackingNumber(n),
      absl::FormatTime(R"("localActivityDate":"%Y%m%d","localActivityTime":"%H%M%S",)", instant, kZone), scan,
      absl::FormatTime(R"("gmtActivityDate":"%Y%m%d","gmtActivityTime":"%H%M%S",)", instant, absl::UTCTimeZone())));
  return request;
}

}  // namespace throughline::bench
