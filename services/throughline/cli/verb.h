#pragma once

// One RPC as a command: its options and arguments are the request's fields, named as in the schema; the response is
// printed for a person, or with --json as it is.
//
//   Verb<v1::DeclineHandoffRequest, v1::DeclineHandoffResponse> decline(group, tool, "decline",
//       "Declines an offer; the owner stays.", "throughline case decline CASE HANDOFF --reason 'on leave'");
//   decline.Argument("case_id", "The case");
//   decline.Option("--reason", "reason", "Why")->required();
//   decline.Prints([](Tool& tool, const auto& request, const auto& response) { ... });
//
// A field whose rule says that it is a longer text takes `-` and `@FILE` as well (text_input.h). What the server says
// of a field is told of the option that fills it (option_names.h).
//
// Common to all verbs: commands take the global --command-id; reads take --after TOKEN; lists take --limit and gather
// their pages by themselves; watches take --resume-from TOKEN, and go on by themselves when the server goes away.
//
// One thread. The verb itself may go away once it is declared; its App and the tool may not.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "google/protobuf/message.h"

#include "services/throughline/cli/option_names.h"
#include "services/throughline/cli/tool.h"

namespace throughline::tool {

class VerbBase {
 public:
  // A positional argument; required. Shown as the field's name in capitals.
  CLI::Option* Argument(const std::string& field, const std::string& description);
  // `--name VALUE`, or `--name` for a bool. A repeated field takes the option several times.
  CLI::Option* Option(const std::string& name, const std::string& field, const std::string& description);
  // The same for a repeated field whose values cannot hold commas: also `--lines 1,2`.
  CLI::Option* List(const std::string& name, const std::string& field, const std::string& description);

  // How many items a list shows unless told otherwise.
  void LimitedTo(int items);
  CLI::App& command() { return command_; }
  // An option that is declared by itself fills these fields: errors about them name it (option_names.h).
  void Fills(const CLI::Option* option, const std::vector<std::string>& fields);

 protected:
  struct State {
    Tool& tool;
    std::unique_ptr<google::protobuf::Message> request;
    int limit = 100;
    // Fields whose times count from now, as they were given: `due`, `+2h`.
    std::vector<std::pair<std::string, std::string>> from_now;
    std::shared_ptr<FilledFields> filled = std::make_shared<FilledFields>();
  };

  VerbBase(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
           const std::string& examples, std::unique_ptr<google::protobuf::Message> request);

  // Completes the request, sends it, gathers pages. A command's times count from when it was first given.
  static absl::Status Send(State& state, google::protobuf::Message& response);
  // `each` answers false to stop.
  static absl::Status Watch(State& state, google::protobuf::Message& response, const std::function<bool()>& each);

  CLI::App& command_;
  std::shared_ptr<State> state_;

 private:
  CLI::Option* Bind(const std::string& name, const std::string& field, const std::string& description);
  CLI::Option* BindText(const std::string& name, const google::protobuf::FieldDescriptor& field, CLI::Option* option);
  static absl::Status SendPages(State& state, google::protobuf::Message& response);
  static absl::Status CountFromFirstGiven(State& state, const std::string& command_id);
};

template <class Req, class Resp>
class Verb : public VerbBase {
 public:
  Verb(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
       const std::string& examples)
      : VerbBase(group, tool, name, description, examples, std::make_unique<Req>()) {}

  Req& request() { return static_cast<Req&>(*state_->request); }

  void Prints(std::function<void(Tool&, const Req&, const Resp&)> print) {
    Answers([print = std::move(print)](Tool& tool, const Req& request, const Resp& response) {
      if (tool.json()) {
        tool.PrintJson(response);
      } else {
        print(tool, request, response);
      }
      return absl::OkStatus();
    });
  }

  // The same where the answer alone is not what is printed.
  void Answers(std::function<absl::Status(Tool&, const Req&, const Resp&)> answer) {
    state_->tool.Does(command_, [state = state_, answer = std::move(answer)]() -> absl::Status {
      Resp response;
      if (absl::Status status = Send(*state, response); !status.ok()) return status;
      return answer(state->tool, static_cast<const Req&>(*state->request), response);
    });
  }
};

// The same for an RPC that streams its answers; each is printed as it comes.
template <class Req, class Resp>
class WatchVerb : public VerbBase {
 public:
  WatchVerb(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
            const std::string& examples)
      : VerbBase(group, tool, name, description, examples, std::make_unique<Req>()) {}

  // `print` answers false when nobody reads any more.
  void Prints(std::function<bool(Tool&, const Resp&)> print) {
    state_->tool.Does(command_, [state = state_, print = std::move(print)]() -> absl::Status {
      Resp response;
      return Watch(*state, response,
                   [&] { return state->tool.json() ? state->tool.PrintJson(response) : print(state->tool, response); });
    });
  }
};

}  // namespace throughline::tool
