#pragma once

// Which option fills which field of a request, kept where options fill fields, so that an error of the server about a
// field names the option that the user wrote.
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
  std::string field;   // a path as in the schema; the option fills it and all that is inside
  std::string option;  // as the user writes it: `--due`, or an argument's name in capitals
};
using FilledFields = std::vector<FilledField>;

// `--due`; for a field of an item `--line (item 3: sku)`. None: no option fills it.
std::optional<std::string> OptionOf(const FilledFields& filled, const std::string& path);

// A status with bad fields (google.rpc.BadRequest), with a message that names the options. The details stay: a machine
// still reads the schema's paths. Others stay as they are.
absl::Status NameOptions(const absl::Status& status, const FilledFields& filled);

}  // namespace throughline::tool
