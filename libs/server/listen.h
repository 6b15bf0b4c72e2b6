#pragma once

// Why a port cannot be had, said so that the reader knows what to do. Any thread.

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace throughline::server {

// FAILED_PRECONDITION with the cause, found by trying once more. `what`: "gRPC", "metrics".
absl::Status CannotListen(std::string_view what, const std::string& host, int port);

}  // namespace throughline::server
