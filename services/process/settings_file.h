#pragma once

// The format of a configuration file, a plain part of TOML:
//
//   # a comment
//   port = 7071
//   data = "/var/lib/throughline/intake"     # in quotes, \" \\ \n and \t are known
//   [kafka]
//   brokers = "kafka-1:9092,kafka-2:9092"    # the setting kafka.brokers
//
// Pure functions; safe from any thread.

#include <string>
#include <string_view>
#include <vector>

namespace throughline::process {

struct FileEntry {
  std::string section;  // empty: before the first
  std::string name;
  std::string value;
  int line = 0;
};

struct ParsedFile {
  std::vector<FileEntry> entries;
  std::vector<std::string> problems;  // "line 7: ...": those lines were left out
};
ParsedFile ParseSettingsFile(std::string_view content);

// The value in quotes, as the format has it.
std::string Quoted(std::string_view value);

}  // namespace throughline::process
