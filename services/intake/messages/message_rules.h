#pragma once

// Finds phrases in a message to a customer that push their problem away, and says how to say it better.
//
//   const MessageRules& rules = *MessageRules::Shipped();
//   for (const Finding& finding : rules.Check("You need to contact UPS about that.")) { ... }
//
// A rule is data: patterns of RE2 for a sentence in its plain form (sentences.h), whole words, any case. Time is linear
// in the length of the message. README.md describes the rules and their file.
//
// Immutable; any thread.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace throughline::intake {

struct MessageRule {
  std::string id;                   // lower case, digits and `-`
  std::string problem;              // what is wrong with it, in a sentence
  std::string say;                  // what to say instead
  std::vector<std::string> find;    // patterns of phrases
  std::vector<std::string> always;  // the same, whatever `unless` says; there is at least one of both
  std::vector<std::string> unless;  // a sentence that one of these matches is harmless, as far as this rule goes
  // A message in any sentence of which one of these matches is harmless, as far as `find` goes: it says what we do.
  std::vector<std::string> redeemed = {};
  // Counts only in a sentence where no other rule finds anything; the phrase is the whole sentence.
  bool fallback = false;
};

struct Finding {
  // Bytes of the message: the phrase, and the sentence around it.
  uint32_t begin = 0, end = 0;
  uint32_t sentence_begin = 0, sentence_end = 0;
  const MessageRule* rule = nullptr;  // lives as long as the rules
};

class MessageRules {
 public:
  static constexpr size_t kMostFindings = 100;
  static constexpr size_t kMostRules = 500;
  static constexpr size_t kMostPatterns = 200;         // of one rule
  static constexpr size_t kLongestPattern = 16 << 10;  // bytes, expanded

  // INVALID_ARGUMENT: two rules share an id, a field is missing, a limit is exceeded, or a pattern is not RE2, too
  // large, or matches nothing but the empty text; says which.
  // The patterns of the first `tested` rules are not checked, but compiled when they are needed.
  static absl::StatusOr<std::shared_ptr<const MessageRules>> Compile(std::vector<MessageRule> rules, size_t tested = 0);
  // Those that the program comes with (rules_en.toml). The first call makes them, which takes a tenth of a second.
  static std::shared_ptr<const MessageRules> Shipped();
  ~MessageRules();

  // In the order of the message; the first kMostFindings of them. Phrases of one rule that overlap are one finding,
  // and one that lies within another rule's is left out. `text` is UTF-8.
  std::vector<Finding> Check(std::string_view text) const;

  const std::vector<MessageRule>& rules() const { return rules_; }

 private:
  struct Patterns;

  explicit MessageRules(std::vector<MessageRule> rules);

  std::vector<MessageRule> rules_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace throughline::intake
