#include "services/supplier-tracking/carriers/formats/draft.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "libs/server/checks/utf8.h"
#include "services/supplier-tracking/carriers/countries.h"
#include "services/supplier-tracking/carriers/formats/format.h"

namespace throughline::supplier {
namespace {

constexpr size_t kMaxWords = 1024;
constexpr size_t kKeptTextBytes = 1024;

std::string MayRead(const NodeRef& ref, size_t max, std::vector<std::string>& warnings) {
  Problems problems;
  std::string text = ref.Text(problems, max);
  if (!problems.ok()) warnings.push_back(std::string(problems.ToStatus().message()));
  return text;
}

// `from`, but of the nodes that lead to the last of `chain` only what the format needs beside it.
Node Reduced(const Node& from, const std::vector<const Node*>& chain, size_t depth, const Format& format) {
  if (depth + 1 >= chain.size()) {
    Node whole = from;
    std::erase_if(whole.members, [&](const auto& member) {
      return std::find(format.drop.begin(), format.drop.end(), member.name) != format.drop.end();
    });
    return whole;
  }
  Node reduced{from.kind, from.text, {}};
  std::string_view towards;
  for (const auto& [name, value] : from.members) {
    if (&value == chain[depth + 1]) towards = name;
  }
  if (from.kind == Node::Kind::kArray) towards = {};
  for (const auto& [name, value] : from.members) {
    if (&value == chain[depth + 1]) {
      reduced.members.push_back({name, Reduced(value, chain, depth + 1, format)});
    } else if (from.kind == Node::Kind::kObject && name != towards) {
      const bool kept = std::find(format.keep.begin(), format.keep.end(), name) != format.keep.end();
      const bool small = value.members.empty() && value.text.size() <= kKeptTextBytes;
      if (kept || (small && value.kind != Node::Kind::kArray && value.kind != Node::Kind::kObject)) {
        reduced.members.push_back({name, value});
      }
    }
  }
  return reduced;
}

std::string Written(Format::Syntax syntax, const Node& node) {
  switch (syntax) {
    case Format::Syntax::kJson:
      return node.ToJson();
    case Format::Syntax::kXml:
      return node.ToXml();
    case Format::Syntax::kX12:
      return node.ToX12();
  }
  return "";
}

}  // namespace

std::string Words(std::string_view text) {
  std::string words = server::CleanUtf8(text, kMaxWords);
  std::replace_if(
      words.begin(), words.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); }, ' ');
  return words;
}

v1::Eta EtaOfDay(absl::CivilDay day) {
  v1::Eta eta;
  eta.set_date(FormatDay(day));
  const absl::Time end = absl::FromCivil(absl::CivilSecond(day + 1), absl::UTCTimeZone()) - absl::Seconds(1);
  *eta.mutable_latest() = runtime::ToProto(end);
  return eta;
}

std::string Draft::May(const NodeRef& ref, size_t max) { return MayRead(ref, max, warnings); }

void Draft::SetCode(std::string_view version, std::string_view type, std::string_view code) {
  event.mutable_code()->set_api_version(std::string(version));
  event.mutable_code()->set_type(std::string(type));
  event.mutable_code()->set_code(std::string(code));
}

void Draft::SetText(const NodeRef& ref) { AddText(May(ref, kMaxPayloadBytes)); }

void Draft::AddText(std::string_view text) {
  const bool both = !event.text().empty() && !text.empty();
  event.set_text(Words(absl::StrCat(event.text(), both ? " " : "", absl::string_view(text.data(), text.size()))));
}

void Draft::SetPlace(const PlaceRefs& refs) {
  v1::Place& place = *event.mutable_place();
  const auto read = [&](const std::optional<NodeRef>& ref) { return ref ? May(*ref) : std::string(); };
  place.set_facility(read(refs.facility));
  place.set_city(read(refs.city));
  place.set_region(read(refs.region));
  place.set_postal_code(read(refs.postal_code));
  const std::string country = read(refs.country);
  place.set_country(CountryCode(country));
  if (!country.empty() && place.country().empty()) {
    warnings.push_back(absl::StrCat(refs.country->path(), " is not a country that is known: it is left out"));
  }
}

std::string Parcel::May(const NodeRef& ref, size_t max) { return MayRead(ref, max, warnings); }

void Parcel::SetEtaStatedAt(const NodeRef& ref) {
  const std::optional<IsoTime> iso = ParseIso(May(ref));
  if (!iso || !iso->evidence.local) return;
  const absl::StatusOr<v1::CarrierTime> time = Resolve("", iso->evidence, {});
  if (time.ok()) eta_stated_at = time->instant();
}

void Parcel::AddScan(const NodeRef& at, const NodeRef& raw_of, const std::function<void(Draft&)>& fill) {
  if (payload_.items.size() + items_.size() == kMaxItems) {
    problems.Add(at.path(), absl::StrCat("is more than ", kMaxItems, " events"));
  }
  if (!problems.ok()) return;
  Draft draft(at);
  if (payload_.format.syntax != Format::Syntax::kX12) at.ExpectObject(draft.problems);
  if (draft.problems.ok()) fill(draft);
  if (draft.raw.empty()) draft.raw = payload_.Raw(raw_of);
  const bool nothing = draft.eta_only && !draft.event.has_eta() && draft.problems.ok();
  if (!nothing) items_.push_back(Finish(draft));
}

ParsedItem Parcel::Finish(Draft& draft) const {
  ParsedItem item;
  item.raw = std::move(draft.raw);
  v1::StatusEvent& event = draft.event;
  event.set_carrier(carrier);
  event.set_tracking_number(number);
  const bool timed = draft.time.local || draft.time.day || draft.time.gmt;
  if (!timed) {
    draft.problems.Add(draft.time_problem_path_,
                       draft.time_problem_.empty() ? "is missing: the event has no time" : draft.time_problem_);
  } else {
    absl::StatusOr<v1::CarrierTime> time = Resolve(draft.time_text, draft.time, event.place());
    if (time.ok()) {
      *event.mutable_time() = *std::move(time);
      if (draft.time_is_odd) event.mutable_time()->set_uncertain(true);
    } else {
      draft.problems.Add(draft.time_problem_path_, std::string(time.status().message()));
    }
  }
  item.event = std::move(event);
  if (!draft.problems.ok()) {
    item.kind = ParsedItem::Kind::kMalformed;
    item.error = draft.problems.ToStatus();
    item.event.clear_eta();
    return item;
  }
  item.sent_number = sent_number;
  item.store = payload_.maps.OwnStoreAt(map, item.event.place());
  item.warnings = std::move(draft.warnings);
  item.corrects = std::move(draft.corrects);
  if (item.event.has_eta()) item.eta_stated_at = item.event.time().instant();
  if (draft.eta_only) {
    item.kind = ParsedItem::Kind::kExpectation;
    item.event.clear_time();
    return item;
  }
  // On the way back, a signature is the sender's.
  const bool back = return_leg || draft.return_leg;
  draft.beside.proof_of_delivery &= !back;
  item.judgement = JudgeCode(payload_.maps, map, item.event.code(), item.event.text(), draft.beside);
  const bool delivered = item.judgement.kind == Judgement::Kind::kKnown &&
                         item.judgement.meaning.state() == v1::TRACKING_STATE_DELIVERED && !back;
  if (!delivered) item.event.clear_proof();
  if (back) {
    item.judgement.return_leg = true;
    v1::StatusMeaning& meaning = item.judgement.meaning;
    if (meaning.state() == v1::TRACKING_STATE_DELIVERED) meaning.set_state(v1::TRACKING_STATE_RETURNED);
  }
  return item;
}

std::optional<v1::ProofOfDelivery> ReadProof(const ProofRefs& refs) {
  const auto text = [](const std::optional<NodeRef>& ref, size_t max) {
    Problems optional;
    std::string found = ref && ref->present() ? ref->Text(optional, max) : "";
    return optional.ok() ? found : std::string();
  };
  v1::ProofOfDelivery proof;
  proof.set_received_by(Words(text(refs.received_by, 256)));
  proof.set_place(Words(text(refs.place, 256)));
  proof.set_reference(Words(text(refs.reference, 1024)));
  const std::string signature = text(refs.signature, kMaxPayloadBytes), picture = text(refs.picture, kMaxPayloadBytes);
  proof.set_signature(!signature.empty());
  proof.set_picture(!picture.empty());
  // Base64 of some length is the document itself; its name is shorter.
  constexpr size_t kLeastDocument = 64;
  const std::string& document = picture.empty() ? signature : picture;
  std::string bytes;
  if (document.size() >= kLeastDocument && absl::Base64Unescape(document, &bytes)) {
    proof.set_sha256(crypto::Sha256(bytes));
  } else if (!document.empty() && document.size() <= 1024 && proof.reference().empty()) {
    proof.set_reference(Words(document));
  }
  if (proof.ByteSizeLong() == 0) return std::nullopt;
  const std::optional<IsoTime> at = ParseIso(text(refs.at, 64));
  if (at && at->evidence.local && at->evidence.offset_minutes) {
    const absl::StatusOr<v1::CarrierTime> time = Resolve("", at->evidence, {});
    if (time.ok()) *proof.mutable_at() = time->instant();
  }
  return proof;
}

void Draft::SetProof(const ProofRefs& refs) {
  std::optional<v1::ProofOfDelivery> proof = ReadProof(refs);
  beside.proof_of_delivery = proof.has_value();
  if (proof) *event.mutable_proof() = *std::move(proof);
}

void Parcel::SetProof(const ProofRefs& refs) { proof = ReadProof(refs); }

void Parcel::SetEta(absl::CivilDay day) { eta = EtaOfDay(day); }

bool Parcel::SetEta(const NodeRef& ref, TimeStyle style) {
  const std::string text = May(ref);
  if (text.empty()) return false;
  const std::optional<IsoTime> iso = ParseIso(text);
  const std::optional<absl::CivilDay> day = iso ? std::nullopt : ParseDay(text);
  if (!iso && !day) {
    warnings.push_back(absl::StrCat(ref.path(), " is not a time between 2000 and 2099: it is left out"));
    return false;
  }
  if (day) {
    SetEta(*day);
    return true;
  }
  const TimeEvidence& said = iso->evidence;
  const bool has_offset = said.offset_minutes.has_value() && !(iso->zulu && style == TimeStyle::kZuluIsNone);
  // Midnight is how carriers write a date, and a time without an offset is no moment.
  if (said.day || !has_offset || IsMidnight(*said.local)) {
    SetEta(said.day ? *said.day : absl::CivilDay(*said.local));
    return true;
  }
  const absl::StatusOr<v1::CarrierTime> time = Resolve(text, said, {});
  if (!time.ok()) return false;
  eta = v1::Eta();
  *eta->mutable_latest() = time->instant();
  return true;
}

// The ETA is on the newest known scan of the parcel or, if there is none, an item of its own. One that is not stated at
// some time counts as stated at the newest scan; without any scan it is dropped.
void Parcel::AttachEta() {
  if (!eta) return;
  ParsedItem *newest = nullptr, *bearer = nullptr;
  const auto instant = [](const ParsedItem& item) {
    return std::tuple(item.event.time().instant().seconds(), item.event.time().instant().nanos());
  };
  for (ParsedItem& item : items_) {
    if (item.kind != ParsedItem::Kind::kEvent) continue;
    if (newest == nullptr || instant(*newest) < instant(item)) newest = &item;
    if (item.judgement.kind != Judgement::Kind::kKnown) continue;
    if (bearer == nullptr || instant(*bearer) < instant(item)) bearer = &item;
  }
  if (newest == nullptr && !eta_stated_at) return;
  const google::protobuf::Timestamp as_of = eta_stated_at ? *eta_stated_at : newest->event.time().instant();
  if (bearer == nullptr) {
    bearer = &items_.emplace_back();
    bearer->kind = ParsedItem::Kind::kExpectation;
    bearer->event.set_carrier(carrier);
    bearer->event.set_tracking_number(number);
  }
  *bearer->event.mutable_eta() = *eta;
  bearer->eta_stated_at = as_of;
}

// The proof is of the delivery, the newest if there are several.
void Parcel::AttachProof() {
  if (!proof) return;
  ParsedItem* delivery = nullptr;
  for (ParsedItem& item : items_) {
    const bool delivered = item.kind == ParsedItem::Kind::kEvent && item.judgement.kind == Judgement::Kind::kKnown &&
                           item.judgement.meaning.state() == v1::TRACKING_STATE_DELIVERED;
    if (!delivered || item.event.has_proof()) continue;
    if (delivery == nullptr || delivery->event.time().instant().seconds() < item.event.time().instant().seconds()) {
      delivery = &item;
    }
  }
  if (delivery != nullptr) *delivery->event.mutable_proof() = *proof;
}

void Payload::AddParcel(const NodeRef& at, std::string_view carrier, const NodeRef& number,
                        const std::optional<std::string>& text, const std::function<void(Parcel&)>& read) {
  if (items.size() >= kMaxItems) problems.Add(at.path(), absl::StrCat("is beyond the first ", kMaxItems, " items"));
  if (!problems.ok()) return;
  Parcel parcel(*this, at);
  parcel.carrier = parcel.map = std::string(carrier);
  if (format.syntax != Format::Syntax::kX12) at.ExpectObject(parcel.problems);
  if (parcel.problems.ok()) {
    const std::string sent = text ? *text : number.Required(parcel.problems, 80);
    const TrackingNumber found = maps.Number(carrier, sent);
    if (parcel.problems.ok() && !found.problem.empty()) parcel.problems.Add(number.path(), found.problem);
    if (!found.warning.empty()) parcel.warnings.push_back(absl::StrCat(number.path(), " ", found.warning));
    parcel.number = found.number;
    if (sent != found.number) parcel.sent_number = sent;
  }
  if (parcel.problems.ok()) read(parcel);
  if (!parcel.problems.ok()) {
    ParsedItem bad;
    bad.kind = ParsedItem::Kind::kMalformed;
    bad.event.set_carrier(parcel.carrier);
    bad.event.set_tracking_number(parcel.number);
    bad.error = parcel.problems.ToStatus();
    bad.raw = Raw(at);
    parcel.items_.clear();
    parcel.items_.push_back(std::move(bad));
  }
  parcel.AttachEta();
  parcel.AttachProof();
  for (ParsedItem& item : parcel.items_) {
    item.warnings.insert(item.warnings.end(), parcel.warnings.begin(), parcel.warnings.end());
    items.push_back(std::move(item));
  }
}

std::string Payload::CarrierNamed(std::string_view aggregator, const NodeRef& at, const std::string& name) {
  std::string id = maps.CarrierId(aggregator, name);
  const bool clean = std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '-' || c == '_';
  });
  if (!clean) problems.Add(at.path(), "is not a carrier: use letters, digits, . - and _ only");
  return id;
}

std::string Payload::Raw(const NodeRef& only) const {
  return Written(format.syntax, Reduced(*root_.value(), only.chain(), 0, format));
}

}  // namespace throughline::supplier
