#pragma once

// Files that options name. One that cannot be read is wrong usage (exit_code.h); the error names the option.
//
// One thread.

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace throughline::tool {

// The content of a file; `-` is stdin. NOT_FOUND and other codes: it cannot be read.
absl::StatusOr<std::string> ReadInput(const std::string& path);

// The same for the file of `option`. INVALID_ARGUMENT, reason FILE_UNREADABLE.
absl::StatusOr<std::string> ReadFileOf(const std::string& option, const std::string& path);

// Whether ReadFileOf would open the file. Reads nothing.
absl::Status CheckFileOf(const std::string& option, const std::string& path);
// The same as a check of an option.
CLI::Validator ReadableFile();

// INVALID_ARGUMENT, reason FILE_UNREADABLE: `--events: cannot open x: No such file or directory: ...`
absl::Status Unreadable(const std::string& option, absl::string_view why);

}  // namespace throughline::tool
