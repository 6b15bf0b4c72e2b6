// UPS Track Alert, versions 1 and 2. A push has one event with local date and time, the same in GMT and, in version 2,
// the offset as `-04.00`. There is no message id and no history.

#include <optional>

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/carrier_time.h"
#include "services/supplier-tracking/carriers/formats/parsing.h"

namespace throughline::supplier {
namespace {

constexpr char kCarrier[] = "ups";

std::string Joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? absl::StrCat(a, b) : absl::StrCat(a, " ", b);
}

v1::CarrierTime Time(const JsonRef& root, const v1::Place& place, JsonProblems& problems) {
  const std::string date = root["localActivityDate"].Text(problems), time = root["localActivityTime"].Text(problems);
  const std::string gmt_date = root["gmtActivityDate"].Text(problems),
                    gmt_time = root["gmtActivityTime"].Text(problems);
  const std::string offset = root["gmtOffset"].Text(problems);
  TimeEvidence evidence;
  if (!date.empty() && !time.empty()) {
    evidence.local = ParseCompact(date, time);
    if (!evidence.local) {
      problems.Add(ParseCompactDay(date) ? "localActivityTime" : "localActivityDate",
                   "is not a date and time between 2000 and 2099, such as 20240423 and 091519");
    }
  } else if (!date.empty()) {
    evidence.day = ParseCompactDay(date);
    if (!evidence.day) problems.Add("localActivityDate", "is not a date between 2000 and 2099, such as 20240423");
  }
  if (!gmt_date.empty() && !gmt_time.empty()) {
    evidence.gmt = ParseCompact(gmt_date, gmt_time);
    if (!evidence.gmt) {
      problems.Add(ParseCompactDay(gmt_date) ? "gmtActivityTime" : "gmtActivityDate",
                   "is not a date and time between 2000 and 2099, such as 20240423 and 131519");
    }
  }
  if (!offset.empty()) {
    evidence.offset_minutes = ParseOffset(offset);
    if (!evidence.offset_minutes) problems.Add("gmtOffset", "is not an offset, such as -04.00");
  }
  std::string text = Joined(Joined(date, time), offset);
  if (text.empty()) text = Joined(gmt_date, gmt_time);
  absl::StatusOr<v1::CarrierTime> resolved = Resolve(text, evidence, place);
  if (resolved.ok()) return *std::move(resolved);
  problems.Add("localActivityDate", "is missing, and so is gmtActivityDate: the event has no time");
  return {};
}

// These codes of type U only announce a new ETA or photograph; they are not scans.
bool IsUpdate(const v1::CarrierCode& code) {
  return code.type() == "U" && (code.code() == "UP" || code.code() == "UT" || code.code() == "PX");
}

class UpsTrackAlert : public CarrierAdapter {
 public:
  explicit UpsTrackAlert(const CodeMaps& maps) : maps_(maps) {}

  std::string_view Format() const override { return "ups-track-alert"; }
  std::string_view Party() const override { return kCarrier; }

  absl::StatusOr<std::vector<ParsedItem>> Parse(std::string_view body) const override {
    absl::StatusOr<Json> json = Json::Parse(body);
    if (!json.ok()) return json.status();
    JsonProblems problems;
    const JsonRef root(*json);
    root.ExpectObject(problems);
    ParsedItem item;
    v1::StatusEvent& event = item.event;
    event.set_carrier(kCarrier);
    event.set_tracking_number(TrackingNumber(root["trackingNumber"], problems));
    const JsonRef status = root["activityStatus"];
    status.ExpectObject(problems);
    event.mutable_code()->set_api_version("track-alert/v1");
    event.mutable_code()->set_type(status["type"].Text(problems, 16));
    event.mutable_code()->set_code(status["code"].Text(problems, 16));
    event.set_text(Words(status["description"], problems));
    const JsonRef location = root["activityLocation"];
    if (location.present()) {
      location.ExpectObject(problems);
      v1::Place& place = *event.mutable_place();
      place.set_city(location["city"].Text(problems));
      place.set_region(location["stateProvince"].Text(problems));
      place.set_postal_code(location["postalCode"].Text(problems));
      place.set_country(Country(location["country"], problems));
    }
    const v1::CarrierTime time = Time(root, event.place(), problems);
    const std::string scheduled = root["scheduledDeliveryDate"].Text(problems);
    if (!scheduled.empty()) {
      // A delivery window has no offset, so only the date is certain.
      const std::optional<absl::CivilDay> day = ParseCompactDay(scheduled);
      if (!day) problems.Add("scheduledDeliveryDate", "is not a date between 2000 and 2099, such as 20240423");
      if (day) *event.mutable_eta() = EtaOfDay(*day);
      item.eta_stated_at = time.instant();
    }
    if (!problems.ok()) return problems.ToStatus();
    std::vector<ParsedItem> items;
    if (IsUpdate(event.code())) {
      if (!event.has_eta()) return items;
      item.kind = ParsedItem::Kind::kExpectation;
    } else {
      *event.mutable_time() = time;
      item.judgement = JudgeCode(maps_, kCarrier, event.code(), event.text());
    }
    // Without the photograph, which is large and says nothing about the state.
    std::erase_if(json->members, [](const auto& member) { return member.name == "deliveryPhoto"; });
    item.raw = json->ToString();
    items.push_back(std::move(item));
    return items;
  }

 private:
  const CodeMaps& maps_;
};

}  // namespace

std::unique_ptr<CarrierAdapter> MakeUpsTrackAlert(const CodeMaps& maps) {
  return std::make_unique<UpsTrackAlert>(maps);
}

}  // namespace throughline::supplier
