#include "tests/stories/outsiders.h"

#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"

#include "libs/files/whole_file.h"
#include "libs/runtime/domain/time.h"

namespace throughline::stories {
namespace {

namespace sv1 = supplier::v1;

absl::CivilDay Moved(int day_of_september) {
  static const absl::CivilDay kYesterday = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) - 1;
  return kYesterday + (day_of_september - 20);
}

std::string Spelled(const char* spelling, absl::CivilDay day) {
  return absl::FormatTime(spelling, absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
}

std::string Recorded(const std::string& format, const std::string& payload) {
  const std::string path = "services/supplier-tracking/carriers/testdata/" + format + "/" + payload + ".json";
  const auto bytes = files::ReadFile(path);
  EXPECT_TRUE(bytes) << "cannot read " << path << ": run the test from the project's root";
  std::vector<std::pair<std::string, std::string>> moved;
  for (int day = 1; day <= 30; ++day) {
    const absl::CivilDay then(2025, 9, day), now = Moved(day);
    for (const char* spelling : {"%Y%m%d", "%Y-%m-%d", "%B %e, %Y"}) {
      moved.emplace_back(Spelled(spelling, then), Spelled(spelling, now));
    }
  }
  return absl::StrReplaceAll(bytes.value_or(""), moved);
}

sv1::RecordVendorUpdateRequest Update(const std::string& vendor, const std::string& order_id) {
  sv1::RecordVendorUpdateRequest request;
  request.set_vendor_id(vendor);
  request.set_order_id(order_id);
  return request;
}

Reply<sv1::PushStatusEventsResponse> Push(const Person& who, Company& company, const sv1::StatusEvent& event) {
  bool sent = false;
  sv1::PushStatusEventsResponse answer;
  const absl::Status status = who.line().Push<sv1::PushStatusEventsRequest, sv1::PushStatusEventsResponse>(
      [&](sv1::PushStatusEventsRequest& request) {
        if (std::exchange(sent, true)) return false;
        *request.mutable_event() = event;
        return true;
      },
      [&](const sv1::PushStatusEventsRequest&, const sv1::PushStatusEventsResponse& response) { answer = response; });
  if (status.ok() && !answer.consistency_token().empty()) company.Hears(answer.consistency_token());
  return {who.name() + " reports " + event.ShortDebugString(), status, std::move(answer)};
}

}  // namespace

std::string Date(int day_of_september) { return Spelled("%Y-%m-%d", Moved(day_of_september)); }

google::protobuf::Timestamp At(int day_of_september, const std::string& time) {
  absl::Time moment;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, Date(day_of_september) + "T" + time, &moment, &error)) << error;
  return runtime::ToProto(moment);
}

Reply<intake::v1::OpenCaseResponse> Website::SendsForm(const std::string& customer, const std::string& words,
                                                       const About& about) const {
  intake::v1::OpenCaseRequest request;
  request.set_customer_id(customer);
  request.set_subject(words.substr(0, 60));
  request.set_text(words);
  request.set_channel(intake::v1::CHANNEL_WEB);
  if (about.order) request.set_order_id(*about.order);
  if (about.component) request.set_component_id(*about.component);
  return Asks<intake::v1::OpenCaseResponse>(request);
}

Reply<sv1::PlaceOrderResponse> Website::PlacesOrder(const sv1::PlaceOrderRequest& order) const {
  return Asks<sv1::PlaceOrderResponse>(order);
}

Reply<sv1::AddShipmentResponse> Website::AddsLeg(const std::string& order_id, const std::string& carrier,
                                                 const std::string& number, const std::string& follows) const {
  sv1::AddShipmentRequest request;
  request.set_order_id(order_id);
  request.set_carrier(carrier);
  request.set_tracking_number(number);
  request.set_follows(follows);
  return Asks<sv1::AddShipmentResponse>(request);
}

Reply<sv1::PushStatusEventsResponse> Website::ReceivesInStore(const std::string& store, const std::string& carrier,
                                                              const std::string& number) const {
  sv1::StatusEvent event;
  event.set_carrier(carrier);
  event.set_tracking_number(number);
  event.mutable_status()->set_state(sv1::TRACKING_STATE_READY_FOR_PICKUP);
  event.set_store_receipt(store);
  *event.mutable_time()->mutable_instant() = runtime::ToProto(absl::Now());
  return Push(*this, company_, event);
}

Reply<sv1::RecordCollectionResponse> Website::HandsOver(const std::string& store, const std::string& order_id,
                                                        const std::vector<std::string>& lines) const {
  sv1::RecordCollectionRequest request;
  request.set_order_id(order_id);
  request.set_store(store);
  request.mutable_line_ids()->Assign(lines.begin(), lines.end());
  return Asks<sv1::RecordCollectionResponse>(request);
}

Reply<sv1::RecordVendorUpdateResponse> Vendor::Acknowledges(const std::string& order_id,
                                                            const std::string& date) const {
  auto request = Update(name_, order_id);
  request.mutable_acknowledged()->mutable_expected_delivery()->set_date(date);
  return Asks<sv1::RecordVendorUpdateResponse>(request);
}

Reply<sv1::RecordVendorUpdateResponse> Vendor::HasRunOut(const std::string& order_id, const std::string& reason) const {
  auto request = Update(name_, order_id);
  request.mutable_backordered()->set_reason(reason);
  return Asks<sv1::RecordVendorUpdateResponse>(request);
}

Reply<sv1::RecordVendorUpdateResponse> Vendor::IsLate(const std::string& order_id,
                                                      const google::protobuf::Timestamp& dispatch,
                                                      const std::string& reason) const {
  auto request = Update(name_, order_id);
  *request.mutable_delayed()->mutable_expected_dispatch() = dispatch;
  request.mutable_delayed()->set_reason(reason);
  return Asks<sv1::RecordVendorUpdateResponse>(request);
}

Reply<sv1::RecordVendorUpdateResponse> Vendor::Dispatches(const std::string& order_id, const std::string& carrier,
                                                          const std::string& number, const std::string& date,
                                                          bool hand_over) const {
  auto request = Update(name_, order_id);
  auto& dispatched = *request.mutable_dispatched();
  dispatched.set_carrier(carrier);
  dispatched.set_tracking_number(number);
  dispatched.set_hand_over(hand_over);
  dispatched.mutable_expected_delivery()->set_date(date);
  return Asks<sv1::RecordVendorUpdateResponse>(request);
}

Reply<sv1::RecordVendorUpdateResponse> Vendor::AcknowledgesFor(const std::string& vendor,
                                                               const std::string& order_id) const {
  auto request = Update(vendor, order_id);
  request.mutable_acknowledged();
  return Asks<sv1::RecordVendorUpdateResponse>(request);
}

Reply<sv1::PushRawEventsResponse> Carrier::Pushes(const std::string& payload) const {
  return PushesFor(*this, payload);
}

Reply<sv1::PushRawEventsResponse> Carrier::PushesFor(const Carrier& other, const std::string& payload) const {
  bool sent = false;
  sv1::PushRawEventsResponse answer;
  const absl::Status status = line().Push<sv1::PushRawEventsRequest, sv1::PushRawEventsResponse>(
      [&](sv1::PushRawEventsRequest& request) {
        if (std::exchange(sent, true)) return false;
        request.set_format(other.format_);
        request.set_body(Recorded(other.format_, payload));
        return true;
      },
      [&](const sv1::PushRawEventsRequest&, const sv1::PushRawEventsResponse& response) { answer = response; });
  if (status.ok() && !answer.consistency_token().empty()) company_.Hears(answer.consistency_token());
  return {name_ + " pushes " + payload, status, std::move(answer)};
}

Reply<sv1::PushStatusEventsResponse> Carrier::Reports(const std::string& number, const std::string& text,
                                                      const google::protobuf::Timestamp& at) const {
  sv1::StatusEvent event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  event.set_carrier(name_);
  event.set_tracking_number(number);
  if (!event.has_time()) *event.mutable_time()->mutable_instant() = at;
  return Push(*this, company_, event);
}

Reply<sv1::GetShipmentResponse> Carrier::SeesShipment(const std::string& shipment) const {
  sv1::GetShipmentRequest request;
  request.set_shipment(shipment);
  return Asks<sv1::GetShipmentResponse>(request);
}

}  // namespace throughline::stories
