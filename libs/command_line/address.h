#pragma once

// `host:port` as a user writes it. Errors name the problem and what to write instead. Pure functions; any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace throughline::command_line {

struct HostPort {
  std::string host;  // an IPv6 address without its brackets
  int port = 0;      // 1 to 65535
};

// `host:7070`, `10.0.0.1:7070`, `[::1]:7070`. Errors show `usual_port` as an example. INVALID_ARGUMENT: a scheme, no
// port, an invalid port, or an IPv6 address without brackets.
absl::StatusOr<HostPort> ParseHostPort(std::string_view text, int usual_port);

// Kafka's bootstrap servers, separated by commas. The port may be missing (Kafka's default), and librdkafka's schemes
// (PLAINTEXT://, SSL://) are accepted.
absl::Status CheckBrokers(std::string_view text);

// An address to listen on; its port is an option of its own, which an error names.
absl::Status CheckListenHost(std::string_view text, std::string_view port_option = "--port");

}  // namespace throughline::command_line
