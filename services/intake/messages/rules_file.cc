#include "services/intake/messages/rules_file.h"

#include <map>
#include <set>
#include <toml++/toml.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/files/whole_file.h"
#include "services/intake/messages/shipped_rules.h"

namespace throughline::intake {
namespace {

using Words = std::map<std::string, std::string>;

struct RulesFile {
  bool shipped = true;
  Words words;
  std::vector<MessageRule> rules;
  std::set<std::string> dropped;
};

class FileReader {
 public:
  explicit FileReader(Words words) { file_.words = std::move(words); }

  absl::StatusOr<RulesFile> Read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (key.str() == "shipped") {
        file_.shipped = node.value<bool>().value_or(true);
        if (!node.is_boolean()) Wrong(node.source(), "`shipped` is true or false");
      } else if (key.str() == "words") {
        ReadWords(node);
      } else if (key.str() != "rule") {
        Wrong(key.source(), absl::StrCat("`", std::string(key.str()), "` is none of shipped, words, rule"));
      }
    }
    // After the words, wherever they stand.
    if (const toml::node* rules = table.get("rule")) {
      const toml::array* list = rules->as_array();
      if (list == nullptr) Wrong(rules->source(), "begin a rule with [[rule]]");
      for (size_t i = 0; list != nullptr && i < list->size(); ++i) ReadRule(*list->get(i));
    }
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    return std::move(file_);
  }

 private:
  void Wrong(const toml::source_region& where, absl::string_view what) {
    problems_.push_back(absl::StrCat("line ", where.begin.line, ": ", what));
  }

  void ReadWords(const toml::node& node) {
    const toml::table* words = node.as_table();
    if (words == nullptr) return Wrong(node.source(), "begin the words with [words]");
    // A table is sorted by name; a word may stand before those that it uses.
    for (const auto& [key, value] : *words) {
      const auto text = value.value<std::string>();
      if (!text) Wrong(key.source(), "a word is a text");
      file_.words[std::string(key.str())] = text.value_or("");
    }
  }

  // `{name}` becomes what the word stands for. Repetition, as `{2,3}`, stays.
  std::string Expand(const std::string& pattern, const toml::source_region& where, int depth = 0) {
    std::string expanded;
    for (size_t at = 0; at < pattern.size(); ++at) {
      const size_t end = pattern[at] == '{' ? pattern.find('}', at) : std::string::npos;
      if (end == std::string::npos || !absl::ascii_isalpha(pattern[at + 1]) ||
          (at > 0 && (pattern[at - 1] == 'p' || pattern[at - 1] == 'P'))) {  // \p{Greek}
        expanded.push_back(pattern[at]);
        continue;
      }
      const std::string name = pattern.substr(at + 1, end - at - 1);
      const auto word = file_.words.find(name);
      if (word == file_.words.end()) {
        Wrong(where, absl::StrCat("there is no word `", name, "`"));
      } else if (depth >= kDeepest) {
        Wrong(where, absl::StrCat("`", name, "` stands for itself"));
      } else {
        absl::StrAppend(&expanded, "(?:", Expand(word->second, where, depth + 1), ")");
      }
      at = end;
      if (expanded.size() > MessageRules::kLongestPattern) break;  // refused when it is compiled
    }
    return expanded;
  }

  std::vector<std::string> ReadPatterns(const toml::key& key, const toml::node& node) {
    std::vector<std::string> patterns;
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      Wrong(key.source(),
            absl::StrCat("`", std::string(key.str()), "` is a list of patterns, such as ['not our fault']"));
      return patterns;
    }
    for (const toml::node& entry : *list) {
      const auto text = entry.value<std::string>();
      if (!text) Wrong(entry.source(), "a pattern is a text");
      if (text) patterns.push_back(Expand(*text, entry.source()));
    }
    return patterns;
  }

  // Null: the name is of something else.
  static std::vector<std::string>* PatternsOf(MessageRule& rule, std::string_view name) {
    if (name == "find") return &rule.find;
    if (name == "always") return &rule.always;
    if (name == "unless") return &rule.unless;
    return name == "redeemed" ? &rule.redeemed : nullptr;
  }

  void ReadRule(const toml::node& node) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return Wrong(node.source(), "begin a rule with [[rule]]");
    MessageRule rule;
    bool drop = false;
    for (const auto& [key, value] : *table) {
      const auto name = key.str();
      if (name == "id" || name == "problem" || name == "say") {
        const auto text = value.value<std::string>();
        if (!text) Wrong(key.source(), absl::StrCat("`", std::string(name), "` is a text"));
        (name == "id" ? rule.id : name == "say" ? rule.say : rule.problem) = text.value_or("");
      } else if (std::vector<std::string>* patterns = PatternsOf(rule, name)) {
        *patterns = ReadPatterns(key, value);
      } else if (name == "fallback") {
        rule.fallback = value.value<bool>().value_or(false);
        if (!value.is_boolean()) Wrong(value.source(), "`fallback` is true or false");
      } else if (name == "drop") {
        drop = value.value<bool>().value_or(false);
      } else {
        Wrong(key.source(),
              absl::StrCat("`", std::string(name),
                           "` is none of id, problem, say, find, always, unless, redeemed, fallback, drop"));
      }
    }
    if (drop) {
      file_.dropped.insert(rule.id);
    } else {
      file_.rules.push_back(std::move(rule));
    }
  }

  static constexpr int kDeepest = 6;

  RulesFile file_;
  std::vector<std::string> problems_;
};

absl::StatusOr<RulesFile> Parse(std::string_view content, Words words) {
  try {
    return FileReader(std::move(words)).Read(toml::parse(content));
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", error.source().begin.line, ": ", std::string(error.description())));
  }
}

}  // namespace

absl::StatusOr<std::vector<MessageRule>> ParseMessageRules(std::string_view content) {
  auto file = Parse(content, {});
  if (!file.ok()) return file.status();
  return std::move(file->rules);
}

absl::StatusOr<std::shared_ptr<const MessageRules>> ParseOwnMessageRules(std::string_view content) {
  auto shipped = Parse(kShippedRules, {});
  if (!shipped.ok()) return shipped.status();
  auto own = Parse(content, shipped->words);
  if (!own.ok()) return own.status();
  std::set<std::string> gone = own->dropped;
  for (const MessageRule& rule : own->rules) gone.insert(rule.id);
  std::vector<MessageRule> rules;
  std::set<std::string> known;
  for (MessageRule& rule : shipped->rules) {
    known.insert(rule.id);
    if (own->shipped && gone.count(rule.id) == 0) rules.push_back(std::move(rule));
  }
  for (const std::string& id : own->dropped) {
    if (known.count(id) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("rule `", id, "` is to be dropped, but there is none with this id"));
    }
  }
  const size_t tested = rules.size();
  for (MessageRule& rule : own->rules) rules.push_back(std::move(rule));
  return MessageRules::Compile(std::move(rules), tested);
}

absl::StatusOr<std::shared_ptr<const MessageRules>> ReadOwnMessageRules(const std::string& path) {
  const auto content = files::ReadFile(path);
  if (!content) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  return ParseOwnMessageRules(*content);
}

}  // namespace throughline::intake
