#pragma once

// Records which option fills which field of a request, so that a server's error about a field can name the option that
// the user wrote.
//
//   filled.push_back({"promise.due", "--due"});
//   NameOptions(status, filled)        // `promise.due lies in the past: ...` becomes `--due lies in the past: ...`
//
// Pure functions; safe from any thread.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace throughline::tool {

struct FilledField {
  std::string field;   // a path in the schema; the option fills the field and everything inside it
  std::string option;  // `--due`, or a positional argument's name in capitals
};
using FilledFields = std::vector<FilledField>;

// `--due`; for a field of a list's item, `--line (item 3: sku)`. None: no option fills the field.
std::optional<std::string> OptionOf(const FilledFields& filled, const std::string& path);

// Replaces fields in the message by options: those with a violation (google.rpc.BadRequest), and those that a sentence
// names (`command_id`). The details are kept, so that scripts still read the schema's paths.
absl::Status NameOptions(const absl::Status& status, const FilledFields& filled);

}  // namespace throughline::tool
