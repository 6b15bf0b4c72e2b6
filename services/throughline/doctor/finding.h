#pragma once

// What the doctor found: one thing that was looked at, how it is, and what to do. A plain value.

#include <string>
#include <vector>

namespace throughline::doctor {

struct Finding {
  enum class State { kGood, kUnknown, kRisk, kFault };

  std::string check;  // "configuration", "certificates", "topics", "lag", "disk", "descriptors", "cache", "clock",
                      // "versions", "backups", "replicas"
  State state = State::kGood;
  std::string about;  // a file, a directory, an address, a topic
  std::string what;
  std::string mend;  // what to do; empty: nothing
};

using Findings = std::vector<Finding>;

}  // namespace throughline::doctor
