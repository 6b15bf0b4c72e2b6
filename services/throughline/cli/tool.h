#pragma once

// What all commands share: the global options, the client that follows from them, what is printed and how it ends.
//
//   CLI::App& hello = Command(app, "hello", "Greets.", "throughline hello");
//   tool.Does(hello, [&tool]() -> absl::Status { tool.Print("hello\n"); return absl::OkStatus(); });
//
// An action that is not OK becomes one line on stderr that says what to do (with --json an object), and the exit code
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
#include "services/throughline/cli/option_names.h"
#include "services/throughline/cli/text_input.h"
#include "services/throughline/output/terminal.h"

namespace throughline::tool {

class Tool {
 public:
  // Adds the global options to `app`, which must outlive this.
  explicit Tool(CLI::App& app);
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

  // What the command does once the whole command line is known to make sense.
  void Does(CLI::App& command, std::function<absl::Status()> action);

  // Parses, acts, and answers the process's exit code.
  int Run(int argc, char** argv);

  std::string address() const;                       // given, or where the suite of the data directory answers
  const std::string& data() const { return data_; }  // the data directory
  std::string token_file() const;                    // given, or the credential of --as in the data directory
  bool json() const { return json_; }
  absl::Time now() const { return now_; }                        // when the tool was started: `+2h` counts from it
  absl::Duration timeout() const;                                // of one call
  absl::Duration watch_timeout() const;                          // infinite unless --timeout was given
  const std::string& command_id() const { return command_id_; }  // empty: not given
  const Terminal& terminal();                                    // of stdout

  // UNAUTHENTICATED: the credential cannot be read; says where it was looked for.
  absl::StatusOr<client::Client*> client();

  // Of long texts and standard input.
  TextInput& texts() { return texts_; }

  // The fields that a command's options fill, for those who look at all commands at once.
  std::map<const CLI::App*, std::shared_ptr<const FilledFields>>& filled() { return filled_; }

  // Prints to stdout at once, with lines that are too long for a terminal wrapped. False: nobody reads any more, stop.
  bool Print(std::string_view text);
  bool PrintJson(const google::protobuf::Message& message);
  // To stderr, for people only: silent with --json.
  void Note(std::string_view text);
  // What was made or changed, for instance `case` and its id: it is named if the output that would say so is lost.
  void Done(const std::string& what, const std::string& id);
  // For an action that did its work and yet has to end otherwise than with 0.
  void set_exit_code(int code) { exit_code_ = code; }
  // Named in the error if the action fails with an unknown outcome.
  void set_sent_command_id(std::string id) { sent_command_id_ = std::move(id); }

 private:
  void Fail(const absl::Status& status);
  void LoseOutput();
  int FailUsage(const CLI::ParseError& error, bool json);

  CLI::App& app_;
  const absl::Time now_;
  std::vector<std::string> addresses_;
  std::string data_;
  std::string as_ = "ana";
  std::string token_file_;
  std::string ca_file_, client_cert_file_, client_key_file_;
  std::string timeout_ = "10s";
  CLI::Option* timeout_option_ = nullptr;
  std::string color_ = "auto";
  std::string command_id_;
  std::string sent_command_id_;
  bool json_ = false;
  std::unique_ptr<Terminal> terminal_;
  std::unique_ptr<client::Client> client_;
  absl::Status unprintable_;  // why the first answer had no JSON
  TextInput texts_;
  std::map<const CLI::App*, std::shared_ptr<const FilledFields>> filled_;
  std::vector<std::pair<std::string, std::string>> done_;
  int output_error_ = 0;  // errno of the first output that was lost
  int exit_code_ = kOk;
};

// A command, and a command that only groups others. Examples stand below the help, one per line.
CLI::App& Command(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& examples);
CLI::App& Group(CLI::App& parent, const std::string& name, const std::string& description);

// The content of a file, or of stdin for `-`. NOT_FOUND and others: cannot be read.
absl::StatusOr<std::string> ReadInput(const std::string& path);

}  // namespace throughline::tool
