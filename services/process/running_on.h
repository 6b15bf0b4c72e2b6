#pragma once

// The process that runs on a data directory, from outside. Any thread.

#include <string>

namespace throughline::process {

// Its id; empty: none runs there.
std::string RunningOn(const std::string& data);
// How many descriptors it may open; 0: not known.
double DescriptorLimitOf(const std::string& process);

}  // namespace throughline::process
