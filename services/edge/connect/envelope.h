#pragma once

// The messages of a stream: a byte of flags, four bytes of length, most significant first, and the message.
//
// Pure; safe from any thread.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace throughline::edge::connect {

struct Envelope {
  static constexpr unsigned char kCompressed = 1;
  static constexpr unsigned char kEndOfStream = 2;

  unsigned char flags = 0;
  std::string_view message;
};

std::string Enclose(unsigned char flags, std::string_view message);

// The one message of a server stream's request, which must outlive the result. UNIMPLEMENTED: there is none, or more
// than one. INVALID_ARGUMENT: it is not whole.
absl::StatusOr<Envelope> OnlyEnvelope(std::string_view body);

}  // namespace throughline::edge::connect
