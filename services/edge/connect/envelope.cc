#include "services/edge/connect/envelope.h"

#include <cstdint>

namespace throughline::edge::connect {
namespace {

constexpr size_t kPrefix = 5;

}  // namespace

std::string Enclose(unsigned char flags, std::string_view message) {
  std::string enclosed;
  enclosed.reserve(kPrefix + message.size());
  enclosed += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) enclosed += static_cast<char>(message.size() >> shift & 0xff);
  enclosed.append(message);
  return enclosed;
}

absl::StatusOr<Envelope> OnlyEnvelope(std::string_view body) {
  if (body.empty()) return absl::UnimplementedError("the request has no message: send one");
  if (body.size() < kPrefix) return absl::InvalidArgumentError("the request ends within a message's prefix");
  uint64_t length = 0;
  for (size_t i = 1; i < kPrefix; ++i) length = length << 8 | static_cast<unsigned char>(body[i]);
  if (body.size() - kPrefix < length) return absl::InvalidArgumentError("the request ends within a message");
  if (body.size() - kPrefix > length)
    return absl::UnimplementedError("the request has more than one message: send one");
  return Envelope{static_cast<unsigned char>(body[0]), body.substr(kPrefix)};
}

}  // namespace throughline::edge::connect
