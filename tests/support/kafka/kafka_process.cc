#include "tests/support/kafka/kafka_process.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace throughline::testing {
namespace {

constexpr int kNoKafkaHere = 3;  // exit code of scripts/kafka

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string FirstLineOf(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string LastLine(std::string text) {
  absl::StripTrailingAsciiWhitespace(&text);
  return text.substr(text.rfind('\n') + 1);
}

// The ports in 127.0.0.1:PORT,...
std::vector<int> PortsIn(const std::string& path) {
  const std::string line = FirstLineOf(path);
  std::vector<int> ports;
  for (const absl::string_view address : absl::StrSplit(line, ',', absl::SkipEmpty())) {
    int port = 0;
    if (absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) ports.push_back(port);
  }
  return ports;
}

}  // namespace

absl::StatusOr<std::string> KafkaProcess::Script(const std::string& verb, const std::vector<std::string>& arguments,
                                                 const std::string& input) const {
  // Tests run in the project's root.
  std::vector<std::string> command = {"scripts/kafka", verb, "--data", directory_, "--no-install"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (!input.empty()) {
    const std::vector<std::string> piped = {"/bin/sh", "-c", "input=$1; shift; printf '%s\\n' \"$input\" | \"$@\"",
                                            "sh", input};
    command.insert(command.begin(), piped.begin(), piped.end());
  }
  const Finished finished = Run(command);
  if (finished.exit_code == 0) return LastLine(finished.out);
  std::string said = finished.err;
  absl::StripTrailingAsciiWhitespace(&said);
  if (finished.exit_code == kNoKafkaHere) return absl::UnavailableError(said);
  return absl::InternalError(absl::StrCat("scripts/kafka ", verb, " ended with ", finished.exit_code, ": ", said));
}

absl::Status KafkaProcess::Up(const Options& options) {
  Down();
  std::string path = (std::filesystem::temp_directory_path() / "throughline-kafka-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) return absl::InternalError("cannot create " + path);
  directory_ = path;
  owner_ = getpid();
  std::vector<std::string> arguments = {"--nodes", absl::StrCat(options.nodes), "--owner", absl::StrCat(getpid())};
  if (!options.advertised_ports.empty()) {
    arguments.insert(arguments.end(), {"--advertise-proxy", absl::StrJoin(options.advertised_ports, ",")});
  }
  if (!options.secure.empty()) arguments.insert(arguments.end(), {"--secure", options.secure});
  const absl::StatusOr<std::string> said = Script("up", arguments);
  if (!said.ok()) {
    const absl::Status why = said.status();
    Down();
    return why;
  }
  bootstrap_ = *said;
  proxied_ports_ = PortsIn(directory_ + "/proxied");
  secured_ = FirstLineOf(directory_ + "/secured");
  return absl::OkStatus();
}

void KafkaProcess::Down() {
  // A forked child must not end its parent's cluster when it exits.
  if (directory_.empty() || owner_ != getpid()) return;
  Script("down", {"--delete"}).IgnoreError();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  directory_.clear();
  bootstrap_.clear();
  proxied_ports_.clear();
  secured_.clear();
}

absl::Status KafkaProcess::Nodes(const std::string& verb, const std::vector<int>& nodes,
                                 const std::string& option) const {
  std::vector<std::string> arguments;
  for (const int node : nodes) arguments.push_back(absl::StrCat(node));
  if (!option.empty()) arguments.push_back(option);
  return Script(verb, arguments).status();
}

absl::Status KafkaProcess::Stop(const std::vector<int>& nodes, How how) {
  return Nodes("stop", nodes, how == How::kKill ? "--kill" : "");
}

absl::Status KafkaProcess::Start(const std::vector<int>& nodes, bool wait) {
  return Nodes("start", nodes, wait ? "" : "--no-wait");
}

absl::Status KafkaProcess::Pause(const std::vector<int>& nodes) { return Nodes("pause", nodes); }

absl::Status KafkaProcess::Resume(const std::vector<int>& nodes) { return Nodes("resume", nodes); }

absl::Status KafkaProcess::SetUser(const std::string& name, const std::string& password) const {
  return Script("user", {name}, password).status();
}

absl::StatusOr<int> KafkaProcess::Leader(const std::string& topic, int partition) const {
  const absl::StatusOr<std::string> said = Script("leader", {topic, absl::StrCat(partition)});
  if (!said.ok()) return said.status();
  int node = 0;
  if (!absl::SimpleAtoi(*said, &node)) return absl::InternalError("not a node: " + *said);
  return node;
}

absl::StatusOr<std::string> SharedKafka() {
  static const absl::StatusOr<std::string> shared = []() -> absl::StatusOr<std::string> {
    if (std::string given = Environment("THROUGHLINE_KAFKA"); !given.empty()) return given;
    static KafkaProcess own;  // ends with the process
    if (const absl::Status up = own.Up({}); !up.ok()) return up;
    return own.bootstrap();
  }();
  return shared;
}

bool KafkaRequired() {
  const std::string required = Environment("THROUGHLINE_KAFKA_REQUIRED");
  return !Environment("CI").empty() || (!required.empty() && required != "0");
}

std::string HowToGetKafka(const absl::Status& status) {
  return absl::StrCat(
      "no Kafka, so this is not tested. ", std::string(status.message()),
      "\nThis gets and starts one: ./scripts/test; or name a running one in THROUGHLINE_KAFKA=HOST:PORT.");
}

}  // namespace throughline::testing
