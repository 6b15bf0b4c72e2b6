#pragma once

// Makes a command of one RPC: its options and arguments are fields of the request, named as in the schema. The response
// is printed for a person, or as JSON with --json.
//
//   Verb<v1::DeclineHandoffRequest, v1::DeclineHandoffResponse> decline(group, tool, "decline",
//       "Declines an offer; the owner stays.", "throughline case decline CASE HANDOFF --reason 'on leave'");
//   decline.Argument("case_id", "The case");
//   decline.Option("--reason", "reason", "Why")->required();
//   decline.Prints([](Tool& tool, const auto& request, const auto& response) { ... });
//
// A field whose rule allows a longer text also takes `-` and `@FILE` (options/text_input.h). A server's error about a
// field names the option that fills it (options/option_names.h).
//
// Commands take the global --command-id. Reads take --after TOKEN. Lists take --limit and fetch several pages. Watches
// take --resume-from TOKEN and reconnect when the server goes away.
//
// One thread. The Verb may be destroyed once declared; the App and the tool must live on.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "google/protobuf/message.h"

#include "services/throughline/cli/options/option_names.h"
#include "services/throughline/cli/tool.h"

namespace throughline::tool {

class VerbBase {
 public:
  // A required positional argument, shown as the field's name in capitals.
  CLI::Option* Argument(const std::string& field, const std::string& description);
  // The same for the id of something of a case (ids.h); if it is left out, the only one that is open is meant.
  CLI::Option* TheOpenOne(const std::string& field, const std::string& description);
  // `--name VALUE`, or `--name` for a bool. For a repeated field the option may be given several times.
  CLI::Option* Option(const std::string& name, const std::string& field, const std::string& description);
  // The same for a repeated field whose values contain no commas: also `--lines 1,2`.
  CLI::Option* List(const std::string& name, const std::string& field, const std::string& description);

  // A due time, which may be said in words, and --calendar, by which the words count.
  CLI::Option* Due(const std::string& name, const std::string& field, const std::string& description);

  // The default of --limit.
  void LimitedTo(int items);
  CLI::App& command() { return command_; }
  // Called before the request is sent, once its ids are whole; `command_id` is empty for a read.
  void Completes(
      std::function<absl::Status(const std::string& command_id, google::protobuf::Message& request)> complete) {
    state_->complete = std::move(complete);
  }
  // Names the fields that an option declared elsewhere fills, for errors about them (options/option_names.h).
  void Fills(const CLI::Option* option, const std::vector<std::string>& fields);

 protected:
  struct State {
    Tool& tool;
    std::unique_ptr<google::protobuf::Message> request;
    int limit = 100;
    // Fields with relative times, as given: `due`, `+2h`.
    std::vector<std::pair<std::string, std::string>> from_now;
    std::shared_ptr<FilledFields> filled = std::make_shared<FilledFields>();
    std::set<std::string> open_ones = {};  // fields, see TheOpenOne
    std::function<absl::Status(const std::string&, google::protobuf::Message&)> complete = nullptr;
  };

  VerbBase(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
           const std::string& examples, std::unique_ptr<google::protobuf::Message> request);

  // Completes the request, sends it, and fetches all pages. A command's relative times count from its first attempt.
  static absl::Status Send(State& state, google::protobuf::Message& response);
  // `each` returns false to stop.
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

  // Completes the request once the command line was read. Declare it before Prints or Answers.
  void BeforeSending(std::function<absl::Status(Req&)> complete) { complete_ = std::move(complete); }

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

  // The same for commands that print more than the response.
  void Answers(std::function<absl::Status(Tool&, const Req&, const Resp&)> answer) {
    state_->tool.Does(command_, [state = state_, answer = std::move(answer), complete = complete_]() -> absl::Status {
      Resp response;
      if (complete) {
        if (absl::Status status = complete(static_cast<Req&>(*state->request)); !status.ok()) return status;
      }
      if (absl::Status status = Send(*state, response); !status.ok()) return status;
      return answer(state->tool, static_cast<const Req&>(*state->request), response);
    });
  }

 private:
  std::function<absl::Status(Req&)> complete_;
};

// The same for a server stream; each message is printed as it arrives.
template <class Req, class Resp>
class WatchVerb : public VerbBase {
 public:
  WatchVerb(CLI::App& group, Tool& tool, const std::string& name, const std::string& description,
            const std::string& examples)
      : VerbBase(group, tool, name, description, examples, std::make_unique<Req>()) {}

  // `print` returns false when the reader is gone.
  void Prints(std::function<bool(Tool&, const Resp&)> print) {
    state_->tool.Does(command_, [state = state_, print = std::move(print)]() -> absl::Status {
      Resp response;
      return Watch(*state, response,
                   [&] { return state->tool.json() ? state->tool.PrintJson(response) : print(state->tool, response); });
    });
  }
};

}  // namespace throughline::tool
