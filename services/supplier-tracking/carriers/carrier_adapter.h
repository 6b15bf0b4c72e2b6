#pragma once

// Reads the payloads of carriers and translates their codes.
//
//   auto carriers = Carriers::Load(config.carrier_maps);                     // "": the maps compiled into the binary
//   const CarrierAdapter* adapter = (*carriers)->Find(request.format());     // nullptr: no such format
//   absl::StatusOr<std::vector<ParsedItem>> items = adapter->Parse(request.body());
//   Judgement meaning = (*carriers)->Judge("ups", event.code(), event.text());   // PushStatusEvents, by code
//
// Nothing is guessed: a code that no entry of the map names exactly is kUnmapped, and a time without an offset is
// marked uncertain.
//
// Immutable after Load; any thread. Adapters live as long as their Carriers.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"

#include "throughline/supplier/v1/carrier_map.pb.h"
#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

class CodeMaps;
struct MapFile;

// The meaning of a code and its text.
struct Judgement {
  enum class Kind {
    kKnown,        // `meaning` holds
    kUnmapped,     // no entry names the code: quarantine
    kConflicting,  // the code says `meaning`, the text says `other_state`: record, do not count
  };
  Kind kind = Kind::kUnmapped;
  v1::StatusMeaning meaning;  // RETURNED in place of DELIVERED on a return leg
  bool return_leg = false;    // the parcel goes back to the sender
  v1::TrackingState other_state = v1::TRACKING_STATE_UNSPECIFIED;
  std::string why;  // a sentence; empty if kKnown
};

// One item of a payload.
struct ParsedItem {
  enum class Kind {
    kEvent,        // `event`, with a known, unmapped or conflicting `judgement`
    kExpectation,  // only `event.eta`: an ETA without a scan
    kMalformed,    // cannot be read: `error` names the field; the other items of the payload count
  };
  Kind kind = Kind::kEvent;
  // Carrier, tracking number, code, text, place, complete time, and the ETA if the payload gives one. The ETA of a
  // payload with several scans is with the newest. An ETA that is a date has no zone yet, and `latest` as if it were
  // UTC: a caller that knows the destination sets `zone` and calls CompleteEta. A malformed item has what could be
  // read.
  v1::StatusEvent event;
  Judgement judgement;
  // When the carrier stated `event.eta`; set if and only if there is one.
  google::protobuf::Timestamp eta_stated_at;
  // The carrier's own id of the message; empty if it gives none.
  std::string message_id;
  // The tracking number as the payload has it; empty if that is the event's.
  std::string sent_number;
  // Our id of the store of ours where it happened; empty if it is none.
  std::string store;
  // A payload of the same format with this item only, for the quarantine: Parse(raw) gives the item again.
  std::string raw;
  // The earlier event of the same parcel that this one corrects, with its code, time and place.
  std::optional<v1::StatusEvent> corrects;
  // INVALID_ARGUMENT naming the path; OK unless malformed.
  absl::Status error;
  // What is wrong with optional fields, which were left out, and with the number's check digit.
  std::vector<std::string> warnings;
};

// Reads one format.
class CarrierAdapter {
 public:
  virtual ~CarrierAdapter() = default;

  // For instance `ups-track-alert`.
  virtual std::string_view Format() const = 0;

  // Whose format it is: a partner with this id may push it. For instance `ups`, `easypost`.
  virtual std::string_view Party() const = 0;

  // The items in the order of the payload; none if the payload is not about a parcel's way.
  // INVALID_ARGUMENT, with the path or the byte that is wrong, if the payload as a whole cannot be read.
  virtual absl::StatusOr<std::vector<ParsedItem>> Parse(std::string_view body) const = 0;
};

// All formats over one set of maps.
class Carriers {
 public:
  // Reads every `*.textproto` of `directory`; if that is empty, the maps compiled into the binary. What `mapped` says
  // of a code, at run time, overrules them. INVALID_ARGUMENT with file and line of each mistake; NOT_FOUND if the
  // directory cannot be read or has no map.
  static absl::StatusOr<std::unique_ptr<Carriers>> Load(const std::string& directory,
                                                        const std::vector<v1::CarrierMap>& mapped = {});

  // The same files, with this said of codes at run time.
  std::unique_ptr<Carriers> With(const std::vector<v1::CarrierMap>& mapped) const;

  ~Carriers();
  Carriers(const Carriers&) = delete;
  Carriers& operator=(const Carriers&) = delete;

  // nullptr if there is none.
  const CarrierAdapter* Find(std::string_view format) const;

  // The carriers that have a map, sorted.
  std::vector<std::string> CarriersWithMaps() const;

  // All formats, sorted; for error texts.
  std::vector<std::string_view> Formats() const;

  // The meaning of `code` in the map of `carrier` (lower case). `text` selects an entry with that text, or contradicts.
  Judgement Judge(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const;
  // The same for a state of ours: the text can contradict that as well.
  Judgement JudgeState(std::string_view carrier, const v1::StatusMeaning& meaning, std::string_view text) const;

  // Whether a map has an entry with exactly this code and text.
  bool Names(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const;

  // Our id of the store that the carrier means by this place; empty if it is none of ours.
  std::string OwnStoreAt(std::string_view carrier, const v1::Place& place) const;

  // The number as the carrier means it: without blanks, a routing prefix and the like. `number` if it is not one.
  std::string NumberOf(std::string_view carrier, std::string_view number) const;

  // Completes a time that has `local_time` with `offset_minutes`, or `instant`, or both. A missing offset is that of
  // the place, else assumed. A complete time is returned unchanged. INVALID_ARGUMENT, with a path that begins with
  // `field`, if the time contradicts itself or has neither. See CarrierTime.
  static absl::StatusOr<v1::CarrierTime> CompleteTime(const v1::CarrierTime& given, const v1::Place& place,
                                                      const std::string& field = "event.time");

  // Completes an ETA: sets `latest` from `date` in `zone`, else in UTC. A complete ETA is returned unchanged.
  // INVALID_ARGUMENT as above. See Eta.
  static absl::StatusOr<v1::Eta> CompleteEta(const v1::Eta& given, const std::string& field = "event.eta");

 private:
  Carriers(std::vector<MapFile> files, std::unique_ptr<CodeMaps> maps);

  const std::vector<MapFile> files_;
  std::unique_ptr<CodeMaps> maps_;
  std::vector<std::unique_ptr<CarrierAdapter>> adapters_;
};

}  // namespace throughline::supplier
