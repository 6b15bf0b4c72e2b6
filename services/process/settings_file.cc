#include "services/process/settings_file.h"

#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace throughline::process {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

bool OnlyComment(absl::string_view rest) {
  rest = absl::StripLeadingAsciiWhitespace(rest);
  return rest.empty() || rest[0] == '#';
}

// A value in quotes, and nothing after it but a comment.
std::optional<std::string> Unquoted(absl::string_view text) {
  const char quote = text[0];
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      if (!OnlyComment(text.substr(i + 1))) return std::nullopt;
      return value;
    }
    if (text[i] != '\\' || quote == '\'') {
      value += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    switch (text[i]) {
      case 'n':
        value += '\n';
        break;
      case 't':
        value += '\t';
        break;
      case '"':
      case '\\':
        value += text[i];
        break;
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Value(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text[0] == '"' || text[0] == '\'') return Unquoted(text);
  const absl::string_view bare = absl::StripTrailingAsciiWhitespace(text.substr(0, text.find('#')));
  // What has a meaning in TOML and none here.
  if (bare.empty() || bare.find_first_of("\"'[]{}") != absl::string_view::npos) return std::nullopt;
  return std::string(bare);
}

}  // namespace

ParsedFile ParseSettingsFile(std::string_view content) {
  ParsedFile parsed;
  std::set<std::string> met;
  std::string section;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(View(content), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    const auto problem = [&](absl::string_view what) {
      parsed.problems.push_back(absl::StrCat("line ", number, ": ", what));
    };
    if (OnlyComment(line)) continue;
    if (line[0] == '[') {
      const size_t end = line.find(']');
      if (end == absl::string_view::npos || !OnlyComment(line.substr(end + 1))) {
        problem("a section reads [name]");
      } else {
        section = std::string(absl::StripAsciiWhitespace(line.substr(1, end - 1)));
      }
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == 0 || equals == absl::string_view::npos) {
      problem("a setting reads name = value");
      continue;
    }
    absl::string_view name = absl::StripTrailingAsciiWhitespace(line.substr(0, equals));
    if (name.size() > 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    std::optional<std::string> value = Value(absl::StripLeadingAsciiWhitespace(line.substr(equals + 1)));
    if (!value) {
      problem(absl::StrCat("the value of ", name, " cannot be read: write it as name = \"value\""));
    } else if (!met.insert(absl::StrCat(section, "]", name)).second) {
      problem(absl::StrCat(name, " is given twice: leave one out"));
    } else {
      parsed.entries.push_back({section, std::string(name), *std::move(value), number});
    }
  }
  return parsed;
}

std::string Quoted(std::string_view value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace throughline::process
