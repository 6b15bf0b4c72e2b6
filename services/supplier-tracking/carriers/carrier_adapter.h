#pragma once

// Reads what carriers send, and says what their codes mean.
//
//   auto carriers = Carriers::Load(config.carrier_maps);                     // "": the maps compiled into the binary
//   const CarrierAdapter* adapter = (*carriers)->Find(request.format());     // nullptr: no such format
//   absl::StatusOr<std::vector<ParsedItem>> items = adapter->Parse(request.body());
//   Judgement meaning = (*carriers)->Judge("ups", event.code(), event.text());   // PushStatusEvents, by code
//
// Nothing is guessed: a code that no entry of the map names exactly is UNMAPPED, a time without an offset is marked
// uncertain, and no scan is made up.
//
// Thread contract: immutable after Load; safe from any thread. Adapters live as long as their Carriers.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"

#include "throughline/supplier/v1/push.pb.h"
#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

class CodeMaps;

// What a code, with the text that came beside it, means.
struct Judgement {
  enum class Kind {
    kKnown,        // `meaning` holds
    kUnmapped,     // no entry names the code: quarantine
    kConflicting,  // the code says `meaning`, the text says `other_state`: record, do not count
  };
  Kind kind = Kind::kUnmapped;
  v1::StatusMeaning meaning;  // on a return leg already RETURNED or RETURNING in place of DELIVERED
  bool return_leg = false;    // the code says that it goes back to the sender
  v1::TrackingState other_state = v1::TRACKING_STATE_UNSPECIFIED;
  std::string why;  // a sentence, unless known
};

// One thing that a payload tells.
struct ParsedItem {
  enum class Kind {
    kEvent,        // `event` under `judgement`, whatever that is: known, unmapped or conflicting
    kExpectation,  // only `event.eta`: the payload tells when, and no scan
    kMalformed,    // cannot be read: `error` says which field is wrong; the others of the payload stand
  };
  Kind kind = Kind::kEvent;
  // Carrier, tracking number, code, text, place, time, and the ETA if the payload gives one. In a payload with several
  // scans the ETA stands with the newest. Its `meaning` is always the carrier's code, its time complete. An ETA that is
  // a date has no zone yet, and `latest` as if it were UTC: who knows the destination sets `zone` and calls
  // CompleteEta. If malformed, as far as known.
  v1::StatusEvent event;
  Judgement judgement;
  // When the carrier stated `event.eta`. Set exactly if there is one.
  google::protobuf::Timestamp eta_stated_at;
  // The carrier's own id of the message; empty if it gives none.
  std::string message_id;
  // A payload of the same format that tells this item and nothing else: Parse(raw) gives it again. For the quarantine.
  std::string raw;
  // INVALID_ARGUMENT naming the JSON path; OK unless malformed.
  absl::Status error;
};

// Reads one format.
class CarrierAdapter {
 public:
  virtual ~CarrierAdapter() = default;

  // For instance `ups-track-alert`.
  virtual std::string_view Format() const = 0;

  // Whose format it is: a partner with this id may push it. For instance `ups`, `easypost`.
  virtual std::string_view Party() const = 0;

  // The items in the order of the payload; none if it tells of no parcel's progress.
  // INVALID_ARGUMENT, with the JSON path or the byte that is wrong, if the payload as a whole cannot be read.
  virtual absl::StatusOr<std::vector<ParsedItem>> Parse(std::string_view body) const = 0;
};

// All formats over one set of maps.
class Carriers {
 public:
  // Reads every `*.textproto` of `directory`; with an empty one, the maps that were compiled in. INVALID_ARGUMENT with
  // file and line for each mistake; NOT_FOUND if the directory cannot be read or holds no map.
  static absl::StatusOr<std::unique_ptr<Carriers>> Load(const std::string& directory);

  ~Carriers();
  Carriers(const Carriers&) = delete;
  Carriers& operator=(const Carriers&) = delete;

  // nullptr if there is none.
  const CarrierAdapter* Find(std::string_view format) const;

  // For messages, ascending.
  std::vector<std::string_view> Formats() const;

  // What `code` means in the map of `carrier` (lower case); `text` can only contradict it.
  Judgement Judge(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const;

  // Completes a time that a client gave in part: from `local_time` with `offset_minutes`, or `instant`, or both. A
  // missing offset is that of the place, else assumed. A complete time comes back as it is. INVALID_ARGUMENT with the
  // path, which begins with `field`, if it contradicts itself or says nothing. See CarrierTime.
  static absl::StatusOr<v1::CarrierTime> CompleteTime(const v1::CarrierTime& given, const v1::Place& place,
                                                      const std::string& field = "event.time");

  // Completes an ETA that a client gave in part: `latest` from `date` in `zone`, else in UTC. A complete ETA comes back
  // as it is. INVALID_ARGUMENT as above. See Eta.
  static absl::StatusOr<v1::Eta> CompleteEta(const v1::Eta& given, const std::string& field = "event.eta");

 private:
  explicit Carriers(std::unique_ptr<CodeMaps> maps);

  std::unique_ptr<CodeMaps> maps_;
  std::vector<std::unique_ptr<CarrierAdapter>> adapters_;
};

}  // namespace throughline::supplier
