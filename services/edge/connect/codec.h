#pragma once

// Messages as bytes: JSON or protobuf's binary format, through descriptors. Needs the message's generated code to be
// linked. Pure; safe from any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace throughline::edge::connect {

enum class Codec { kProto, kJson };

// By its name in the protocol: "proto" or "json". Absent: another.
std::optional<Codec> CodecNamed(std::string_view name);

// INVALID_ARGUMENT, with what is wrong. JSON with a field that the message does not have is refused: whoever wrote it
// means something that would not happen.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Parse(Codec codec, const google::protobuf::Descriptor& type,
                                                                 const std::string& bytes);

// A serialized message in that codec. INTERNAL: it is not a message of this type.
absl::StatusOr<std::string> Encode(Codec codec, const google::protobuf::Descriptor& type, std::string serialized);

}  // namespace throughline::edge::connect
