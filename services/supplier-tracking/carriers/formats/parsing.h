#pragma once

// What the adapters have in common, and the adapters themselves. Only for this folder.
//
// Pure functions; safe from any thread. The maps outlive the adapters.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"

#include "services/supplier-tracking/carriers/carrier_adapter.h"
#include "services/supplier-tracking/carriers/code_maps.h"
#include "services/supplier-tracking/carriers/formats/json.h"

namespace throughline::supplier {

inline constexpr size_t kMaxItems = 1000;

std::unique_ptr<CarrierAdapter> MakeUpsTrackAlert(const CodeMaps& maps);
std::unique_ptr<CarrierAdapter> MakeUspsTrackingV3(const CodeMaps& maps);
std::unique_ptr<CarrierAdapter> MakeEasypostWebhook(const CodeMaps& maps);

// What the code means in the map of `carrier`, and whether the text says otherwise.
Judgement JudgeCode(const CodeMaps& maps, std::string_view carrier, const v1::CarrierCode& code, std::string_view text);

// The tracking number at `ref`: upper case, without spaces; a problem if it is missing or anything else than 1 to 64
// letters, digits and hyphens.
std::string TrackingNumber(const JsonRef& ref, JsonProblems& problems);

// A carrier's words: control characters become spaces, and at most 1,024 bytes stay. Longer ones are no problem.
std::string Words(const JsonRef& ref, JsonProblems& problems);

// A two-letter country in upper case; empty for anything else, because some carriers give names.
std::string Country(const JsonRef& ref, JsonProblems& problems);

// An item that cannot be read.
ParsedItem Malformed(v1::StatusEvent event, const absl::Status& why, std::string raw);

// Puts the ETA to the newest scan, or, if there is none but it is known when it was stated, into an item of its own.
// Without `stated_at` it counts as stated with the newest scan.
void AttachEta(const v1::Eta& eta, const std::optional<google::protobuf::Timestamp>& stated_at,
               const std::string& carrier, const std::string& tracking_number, std::vector<ParsedItem>& items);

// An ETA that is a date whose zone is not known yet; see ParsedItem.event.
v1::Eta EtaOfDay(absl::CivilDay day);

// Builders of the payload that tells one item; see ParsedItem.raw.
Json JsonText(std::string text);
Json JsonObject(std::vector<Json::Member> members);
Json JsonArray(Json only);

}  // namespace throughline::supplier
