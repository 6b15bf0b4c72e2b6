// Rows 26 to 28: silent connections, compressed bombs, and a standard error that nobody reads. Against `throughline
// up`: all services use the same server.

#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <thread>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/row.h"
#include "tests/support/http_get.h"
#include "tests/support/network/raw_grpc.h"
#include "tests/support/suite_process.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::faults {
namespace {

using testing::RawGrpc;

// Opens cases from several threads, each with its own command id, until all are acknowledged.
class Openings {
 public:
  Openings(const client::Options& options, int64_t count) : options_(options), ids_(static_cast<size_t>(count)) {
    for (int i = 0; i < 8; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Openings() { Join(); }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int64_t acknowledged() const { return acknowledged_.load(); }

  // Each case is still there, and a repeated command has no second effect.
  void Examine(Outcome& outcome) {
    Join();
    outcome.sent = static_cast<int64_t>(ids_.size());
    outcome.acknowledged = acknowledged_.load();
    outcome.unknown = unknown_.load();
    outcome.lost = outcome.sent - outcome.acknowledged;
    const client::Client client(options_);
    for (size_t i = 0; i < ids_.size(); i += ids_.size() / 500 + 1) {
      const absl::StatusOr<std::string> again = Open(client, i);
      intake::v1::GetCaseRequest get;
      get.set_case_id(ids_[i]);
      outcome.lost += client.Call<intake::v1::GetCaseResponse>(get).ok() ? 0 : 1;
      outcome.doubled += again.ok() && *again != ids_[i] ? 1 : 0;
    }
  }

 private:
  static absl::StatusOr<std::string> Open(const client::Client& client, size_t which) {
    intake::v1::OpenCaseRequest open;
    open.set_customer_id(absl::StrCat("c", which));
    open.set_subject("s");
    open.set_text("t");
    open.set_channel(intake::v1::CHANNEL_PHONE);
    open.set_command_id(absl::StrCat("opening-", which));
    const auto opened = client.Call<intake::v1::OpenCaseResponse>(open);
    if (!opened.ok()) return opened.status();
    return opened->case_id();
  }
  void Run() {
    const client::Client client(options_);
    for (size_t i; (i = next_++) < ids_.size();) {
      const absl::Time patience = absl::Now() + absl::Seconds(60);
      while (absl::Now() < patience) {
        absl::StatusOr<std::string> id = Open(client, i);
        if (id.ok()) {
          ids_[i] = *std::move(id);
          ++acknowledged_;
          break;
        }
        ++unknown_;
      }
    }
  }

  const client::Options options_;
  std::vector<std::string> ids_;
  std::atomic<size_t> next_{0};
  std::atomic<int64_t> acknowledged_{0}, unknown_{0};
  std::vector<std::thread> threads_;
};

// -1: the metric is missing.
double Metric(const testing::SuiteProcess& suite, const std::string& name) {
  const auto page = testing::HttpGet(suite.metrics_address(), "/intake/metrics");
  const size_t at = page.ok() ? page->find("\n" + name + " ") : std::string::npos;
  double value = -1;
  if (at == std::string::npos) return -1;
  const size_t begin = at + name.size() + 2;
  return absl::SimpleAtod(page->substr(begin, page->find('\n', begin) - begin), &value) ? value : -1;
}

// A value of the process's status in MiB: `VmRSS`, `VmHWM`.
int64_t MemoryMib(pid_t pid, const std::string& name) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == name + ":" && status >> kib) return kib >> 10;
  }
  return 0;
}

void End(testing::SuiteProcess& suite, Outcome& outcome) {
  const absl::Time told = absl::Now();
  if (const int code = suite.Terminate(); code != 0) outcome.Problem(absl::StrCat("it ended with ", code));
  const absl::Duration took = absl::Now() - told;
  if (took > absl::Seconds(13)) outcome.Problem("its end took " + absl::FormatDuration(took));
}

void RunSilentConnections(const Context& context, Outcome& outcome) {
  constexpr int kMost = 500, kSilent = 2000;
  testing::SuiteProcess suite(context.directory());
  if (!outcome.Holds(suite.Start({"--log-level", "error", absl::StrCat("--max-connections=", kMost)}),
                     "starting the suite"))
    return;
  Openings openings(suite.OptionsFor("ana"), context.settings.commands);
  for (int round = 0; round < context.FullOrShort(5, 1); ++round) {
    std::vector<RawGrpc> silent;
    for (int i = 0; i < kSilent; ++i) {
      absl::StatusOr<RawGrpc> one = RawGrpc::To(suite.address());
      if (one.ok()) silent.push_back(*std::move(one));
    }
    const absl::Time patience = absl::Now() + absl::Seconds(5);
    while (Metric(suite, "throughline_connections") < kMost && absl::Now() < patience) {
    }
    if (const double open = Metric(suite, "throughline_connections"); open > kMost || open < kMost / 2) {
      outcome.Problem(absl::StrCat("connections while ", silent.size(), " are silent: ", open));
    }
  }
  const absl::Time gone = absl::Now();
  if (!outcome.Holds(client::Client(suite.OptionsFor("ana"))
                         .Call<intake::v1::ListCasesResponse>(intake::v1::ListCasesRequest())
                         .status(),
                     "a call after they closed")) {
    return;
  }
  outcome.Note("served again after " + absl::FormatDuration(absl::Now() - gone));
  outcome.Note(absl::StrCat("closed at once: ", Metric(suite, "throughline_connections_refused_total")));
  outcome.injected = absl::StrCat(kSilent, " silent connections at a limit of ", kMost);
  openings.Examine(outcome);
  End(suite, outcome);
}

void RunBombs(const Context& context, Outcome& outcome) {
  constexpr int64_t kAllowedMib = 256;  // commands use some of it, too
  testing::SuiteProcess suite(context.directory());
  if (!outcome.Holds(suite.Start({"--log-level", "error"}), "starting the suite")) return;
  Openings openings(suite.OptionsFor("ana"), context.settings.commands);
  const std::string bomb = testing::GzipOfZeros(size_t{48} << 20);
  const int64_t before = MemoryMib(suite.pid(), "VmRSS");
  int answered = 0, sent = 0;
  for (int round = 0; round < context.FullOrShort(20, 5); ++round) {
    std::vector<RawGrpc> calls;
    for (const char* method : {"throughline.intake.v1.IntakeService/OpenCase", "grpc.health.v1.Health/Check",
                               "throughline.supplier.v1.SupplierTrackingService/PushStatusEvents",
                               "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"}) {
      for (const char* encoding : {"gzip", "deflate", "identity"}) {
        absl::StatusOr<RawGrpc> call = RawGrpc::To(suite.address());
        if (!call.ok() || !call->Greet() || !call->Send(absl::StrCat("/", method), encoding, bomb)) continue;
        calls.push_back(*std::move(call));
        ++sent;
      }
    }
    for (RawGrpc& call : calls) answered += call.Answer().empty() ? 0 : 1;
  }
  const int64_t grown = MemoryMib(suite.pid(), "VmHWM") - before;
  if (answered < sent || sent == 0) outcome.Problem(absl::StrCat(answered, " of ", sent, " bombs were answered"));
  if (grown > kAllowedMib) outcome.Problem(absl::StrCat("memory grew by ", grown, " MiB"));
  outcome.injected = absl::StrCat(sent, " gzip bombs of 48 MiB, without credentials");
  outcome.Note(absl::StrCat("memory grew by ", grown, " MiB at most"));
  openings.Examine(outcome);
  End(suite, outcome);
}

void RunUnreadLog(const Context& context, Outcome& outcome) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return outcome.Problem("no pipe");
  fcntl(ends[1], F_SETPIPE_SZ, 4096);
  const int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);  // the suite inherits it
  close(ends[1]);
  testing::SuiteProcess suite(context.directory());
  const absl::Status started = suite.Start({"--log-level", "debug"});
  dup2(saved, STDERR_FILENO);
  close(saved);
  if (!outcome.Holds(started, "starting the suite")) return;
  Openings openings(suite.OptionsFor("ana"), context.settings.commands);
  // Each is logged: more lines than the pipe and the log's buffer hold.
  const client::Client ana(suite.OptionsFor("ana"));
  intake::v1::GetCaseRequest get;
  get.set_case_id(std::string(200, 'x'));
  int refused = 0;
  for (; Metric(suite, "throughline_log_lines_dropped_total") <= 0 && refused < 50'000; refused += 100) {
    for (int i = 0; i < 100; ++i) (void)ana.Call<intake::v1::GetCaseResponse>(get).status();
  }
  const double dropped = Metric(suite, "throughline_log_lines_dropped_total");
  if (dropped <= 0) outcome.Problem("no line was dropped");
  outcome.injected = "standard error is a full pipe";
  outcome.Note(absl::StrCat("after ", refused, " refused calls, lines dropped: ", dropped));
  openings.Examine(outcome);
  End(suite, outcome);
  close(ends[0]);
}

}  // namespace

std::vector<Row> TransportRows() {
  return {{26, "descriptors used up by silent connections", 0, RunSilentConnections},
          {27, "compressed bomb, before the credential is looked at", 0, RunBombs},
          {28, "standard error nobody reads", 0, RunUnreadLog}};
}

}  // namespace throughline::faults
