#include "services/supplier-tracking/carriers/formats/parsing.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/time.h"
#include "libs/server/checks/utf8.h"
#include "services/supplier-tracking/carriers/carrier_time.h"

namespace throughline::supplier {
namespace {

constexpr size_t kMaxWords = 1024;

std::string Quoted(const v1::CarrierCode& code) {
  return absl::StrCat(code.type().empty() ? "" : absl::StrCat("type \"", code.type(), "\" "), "code \"", code.code(),
                      "\"");
}

std::string Plain(v1::TrackingState state) {
  std::string name = v1::TrackingState_Name(state);
  constexpr std::string_view kPrefix = "TRACKING_STATE_";
  return name.rfind(kPrefix, 0) == 0 ? name.substr(kPrefix.size()) : name;
}

// "Delivered", meaning to the sender, does not contradict RETURNED.
bool Agree(v1::TrackingState state, v1::TrackingState claim) {
  return state == claim || (state == v1::TRACKING_STATE_RETURNED && claim == v1::TRACKING_STATE_DELIVERED);
}

}  // namespace

Judgement JudgeCode(const CodeMaps& maps, std::string_view carrier, const v1::CarrierCode& code,
                    std::string_view text) {
  Judgement judgement;
  const v1::CarrierMapEntry* entry = maps.Find(carrier, code, text);
  if (entry == nullptr) {
    judgement.why = code.type().empty() && code.code().empty()
                        ? absl::StrCat(std::string(carrier), " gave no code")
                        : absl::StrCat("no map of ", std::string(carrier), " names ", Quoted(code));
    return judgement;
  }
  judgement.kind = Judgement::Kind::kKnown;
  judgement.return_leg = entry->return_leg();
  const bool returned = entry->return_leg() && entry->state() == v1::TRACKING_STATE_DELIVERED;
  judgement.meaning.set_state(returned ? v1::TRACKING_STATE_RETURNED : entry->state());
  judgement.meaning.set_reason(entry->reason());
  *judgement.meaning.mutable_flags() = entry->flags();
  // An entry with this very text has decided what the text means.
  const v1::TrackingState claim = entry->text().empty() ? maps.Claim(carrier, text) : v1::TRACKING_STATE_UNSPECIFIED;
  if (claim != v1::TRACKING_STATE_UNSPECIFIED && !Agree(judgement.meaning.state(), claim)) {
    judgement.kind = Judgement::Kind::kConflicting;
    judgement.other_state = claim;
    judgement.why =
        absl::StrCat(Quoted(code), " says ", Plain(judgement.meaning.state()), ", the text says ", Plain(claim));
  }
  return judgement;
}

std::string TrackingNumber(const JsonRef& ref, JsonProblems& problems) {
  std::string number;
  for (const char c : ref.Required(problems, 80)) {
    if (c == ' ') continue;
    if (c != '-' && !absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      problems.Add(ref.path(), "is not a tracking number: use letters, digits and - only");
      return "";
    }
    number += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  if (number.empty() || number.size() > 64)
    problems.Add(ref.path(), "is not a tracking number: use 1 to 64 letters and digits");
  return number;
}

std::string Words(const JsonRef& ref, JsonProblems& problems) {
  std::string words = server::CleanUtf8(ref.Text(problems, kMaxPayloadBytes), kMaxWords);
  std::replace_if(
      words.begin(), words.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); }, ' ');
  return words;
}

std::string Country(const JsonRef& ref, JsonProblems& problems) {
  std::string country = ref.Text(problems);
  const bool code = country.size() == 2 && absl::ascii_isalpha(static_cast<unsigned char>(country[0])) &&
                    absl::ascii_isalpha(static_cast<unsigned char>(country[1]));
  if (!code) return "";
  absl::AsciiStrToUpper(&country);
  return country;
}

ParsedItem Malformed(v1::StatusEvent event, const absl::Status& why, std::string raw) {
  ParsedItem item;
  item.kind = ParsedItem::Kind::kMalformed;
  item.event = std::move(event);
  item.error = why;
  item.raw = std::move(raw);
  return item;
}

void AttachEta(const v1::Eta& eta, const std::optional<google::protobuf::Timestamp>& stated_at,
               const std::string& carrier, const std::string& tracking_number, std::vector<ParsedItem>& items) {
  // Only a known event can carry the ETA. Without one, the ETA is an item of its own, as of the newest event.
  ParsedItem *newest = nullptr, *bearer = nullptr;
  const auto instant = [](const ParsedItem& item) {
    return std::tuple(item.event.time().instant().seconds(), item.event.time().instant().nanos());
  };
  for (ParsedItem& item : items) {
    if (item.kind != ParsedItem::Kind::kEvent || item.event.tracking_number() != tracking_number) continue;
    if (newest == nullptr || instant(*newest) < instant(item)) newest = &item;
    if (item.judgement.kind != Judgement::Kind::kKnown) continue;
    if (bearer == nullptr || instant(*bearer) < instant(item)) bearer = &item;
  }
  if (newest == nullptr && !stated_at) return;
  const google::protobuf::Timestamp as_of = stated_at ? *stated_at : newest->event.time().instant();
  if (bearer == nullptr) {
    bearer = &items.emplace_back();
    bearer->kind = ParsedItem::Kind::kExpectation;
    bearer->event.set_carrier(carrier);
    bearer->event.set_tracking_number(tracking_number);
  }
  *bearer->event.mutable_eta() = eta;
  bearer->eta_stated_at = as_of;
}

v1::Eta EtaOfDay(absl::CivilDay day) {
  v1::Eta eta;
  eta.set_date(FormatDay(day));
  const absl::Time end = absl::FromCivil(absl::CivilSecond(day + 1), absl::UTCTimeZone()) - absl::Seconds(1);
  *eta.mutable_latest() = runtime::ToProto(end);
  return eta;
}

Json JsonText(std::string text) { return Json{Json::Kind::kText, std::move(text), {}}; }

Json JsonObject(std::vector<Json::Member> members) { return Json{Json::Kind::kObject, "", std::move(members)}; }

Json JsonArray(Json only) {
  Json array{Json::Kind::kArray, "", {}};
  array.members.push_back({"", std::move(only)});
  return array;
}

}  // namespace throughline::supplier
