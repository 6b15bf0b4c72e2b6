#include "services/supplier-tracking/api/reports.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/server/checks/characters.h"
#include "libs/server/checks/field_rules.h"
#include "libs/server/checks/utf8.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/domain/fingerprint.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

using runtime::BadField;

constexpr size_t kCodeBytes = 128;
constexpr size_t kWhyBytes = 512;
constexpr char kCanonical[] = "canonical";

template <typename Type>
const server::FieldRules& Rules() {
  static const server::FieldRules rules(*Type::descriptor());
  return rules;
}

// The checks that the field rules of the contract cannot express.
absl::Status Check(const v1::StatusEvent& event) {
  runtime::FieldViolations bad;
  CheckPartyId(bad, "event.carrier", event.carrier());
  CheckNumber(bad, "event.tracking_number", event.tracking_number());
  if (event.has_code()) {
    if (event.code().code().empty() && event.code().type().empty()) {
      bad.Add("event.code", "is empty: give the carrier's type or code");
    }
  } else if (!event.has_status()) {
    bad.Add("event.meaning", "is not set: give `status` or `code`");
  } else if (event.status().state() == v1::TRACKING_STATE_UNSPECIFIED) {
    bad.Add("event.status.state", "is not set: name the state of the shipment");
  }
  if (event.has_handed_to()) {
    CheckPartyId(bad, "event.handed_to.carrier", event.handed_to().carrier());
    const std::string& number = event.handed_to().tracking_number();
    if (!number.empty()) CheckNumber(bad, "event.handed_to.tracking_number", number);
    if (event.has_status() && event.status().state() != v1::TRACKING_STATE_HANDED_OVER) {
      bad.Add("event.handed_to", "needs the state HANDED_OVER: it says who has the parcel from then on");
    }
  }
  if (event.has_proof()) {
    if (event.has_status() && event.status().state() != v1::TRACKING_STATE_DELIVERED) {
      bad.Add("event.proof", "needs the state DELIVERED: it is the proof of a delivery");
    }
    const size_t digest = event.proof().sha256().size();
    if (digest != 0 && digest != 32) bad.Add("event.proof.sha256", "has not 32 bytes: give a SHA-256, or leave it out");
  }
  if (!event.store_receipt().empty() && event.status().state() != v1::TRACKING_STATE_READY_FOR_PICKUP) {
    bad.Add("event.store_receipt", "needs the state READY_FOR_PICKUP: it says that the store has the parcel");
  }
  for (int flag : event.status().flags()) {
    if (flag != v1::TRACKING_FLAG_DELAYED) bad.Add("event.status.flags", "can be DELAYED only: leave the others out");
  }
  if (event.has_correction_of() && event.correction_of().size() != 32) {
    bad.Add("event.correction_of", "is not a fingerprint of 32 bytes: give that of the event to correct");
  }
  return bad.ToStatus();
}

// The epoch of the number that the event belongs to.
absl::StatusOr<uint32_t> EpochOf(const v1::StatusEvent& event, const store::KeyValue& reader) {
  const auto number = kNumbers.Get(reader, event.carrier(), event.tracking_number());
  const absl::Time at =
      event.time().has_instant() ? runtime::FromProto(event.time().instant()) : absl::InfiniteFuture();
  if (event.epoch() == 0) {
    // A correction is about the use of the number that has what it corrects, whenever it is made.
    if (event.has_correction_of()) {
      const auto has =
          EpochWith(reader, event.carrier(), event.tracking_number(), [&](uint32_t) { return event.correction_of(); });
      if (has) return *has;
    }
    return number ? EpochAt(*number, at) : 1;
  }
  if (KnowsEpoch(number.value_or(v1::NumberRow()), event.epoch())) return event.epoch();
  return BadField("event.epoch", "is not a known epoch of this number: use 0 for the present one");
}

template <typename To>
void Copy(v1::StatusEvent& event, const std::string& source, const std::string& fingerprint, To& to) {
  to.set_fingerprint(fingerprint);
  if (event.has_code()) *to.mutable_code() = std::move(*event.mutable_code());
  *to.mutable_time() = std::move(*event.mutable_time());
  to.set_source(source);
}

template <typename To>
void CopyText(v1::StatusEvent& event, To& to) {
  to.set_text(std::move(*event.mutable_text()));
  if (event.has_place()) *to.mutable_place() = std::move(*event.mutable_place());
}

// What is told of an event besides itself.
struct Told {
  std::string source;
  std::string raw;
  google::protobuf::Timestamp eta_stated_at;
  std::string sent_number;
  std::string store;
};

// Keeps the whole body of what `command` puts into quarantine.
void Keep(const std::string& body, const ShipmentLimits& limits, Report& report, QuarantineStatus& command) {
  command.limits = limits;
  command.request.set_raw_size(body.size());
  command.request.set_raw(body.substr(0, limits.part_bytes));
  for (size_t offset = limits.part_bytes; offset < body.size(); offset += limits.part_bytes) {
    RecordQuarantinePart& part = report.parts.emplace_back();
    part.limits = limits;
    part.request.set_fingerprint(report.fingerprint);
    part.request.set_raw_offset(offset);
    part.request.set_raw(body.substr(offset, limits.part_bytes));
  }
}

// `event` is checked and complete.
absl::StatusOr<Report> Build(v1::StatusEvent event, Judgement judgement, Told told, const store::KeyValue& reader,
                             const ShipmentLimits& limits) {
  absl::StatusOr<uint32_t> epoch = EpochOf(event, reader);
  if (!epoch.ok()) return epoch.status();
  Report report;
  report.carrier = event.carrier();
  report.number = event.tracking_number();
  report.epoch = *epoch;
  const v1::StatusMeaning& meaning = judgement.meaning;
  report.fingerprint = Fingerprint({report.carrier, report.number, report.epoch,
                                    event.has_code() ? &event.code() : nullptr, meaning.state(), meaning.reason(),
                                    &event.time(), &event.place(), event.correction_of(), event.store_receipt()});
  switch (judgement.kind) {
    case Judgement::Kind::kKnown: {
      RecordStatus command;
      command.limits = limits;
      if (event.has_eta()) {
        command.eta = std::move(*event.mutable_eta());
        command.eta_stated_at = told.eta_stated_at;
      }
      v1::StatusRecorded& recorded = command.request;
      recorded.set_state(meaning.state());
      recorded.set_reason(meaning.reason());
      uint32_t flags = 0;
      for (int flag : meaning.flags()) flags |= uint32_t{1} << (flag & 31);
      if (event.time().uncertain()) flags |= uint32_t{1} << v1::TRACKING_FLAG_TIME_UNCERTAIN;
      for (int flag = 1; flag < 32; ++flag) {
        if (flags >> flag & 1) recorded.add_flags(static_cast<v1::TrackingFlag>(flag));
      }
      if (event.has_correction_of()) recorded.set_correction_of(event.correction_of());
      recorded.set_sent_number(std::move(told.sent_number));
      recorded.set_store(std::move(told.store));
      recorded.set_store_receipt(!event.store_receipt().empty());
      if (event.has_proof() && meaning.state() == v1::TRACKING_STATE_DELIVERED) {
        *recorded.mutable_proof() = std::move(*event.mutable_proof());
      }
      if (event.has_handed_to() && meaning.state() == v1::TRACKING_STATE_HANDED_OVER) {
        *recorded.mutable_handed_to() = std::move(*event.mutable_handed_to());
      }
      CopyText(event, recorded);
      Copy(event, told.source, report.fingerprint, recorded);
      report.command = std::move(command);
      break;
    }
    case Judgement::Kind::kUnmapped: {
      QuarantineStatus command;
      Keep(told.raw, limits, report, command);
      v1::StatusQuarantined& quarantined = command.request;
      quarantined.set_carrier(report.carrier);
      quarantined.set_reason(judgement.why);
      Copy(event, told.source, report.fingerprint, quarantined);
      report.command = std::move(command);
      break;
    }
    case Judgement::Kind::kConflicting: {
      RecordConflict command;
      command.limits = limits;
      v1::ConflictRecorded& conflict = command.request;
      conflict.set_code_state(meaning.state());
      conflict.set_other_state(judgement.other_state);
      conflict.set_reason(judgement.why);
      CopyText(event, conflict);
      Copy(event, told.source, report.fingerprint, conflict);
      report.command = std::move(command);
      break;
    }
  }
  return report;
}

// Makes a carrier's text fit for a record, which may hold neither invalid UTF-8 nor control characters. Its bytes are
// kept in `raw`.
void Show(std::string& text, size_t max) { text = server::CleanUtf8(server::Escaped(text, max), max); }

// The number under which a parcel is kept whose own cannot be read: the same bytes have the same one.
std::string NumberOfUnreadable(const std::string& raw) {
  return absl::StrCat("UNREADABLE-", absl::AsciiStrToUpper(absl::BytesToHexString(crypto::Sha256(raw).substr(0, 10))));
}

// An item that cannot be read, or that holds what a record may not. It is kept with its bytes, because some carriers
// send only once; if it is unknown which shipment it is about, on a stream of its own.
absl::StatusOr<Report> Quarantine(ParsedItem item, const absl::Status& why, std::string_view format,
                                  const store::KeyValue& reader, const ShipmentLimits& limits) {
  v1::StatusEvent& event = item.event;
  if (!IsPartyId(event.carrier()) || item.raw.empty()) {
    return runtime::Refuse(absl::StatusCode::kInvalidArgument, "PAYLOAD_MALFORMED",
                           absl::string_view(why.message().data(), why.message().size()));
  }
  if (!IsTrackingNumber(event.tracking_number())) event.set_tracking_number(NumberOfUnreadable(item.raw));
  absl::StatusOr<uint32_t> epoch = EpochOf(event, reader);
  if (!epoch.ok()) return epoch.status();
  Report report;
  report.carrier = event.carrier();
  report.number = event.tracking_number();
  report.epoch = *epoch;
  // The fingerprint that the event would have if it were accepted, so that it can be replayed. An item that could be
  // read only in part has just its bytes.
  report.fingerprint =
      item.kind == ParsedItem::Kind::kEvent
          ? Fingerprint({report.carrier, report.number, report.epoch, &event.code(), v1::TRACKING_STATE_UNSPECIFIED,
                         v1::TRACKING_REASON_UNSPECIFIED, &event.time(), &event.place(), event.correction_of()})
          : crypto::Sha256(absl::StrCat(report.carrier, "/", report.number, "/", report.epoch, "/", item.raw));
  runtime::FieldViolations bad;
  Rules<v1::CarrierTime>().Check(*event.mutable_time(), "", {}, bad);
  if (!bad.empty()) event.clear_time();  // the time of receipt is used instead
  for (std::string* part : {event.mutable_code()->mutable_api_version(), event.mutable_code()->mutable_type(),
                            event.mutable_code()->mutable_code()}) {
    Show(*part, kCodeBytes);
  }
  QuarantineStatus command;
  Keep(item.raw, limits, report, command);
  v1::StatusQuarantined& quarantined = command.request;
  quarantined.set_carrier(report.carrier);
  std::string reason(why.message());
  Show(reason, kWhyBytes);
  quarantined.set_reason(std::move(reason));
  Copy(event, std::string(format), report.fingerprint, quarantined);
  report.command = std::move(command);
  return report;
}

}  // namespace

std::string Report::CommandId() const {
  const std::string bytes = std::visit(
      [](const auto& what) {
        std::string all = what.request.SerializeAsString();
        if constexpr (std::is_same_v<std::decay_t<decltype(what)>, RecordStatus>) {
          what.eta.AppendToString(&all);
          what.eta_stated_at.AppendToString(&all);
        }
        return all;
      },
      command);
  return absl::StrCat("report-", command.index(), "-", absl::BytesToHexString(crypto::Sha256(bytes).substr(0, 16)));
}

absl::StatusOr<Report> ReadEvent(v1::StatusEvent event, const Carriers& carriers, const store::KeyValue& reader,
                                 const ShipmentLimits& limits) {
  if (event.has_handed_to()) {
    v1::HandedTo& next = *event.mutable_handed_to();
    next.set_tracking_number(carriers.NumberOf(next.carrier(), next.tracking_number()));
  }
  if (absl::Status status = Check(event); !status.ok()) return status;
  Told told{kCanonical, "", {}, "", event.store_receipt()};
  std::string number = carriers.NumberOf(event.carrier(), event.tracking_number());
  if (number != event.tracking_number()) told.sent_number = event.tracking_number();
  event.set_tracking_number(std::move(number));
  if (told.store.empty()) told.store = carriers.OwnStoreAt(event.carrier(), event.place());
  absl::StatusOr<v1::CarrierTime> time = Carriers::CompleteTime(event.time(), event.place());
  if (!time.ok()) return time.status();
  *event.mutable_time() = *std::move(time);
  if (event.has_eta()) {
    const bool zone = event.eta().has_zone();
    absl::StatusOr<v1::Eta> eta = Carriers::CompleteEta(event.eta());
    if (!eta.ok()) return eta.status();
    *event.mutable_eta() = *std::move(eta);
    // A date without a zone stays so: the result must not depend on whether the destination is known yet.
    if (!zone) event.mutable_eta()->clear_zone();
  }
  Judgement judgement;
  if (event.has_code()) {
    judgement = carriers.Judge(event.carrier(), event.code(), event.text());
    if (judgement.kind == Judgement::Kind::kUnmapped) told.raw = event.SerializeAsString();
  } else {
    judgement = carriers.JudgeState(event.carrier(), event.status(), event.text());
  }
  told.eta_stated_at = event.time().instant();
  return Build(std::move(event), std::move(judgement), std::move(told), reader, limits);
}

std::vector<ParsedItem> ReadBody(const CarrierAdapter& adapter, const std::string& body) {
  const bool valid = server::FirstInvalidUtf8(body) == body.size();
  absl::StatusOr<std::vector<ParsedItem>> items = adapter.Parse(valid ? body : server::MarkInvalidUtf8(body));
  if (!items.ok()) {
    // Kept whole: nobody else may have it.
    ParsedItem whole;
    whole.kind = ParsedItem::Kind::kMalformed;
    whole.event.set_carrier(std::string(adapter.Party()));
    whole.error = items.status();
    whole.raw = body;
    return std::vector<ParsedItem>{std::move(whole)};
  }
  if (!valid) {
    for (ParsedItem& item : *items) item.raw = server::WithoutInvalidMarks(item.raw);
  }
  return *std::move(items);
}

absl::StatusOr<Report> ReadItem(ParsedItem item, std::string_view format, absl::Time now, const store::KeyValue& reader,
                                const ShipmentLimits& limits) {
  if (item.kind == ParsedItem::Kind::kMalformed) {
    const absl::Status why = item.error;
    return Quarantine(std::move(item), why, format, reader, limits);
  }
  v1::StatusEvent& event = item.event;
  // The server checks the fields of requests; the strings of a payload must be checked here.
  runtime::FieldViolations broken;
  Rules<v1::StatusEvent>().Check(event, "event", {}, broken);
  if (!broken.empty()) return Quarantine(std::move(item), broken.ToStatus(), format, reader, limits);
  const google::protobuf::Timestamp& said =
      item.kind == ParsedItem::Kind::kEvent ? event.time().instant() : item.eta_stated_at;
  if (absl::Status status = CheckCarrierTime(said, now); !status.ok()) {
    return Quarantine(std::move(item), status, format, reader, limits);
  }
  if (item.kind == ParsedItem::Kind::kEvent) {
    if (absl::Status status = Check(event); !status.ok()) {
      return Quarantine(std::move(item), status, format, reader, limits);
    }
    if (item.corrects) {
      const v1::StatusEvent& wrong = *item.corrects;
      const auto fingerprint = [&](uint32_t epoch) {
        return Fingerprint({event.carrier(), event.tracking_number(), epoch, &wrong.code(),
                            v1::TRACKING_STATE_UNSPECIFIED, v1::TRACKING_REASON_UNSPECIFIED, &wrong.time(),
                            &wrong.place(), ""});
      };
      // What it corrects may come later: it then belongs to the use of the number at its own time.
      const auto number = kNumbers.Get(reader, event.carrier(), event.tracking_number());
      const uint32_t epoch = EpochWith(reader, event.carrier(), event.tracking_number(), fingerprint)
                                 .value_or(number ? EpochAt(*number, runtime::FromProto(wrong.time().instant())) : 1);
      if (number) event.set_epoch(epoch);
      event.set_correction_of(fingerprint(epoch));
    }
    Told told{std::string(format), std::move(item.raw), item.eta_stated_at, item.sent_number, item.store};
    return Build(std::move(event), std::move(item.judgement), std::move(told), reader, limits);
  }
  runtime::FieldViolations bad;
  CheckPartyId(bad, "event.carrier", event.carrier());
  CheckNumber(bad, "event.tracking_number", event.tracking_number());
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  *event.mutable_time()->mutable_instant() = item.eta_stated_at;
  absl::StatusOr<uint32_t> epoch = EpochOf(event, reader);
  if (!epoch.ok()) return epoch.status();
  Report report;
  report.carrier = event.carrier();
  report.number = event.tracking_number();
  report.epoch = *epoch;
  RecordEta command;
  *command.request.mutable_eta() = event.eta();
  *command.request.mutable_stated_at() = item.eta_stated_at;
  command.request.set_source(std::string(format));
  report.command = std::move(command);
  return report;
}

v1::PushError ErrorOf(const absl::Status& status) {
  v1::PushError error;
  error.set_code(static_cast<int>(status.code()));
  error.set_reason(runtime::ReasonOf(status).value_or(absl::StatusCodeToString(status.code())));
  error.set_message(std::string(status.message()));
  return error;
}

v1::PushResult ResultOf(const std::vector<std::shared_ptr<const google::protobuf::Message>>& events) {
  if (events.empty()) return v1::PUSH_RESULT_DUPLICATE;
  const auto& event = static_cast<const v1::ShipmentEvent&>(*events.front());
  if (event.has_status_amended()) return v1::PUSH_RESULT_AMENDED;
  if (event.has_status_quarantined()) return v1::PUSH_RESULT_QUARANTINED;
  if (event.has_conflict_recorded()) return v1::PUSH_RESULT_CONFLICTING;
  if (event.has_status_recorded() && event.status_recorded().has_correction_of()) return v1::PUSH_RESULT_CORRECTED;
  return v1::PUSH_RESULT_ACCEPTED;
}

}  // namespace throughline::supplier
