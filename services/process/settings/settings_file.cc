#include "services/process/settings/settings_file.h"

#include <algorithm>
#include <toml++/toml.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace throughline::process {
namespace {

std::string Line(const toml::source_region& source) { return absl::StrCat("line ", source.begin.line, ": "); }

// The library's message without the parts that it quotes from the file: those may hold a secret.
std::string Unquoted(std::string_view description) {
  const size_t first = description.find('\'');
  if (first == std::string_view::npos) return std::string(description);
  const size_t last = description.rfind('\'');
  return absl::StrCat(std::string(description.substr(0, first)), "...", std::string(description.substr(last + 1)));
}

void Read(const toml::table& table, const std::string& before, ParsedFile& parsed) {
  for (const auto& [key, node] : table) {
    const std::string name = absl::StrCat(before, std::string(key.str()));
    const int line = static_cast<int>(key.source().begin.line);
    if (const toml::table* inner = node.as_table()) {
      Read(*inner, name + ".", parsed);
    } else if (const auto* text = node.as_string()) {
      parsed.entries.push_back({name, text->get(), line});
    } else if (const auto* integer = node.as_integer()) {
      parsed.entries.push_back({name, absl::StrCat(integer->get()), line});
    } else if (const auto* number = node.as_floating_point()) {
      parsed.entries.push_back({name, absl::StrCat(number->get()), line});
    } else if (const auto* truth = node.as_boolean()) {
      parsed.entries.push_back({name, truth->get() ? "true" : "false", line});
    } else {
      parsed.problems.push_back(
          absl::StrCat(Line(node.source()), name, " is a list or a time: write it as ", name, " = \"value\""));
    }
  }
}

}  // namespace

ParsedFile ParseSettingsFile(std::string_view content) {
  ParsedFile parsed;
  try {
    Read(toml::parse(content), "", parsed);
  } catch (const toml::parse_error& error) {
    parsed.is_toml = false;
    parsed.problems.push_back(
        absl::StrCat(Line(error.source()), Unquoted(error.description()), "; texts and durations need quotes"));
  }
  std::stable_sort(parsed.entries.begin(), parsed.entries.end(),
                   [](const FileEntry& a, const FileEntry& b) { return a.line < b.line; });
  return parsed;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<int>(c));
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace throughline::process
