#pragma once

// Reads a vendor's document: JSON of one schema of ours, vendor-document.schema.json, about the lines of one order. It
// becomes the request that RecordVendorUpdate takes.
//
//   absl::StatusOr<v1::RecordVendorUpdateRequest> update = ReadDocument("acme", body);
//
// Unlike a carrier's payload it is refused for a member that the schema does not have: a misspelt date would be no
// date.
//
// Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "throughline/supplier/v1/commands.pb.h"

namespace throughline::supplier {

// INVALID_ARGUMENT, with the path of what is wrong. The rules of the order are not looked at.
absl::StatusOr<v1::RecordVendorUpdateRequest> ReadDocument(const std::string& vendor_id, std::string_view body);

// What the schema names, for its test: the kinds, and the members of the document and of the objects in it.
std::vector<std::string> DocumentKinds();
std::vector<std::string> DocumentMembers(std::string_view object);

}  // namespace throughline::supplier
