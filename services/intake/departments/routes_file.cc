#include "services/intake/departments/routes_file.h"

#include <toml++/toml.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/files/whole_file.h"

namespace throughline::intake {
namespace {

class RoutesReader {
 public:
  absl::StatusOr<Routes> Read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      if (key.str() == "default") {
        routes_.by_default = TextOf(node, "`default` is the name of a team");
      } else if (key.str() == "route") {
        const toml::array* list = node.as_array();
        if (list == nullptr) Wrong(node.source(), "begin a route with [[route]]");
        for (size_t i = 0; list != nullptr && i < list->size(); ++i) ReadRoute(*list->get(i));
      } else {
        Wrong(key.source(), absl::StrCat("`", std::string(key.str()), "` is none of default, route"));
      }
    }
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    return std::move(routes_);
  }

 private:
  void Wrong(const toml::source_region& where, absl::string_view what) {
    problems_.push_back(absl::StrCat("line ", where.begin.line, ": ", what));
  }

  std::string TextOf(const toml::node& node, absl::string_view wanted) {
    const auto text = node.value<std::string>();
    if (text && !absl::StripAsciiWhitespace(*text).empty()) return *text;
    Wrong(node.source(), wanted);
    return "";
  }

  std::vector<std::string> TextsOf(const toml::node& node, absl::string_view wanted) {
    std::vector<std::string> texts;
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      Wrong(node.source(), wanted);
      return texts;
    }
    for (const toml::node& entry : *list) texts.push_back(TextOf(entry, wanted));
    return texts;
  }

  void ReadRoute(const toml::node& node) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return Wrong(node.source(), "begin a route with [[route]]");
    Route route;
    for (const auto& [key, value] : *table) {
      if (key.str() == "team") {
        route.team = TextOf(value, "`team` is the name of a team");
      } else if (key.str() == "words") {
        route.words = TextsOf(value, "`words` is a list of words, such as [\"form\", \"web site\"]");
        for (std::string& word : route.words) absl::AsciiStrToLower(&word);
      } else if (key.str() == "kinds") {
        route.kinds =
            TextsOf(value, "`kinds` is a list of kinds, such as [\"component/checkout\", \"component/web-*\"]");
      } else {
        Wrong(key.source(), absl::StrCat("`", std::string(key.str()), "` is none of team, words, kinds"));
      }
    }
    if (!table->contains("team")) Wrong(table->source(), "the route has no `team`");
    if (!table->contains("words") && !table->contains("kinds")) {
      Wrong(table->source(), "the route has neither `words` nor `kinds`");
    }
    routes_.all.push_back(std::move(route));
  }

  Routes routes_;
  std::vector<std::string> problems_;
};

// Letters of other alphabets are all bytes above ASCII.
bool IsOfWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0; }

bool HasWord(const std::string& text, const std::string& word) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !IsOfWord(text[at - 1])) && (end == text.size() || !IsOfWord(text[end]))) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Routes> ParseRoutes(std::string_view content) {
  try {
    return RoutesReader().Read(toml::parse(content));
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", error.source().begin.line, ": ", std::string(error.description())));
  }
}

absl::StatusOr<Routes> ReadRoutes(const std::string& path) {
  const auto content = files::ReadFile(path);
  if (!content) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  return ParseRoutes(*content);
}

const Route* RouteByWords(const Routes& routes, std::string_view text, std::string* word) {
  const std::string lower = absl::AsciiStrToLower(absl::string_view(text.data(), text.size()));
  for (const Route& route : routes.all) {
    for (const std::string& one : route.words) {
      if (!HasWord(lower, one)) continue;
      *word = one;
      return &route;
    }
  }
  return nullptr;
}

const Route* RouteByKind(const Routes& routes, std::string_view kind) {
  for (const Route& route : routes.all) {
    for (const std::string& one : route.kinds) {
      const bool open = absl::EndsWith(one, "*");
      if (open ? kind.substr(0, one.size() - 1) == one.substr(0, one.size() - 1) : kind == one) return &route;
    }
  }
  return nullptr;
}

}  // namespace throughline::intake
