#include "services/intake/messages/message_rules.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <re2/re2.h>
#include <re2/set.h>
#include <set>

#include "absl/base/call_once.h"
#include "absl/strings/str_cat.h"

#include "services/intake/messages/rules_file.h"
#include "services/intake/messages/sentences.h"
#include "services/intake/messages/shipped_rules.h"

namespace throughline::intake {
namespace {

RE2::Options Options(int64_t memory) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(memory);
  return options;
}
constexpr int64_t kPatternMemory = 8 << 20;  // of one pattern: its program, and the states that it has met
constexpr int64_t kSetMemory = 64 << 20;     // of all together

absl::Status Wrong(const MessageRule& rule, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("rule `", rule.id, "`: ", what));
}

bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= 64 &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == absl::string_view::npos;
}

// At both ends a word begins or ends, or the sentence does.
std::string WholeWords(const std::string& pattern) { return absl::StrCat("(?:\\b|^)(?:", pattern, ")(?:\\b|$)"); }

// Those of one rule that overlap are one; one that lies within another is left out. Sorted by their place.
std::vector<Finding> Joined(std::vector<Finding> found) {
  std::sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.rule, a.begin, b.end) < std::tie(b.rule, b.begin, a.end);
  });
  std::vector<Finding> wide;
  for (const Finding& finding : found) {
    if (!wide.empty() && wide.back().rule == finding.rule && finding.begin < wide.back().end) {
      wide.back().end = std::max(wide.back().end, finding.end);
    } else {
      wide.push_back(finding);
    }
  }
  std::sort(wide.begin(), wide.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.begin, b.end, a.rule) < std::tie(b.begin, a.end, b.rule);
  });
  std::vector<Finding> joined;
  uint32_t reached = 0;
  for (const Finding& finding : wide) {
    if (finding.end <= reached) continue;
    reached = finding.end;
    joined.push_back(finding);
  }
  return joined;
}

}  // namespace

// The set says at once which patterns match a sentence; only those are then asked where.
struct MessageRules::Patterns {
  // A pattern takes a millisecond or so to compile, and most are never asked where they match.
  struct One {
    One(std::string p, size_t r, bool a) : pattern(std::move(p)), rule(r), always(a) {}
    const RE2& expression() const {
      absl::call_once(once, [this] { made = std::make_unique<RE2>(WholeWords(pattern), Options(kPatternMemory)); });
      return *made;
    }
    const std::string pattern;
    const size_t rule;
    const bool always;

   private:
    mutable absl::once_flag once;
    mutable std::unique_ptr<RE2> made;
  };
  Patterns() : set(Options(kSetMemory), RE2::UNANCHORED) {}

  enum Kind { kFind, kAlways, kUnless, kRedeemed };
  absl::Status Add(const MessageRule& rule, size_t index, const std::vector<std::string>& added, Kind kind,
                   bool tested) {
    if (added.size() > kMostPatterns) return Wrong(rule, "has too many patterns");
    for (const std::string& pattern : added) {
      if (absl::Status status = AddOne(rule, index, pattern, kind, tested); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::Status AddOne(const MessageRule& rule, size_t index, const std::string& pattern, Kind kind, bool tested) {
    if (pattern.size() > kLongestPattern) return Wrong(rule, absl::StrCat("a pattern of ", pattern.size(), " bytes"));
    auto one = std::make_unique<One>(pattern, index, kind == kAlways);
    if (!tested) {
      const RE2& expression = one->expression();
      if (!expression.ok()) return Wrong(rule, absl::StrCat("`", pattern, "`: ", expression.error()));
      if (RE2::FullMatch("", RE2(pattern, Options(kPatternMemory)))) {
        return Wrong(rule, absl::StrCat("`", pattern, "` matches an empty text"));
      }
    }
    if (kind == kUnless || kind == kRedeemed) {
      (kind == kUnless ? unless : redeemed)[index].push_back(std::move(one));
      return absl::OkStatus();
    }
    if (set.Add(WholeWords(pattern), nullptr) < 0) return Wrong(rule, absl::StrCat("`", pattern, "` is refused"));
    finds.push_back(std::move(one));
    return absl::OkStatus();
  }

  // The patterns that may match; all, if the set has not the memory to tell.
  std::vector<int> Matching(const std::string& plain) const {
    std::vector<int> matching;
    RE2::Set::ErrorInfo error{RE2::Set::kNoError};
    if (set.Match(plain, &matching, &error) || error.kind == RE2::Set::kNoError) return matching;
    for (size_t i = 0; i < finds.size(); ++i) matching.push_back(static_cast<int>(i));
    return matching;
  }

  using Ones = std::vector<std::unique_ptr<One>>;
  static bool AnyMatches(const Ones& ones, const std::string& plain) {
    return std::any_of(ones.begin(), ones.end(),
                       [&](const auto& one) { return RE2::PartialMatch(plain, one->expression()); });
  }

  bool Redeemed(size_t rule, const std::vector<Sentence>& message) const {
    return std::any_of(message.begin(), message.end(),
                       [&](const Sentence& sentence) { return AnyMatches(redeemed[rule], sentence.plain); });
  }

  RE2::Set set;
  Ones finds;                          // by their numbers in the set
  std::vector<Ones> unless, redeemed;  // by rule
};

MessageRules::MessageRules(std::vector<MessageRule> rules)
    : rules_(std::move(rules)), patterns_(std::make_unique<Patterns>()) {}
MessageRules::~MessageRules() = default;

absl::StatusOr<std::shared_ptr<const MessageRules>> MessageRules::Compile(std::vector<MessageRule> given,
                                                                          size_t tested) {
  if (given.size() > kMostRules) {
    return absl::InvalidArgumentError(absl::StrCat(given.size(), " rules are too many: at most ", kMostRules));
  }
  std::shared_ptr<MessageRules> made(new MessageRules(std::move(given)));
  Patterns& patterns = *made->patterns_;
  patterns.unless.resize(made->rules_.size());
  patterns.redeemed.resize(made->rules_.size());
  std::set<std::string> ids;
  for (size_t i = 0; i < made->rules_.size(); ++i) {
    const MessageRule& rule = made->rules_[i];
    if (!IsId(rule.id)) return Wrong(rule, "an id has lower-case letters, digits and `-`, at most 64");
    if (!ids.insert(rule.id).second) return Wrong(rule, "there are two with this id");
    if (rule.problem.empty()) return Wrong(rule, "needs a `problem`: what is wrong with the phrase");
    if (rule.say.empty()) return Wrong(rule, "needs a `say`: what to say instead");
    if (rule.find.empty() && rule.always.empty()) return Wrong(rule, "needs a `find`: a list of patterns");
    for (const auto& [kind, added] :
         {std::pair{Patterns::kFind, &rule.find}, std::pair{Patterns::kAlways, &rule.always},
          std::pair{Patterns::kUnless, &rule.unless}, std::pair{Patterns::kRedeemed, &rule.redeemed}}) {
      if (absl::Status status = patterns.Add(rule, i, *added, kind, i < tested); !status.ok()) return status;
    }
  }
  if (!patterns.set.Compile()) return absl::InvalidArgumentError("the rules together are too large");
  return std::shared_ptr<const MessageRules>(std::move(made));
}

std::shared_ptr<const MessageRules> MessageRules::Shipped() {
  static const auto& shipped = *new std::shared_ptr<const MessageRules>([] {
    auto rules = ParseMessageRules(kShippedRules);
    const size_t tested = rules.ok() ? rules->size() : 0;
    auto compiled = rules.ok() ? Compile(*std::move(rules), tested) : rules.status();
    if (compiled.ok()) return *std::move(compiled);
    std::fprintf(stderr, "rules_en.toml: %s\n", compiled.status().ToString().c_str());
    std::abort();  // the program was built with rules that cannot be
  }());
  return shipped;
}

std::vector<Finding> MessageRules::Check(std::string_view text) const {
  std::vector<Finding> findings;
  const std::vector<Sentence> message = SentencesOf(text);
  std::vector<std::optional<bool>> redeemed(rules_.size());  // asked at most once for each rule
  for (const Sentence& sentence : message) {
    std::vector<Finding> found;
    for (const int number : patterns_->Matching(sentence.plain)) {
      const Patterns::One& one = *patterns_->finds[static_cast<size_t>(number)];
      if (!one.always) {
        if (Patterns::AnyMatches(patterns_->unless[one.rule], sentence.plain)) continue;
        if (!redeemed[one.rule]) redeemed[one.rule] = patterns_->Redeemed(one.rule, message);
        if (*redeemed[one.rule]) continue;
      }
      // The first place only: asking for all could take time that is not linear.
      re2::StringPiece phrase;
      if (!one.expression().Match(sentence.plain, 0, sentence.plain.size(), RE2::UNANCHORED, &phrase, 1)) continue;
      if (phrase.empty()) continue;
      const auto begin = static_cast<size_t>(phrase.data() - sentence.plain.data());
      Finding finding{sentence.begins[begin], sentence.ends[begin + phrase.size() - 1], sentence.begins.front(),
                      sentence.ends.back(), &rules_[one.rule]};
      // It is not a word that is wrong, but what is not said.
      if (finding.rule->fallback)
        std::tie(finding.begin, finding.end) = std::pair(finding.sentence_begin, finding.sentence_end);
      found.push_back(finding);
    }
    const auto is_fallback = [](const Finding& finding) { return finding.rule->fallback; };
    if (!std::all_of(found.begin(), found.end(), is_fallback)) {
      found.erase(std::remove_if(found.begin(), found.end(), is_fallback), found.end());
    }
    for (Finding& finding : Joined(std::move(found))) findings.push_back(finding);
    if (findings.size() >= kMostFindings) break;
  }
  if (findings.size() > kMostFindings) findings.resize(kMostFindings);
  return findings;
}

}  // namespace throughline::intake
