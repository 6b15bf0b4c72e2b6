#include "services/throughline/cli/options/text_input.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "libs/server/checks/characters.h"

namespace throughline::tool {
namespace {

// Reads at most `most` + 1 bytes, so that the caller sees whether there were more.
absl::StatusOr<std::string> ReadUpTo(std::FILE* file, const std::string& what, size_t most) {
  std::string text;
  char buffer[16384];
  for (size_t got; text.size() <= most && (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
    text.append(buffer, got);
  }
  if (std::ferror(file) == 0) return text;
  return absl::InvalidArgumentError(absl::StrCat("cannot read ", what, ": ", std::strerror(errno)));
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("cannot open `", path, "`: ", std::strerror(errno),
                                                   "; a text that begins with @ is written with two: @@", path));
  }
  return ReadUpTo(file.get(), absl::StrCat("`", path, "`"), most);
}

// The line break at the end of a file is not part of the text.
void DropLastLineBreak(std::string& text) {
  if (!absl::EndsWith(text, "\n")) return;
  text.pop_back();
  if (absl::EndsWith(text, "\r")) text.pop_back();
}

}  // namespace

absl::Status TextInput::TakeStdin(const std::string& by) {
  if (!stdin_taken_by_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("standard input can be read once, and ", stdin_taken_by_, " has it: use a file for one of them"));
  }
  stdin_taken_by_ = by;
  return absl::OkStatus();
}

absl::StatusOr<std::string> TextInput::Read(const std::string& option, const std::string& given, size_t most) {
  constexpr size_t kLineBreak = 2;
  std::string text = given;
  std::string where;
  if (given == "-") {
    if (absl::Status status = TakeStdin(option); !status.ok()) return status;
    auto read = ReadUpTo(stdin, "standard input", most + kLineBreak);
    if (!read.ok()) return read;
    text = *std::move(read);
    where = "standard input ";
    DropLastLineBreak(text);
  } else if (absl::StartsWith(given, "@@")) {
    text.erase(0, 1);
  } else if (given.size() > 1 && given[0] == '@') {
    auto read = ReadFile(given.substr(1), most + kLineBreak);
    if (!read.ok()) return read;
    text = *std::move(read);
    where = absl::StrCat("`", given.substr(1), "` ");
    DropLastLineBreak(text);
  }
  if (!where.empty() && text.empty()) return absl::InvalidArgumentError(where + "is empty");
  if (text.size() > most) {
    return absl::InvalidArgumentError(absl::StrCat(where, "is too long: at most ", most, " bytes are taken"));
  }
  if (const auto bad = server::FindForbidden(text, server::TextKind::kText)) {
    if (bad->name == "not UTF-8") {
      return absl::InvalidArgumentError(absl::StrCat(where, "is not UTF-8 at byte ", bad->at, ": encode it as UTF-8"));
    }
    return absl::InvalidArgumentError(absl::StrCat(where, "holds ", bad->name, " at byte ", bad->at,
                                                   ", a control or formatting character: leave it out"));
  }
  return text;
}

}  // namespace throughline::tool
