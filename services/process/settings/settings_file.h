#pragma once

// The format of a configuration file: TOML.
//
//   # a comment
//   port = 7071
//   data = "/var/lib/throughline/intake"
//   [kafka]
//   brokers = "kafka-1:9092,kafka-2:9092"    # the setting kafka.brokers
//
// Where one name is the beginning of another (librdkafka's `api.version.request`), TOML needs the name in quotes.
//
// Pure functions; safe from any thread.

#include <string>
#include <string_view>
#include <vector>

namespace throughline::process {

struct FileEntry {
  std::string name;  // tables and keys joined by dots: kafka.brokers
  std::string value;
  int line = 0;
};

struct ParsedFile {
  std::vector<FileEntry> entries;     // in the order of the lines
  std::vector<std::string> problems;  // "line 7: ..."
  bool is_toml = true;                // false: `problems` holds only the syntax error, and there are no entries
};
ParsedFile ParseSettingsFile(std::string_view content);

// The text as a quoted TOML string.
std::string Quoted(std::string_view text);

}  // namespace throughline::process
