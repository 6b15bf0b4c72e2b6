#pragma once

// A file that belongs to an interaction, as given to --attach:
//
//   lamp.jpg=./lamp.jpg,https://files.example/17/lamp.jpg       a file that is here: its digest and size are computed
//   lamp.jpg=sha256:9f86...0a08,https://files.example/17/lamp.jpg   one that is kept elsewhere only
//
// The file itself is not sent: it stays where LOCATION says, and the digest proves that it is the same. The media type
// follows from the name.
//
// One thread.

#include <string>

#include "absl/status/statusor.h"

#include "throughline/intake/v1/case.pb.h"

namespace throughline::tool {

inline constexpr char kAttachmentHelp[] =
    "A file that came with it, once per file; FILE is read for its digest, LOCATION is where it is kept";
inline constexpr char kAttachmentType[] = "NAME=FILE|sha256:DIGEST,LOCATION";

// INVALID_ARGUMENT: says what to write, or why the file cannot be read.
absl::StatusOr<intake::v1::Attachment> ReadAttachment(const std::string& option, const std::string& text);

// By the name's ending; application/octet-stream for an unknown one.
std::string MediaTypeOf(const std::string& name);

}  // namespace throughline::tool
