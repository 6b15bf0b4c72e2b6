#pragma once

// People and systems in a story that own no case: the website, vendors, carriers. Each act is one call of the public
// API. One thread.

#include "tests/stories/people.h"
#include "throughline/supplier/v1/collection.pb.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::stories {

// The carriers' recorded payloads are from September 2025; a story moves their dates so that the 20th is yesterday.
// `Date(18)` is then the moved 18th, `At(18, "14:14:00-04:00")` a time on it.
std::string Date(int day_of_september);
google::protobuf::Timestamp At(int day_of_september, const std::string& time);

// The web shop and the tills: systems of the company.
class Website : public Person {
 public:
  using Person::Person;

  Reply<intake::v1::OpenCaseResponse> SendsForm(const std::string& customer, const std::string& words,
                                                const About& about = {}) const;
  Reply<supplier::v1::PlaceOrderResponse> PlacesOrder(const supplier::v1::PlaceOrderRequest& order) const;
  // The leg after `follows`.
  Reply<supplier::v1::AddShipmentResponse> AddsLeg(const std::string& order_id, const std::string& carrier,
                                                   const std::string& number, const std::string& follows) const;
  // A till of ours hands lines over; none named: all that is ready there.
  Reply<supplier::v1::RecordCollectionResponse> HandsOver(const std::string& store, const std::string& order_id,
                                                          const std::vector<std::string>& lines = {}) const;
  // A store of ours scans a parcel in.
  Reply<supplier::v1::PushStatusEventsResponse> ReceivesInStore(const std::string& store, const std::string& carrier,
                                                                const std::string& number) const;
};

class Vendor : public Person {
 public:
  using Person::Person;

  // About all of its lines: the delivery date of each; none: unknown.
  Reply<supplier::v1::RecordVendorUpdateResponse> Acknowledges(const std::string& order_id,
                                                               const std::string& date) const;
  Reply<supplier::v1::RecordVendorUpdateResponse> HasRunOut(const std::string& order_id,
                                                            const std::string& reason) const;
  // It sends later, at that time.
  Reply<supplier::v1::RecordVendorUpdateResponse> IsLate(const std::string& order_id,
                                                         const google::protobuf::Timestamp& dispatch,
                                                         const std::string& reason) const;
  Reply<supplier::v1::RecordVendorUpdateResponse> Dispatches(const std::string& order_id, const std::string& carrier,
                                                             const std::string& number, const std::string& date,
                                                             bool hand_over) const;
  // In another vendor's name.
  Reply<supplier::v1::RecordVendorUpdateResponse> AcknowledgesFor(const std::string& vendor,
                                                                  const std::string& order_id) const;
};

class Carrier : public Person {
 public:
  Carrier(Company& company, std::string name, std::string format)
      : Person(company, std::move(name)), format_(std::move(format)) {}

  // Sends a recorded payload, `<carrier>/<payload>.json`, with its dates moved and otherwise unchanged.
  Reply<supplier::v1::PushRawEventsResponse> Pushes(const std::string& payload) const;
  // A payload of another carrier, in that carrier's format.
  Reply<supplier::v1::PushRawEventsResponse> PushesFor(const Carrier& other, const std::string& payload) const;

  // One event, in our own words: `text` of an event without carrier and number.
  Reply<supplier::v1::PushStatusEventsResponse> Reports(const std::string& number, const std::string& text,
                                                        const google::protobuf::Timestamp& at) const;

  Reply<supplier::v1::GetShipmentResponse> SeesShipment(const std::string& shipment) const;

 private:
  const std::string format_;
};

}  // namespace throughline::stories
