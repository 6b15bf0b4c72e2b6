#pragma once

// `host:port` as a user writes it. Errors name what is wrong and what to write instead. Pure functions; any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace throughline::command_line {

struct HostPort {
  std::string host;  // an IPv6 address without its brackets
  int port = 0;      // 1 to 65535
};

// `host:7070`, `10.0.0.1:7070`, `[::1]:7070`. `usual_port` is the one that an error shows as an example.
// INVALID_ARGUMENT: a scheme, no port, a port that is none, an IPv6 address without brackets.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text, int usual_port);

// Of Kafka's brokers, joined by commas; a broker without a port has Kafka's own, and librdkafka's schemes
// (PLAINTEXT://, SSL://) are taken.
absl::Status CheckBrokers(std::string_view text);

// Of an address to listen on, which has its port in an option of its own.
absl::Status CheckListenHost(std::string_view text);

}  // namespace throughline::command_line
