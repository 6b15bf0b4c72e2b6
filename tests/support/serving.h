#pragma once

// What a server says of its health, asked as a probe asks: grpc.health.v1.Health/Check for the server as a whole.
// Any thread.

#include <string>

namespace throughline::testing {

// False also if nobody answers within two seconds.
bool IsServing(const std::string& address);

}  // namespace throughline::testing
