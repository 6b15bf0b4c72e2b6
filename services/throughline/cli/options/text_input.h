#pragma once

// A long text, as given to an option: the text itself, `-` for standard input, or `@FILE` for a file. A text that
// begins with @ is written with two: `@@home` is `@home`. The line break at the end of a file, or of standard input, is
// not part of the text.
//
// One thread.

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace throughline::tool {

inline constexpr char kTextInputHelp[] =
    "For a long TEXT write - to read standard input, or @FILE to read a file; @@ stands for a leading @.";

class TextInput {
 public:
  // Reserves standard input, which can be read once. INVALID_ARGUMENT: `by` is the second option to ask; names the
  // first.
  absl::Status TakeStdin(const std::string& by);

  // INVALID_ARGUMENT: it cannot be read, is longer than `most` bytes, is not UTF-8, or has a forbidden character
  // (libs/server/checks/characters.h); says which and where.
  absl::StatusOr<std::string> Read(const std::string& option, const std::string& given, size_t most);

 private:
  std::string stdin_taken_by_;
};

}  // namespace throughline::tool
