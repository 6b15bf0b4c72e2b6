#pragma once

// The adapters and what they share. Only for the folder carriers/.
//
// Pure functions; any thread. The maps must outlive the adapters.

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

// The meaning of the code in the map of `carrier`, and whether the text contradicts it.
Judgement JudgeCode(const CodeMaps& maps, std::string_view carrier, const v1::CarrierCode& code, std::string_view text);

// The tracking number at `ref`, in upper case and without spaces. A problem unless it is 1 to 64 letters, digits and
// hyphens.
std::string TrackingNumber(const JsonRef& ref, JsonProblems& problems);

// The text at `ref`, with control characters replaced by spaces and cut to 1,024 bytes.
std::string Words(const JsonRef& ref, JsonProblems& problems);

// A two-letter country code in upper case; empty for anything else, as some carriers give names.
std::string Country(const JsonRef& ref, JsonProblems& problems);

// An item that cannot be read.
ParsedItem Malformed(v1::StatusEvent event, const absl::Status& why, std::string raw);

// Sets the ETA on the newest known scan of the number or, if there is none, adds an item with the ETA only. Without
// `stated_at`, the ETA counts as stated at the newest scan; without any scan, it is dropped.
void AttachEta(const v1::Eta& eta, const std::optional<google::protobuf::Timestamp>& stated_at,
               const std::string& carrier, const std::string& tracking_number, std::vector<ParsedItem>& items);

// An ETA that is a date without a zone; see ParsedItem.event.
v1::Eta EtaOfDay(absl::CivilDay day);

// For building the payload of one item; see ParsedItem.raw.
Json JsonText(std::string text);
Json JsonObject(std::vector<Json::Member> members);
Json JsonArray(Json only);

}  // namespace throughline::supplier
