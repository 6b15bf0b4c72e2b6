// EasyPost's webhook: an Event whose result is a Tracker with the whole history, in EasyPost's own codes. The shipment
// belongs to the carrier that EasyPost names.

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/carrier_time.h"
#include "services/supplier-tracking/carriers/formats/parsing.h"

namespace throughline::supplier {
namespace {

constexpr char kAggregator[] = "easypost";

v1::CarrierTime Time(const JsonRef& ref, const v1::Place& place, JsonProblems& problems) {
  const std::string text = ref.Required(problems);
  const std::optional<IsoTime> iso = ParseIso(text);
  if (!iso) {
    problems.Add(ref.path(), "is not a time between 2000 and 2099, such as 2024-04-04T14:03:12Z");
    return {};
  }
  TimeEvidence evidence = iso->evidence;
  // EasyPost derives the offset from the place. If it does not know the place well enough, it writes local time as if
  // it were UTC. Then our own zone of the place is better than the Z, but still uncertain.
  const bool placed = !place.country().empty() && (!place.region().empty() || !place.postal_code().empty());
  const bool invented = iso->zulu && !placed;
  if (invented) evidence.offset_minutes.reset();
  absl::StatusOr<v1::CarrierTime> time = Resolve(text, evidence, place);
  if (time.ok() && invented) time->set_uncertain(true);
  if (time.ok()) return *std::move(time);
  problems.Add(ref.path(), std::string(time.status().message()));
  return {};
}

std::optional<v1::Eta> Expectation(const JsonRef& tracker, JsonProblems& problems) {
  const JsonRef details = tracker["carrier_detail"];
  const std::optional<IsoTime> local = ParseIso(details["est_delivery_date_local"].Text(problems));
  const std::optional<IsoTime> any = ParseIso(tracker["est_delivery_date"].Text(problems));
  const std::optional<IsoTime>& best = local ? local : any;
  if (!best) return std::nullopt;
  const TimeEvidence& said = best->evidence;
  // Midnight is how EasyPost writes a date.
  if (said.day || *said.local == absl::CivilSecond(absl::CivilDay(*said.local)) || !said.offset_minutes) {
    return EtaOfDay(said.day ? *said.day : absl::CivilDay(*said.local));
  }
  const absl::StatusOr<v1::CarrierTime> time = Resolve("", said, {});
  if (!time.ok()) return std::nullopt;
  v1::Eta eta;
  *eta.mutable_latest() = time->instant();
  return eta;
}

// The fields that all details of a tracker share.
struct Tracker {
  std::string carrier;
  std::string number;
  std::string event_id;
  bool is_return = false;
  JsonRef ref;
};

// A webhook with this detail only.
std::string Raw(const Tracker& tracker, const Json& detail) {
  std::vector<Json::Member> result;
  for (const char* name : {"object", "tracking_code", "carrier", "is_return", "updated_at"}) {
    const JsonRef member = tracker.ref[name];
    if (member.present()) result.push_back({name, *member.value()});
  }
  result.push_back({"tracking_details", JsonArray(detail)});
  return JsonObject({{"id", JsonText(tracker.event_id)},
                     {"object", JsonText("Event")},
                     {"description", JsonText("tracker.updated")},
                     {"result", JsonObject(std::move(result))}})
      .ToString();
}

class EasypostWebhook : public CarrierAdapter {
 public:
  explicit EasypostWebhook(const CodeMaps& maps) : maps_(maps) {}

  std::string_view Format() const override { return "easypost-webhook"; }
  std::string_view Party() const override { return kAggregator; }

  absl::StatusOr<std::vector<ParsedItem>> Parse(std::string_view body) const override {
    absl::StatusOr<Json> json = Json::Parse(body);
    if (!json.ok()) return json.status();
    JsonProblems problems;
    const JsonRef root(*json);
    root.ExpectObject(problems);
    const std::string description = root["description"].Required(problems);
    std::vector<ParsedItem> items;
    // There are also webhooks about batches, refunds, insurance and the like.
    if (problems.ok() && description.rfind("tracker.", 0) != 0) return items;
    Tracker tracker{"", "", root["id"].Text(problems), false, root["result"]};
    tracker.ref.ExpectObject(problems);
    tracker.number = TrackingNumber(tracker.ref["tracking_code"], problems);
    tracker.carrier = Carrier(tracker.ref["carrier"], problems);
    tracker.is_return = tracker.ref["is_return"].Flag(problems);
    const JsonRef details = tracker.ref["tracking_details"];
    const size_t size = details.Size(problems);
    if (size > kMaxItems) problems.Add(details.path(), absl::StrCat("has more than ", kMaxItems, " details"));
    const std::optional<v1::Eta> eta = Expectation(tracker.ref, problems);
    std::optional<google::protobuf::Timestamp> stated_at;
    if (const auto updated = ParseIso(tracker.ref["updated_at"].Text(problems)); updated && updated->evidence.local) {
      const absl::StatusOr<v1::CarrierTime> time = Resolve("", updated->evidence, {});
      if (time.ok()) stated_at = time->instant();
    }
    if (!problems.ok()) return problems.ToStatus();
    for (size_t i = 0; i < size; ++i) items.push_back(ParseDetail(details.At(i), tracker));
    if (eta) AttachEta(*eta, stated_at, tracker.carrier, tracker.number, items);
    for (ParsedItem& item : items) item.message_id = tracker.event_id;
    return items;
  }

 private:
  std::string Carrier(const JsonRef& ref, JsonProblems& problems) const {
    std::string id = maps_.CarrierId(kAggregator, ref.Required(problems, 64));
    const bool clean = std::all_of(id.begin(), id.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
    if (!clean) problems.Add(ref.path(), "is not a carrier: use letters, digits, . - and _ only");
    return id;
  }

  ParsedItem ParseDetail(const JsonRef& detail, const Tracker& tracker) const {
    JsonProblems problems;
    detail.ExpectObject(problems);
    ParsedItem item;
    v1::StatusEvent& event = item.event;
    event.set_carrier(tracker.carrier);
    event.set_tracking_number(tracker.number);
    event.mutable_code()->set_api_version("easypost/v2");
    event.mutable_code()->set_type(detail["status"].Text(problems, 64));
    event.mutable_code()->set_code(detail["status_detail"].Text(problems, 64));
    event.set_text(Words(detail["message"], problems));
    const JsonRef location = detail["tracking_location"];
    if (location.present()) {
      location.ExpectObject(problems);
      v1::Place& place = *event.mutable_place();
      place.set_city(location["city"].Text(problems));
      place.set_region(location["state"].Text(problems));
      place.set_postal_code(location["zip"].Text(problems));
      place.set_country(Country(location["country"], problems));
    }
    *event.mutable_time() = Time(detail["datetime"], event.place(), problems);
    if (detail.present()) item.raw = Raw(tracker, *detail.value());
    if (!problems.ok()) return Malformed(std::move(event), problems.ToStatus(), std::move(item.raw));
    item.judgement = JudgeCode(maps_, kAggregator, event.code(), event.text());
    if (tracker.is_return) {
      item.judgement.return_leg = true;
      v1::StatusMeaning& meaning = item.judgement.meaning;
      if (meaning.state() == v1::TRACKING_STATE_DELIVERED) meaning.set_state(v1::TRACKING_STATE_RETURNED);
    }
    return item;
  }

  const CodeMaps& maps_;
};

}  // namespace

std::unique_ptr<CarrierAdapter> MakeEasypostWebhook(const CodeMaps& maps) {
  return std::make_unique<EasypostWebhook>(maps);
}

}  // namespace throughline::supplier
