#pragma once

// What a reader of a format fills in: payload, parcels, scans. Everything that is the same for all formats is done
// here, once: bounds, numbers, times, the meaning of codes, contradictions, the ETA, the bytes for the quarantine.
//
//   void ReadAcmePush(Payload& payload) {
//     for (const NodeRef& at : payload.root().All("parcels", payload.problems)) {
//       payload.AddParcel(at, "acme", at["number"], [&](Parcel& parcel) {
//         for (const NodeRef& scan : at.All("scans", parcel.problems)) {
//           parcel.AddScan(scan, [&](Draft& draft) {
//             draft.SetCode("v1", "", draft.Must(scan["code"]));
//             draft.SetText(scan["text"]);
//             draft.SetPlace({.city = scan["city"], .country = scan["country"]});
//             draft.SetTime(scan["at"]);
//           });
//         }
//       });
//     }
//   }
//
// What is wrong with one scan, or with one parcel, spoils only that one. What is wrong with an optional field is a
// warning. Used by one thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/carrier_time.h"
#include "services/supplier-tracking/carriers/code_maps.h"
#include "services/supplier-tracking/carriers/formats/node.h"

namespace throughline::supplier {

inline constexpr size_t kMaxItems = 1000;

struct Format;

// How a time is written, where that is not plain ISO 8601.
enum class TimeStyle {
  kIso,                // an offset, `Z` too, is what the carrier means
  kZuluIsNone,         // the carrier writes `Z` after local time: it says nothing
  kUtc,                // documented as UTC, with or without `Z`
  kBareMidnightIsDay,  // a midnight without an offset is how the carrier writes a date
};

// Where the fields of a place are.
struct PlaceRefs {
  std::optional<NodeRef> facility = {}, city = {}, region = {}, postal_code = {}, country = {};
};

// Where the proof of a delivery is. `signature` and `picture` hold the document itself, in base64, or its name.
struct ProofRefs {
  std::optional<NodeRef> received_by = {}, place = {}, at = {}, signature = {}, picture = {}, reference = {};
};

// What else a message says, which can tell against its code.
struct Beside {
  std::string words;               // that are not the scan's text, for instance the carrier's own summary of the code
  bool proof_of_delivery = false;  // a signature, a photograph
};

// One scan, as it is read.
class Draft {
 public:
  explicit Draft(NodeRef at) : at(std::move(at)) {}

  // A field without which the scan has no meaning: what is wrong with it spoils the scan.
  std::string Must(const NodeRef& ref, size_t max = 64) { return ref.Text(problems, max); }
  // Any other field: what is wrong with it is a warning, and it counts as absent.
  std::string May(const NodeRef& ref, size_t max = 256);

  void SetCode(std::string_view version, std::string_view type, std::string_view code);
  // Joins the texts that are there.
  void SetText(const NodeRef& ref);
  void AddText(std::string_view text);
  void SetPlace(const PlaceRefs& place);

  // The time of the scan, from one field of ISO 8601 or of one of the other forms of carrier_time.h.
  void SetTime(const NodeRef& ref, TimeStyle style = TimeStyle::kIso);
  // From two fields: `20240423` or `2024-04-23`, and `091519`, `09:15:19`, `0915`, `9:15 am`.
  void SetLocal(const NodeRef& date, const NodeRef& time);
  // The same moment in GMT; of two fields, or of one.
  void SetGmt(const NodeRef& date, const NodeRef& time);
  void SetGmt(const NodeRef& ref);
  // The same, of one field that may be a time without its date: the day is the one that local time and offset leave, if
  // they were set before and agree with it.
  void SetGmtNear(const NodeRef& ref);
  // The proof of a delivery; what is there of it counts against a code that says otherwise.
  void SetProof(const ProofRefs& proof);
  // The offset, in a field of its own. `of_pair`: the difference of a GMT pair, which counts less than one beside the
  // time.
  void SetOffset(const NodeRef& ref, bool of_pair = false);

  const NodeRef at;
  v1::StatusEvent event;  // code, text, place, ETA, correction
  TimeEvidence time;
  std::string time_text;  // as the carrier wrote it
  bool time_is_odd = false;
  Beside beside;
  bool return_leg = false;  // on the way back to the sender, as all scans of a Parcel with it are
  bool eta_only = false;    // no scan: an ETA, `event.eta`, or nothing at all
  // What the scan takes back: the same parcel's earlier one with this code, time and place.
  std::optional<v1::StatusEvent> corrects;
  std::string raw;  // if it is not what Payload::Raw gives for `raw_of`
  Problems problems;
  std::vector<std::string> warnings;

 private:
  friend class Parcel;
  void Unreadable(const NodeRef& ref, const std::string& what);

  std::string time_problem_path_ = "time", time_problem_;
};

// One parcel and its scans.
class Parcel {
 public:
  void AddScan(const NodeRef& at, const std::function<void(Draft&)>& fill) { AddScan(at, at, fill); }
  // `raw_of` is the part by which it is kept alone, if that is not `at`.
  void AddScan(const NodeRef& at, const NodeRef& raw_of, const std::function<void(Draft&)>& fill);
  // The parcel's ETA, in one field of ISO 8601; what cannot be read is a warning. False if there is none.
  bool SetEta(const NodeRef& ref, TimeStyle style = TimeStyle::kIso);
  void SetEta(absl::CivilDay day);
  // The text of an optional field; what is wrong with it is a warning.
  std::string May(const NodeRef& ref, size_t max = 256);
  // The proof of the parcel's delivery, where it is not with the scan.
  void SetProof(const ProofRefs& refs);
  // When the ETA was stated; what cannot be read is left out.
  void SetEtaStatedAt(const NodeRef& ref);

  std::string carrier;  // whose parcel it is
  std::string map;      // whose codes it has; the carrier, or the aggregator
  std::string number;
  std::string sent_number;  // as the payload has it, if that is not `number`
  bool return_leg = false;
  std::optional<v1::Eta> eta;
  std::optional<google::protobuf::Timestamp> eta_stated_at;
  std::optional<v1::ProofOfDelivery> proof;
  Problems problems;  // spoils the parcel
  std::vector<std::string> warnings;

 private:
  friend class Payload;
  Parcel(class Payload& payload, NodeRef at) : payload_(payload), at_(std::move(at)) {}
  ParsedItem Finish(Draft& scan) const;
  void AttachEta();
  void AttachProof();

  class Payload& payload_;
  const NodeRef at_;
  std::vector<ParsedItem> items_;
};

// A payload, as it is read.
class Payload {
 public:
  Payload(const Format& format, const CodeMaps& maps, const Node& root)
      : format(format), maps(maps), root_(NodeRef(root)) {}

  const NodeRef& root() const { return root_; }
  // A parcel of `carrier`. A number that cannot be read, and what `read` finds wrong, spoils this parcel only.
  void AddParcel(const NodeRef& at, std::string_view carrier, const NodeRef& number,
                 const std::function<void(Parcel&)>& read) {
    AddParcel(at, carrier, number, std::nullopt, read);
  }
  // The same with the text that stands for the number there; empty if it cannot be read.
  void AddParcel(const NodeRef& at, std::string_view carrier, const NodeRef& number,
                 const std::optional<std::string>& text, const std::function<void(Parcel&)>& read);
  // Our id of the carrier that an aggregator names. A problem of the payload if it cannot be one.
  std::string CarrierNamed(std::string_view aggregator, const NodeRef& name) {
    return CarrierNamed(aggregator, name, name.Required(problems, 64));
  }
  // The same with the text that stands for the name there.
  std::string CarrierNamed(std::string_view aggregator, const NodeRef& at, const std::string& name);
  // The payload reduced to one parcel or scan: of the objects that hold it only their texts, and what the format keeps.
  std::string Raw(const NodeRef& only) const;

  const Format& format;
  const CodeMaps& maps;
  std::string message_id;
  Problems problems;  // spoils the payload
  std::vector<ParsedItem> items;

 private:
  const NodeRef root_;
};

// The text, with control characters replaced by spaces and cut to 1,024 bytes.
std::string Words(std::string_view text);

// The meaning of the code in the map of `carrier`, and whether the rest of the message contradicts it.
Judgement JudgeCode(const CodeMaps& maps, std::string_view carrier, const v1::CarrierCode& code, std::string_view text,
                    const Beside& beside = {});
// The same for a state of ours.
Judgement JudgeMeaning(const CodeMaps& maps, std::string_view carrier, const v1::StatusMeaning& meaning,
                       std::string_view text);

// What there is of the proof; nullopt: nothing. What is wrong with a field is left out.
std::optional<v1::ProofOfDelivery> ReadProof(const ProofRefs& refs);

// An ETA that is a date without a zone; see ParsedItem.event.
v1::Eta EtaOfDay(absl::CivilDay day);

}  // namespace throughline::supplier
