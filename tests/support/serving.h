#pragma once

// The health of a server as a probe sees it: grpc.health.v1.Health/Check for the whole server. Any thread.

#include <string>

namespace throughline::testing {

// False also if nothing answers within two seconds.
bool IsServing(const std::string& address);

}  // namespace throughline::testing
