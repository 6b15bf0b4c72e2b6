#include "tests/support/kafka/kafka_suite.h"

#include <arpa/inet.h>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "libs/files/whole_file.h"
#include "libs/identity/tokens.h"
#include "tests/support/http_get.h"
#include "tests/support/serving.h"

namespace throughline::testing {
namespace {

// A free port below the range of outgoing connections, so that a replica finds its port still free after a restart.
int FreePort() {
  static std::atomic<int> next{0};
  constexpr int kFirst = 15'000, kCount = 15'000;
  while (true) {
    const int port = kFirst + (next.fetch_add(1) + getpid() * 97) % kCount;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(listener);
    if (free) return port;
  }
}

std::string LastLines(const std::string& text) { return text.size() < 1000 ? text : text.substr(text.size() - 1000); }

std::string Service(log::Topic topic) { return std::string(log::ServiceName(topic)); }

// Appends standard error (its log) to a file. The shell execs the program.
std::vector<std::string> LoggingTo(const std::string& file, std::vector<std::string> command) {
  std::vector<std::string> wrapped = {"/bin/sh", "-c", "log=$1; shift; exec \"$@\" 2>>\"$log\"", "sh", file};
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

}  // namespace

std::string NameOf(const Replica& replica) { return absl::StrCat(Service(replica.service), "-", replica.number); }

KafkaSuite::~KafkaSuite() {
  for (const Replica& replica : replicas()) Kill(replica);
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(options_.directory, ignored);
}

absl::Status KafkaSuite::Start(Options options) {
  static std::atomic<int> count{0};
  options_ = std::move(options);
  const std::string name = absl::StrCat("suite-", absl::ToUnixMillis(absl::Now()), "-", getpid(), "-", ++count);
  if (options_.prefix.empty()) options_.prefix = name;
  temporary_ = options_.directory.empty();
  if (temporary_) options_.directory = (std::filesystem::temp_directory_path() / ("throughline-" + name)).string();
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);
  if (error) return absl::InternalError("cannot make " + options_.directory + ": " + error.message());
  if (absl::StatusOr<bool> made = identity::CreateFirstTokens(options_.directory, absl::Now()); !made.ok())
    return made.status();
  const Finished topics =
      Run({Program("throughline"), "topics", "create", "--brokers", options_.brokers, "--prefix", options_.prefix,
           "--partitions", std::to_string(options_.partitions), "--replication", std::to_string(options_.replication)});
  if (topics.exit_code != 0) return absl::InternalError("throughline topics create: " + topics.out + topics.err);
  for (log::Topic service : options_.services) {
    for (int i = 0; i < options_.replicas; ++i) NewPlace(service);
  }
  return RestartAll();
}

Replica KafkaSuite::NewPlace(log::Topic service) {
  auto& places = places_[static_cast<size_t>(service)];
  places.push_back(std::make_unique<Place>());
  places.back()->port = FreePort();
  places.back()->metrics_port = FreePort();
  return {service, static_cast<int>(places.size()) - 1};
}

absl::StatusOr<Replica> KafkaSuite::Add(log::Topic service, const std::vector<std::string>& environment) {
  const Replica replica = NewPlace(service);
  if (absl::Status status = Restart(replica, environment); !status.ok()) return status;
  return replica;
}

std::vector<std::string> KafkaSuite::CommandFor(const Replica& replica, std::string brokers) const {
  const Place& place = At(replica);
  if (brokers.empty() && options_.brokers_of) brokers = options_.brokers_of(replica);
  std::vector<std::string> command;
  if (options_.program_of) command = options_.program_of(replica);
  if (command.empty()) command = {Program("throughline-" + Service(replica.service))};
  for (const std::string& argument :
       {std::string("--data"), data(replica), std::string("--kafka-brokers"),
        brokers.empty() ? options_.brokers : brokers, std::string("--kafka-prefix"), options_.prefix,
        std::string("--tokens"), identity::TokensPath(options_.directory), std::string("--port"),
        std::to_string(place.port), std::string("--metrics-port"), std::to_string(place.metrics_port)})
    command.push_back(argument);
  command.insert(command.end(), options_.flags.begin(), options_.flags.end());
  if (options_.flags_of) {
    for (std::string& flag : options_.flags_of(replica.service)) command.push_back(std::move(flag));
  }
  std::error_code ignored;
  std::filesystem::create_directories(data(replica), ignored);
  return LoggingTo(data(replica) + "/log.txt", std::move(command));
}

absl::Status KafkaSuite::Restart(const Replica& replica, const std::vector<std::string>& environment) {
  const absl::StatusOr<std::string> started = At(replica).process.Start(CommandFor(replica), environment);
  if (started.ok()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(NameOf(replica), ": ", std::string(started.status().message()), "\n", LastLines(said(replica))));
}

absl::Status KafkaSuite::RestartAll() {
  std::vector<std::thread> threads;
  const std::vector<Replica> all = replicas();
  std::vector<absl::Status> statuses(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    if (!running(all[i])) threads.emplace_back([&, i] { statuses[i] = Restart(all[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> KafkaSuite::RestartInVain(const Replica& replica, absl::Duration patience,
                                                      const std::string& brokers) {
  const size_t before = said(replica).size();
  std::vector<std::string> command = {"/usr/bin/timeout", "-s", "KILL", absl::StrCat(absl::ToDoubleSeconds(patience))};
  const std::vector<std::string> wrapped = CommandFor(replica, brokers);
  command.insert(command.end(), wrapped.begin(), wrapped.end());
  const Finished finished = Run(command);
  if (absl::StrContains(finished.out, "ready\n")) return absl::AlreadyExistsError(NameOf(replica) + " became ready");
  return said(replica).substr(before) + finished.err;
}

void KafkaSuite::Kill(const Replica& replica) { At(replica).process.Kill(); }
int KafkaSuite::Terminate(const Replica& replica) { return At(replica).process.Terminate(); }
int KafkaSuite::AwaitEnd(const Replica& replica) { return At(replica).process.Wait(); }
void KafkaSuite::Pause(const Replica& replica) const { kill(At(replica).process.pid(), SIGSTOP); }
void KafkaSuite::Continue(const Replica& replica) const { kill(At(replica).process.pid(), SIGCONT); }

std::vector<std::string> KafkaSuite::TerminateAll() {
  std::vector<std::thread> threads;
  const std::vector<Replica> all = replicas();
  std::vector<std::string> complaints(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    if (!running(all[i])) continue;
    threads.emplace_back([&, i] {
      if (const int code = Terminate(all[i]); code != 0)
        complaints[i] = absl::StrCat(NameOf(all[i]), " ended with ", code, " after SIGTERM: ", LastLines(said(all[i])));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::erase(complaints, "");
  return complaints;
}

std::vector<Replica> KafkaSuite::replicas() const {
  std::vector<Replica> all;
  for (log::Topic service : log::kTopics) {
    for (const Replica& replica : replicas(service)) all.push_back(replica);
  }
  return all;
}

std::vector<Replica> KafkaSuite::replicas(log::Topic service) const {
  std::vector<Replica> all;
  for (size_t i = 0; i < places_[static_cast<size_t>(service)].size(); ++i)
    all.push_back({service, static_cast<int>(i)});
  return all;
}

KafkaSuite::Place& KafkaSuite::At(const Replica& replica) const {
  return *places_[static_cast<size_t>(replica.service)].at(static_cast<size_t>(replica.number));
}

bool KafkaSuite::running(const Replica& replica) const { return At(replica).process.pid() > 0; }

std::string KafkaSuite::address(const Replica& replica) const { return absl::StrCat("127.0.0.1:", At(replica).port); }

double KafkaSuite::Number(const Replica& replica, const std::string& metric) const {
  const auto page = HttpGet(absl::StrCat("127.0.0.1:", At(replica).metrics_port), "/metrics");
  if (!page.ok()) return -1;
  double sum = 0;
  bool found = false;
  for (absl::string_view line : absl::StrSplit(*page, '\n')) {
    if (!absl::StartsWith(line, metric)) continue;
    const absl::string_view rest = line.substr(metric.size());
    if (rest.empty() || (rest[0] != '{' && rest[0] != ' ')) continue;
    double value = 0;
    if (!absl::SimpleAtod(rest.substr(rest.rfind(' ') + 1), &value)) continue;
    sum += value;
    found = true;
  }
  return found ? sum : -1;
}

int64_t KafkaSuite::ResidentBytes(const Replica& replica) const {
  std::ifstream status(absl::StrCat("/proc/", At(replica).process.pid(), "/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) return std::atoll(line.c_str() + 6) * 1024;
  }
  return 0;
}

bool KafkaSuite::Serving(const Replica& replica) const { return IsServing(address(replica)); }

std::string KafkaSuite::data(const Replica& replica) const { return options_.directory + "/" + NameOf(replica); }
std::string KafkaSuite::store(const Replica& replica) const {
  return data(replica) + "/stores/" + Service(replica.service);
}
std::string KafkaSuite::said(const Replica& replica) const {
  return files::ReadFile(data(replica) + "/log.txt").value_or("");
}

std::string KafkaSuite::token(const std::string& name) const {
  std::ifstream file(identity::CredentialPath(options_.directory, name));
  std::string line;
  std::getline(file, line);
  return line;
}

client::Options KafkaSuite::OptionsFor(const Replica& replica, const std::string& person) const {
  client::Options options;
  options.address = address(replica);
  options.token = token(person);
  return options;
}

}  // namespace throughline::testing
