// USPS tracking version 3, detail: a parcel's whole history, newest first, each event with local time and GMT. A body
// has one parcel or an array of several.

#include <array>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/carrier_time.h"
#include "services/supplier-tracking/carriers/formats/parsing.h"

namespace throughline::supplier {
namespace {

constexpr char kCarrier[] = "usps";

v1::CarrierTime Time(const JsonRef& event, const v1::Place& place, JsonProblems& problems) {
  const std::string local = event["eventTimestamp"].Text(problems), gmt = event["GMTTimestamp"].Text(problems);
  const std::string offset = event["GMTOffset"].Text(problems);
  TimeEvidence evidence;
  if (!local.empty()) {
    const std::optional<IsoTime> iso = ParseIso(local);
    if (!iso) {
      problems.Add(event["eventTimestamp"].path(), "is not a time between 2000 and 2099, such as 2024-04-04T07:03:12");
    } else {
      evidence = iso->evidence;
      // USPS documents this as local time, but writes some of it with a Z.
      if (iso->zulu) evidence.offset_minutes.reset();
    }
  }
  if (!gmt.empty()) {
    const std::optional<IsoTime> iso = ParseIso(gmt);
    if (!iso || !iso->evidence.local) {
      problems.Add(event["GMTTimestamp"].path(), "is not a time between 2000 and 2099, such as 2024-04-04T14:03:12Z");
    } else {
      evidence.gmt = *iso->evidence.local - int64_t{iso->evidence.offset_minutes.value_or(0)} * 60;
    }
  }
  if (!offset.empty()) {
    evidence.gmt_offset_minutes = ParseOffset(offset);
    if (!evidence.gmt_offset_minutes) problems.Add(event["GMTOffset"].path(), "is not an offset, such as -7:00");
  }
  absl::StatusOr<v1::CarrierTime> time = Resolve(local.empty() ? gmt : local, evidence, place);
  if (time.ok()) return *std::move(time);
  problems.Add(event["eventTimestamp"].path(), "is missing: the event has no time");
  return {};
}

// The best ETA of the payload: predicted, else expected, else guaranteed. A time without an offset counts as a date.
std::optional<v1::Eta> Expectation(const JsonRef& parcel, JsonProblems& problems) {
  constexpr std::array<const char*, 5> kFields = {"predictedDeliveryDate", "expectedDeliveryTimeStamp",
                                                  "expectedDeliveryDate", "guaranteedDeliveryTimeStamp",
                                                  "guaranteedDeliveryDate"};
  for (const char* field : kFields) {
    const std::string text = parcel[field].Text(problems);
    // The guarantee can be a text, such as `3 Business Days`.
    const std::optional<IsoTime> iso = ParseIso(text);
    if (!iso) continue;
    if (!iso->evidence.local || !iso->evidence.offset_minutes || iso->zulu) {
      return EtaOfDay(iso->evidence.day ? *iso->evidence.day : absl::CivilDay(*iso->evidence.local));
    }
    const absl::StatusOr<v1::CarrierTime> time = Resolve(text, iso->evidence, {});
    if (!time.ok()) continue;
    v1::Eta eta;
    *eta.mutable_latest() = time->instant();
    return eta;
  }
  return std::nullopt;
}

class UspsTrackingV3 : public CarrierAdapter {
 public:
  explicit UspsTrackingV3(const CodeMaps& maps) : maps_(maps) {}

  std::string_view Format() const override { return "usps-tracking-v3"; }
  std::string_view Party() const override { return kCarrier; }

  absl::StatusOr<std::vector<ParsedItem>> Parse(std::string_view body) const override {
    absl::StatusOr<Json> json = Json::Parse(body);
    if (!json.ok()) return json.status();
    JsonProblems problems;
    const JsonRef root(*json);
    std::vector<ParsedItem> items;
    if (json->kind == Json::Kind::kArray) {
      for (size_t i = 0; i < json->members.size() && problems.ok(); ++i) ParseParcel(root.At(i), items, problems);
    } else {
      ParseParcel(root, items, problems);
    }
    if (!problems.ok()) return problems.ToStatus();
    return items;
  }

 private:
  void ParseParcel(const JsonRef& parcel, std::vector<ParsedItem>& items, JsonProblems& problems) const {
    parcel.ExpectObject(problems);
    const std::string number = TrackingNumber(parcel["trackingNumber"], problems);
    const JsonRef events = parcel["trackingEvents"];
    const size_t size = events.Size(problems);
    if (items.size() + size > kMaxItems)
      problems.Add(events.path(), absl::StrCat("has more than ", kMaxItems, " events"));
    if (!problems.ok()) return;
    std::vector<ParsedItem> own;
    for (size_t i = 0; i < size; ++i) own.push_back(ParseEvent(events.At(i), number));
    if (const std::optional<v1::Eta> eta = Expectation(parcel, problems)) {
      AttachEta(*eta, std::nullopt, kCarrier, number, own);
    }
    std::move(own.begin(), own.end(), std::back_inserter(items));
  }

  ParsedItem ParseEvent(const JsonRef& from, const std::string& number) const {
    JsonProblems problems;
    from.ExpectObject(problems);
    ParsedItem item;
    v1::StatusEvent& event = item.event;
    event.set_carrier(kCarrier);
    event.set_tracking_number(number);
    event.mutable_code()->set_api_version("tracking/v3");
    event.mutable_code()->set_code(from["eventCode"].Text(problems, 16));
    event.set_text(Words(from["eventType"], problems));
    v1::Place& place = *event.mutable_place();
    place.set_city(from["eventCity"].Text(problems));
    place.set_region(from["eventState"].Text(problems));
    place.set_postal_code(from["eventZIP"].Text(problems));
    place.set_country(Country(from["eventCountry"], problems));
    *event.mutable_time() = Time(from, place, problems);
    if (from.present()) {
      item.raw =
          JsonObject({{"trackingNumber", JsonText(number)}, {"trackingEvents", JsonArray(*from.value())}}).ToString();
    }
    if (!problems.ok()) return Malformed(std::move(event), problems.ToStatus(), std::move(item.raw));
    item.judgement = JudgeCode(maps_, kCarrier, event.code(), event.text());
    return item;
  }

  const CodeMaps& maps_;
};

}  // namespace

std::unique_ptr<CarrierAdapter> MakeUspsTrackingV3(const CodeMaps& maps) {
  return std::make_unique<UspsTrackingV3>(maps);
}

}  // namespace throughline::supplier
