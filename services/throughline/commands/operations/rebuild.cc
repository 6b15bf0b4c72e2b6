// `throughline rebuild`: builds stores anew from the log beside those that serve, compares, and lets them serve.

#include <filesystem>
#include <optional>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <nlohmann/json.hpp>

#include "libs/log/embedded/reader_log.h"
#include "libs/log/kafka/kafka_log.h"
#include "libs/server/operations/signals.h"
#include "libs/store/rocks/replacement.h"
#include "services/process/process.h"
#include "services/process/rebuild/store_rebuild.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/operations/cluster.h"
#include "services/throughline/layouts.h"

namespace throughline::tool {
namespace {

using process::StoreRebuild;

// What serves goes first; but on a machine without an idle processor it comes to an end as well.
constexpr int kNice = 10;

struct RebuildOptions : ClusterOptions {
  std::vector<std::string> services;
  int64_t rate = StoreRebuild::kRecordsPerSecond;
  bool fresh = false;
  bool compare_only = false;
  bool choose = false;
  bool wait = false;
  bool confirm = false;
  bool discard = false;
};

// Those that were named, or those with a store in the data directory.
absl::StatusOr<std::vector<log::Topic>> Wanted(const RebuildOptions& options, const std::string& data) {
  std::vector<log::Topic> wanted;
  for (log::Topic topic : log::kTopics) {
    std::error_code ignored;
    const std::string name(log::ServiceName(topic));
    const bool there = std::filesystem::exists(process::StorePath(data, topic), ignored);
    const bool named = std::find(options.services.begin(), options.services.end(), name) != options.services.end();
    if (options.services.empty() ? there : named) wanted.push_back(topic);
  }
  if (!wanted.empty()) return wanted;
  return absl::NotFoundError(absl::StrCat("there is no store in ", data,
                                          "/stores: give a service's data directory with --data, or name the service "
                                          "with --service if it has none yet"));
}

absl::StatusOr<std::unique_ptr<log::EventLog>> OpenLog(const log::KafkaCluster& cluster, const std::string& data) {
  if (!cluster.brokers.empty()) {
    log::KafkaLog::Options options;
    options.cluster = cluster;
    options.check_topics = false;  // the service does
    absl::StatusOr<std::unique_ptr<log::KafkaLog>> log = log::KafkaLog::Open(std::move(options));
    if (!log.ok()) return FromKafka(log.status());
    return std::unique_ptr<log::EventLog>(*std::move(log));
  }
  absl::StatusOr<std::unique_ptr<log::ReaderLog>> log = log::ReaderLog::Open(process::LogPath(data));
  if (absl::IsNotFound(log.status())) {
    return absl::NotFoundError(
        absl::StrCat(std::string(log.status().message()), ", or that of a service on Kafka together with --brokers"));
  }
  if (!log.ok()) return log.status();
  return std::unique_ptr<log::EventLog>(*std::move(log));
}

// Cancels the rebuild when the tool is to stop.
class CancelOnSignal {
 public:
  CancelOnSignal(server::StopSignals& signals, StoreRebuild& rebuild)
      : thread_([&] {
          if (signals.Wait() != server::StopSignals::kRestart) rebuild.Cancel();
        }) {}
  ~CancelOnSignal() {
    kill(getpid(), server::StopSignals::kRestart);  // to the thread, if it still waits
    thread_.join();
  }

 private:
  std::thread thread_;
};

// Shows progress: on a terminal as one line, otherwise as a line now and then.
StoreRebuild::Told Shown(Tool& tool, const std::string& service) {
  const bool interactive = tool.terminal().interactive && !tool.json();
  auto shown = std::make_shared<absl::Time>(absl::InfinitePast());
  return [&tool, service, interactive, shown](const process::RebuildProgress& progress) {
    if (interactive) {
      tool.Print(absl::StrCat("\r\033[K", service, ": ", progress.ToText()));
    } else if (progress.at - *shown >= absl::Seconds(30)) {
      *shown = progress.at;
      tool.Note(absl::StrCat(service, ": ", progress.ToText(), "\n"));
    }
  };
}

void Report(Tool& tool, const std::string& service, const StoreRebuild::Report& report) {
  if (tool.json()) {
    nlohmann::ordered_json json = {{"service", service}, {"records", report.records}};
    json["compared"] = report.not_compared.empty();
    if (report.not_compared.empty()) {
      json["equal"] = !report.differs();
      json["rows"] = report.rows;
      json["digest"] = report.digest;
      if (report.differs()) json["difference"] = report.difference;
    } else {
      json["why"] = report.not_compared;
    }
    tool.Print(json.dump() + "\n");
    return;
  }
  std::string text = absl::StrCat(service, ": rebuilt from ", report.records, " records");
  if (!report.not_compared.empty()) {
    absl::StrAppend(&text, "; not compared: ", report.not_compared);
  } else if (report.differs()) {
    absl::StrAppend(&text, "; ", Paint(tool.terminal(), Style::kAlarm, "DIFFERENT"),
                    " from the store that serves: ", report.difference);
  } else {
    absl::StrAppend(&text, "; ", Paint(tool.terminal(), Style::kGreen, "equal"), " to the store that serves, ",
                    report.rows, " rows, digest ", report.digest.substr(0, 16));
  }
  tool.Print(text + "\n");
}

// Lets the new store serve, and waits until the process has taken it.
absl::Status Choose(Tool& tool, const RebuildOptions& options, const std::string& service, const std::string& store,
                    const StoreRebuild::Report& report) {
  const bool running = options.wait && !report.other_layout && process::IsRunning(store, absl::SleepFor);
  if (absl::Status status = store::ChooseRebuilt(store); !status.ok()) return status;
  tool.Done("chosen", store::NextPath(store));
  if (report.other_layout) {
    tool.Note(absl::StrCat(service, ": the process that runs has another layout; a start of this version takes it.\n"));
    return absl::OkStatus();
  }
  if (!options.wait) return absl::OkStatus();
  if (!running) {
    return absl::UnavailableError(
        absl::StrCat("no process runs on ", store, ": the new store is taken when ", service, " is started"));
  }
  const absl::Time deadline = absl::Now() + tool.watch_timeout();
  while (store::ReadRebuilt(store)) {
    if (absl::Now() >= deadline) return absl::DeadlineExceededError(service + " has not taken the new store in time");
    absl::SleepFor(absl::Milliseconds(50));
  }
  if (!tool.json()) {
    tool.Print(absl::StrCat(service, ": begins again with the new store; the one before is kept in ",
                            store::PreviousPath(store), "\n"));
  }
  return absl::OkStatus();
}

absl::Status RebuildOne(Tool& tool, const RebuildOptions& options, log::Topic topic, log::EventLog& log,
                        server::StopSignals& signals) {
  const std::string service(log::ServiceName(topic)), store = process::StorePath(tool.data(), topic);
  const bool was_complete = store::ReadRebuilt(store).has_value();
  const std::unique_ptr<runtime::Definition> definition = DefinitionOf(topic);
  StoreRebuild rebuild(*definition, log, {.store = store, .records_per_second = options.rate, .fresh = options.fresh});
  absl::StatusOr<StoreRebuild::Report> report;
  {
    const CancelOnSignal cancel(signals, rebuild);
    report = rebuild.Run(Shown(tool, service));
  }
  if (tool.terminal().interactive && !tool.json()) tool.Print("\r\033[K");
  if (absl::IsCancelled(report.status())) {
    return absl::CancelledError(absl::StrCat(service, ": stopped; the same command goes on with what is in ",
                                             store::NextPath(store), ", and --discard deletes it"));
  }
  if (!report.ok()) return report.status();
  Report(tool, service, *report);
  if (report->differs() && !options.choose) tool.set_exit_code(kFailed);
  if (options.choose) return Choose(tool, options, service, store, *report);
  if (!options.compare_only || was_complete) {
    tool.Note(absl::StrCat(service, report->other_layout ? ": the next start of this version takes it.\n"
                                                         : ": `throughline rebuild --switch` lets it serve, "
                                                           "`--discard` deletes it.\n"));
    return absl::OkStatus();
  }
  return store::RemoveStore(store::NextPath(store));
}

absl::Status Delete(Tool& tool, const std::vector<log::Topic>& services, std::string (*path)(const std::string&)) {
  for (log::Topic topic : services) {
    const std::string store = path(process::StorePath(tool.data(), topic));
    const absl::Status gone = store::RemoveStore(store);
    if (!gone.ok() && !absl::IsNotFound(gone)) return gone;
    if (gone.ok()) tool.Note(absl::StrCat("Deleted ", store, "\n"));
  }
  return absl::OkStatus();
}

absl::Status Rebuild(Tool& tool, const RebuildOptions& options) {
  const auto services = Wanted(options, tool.data());
  if (!services.ok()) return services.status();
  if (options.confirm) return Delete(tool, *services, store::PreviousPath);
  if (options.discard) return Delete(tool, *services, store::NextPath);
  absl::StatusOr<log::KafkaCluster> cluster = ReadCluster(options);
  if (!cluster.ok()) return cluster.status();
  server::StopSignals signals;  // before any thread, which inherits this and the priority
  setpriority(PRIO_PROCESS, 0, kNice);
  const auto log = OpenLog(*cluster, tool.data());
  if (!log.ok()) return log.status();
  for (log::Topic topic : *services) {
    if (absl::Status status = RebuildOne(tool, options, topic, **log, signals); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

void AddRebuild(CLI::App& app, Tool& tool) {
  CLI::App& rebuild = Command(
      app, "rebuild",
      "Builds the stores in a data directory anew from the log, beside those that serve, at low priority, and compares "
      "both by digest. Before an upgrade that changes a store's layout, run it with the new version while the old one "
      "serves: then the upgrade takes no longer than a restart. Interrupted, it goes on with what was begun.",
      "throughline rebuild\nthroughline --data /var/lib/throughline/intake rebuild --brokers kafka-1:9092\n"
      "throughline rebuild --service intake --switch --wait");
  auto options = std::make_shared<RebuildOptions>();
  AddCluster(rebuild, *options, false);
  rebuild
      .add_option("--service", options->services,
                  "Only this service's store; several times for several (default: those in the data directory)")
      ->check(OneOf(ServiceNames()));
  rebuild.add_option("--rate", options->rate, "Records per second at most; 0: as fast as it can")
      ->capture_default_str()
      ->check(WholeNumber(0, 10'000'000));
  CLI::Option* fresh = rebuild.add_flag("--fresh", options->fresh, "Begin anew, also if one was begun or is complete");
  CLI::Option* compare = rebuild.add_flag("--compare-only", options->compare_only,
                                          "Delete it after the comparison, unless one was complete before");
  CLI::Option* choose = rebuild.add_flag(
      "--switch", options->choose,
      "Let it serve: a running process of this version begins again with it; the store before is kept");
  rebuild.add_flag("--wait", options->wait, "Then wait until the process has taken it")->needs(choose);
  choose->excludes(compare);
  CLI::Option* confirm = rebuild.add_flag("--confirm", options->confirm, "Only delete the stores that served before");
  CLI::Option* discard =
      rebuild.add_flag("--discard", options->discard, "Only delete what was built and does not serve");
  for (CLI::Option* only : {confirm, discard}) {
    for (CLI::Option* other : {fresh, compare, choose}) only->excludes(other);
  }
  confirm->excludes(discard);
  tool.Does(rebuild, [&tool, options] { return Rebuild(tool, *options); });
}

}  // namespace throughline::tool
