#pragma once

// Shared by all commands: the global options, the client that they configure, printing, and exit codes.
//
//   CLI::App& hello = Command(app, "hello", "Greets.", "throughline hello");
//   tool.Does(hello, [&tool]() -> absl::Status { tool.Print("hello\n"); return absl::OkStatus(); });
//
// A failed action prints one line on stderr that says what to do (with --json an object) and sets the exit code
// (exit_code.h). Credentials are read from files only, never from the command line.
//
// One thread.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

#include "libs/client/client.h"
#include "services/throughline/cli/exit_code.h"
#include "services/throughline/cli/options/input_file.h"
#include "services/throughline/cli/options/option_names.h"
#include "services/throughline/cli/options/text_input.h"
#include "services/throughline/output/terminal.h"

namespace throughline::tool {

class Tool {
 public:
  // Adds the global options to `app`, which must outlive the tool.
  explicit Tool(CLI::App& app);
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

  // The command's action; runs after the whole command line was parsed and checked.
  void Does(CLI::App& command, std::function<absl::Status()> action);

  // Parses, runs the command, and returns the process's exit code.
  int Run(int argc, char** argv);

  std::string address() const;                       // as given, or of the suite that runs on the data directory
  const std::string& data() const { return data_; }  // the data directory
  std::string token_file() const;                    // as given, or the credential of --as in the data directory
  bool json() const { return json_; }
  absl::Time now() const { return now_; }                        // when the tool started; `+2h` counts from it
  absl::Duration timeout() const;                                // of one call
  absl::Duration watch_timeout() const;                          // infinite unless --timeout was given
  const std::string& command_id() const { return command_id_; }  // empty: not given
  const Terminal& terminal();                                    // of stdout

  // What a client needs except for the credential. INVALID_ARGUMENT: a TLS file cannot be used.
  absl::StatusOr<client::Options> connection();
  // UNAUTHENTICATED: the credential cannot be read; names the file.
  absl::StatusOr<client::Client*> client();

  // Reads long texts and standard input.
  TextInput& texts() { return texts_; }

  // Which fields the options of each command fill; for code that looks at all commands.
  std::map<const CLI::App*, std::shared_ptr<const FilledFields>>& filled() { return filled_; }

  // Prints to stdout at once; wraps long lines on a terminal. False: the reader is gone, stop.
  bool Print(std::string_view text);
  bool PrintJson(const google::protobuf::Message& message);
  // Prints to stderr, for people; silent with --json.
  void Note(std::string_view text);
  // Records what was created or changed, such as `case` and its id: the error names it if the output is lost.
  void Done(const std::string& what, const std::string& id);
  // Overrides the exit code of an action that succeeded.
  void set_exit_code(int code) { exit_code_ = code; }
  // The error names this command id if the action fails with an unknown outcome.
  void set_sent_command_id(std::string id) { sent_command_id_ = std::move(id); }

 private:
  void Fail(const absl::Status& status);
  void LoseOutput();
  int FailUsage(const std::string& what, bool json);

  CLI::App& app_;
  const absl::Time now_;
  std::vector<std::string> addresses_;
  std::string data_;
  std::string as_ = "ana";
  std::string token_file_;
  std::string ca_file_, client_cert_file_, client_key_file_;
  std::string timeout_ = "10s";
  CLI::Option* timeout_option_ = nullptr;
  std::string hedge_after_ = "500ms";  // client::Hedging::most
  std::string color_ = "auto";
  std::string command_id_;
  std::string sent_command_id_;
  bool json_ = false;
  std::unique_ptr<Terminal> terminal_;
  std::unique_ptr<client::Client> client_;
  absl::Status unprintable_;  // why the first answer could not be written as JSON
  TextInput texts_;
  std::map<const CLI::App*, std::shared_ptr<const FilledFields>> filled_;
  std::vector<std::pair<std::string, std::string>> done_;
  int output_error_ = 0;  // errno of the first output that was lost
  int exit_code_ = kOk;
};

// A command; a command that only groups others. Examples are shown below the help, one per line.
CLI::App& Command(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& examples);
CLI::App& Group(CLI::App& parent, const std::string& name, const std::string& description);

}  // namespace throughline::tool
