// GS1 EPCIS 2.0, JSON-LD: object, aggregation, transaction, transformation and association events. A parcel is an SSCC;
// what happened to it is the event's business step and disposition, of the Core Business Vocabulary. An event that
// another one declares erroneous is taken back by its corrective event.

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

// The last part of a word of the vocabulary: `shipping` of `urn:epcglobal:cbv:bizstep:shipping`, of
// `https://ref.gs1.org/cbv/BizStep-shipping`, and of itself.
std::string Bare(const std::string& word) {
  const size_t at = word.find_last_of(":/-");
  return at == std::string::npos ? word : word.substr(at + 1);
}

// The 18 digits of an SSCC given as a URN or a GS1 Digital Link; empty of anything else. In a URN the extension digit
// stands before the serial number and the check digit is left out (GS1 EPC Tag Data Standard, 7.2).
std::string Sscc(const std::string& epc) {
  constexpr std::string_view kUrn = "urn:epc:id:sscc:";
  const auto digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (absl::StartsWith(epc, kUrn.data())) {
    const std::string_view rest = std::string_view(epc).substr(kUrn.size());
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos || dot + 1 >= rest.size()) return "";
    const std::string_view company = rest.substr(0, dot), serial = rest.substr(dot + 1);
    if (!digits(company) || !digits(serial) || company.size() + serial.size() != 17) return "";
    std::string number =
        absl::StrCat(std::string(serial.substr(0, 1)), std::string(company), std::string(serial.substr(1)));
    int sum = 0;
    for (size_t i = 0; i < number.size(); ++i) sum += (number[i] - '0') * (i % 2 == 0 ? 3 : 1);
    return absl::StrCat(number, (10 - sum % 10) % 10);
  }
  const size_t link = epc.rfind("/00/");
  if (link == std::string::npos) return "";
  std::string number = epc.substr(link + 4);
  return number.size() == 18 && digits(number) ? number : "";
}

void ReadScan(const NodeRef& event, const std::map<std::string, NodeRef>& errors, Draft& draft, bool taken = false) {
  draft.SetCode("epcis/2.0", Bare(draft.Must(event["bizStep"], 256)), Bare(draft.May(event["disposition"])));
  const NodeRef place = event["readPoint"].present() ? event["readPoint"]["id"] : event["bizLocation"]["id"];
  draft.SetPlace({.facility = place});
  // A time without an offset is no moment, but local time.
  const std::optional<IsoTime> iso = ParseIso(draft.May(event["eventTime"]));
  if (iso && iso->evidence.local && !iso->evidence.offset_minutes) {
    draft.SetTime(event["eventTime"]);
    draft.SetOffset(event["eventTimeZoneOffset"]);
  } else {
    draft.SetGmt(event["eventTime"]);
  }
  // The offset is that of the place; the moment is certain whatever it says.
  const std::optional<int> offset = ParseOffset(draft.May(event["eventTimeZoneOffset"]));
  if (draft.time.gmt && offset) {
    draft.time.local = *draft.time.gmt + int64_t{*offset} * 60;
    draft.time.offset_minutes = offset;
  }
  if (taken) return;
  if (draft.May(event["action"]) == "DELETE") {
    draft.problems.Add(event["action"].path(), "is DELETE: the parcel ends, or is taken apart, which no state says");
    return;
  }
  if (event["errorDeclaration"].present()) {
    draft.problems.Add(event["errorDeclaration"].path(), "declares an error, and what corrects it is not here");
    return;
  }
  const auto wrong = errors.find(draft.May(event["eventID"]));
  if (wrong == errors.end()) return;
  Draft taken_back(wrong->second);
  ReadScan(wrong->second, {}, taken_back, true);
  absl::StatusOr<v1::CarrierTime> time = Resolve(taken_back.time_text, taken_back.time, {});
  if (!time.ok()) return draft.problems.Add(event.path(), "corrects an event that has no time");
  *taken_back.event.mutable_time() = *std::move(time);
  draft.corrects = std::move(taken_back.event);
}

// Whether an event only declares an error, and what corrects it is among `present`.
bool TakenBack(const NodeRef& event, const std::set<std::string>& present) {
  const NodeRef ids = event["errorDeclaration"]["correctiveEventIDs"];
  Problems optional;
  const size_t size = ids.Size(optional);
  for (size_t i = 0; i < size; ++i) {
    if (!present.contains(ids.At(i).Text(optional, 512))) return false;
  }
  return size > 0;
}

}  // namespace

void ReadGs1Epcis(Payload& payload) {
  const NodeRef& root = payload.root();
  root.ExpectObject(payload.problems);
  const NodeRef body = root["epcisBody"];
  std::vector<NodeRef> events;
  if (!body.present()) events.push_back(root);  // a bare event
  for (const char* list : {"eventList", "event"}) {
    for (const NodeRef& event : body.All(list, payload.problems)) events.push_back(event);
  }
  std::map<std::string, NodeRef> errors;  // by the id of what corrects them
  for (const NodeRef& event : events) {
    const NodeRef ids = event["errorDeclaration"]["correctiveEventIDs"];
    Problems optional;
    for (size_t i = 0; i < ids.Size(optional); ++i) errors.emplace(ids.At(i).Text(optional, 512), event);
  }
  std::set<std::string> present;
  for (const NodeRef& event : events) {
    Problems optional;
    present.insert(event["eventID"].Text(optional, 512));
  }
  for (const NodeRef& event : events) {
    if (TakenBack(event, present)) continue;
    std::vector<NodeRef> epcs;
    Problems problems;
    if (event["parentID"].present()) {
      epcs.push_back(event["parentID"]);
    } else {
      for (const char* list : {"epcList", "outputEPCList"}) {
        const NodeRef ids = event[list];
        for (size_t i = 0; i < ids.Size(problems); ++i) epcs.push_back(ids.At(i));
      }
    }
    // Only what stands for a parcel; other events tell of goods and locations.
    for (const NodeRef& epc : epcs) {
      const std::string text = epc.Text(problems);
      if (text.find("sscc") == std::string::npos && text.find("/00/") == std::string::npos) continue;
      payload.AddParcel(event, "gs1", epc, Sscc(text), [&](Parcel& parcel) {
        parcel.AddScan(event, epc, [&](Draft& draft) { ReadScan(event, errors, draft); });
      });
    }
  }
}

}  // namespace throughline::supplier
