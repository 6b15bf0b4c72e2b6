#pragma once

// The file of rules: TOML. README.md describes it; rules_en.toml is the one that the program comes with.
//
//   [words]                                     # {carrier} in a pattern stands for this
//   carrier = 'ups|dhl|(?:the|your) courier'
//   [[rule]]
//   id = "sends-elsewhere"
//   problem = "The customer is sent to somebody else."
//   say = "I will ask ... and call you by ..."
//   find = ['you need to call {carrier}']
//   unless = ['you do not need to']
//
// Pure functions; safe from any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "services/intake/messages/message_rules.h"

namespace throughline::intake {

// The rules of one file, expanded. INVALID_ARGUMENT: the file is not such a file; says where. Patterns are not
// compiled.
absl::StatusOr<std::vector<MessageRule>> ParseMessageRules(std::string_view content);

// An operator's file on top of what the program comes with: a rule replaces the shipped one with its id, `drop = true`
// in a rule removes it, `shipped = false` at the top leaves all of them out. It may use the shipped words.
absl::StatusOr<std::shared_ptr<const MessageRules>> ParseOwnMessageRules(std::string_view content);

// The same of a file. NOT_FOUND: it cannot be read.
absl::StatusOr<std::shared_ptr<const MessageRules>> ReadOwnMessageRules(const std::string& path);

}  // namespace throughline::intake
