#pragma once

// A program's settings, read from a file, the environment and the command line; later sources win.
//
//   Settings settings("throughline-intake", "What did the customer ask?");
//   settings.Number("port", port, 0, 65535, "gRPC port; 0: any free one");
//   settings.Text("kafka.brokers", brokers, "Where Kafka answers");
//   if (std::optional<int> over = settings.Read(argc, argv, environ)) return *over;
//
// One name gives all three: `kafka.brokers` is `brokers` in the file's section [kafka] (settings_file.h),
// THROUGHLINE_KAFKA_BROKERS, and --kafka-brokers. --config or THROUGHLINE_CONFIG names the file.
//
// All settings are checked before the program starts, and all problems are reported at once, one per line; if the file
// is not TOML, only its first error. --print-config prints the resulting configuration as a file, without secrets.
//
// One thread. Variables passed to the object must outlive it.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace throughline::process {

using Problems = std::vector<std::string>;

class Settings {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  Settings(std::string program, std::string purpose) : program_(std::move(program)), purpose_(std::move(purpose)) {}

  // The variables hold the defaults until Read.
  void Text(const std::string& key, std::string& value, const std::string& help);
  void Choice(const std::string& key, std::string& value, std::vector<std::string> choices, const std::string& help);
  // true or false; on the command line the name alone means true.
  void Flag(const std::string& key, bool& value, const std::string& help);
  template <typename Int>
  void Number(const std::string& key, Int& value, int64_t least, int64_t most, const std::string& help,
              int64_t unit = 1) {
    AddNumber(
        key, least, most, help, [&value, unit] { return static_cast<int64_t>(value) / unit; },
        [&value, unit](int64_t number) { value = static_cast<Int>(number * unit); });
  }
  // `250ms`, `10s`, `1h30m`.
  void Period(const std::string& key, absl::Duration& value, absl::Duration least, absl::Duration most,
              const std::string& help);

  // Settings of another library, passed through under its own names: the file's section [key] takes any name, and so do
  // THROUGHLINE_<KEY>_<NAME> (dots as underscores) and --key NAME=VALUE. NAME.file names a file that holds the value,
  // and is passed on under this name once the file can be read. Names for which `is_secret` is true are refused on the
  // command line and not printed.
  void PassThrough(const std::string& key, Pairs& values, std::function<bool(const std::string& name)> is_secret,
                   const std::string& help);

  // A check across several settings, or against the environment; it runs after all settings are known. `complain` adds
  // a problem of one setting, which is named as the user gave it: `host (--host): the address is empty`.
  using Complain = std::function<void(const std::string& key, absl::string_view what)>;
  void Check(std::function<void(const Complain&)> check) { checks_.push_back(std::move(check)); }

  // nullopt: go on. Otherwise exit with this code: 0 after --help, --version or --print-config; 2 after problems, which
  // were printed to standard error; 3 if the output could not be written. `environment` ends with null, as `environ`.
  std::optional<int> Read(int argc, const char* const* argv, const char* const* environment);

  // Read without a process around it: returns the exit code and the texts to print.
  struct Outcome {
    std::optional<int> exit_code;
    std::string out;
    Problems problems;
  };
  Outcome Try(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);

  // The resulting configuration, as a file.
  std::string Print() const;

 private:
  struct Setting {
    std::string key;
    std::string help;
    std::function<std::string(const std::string&)> take;  // returns what is wrong with the text; empty: accepted
    std::function<std::string()> show;                    // the value as written in a file
    bool is_flag = false;
  };
  struct Passed {
    std::string key;
    std::string help;
    Pairs* values;
    std::function<bool(const std::string&)> is_secret;
    std::map<std::string, std::string> given;  // name to value as given, including `.file` names

    bool Hides(const std::string& name) const;
  };
  struct Given {
    std::string value;
    std::string origin;  // for error messages: "--port", "intake.toml line 7"
  };

  void AddNumber(const std::string& key, int64_t least, int64_t most, const std::string& help,
                 std::function<int64_t()> get, std::function<void(int64_t)> set);
  bool ReadFile(const std::string& path, Problems& problems);
  void ReadEnvironment(const std::map<std::string, std::string>& environment);
  void TakeAll(Problems& problems);
  void TakePassed(Passed& passed, Problems& problems);
  bool Known(const std::string& key) const;
  // `kafka.prefix (--kafka-prefix)`, or where its value comes from: `kafka.prefix (intake.toml line 7)`.
  std::string Named(const std::string& key) const;

  const std::string program_;
  const std::string purpose_;
  std::vector<Setting> settings_;
  std::vector<Passed> passed_;
  std::vector<std::function<void(const Complain&)>> checks_;
  std::map<std::string, Given> given_;
};

}  // namespace throughline::process
