#pragma once

// The format of a configuration file: TOML.
//
//   # a comment
//   port = 7071
//   data = "/var/lib/throughline/intake"
//   [kafka]
//   brokers = "kafka-1:9092,kafka-2:9092"    # the setting kafka.brokers
//
// Where a setting's name begins another's, as `api.version.request` does in librdkafka, TOML wants it in quotes.
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
  std::vector<FileEntry> entries;     // in the order of their lines
  std::vector<std::string> problems;  // "line 7: ..."
  bool is_toml = true;                // otherwise the first problem of that stands alone, and there are no entries
};
ParsedFile ParseSettingsFile(std::string_view content);

// The text as TOML writes it, in quotes.
std::string Quoted(std::string_view text);

}  // namespace throughline::process
