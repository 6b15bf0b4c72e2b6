#pragma once

// Which headers pass through the edge, and how they look on the other side. Everything else stays outside: what a
// client may say about itself is its credential, and nothing more.
//
// Pure; safe from any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/client/forward.h"
#include "services/edge/http/message.h"

namespace throughline::edge::connect {

// Names in lower case; one that ends with `*` stands for all that begin so.
struct HeaderRules {
  std::vector<std::string> in = {"authorization", "x-correlation-id", "traceparent", "tracestate"};
  std::vector<std::string> out = {};
};

// Values of `-bin` headers are base64 in HTTP, and bytes in gRPC. INVALID_ARGUMENT: one is not base64.
absl::StatusOr<client::Metadata> Inward(const http::Headers& headers, const HeaderRules& rules);

// The metadata that passes, ready for HTTP.
client::Metadata Outward(const client::Metadata& metadata, const HeaderRules& rules);

// Whether a list such as Accept-Encoding (RFC 9110, 12.5.3) has `coding`, with another weight than 0.
bool Accepts(std::string_view list, std::string_view coding);

}  // namespace throughline::edge::connect
