#pragma once

// The maps of carriers' codes: read, checked whole, and asked by exact key. How to write one: README.md and
// carrier_map.proto.
//
//   auto maps = CodeMaps::Read(directory);                  // or the ones compiled in: CodeMaps::Embedded()
//   const Meaning* meaning = (*maps)->Find("ups", code, text);
//
// Thread contract: immutable; safe from any thread.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"

#include "throughline/supplier/v1/carrier_map.pb.h"
#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

// One file in protobuf text format.
struct MapFile {
  std::string name;
  std::string text;
};

// The files of maps/, as they were when this was compiled.
std::vector<MapFile> EmbeddedMapFiles();

class CodeMaps {
 public:
  // INVALID_ARGUMENT that lists every mistake as `file:line: what`.
  static absl::StatusOr<std::unique_ptr<CodeMaps>> Parse(const std::vector<MapFile>& files);

  // Every `*.textproto` of the directory. NOT_FOUND if it cannot be read or holds none.
  static absl::StatusOr<std::unique_ptr<CodeMaps>> Read(const std::string& directory);

  // The most specific entry for the code: with text, with type and code, with the code, with the type; of equally
  // specific ones that for the code's API version before that for any. nullptr if there is none.
  const v1::CarrierMapEntry* Find(std::string_view carrier, const v1::CarrierCode& code, std::string_view text) const;

  // What the text says by itself, by the carrier's claims. UNSPECIFIED if nothing.
  v1::TrackingState Claim(std::string_view carrier, std::string_view text) const;

  // Our id for an aggregator's name of a carrier: by its map, else the name in lower case.
  std::string CarrierId(std::string_view aggregator, std::string_view name) const;

 private:
  std::vector<std::unique_ptr<v1::CarrierMap>> files_;
  absl::flat_hash_map<std::string, const v1::CarrierMapEntry*> entries_;
  absl::flat_hash_map<std::string, std::vector<const v1::CarrierTextClaim*>> claims_;  // by carrier
  absl::flat_hash_map<std::string, std::string> names_;
};

}  // namespace throughline::supplier
