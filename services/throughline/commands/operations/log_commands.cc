#include <algorithm>
#include <pwd.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fmt/format.h>

#include "libs/identity/host.h"
#include "libs/log/kafka/group/checkpoints.h"
#include "libs/log/kafka/topics/gaps.h"
#include "libs/runtime/domain/time.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/operations/cluster.h"
#include "services/throughline/log_walk.h"
#include "services/throughline/output/json.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

struct Options : ClusterOptions {
  std::string stream;
  std::string service;
  std::string at;
  int64_t last = 10;
  bool follow = false;
};

// The event of this type inside the stream's event message, where it is a field of the oneof.
std::string EventText(const throughline::log::v1::CommittedEvent& event) {
  const size_t dot = event.type().rfind('.');
  return dot == std::string::npos ? event.type() : event.type().substr(dot + 1);
}

std::string Line(const Terminal& terminal, const ShownRecord& record) {
  const std::string place = fmt::format("{}/{}@{}", log::ServiceName(record.position.partition.topic),
                                        record.position.partition.index, record.position.offset);
  if (record.gap > 0) {
    return fmt::format("{}  {}  {} offset(s) without a record\n", Paint(terminal, Style::kDim, place),
                       Paint(terminal, Style::kAlarm, "accepted gap"), record.gap);
  }
  if (record.commit == nullptr) {
    return fmt::format("{}  {}  {} bytes under key {}\n", Paint(terminal, Style::kDim, place),
                       Paint(terminal, Style::kAlarm, "no commit"), record.bytes, Clean(record.key));
  }
  const auto& commit = *record.commit;
  std::string events;
  for (const auto& event : commit.events()) events += (events.empty() ? "" : ", ") + EventText(event);
  return fmt::format(
      "{}  {}  {} v{}  {}  by {}  {}\n", Paint(terminal, Style::kDim, place),
      absl::FormatTime(absl::RFC3339_sec, runtime::FromProto(commit.event_time()), absl::LocalTimeZone()),
      Paint(terminal, Style::kBold, Clean(commit.stream())), commit.version(), Paint(terminal, Style::kCyan, events),
      Clean(commit.actor().id()), Paint(terminal, Style::kDim, record.digest.substr(0, 12)));
}

// `supplier-tracking/3@1042`; nullopt if it is not that.
std::optional<log::Position> ParsePosition(const std::string& text) {
  const size_t slash = text.find('/'), at = text.find('@');
  if (slash == std::string::npos || at == std::string::npos || at < slash) return std::nullopt;
  log::Position position;
  const bool numbers = absl::SimpleAtoi(text.substr(slash + 1, at - slash - 1), &position.partition.index) &&
                       absl::SimpleAtoi(text.substr(at + 1), &position.offset);
  if (!numbers || position.partition.index < 0 || position.offset < 0) return std::nullopt;
  for (const log::Topic topic : log::kTopics) {
    if (log::ServiceName(topic) != text.substr(0, slash)) continue;
    position.partition.topic = topic;
    return position;
  }
  return std::nullopt;
}

absl::Status Show(Tool& tool, const Options& options, int64_t last, bool follow) {
  LogFilter filter;
  if (!options.at.empty()) filter.at = ParsePosition(options.at);
  if (options.stream.ends_with('/')) {
    filter.stream_prefix = options.stream;
  } else {
    filter.stream = options.stream;
  }
  if (!options.service.empty()) {
    for (log::Topic topic : log::kTopics) {
      if (log::ServiceName(topic) == options.service) filter.topics = {topic};
    }
  }
  absl::StatusOr<log::KafkaCluster> cluster = ReadCluster(options);
  if (!cluster.ok()) return cluster.status();
  LogPlace place = EmbeddedIn(tool.data());
  place.cluster = *std::move(cluster);
  absl::Status unprintable;
  bool shown = false;
  const absl::Status walked = FromKafka(WalkLog(
      place, filter, last, [follow] { return follow; },
      [&tool, &unprintable, &shown](const ShownRecord& record) {
        shown = true;
        if (!tool.json()) return tool.Print(Line(tool.terminal(), record));
        std::string json = "{}";
        if (record.commit != nullptr) {
          absl::StatusOr<std::string> commit = ToJson(*record.commit);
          unprintable = commit.status();
          if (!commit.ok()) return false;
          json = *std::move(commit);
        }
        if (record.gap > 0) json = WithMember(std::move(json), "gap", std::to_string(record.gap));
        json = WithMember(std::move(json), "digest", "\"" + record.digest + "\"");
        json = WithMember(std::move(json), "offset", std::to_string(record.position.offset));
        json = WithMember(std::move(json), "partition", std::to_string(record.position.partition.index));
        json = WithMember(std::move(json), "topic", "\"" + log::TopicName(record.position.partition.topic) + "\"");
        return tool.Print(json + "\n");
      }));
  if (walked.ok() && filter.at && !shown) {
    return absl::NotFoundError(absl::StrCat("there is no record at ", options.at,
                                            ": take the position from `order "
                                            "trace --json` or from `log cat`"));
  }
  return unprintable.ok() ? walked : unprintable;
}

void AddFilters(CLI::App& command, Options& options) {
  AddCluster(command, options, false);
  command.add_option("--stream", options.stream,
                     "Only this stream, e.g. case/7ZQ4…; with a slash at the end, all of a kind");
  command.add_option("--service", options.service, "Only this service's topic")->check(OneOf(ServiceNames()));
}

struct GapOptions : ClusterOptions {
  std::string gap;
  std::string reason;
};

std::string Operator() {
  const passwd* user = getpwuid(geteuid());  // NOLINT(concurrency-mt-unsafe): the tool has one thread
  return fmt::format("{}@{}", user == nullptr ? std::to_string(geteuid()) : user->pw_name, identity::HostName());
}

// The note that is kept: who, when, why.
std::string HowItCame(const std::string& reason) {
  const std::string now = absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone());
  return Operator() + " at " + now + ": " + reason;
}

absl::Status AcceptGap(Tool& tool, const GapOptions& options) {
  absl::StatusOr<log::Gap> gap = log::ParseGap(options.gap);
  if (!gap.ok()) return gap.status();
  absl::StatusOr<log::KafkaCluster> cluster = ReadCluster(options);
  if (!cluster.ok()) return cluster.status();
  absl::Status status = log::AcceptGap(*cluster, {*gap, HowItCame(options.reason)}, absl::Seconds(20));
  if (!status.ok()) return FromKafka(status);
  tool.Note("Accepted " + log::GapText(*gap) + ". Start the replicas again: they go on behind it.");
  return absl::OkStatus();
}

struct ReactOptions : ClusterOptions {
  std::string service;
  std::string since;
  std::string reason;
};

absl::Status ReactSince(Tool& tool, const ReactOptions& options) {
  const absl::StatusOr<absl::Time> since = ParseTime(options.since, tool.now());
  if (!since.ok()) return since.status();
  absl::StatusOr<log::KafkaCluster> cluster = ReadCluster(options);
  if (!cluster.ok()) return cluster.status();
  const auto service = std::find_if(std::begin(log::kTopics), std::end(log::kTopics),
                                    [&](log::Topic topic) { return log::ServiceName(topic) == options.service; });
  const std::string from = absl::FormatTime(absl::RFC3339_sec, *since, absl::UTCTimeZone());
  const absl::StatusOr<int64_t> behind = log::ReactSince(
      *cluster, *service, *since, HowItCame("since " + from + ": " + options.reason), absl::Seconds(20));
  if (!behind.ok()) return FromKafka(behind.status());
  tool.Note(
      fmt::format("{} takes what was written before {} as reacted to, and reacts to the {} records since. Start it.",
                  options.service, from, *behind));
  return absl::OkStatus();
}

}  // namespace

void AddLog(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(
      app, "log",
      "Reads the log in the data directory, also while a suite runs on it, or on a Kafka cluster; `level` is about the "
      "lines that a process writes of its work.");
  auto options = std::make_shared<Options>();
  CLI::App& cat = Command(group, "cat", "Shows commits from the oldest on.",
                          "throughline log cat --stream order/SO-1001\nthroughline --json log cat --service intake");
  AddFilters(cat, *options);
  tool.Does(cat, [&tool, options] { return Show(tool, *options, -1, false); });
  CLI::App& at = Command(group, "at", "Shows the commit at a position, as the entries of a trace name theirs.",
                         "throughline log at supplier-tracking/3@1042\n"
                         "throughline --json log at ownership/0@17 | jq .events");
  AddCluster(at, *options, false);
  at.add_option("position", options->at, "SERVICE/PARTITION@OFFSET")
      ->required()
      ->type_name("POSITION")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return ParsePosition(text) ? std::string()
                                       : absl::StrCat("`", text, "` is no position: write SERVICE/PARTITION@OFFSET");
          },
          ""));
  tool.Does(at, [&tool, options] { return Show(tool, *options, -1, false); });
  CLI::App& tail = Command(group, "tail", "Shows the newest commits of each partition.",
                           "throughline log tail --follow\nthroughline log tail --last 100 --stream case/");
  AddFilters(tail, *options);
  tail.add_option("--last", options->last, "How many per partition")->capture_default_str()->check(WholeNumber(0));
  tail.add_flag("-f,--follow", options->follow, "Then shows new ones, until interrupted");
  AddLogLevel(group, tool);
  CLI::App& accept = Command(
      group, "accept-gap",
      "Accepts a gap: offsets of a Kafka topic without a record, as a foreign transaction leaves them. A service names "
      "the gap that it stopped at. The gap is verified and recorded in the topic `<prefix>.gaps`, with who, when and "
      "why.",
      "throughline log accept-gap throughline.intake.log/3@5-5 --reason \"import job wrote here\" --brokers "
      "kafka-1:9092");
  auto gap = std::make_shared<GapOptions>();
  AddCluster(accept, *gap, true);
  accept.add_option("gap", gap->gap, "TOPIC/PARTITION@FROM-TO, as the service prints it")->required();
  accept.add_option("--reason", gap->reason, "Why it exists; recorded")->required();
  tool.Does(accept, [&tool, gap] { return AcceptGap(tool, *gap); });
  CLI::App& react = Command(
      group, "react-since",
      "Sets the time up to which a service has reacted to the log on a Kafka cluster, when the cluster's offsets and "
      "the topic with its reactions are both lost and the service refuses to start. Older records count as done. "
      "Recorded "
      "in the topic "
      "`<prefix>.reactions`, with who, when and why.",
      "throughline log react-since intake 2026-01-31T08:00:00Z --reason \"stopped since then, topic was deleted\" "
      "--brokers kafka-1:9092");
  auto reacts = std::make_shared<ReactOptions>();
  AddCluster(react, *reacts, true);
  react.add_option("service", reacts->service, "Which")->required()->check(OneOf(ServiceNames()));
  react.add_option("since", reacts->since, "Since when, for instance shortly before its last replica stopped")
      ->required();
  react.add_option("--reason", reacts->reason, "Why, for whoever asks later")->required();
  tool.Does(react, [&tool, reacts] { return ReactSince(tool, *reacts); });
  tool.Does(tail, [&tool, options] { return Show(tool, *options, options->last, options->follow); });
}

}  // namespace throughline::tool
