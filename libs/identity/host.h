#pragma once

// Names of this machine and this process, for people and for files that several processes write beside each other. Any
// thread.

#include <string>

namespace throughline::identity {

std::string HostName();

// <host>-<process id>
std::string ProcessName();

}  // namespace throughline::identity
