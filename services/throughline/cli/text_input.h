#pragma once

// A long text as it is given to an option: the text itself, `-` for what standard input holds, `@FILE` for what a file
// holds. A text that begins with @ is given with two: `@@home` is `@home`. The line break at the end of a file, or of
// standard input, is not part of the text.
//
// One thread.

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace throughline::tool {

inline constexpr char kTextInputHelp[] =
    "A TEXT that is long can come from elsewhere: - is standard input, @FILE a file; @@ stands for a leading @.";

class TextInput {
 public:
  // Nobody else may read standard input, which can be read once. INVALID_ARGUMENT: `by` is the second; names the first.
  absl::Status TakeStdin(const std::string& by);

  // INVALID_ARGUMENT: it cannot be read, is longer than `most` bytes, is no UTF-8, or holds a character that no text
  // may (libs/server/checks/characters.h); says which and where.
  absl::StatusOr<std::string> Read(const std::string& option, const std::string& given, size_t most);

 private:
  std::string stdin_taken_by_;
};

}  // namespace throughline::tool
