#pragma once

// The maps of carriers' codes. How to write one: README.md and carrier_map.proto.
//
//   auto maps = CodeMaps::Read(directory);  // or the built-in ones: CodeMaps::Parse(EmbeddedMapFiles())
//   const v1::CarrierMapEntry* entry = (*maps)->Find("ups", code, text);
//
// Immutable; any thread.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

#include "services/supplier-tracking/carriers/numbers.h"
#include "throughline/supplier/v1/carrier_map.pb.h"
#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

// One file in protobuf text format.
struct MapFile {
  std::string name;
  std::string text;
};

// The files of maps/, compiled into the binary.
std::vector<MapFile> EmbeddedMapFiles();

// Every `*.textproto` of the directory. NOT_FOUND if it cannot be read or has none.
absl::StatusOr<std::vector<MapFile>> ReadMapFiles(const std::string& directory);

class CodeMaps {
 public:
  // INVALID_ARGUMENT with every mistake as `file:line: text`. What `mapped` says of a code, at run time, overrules the
  // files.
  static absl::StatusOr<std::unique_ptr<CodeMaps>> Parse(const std::vector<MapFile>& files,
                                                         const std::vector<v1::CarrierMap>& mapped = {});

  // Parses every `*.textproto` of the directory; see ReadMapFiles.
  static absl::StatusOr<std::unique_ptr<CodeMaps>> Read(const std::string& directory);

  // The most specific entry for the code: with text, then with type and code, then with code, then with type. Of
  // equally specific ones, that of the code's API version before that of any. nullptr if there is none.
  const v1::CarrierMapEntry* Find(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const;

  // What the code means with other types, where an entry names it with one: a state that is not `state`; UNSPECIFIED if
  // there is none, or if it means `state` with any of them.
  v1::TrackingState StateElsewhere(std::string_view carrier, const v1::CarrierCode& code,
                                   v1::TrackingState state) const;

  // Whether there is an entry with exactly this code and text.
  bool Names(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const;

  // Our id of the store that the carrier means by this place; empty if it is none of ours.
  std::string OwnStoreAt(std::string_view carrier, const v1::Place& place) const;

  // The state that the text claims where the code, by `entry`, says `state`; UNSPECIFIED if they agree. By the entry's
  // `refuted_by` and the `text_claims` of the carrier, and of any.
  v1::TrackingState Refutation(std::string_view carrier, const v1::CarrierMapEntry& entry, v1::TrackingState state,
                               std::string_view text) const;

  // Our id for an aggregator's name of a carrier, in any case and with any blanks: from its map, else the name in lower
  // case.
  std::string CarrierId(std::string_view aggregator, std::string_view name) const;

  // A number of the carrier as the carrier means it; see numbers.h.
  TrackingNumber Number(std::string_view carrier, std::string_view text) const;

  // Every carrier that has a map, sorted.
  std::vector<std::string> CarriersWithMaps() const;

 private:
  std::vector<std::unique_ptr<v1::CarrierMap>> files_;
  absl::flat_hash_map<std::string, const v1::CarrierMapEntry*> entries_;
  absl::flat_hash_map<std::string, std::vector<const v1::CarrierMapEntry*>> typed_;    // by carrier, version and code
  absl::flat_hash_map<std::string, std::vector<const v1::CarrierTextClaim*>> claims_;  // by carrier
  absl::flat_hash_map<std::string, std::string> names_;
  absl::flat_hash_map<std::string, const v1::CarrierNumbers*> numbers_;            // by carrier
  absl::flat_hash_map<std::string, std::vector<const v1::OwnStore*>> own_stores_;  // by carrier
};

}  // namespace throughline::supplier
