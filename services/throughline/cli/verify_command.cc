#include <fmt/format.h>

#include "services/throughline/cli/cluster.h"
#include "services/throughline/cli/commands.h"
#include "services/throughline/log_walk.h"
#include "services/throughline/output/table.h"

namespace throughline::tool {
namespace {

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Json(const Verified& verified) {
  const runtime::VerifyReport& report = verified.report;
  std::string topics;
  for (log::Topic topic : log::kTopics) {
    const auto& counts = report.topics[static_cast<size_t>(topic)];
    topics += fmt::format(
        R"({}{{"topic":"{}","records":{},"accepted":{},"void":{},"not_commits":{},"streams":{},"compared":{}}})",
        topics.empty() ? "" : ",", log::TopicName(topic), counts.records, counts.accepted, counts.voided,
        counts.not_commits, counts.streams, counts.compared);
  }
  const auto list = [](const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ",") + Quoted(text);
    return all;
  };
  return fmt::format(
      R"({{"holds":{},"topics":[{}],"problem_count":{},"problems":[{}],"suspicion_count":{},"suspicions":[{}],"notes":[{}]}})",
      report.holds(), topics, report.problem_count, list(report.problems), report.suspicion_count,
      list(report.suspicions), list(verified.notes));
}

}  // namespace

void AddVerify(CLI::App& app, Tool& tool) {
  CLI::App& verify = Command(
      app, "verify",
      "Proves that no accepted commit was changed, dropped or reordered: walks the log in the data "
      "directory, or on a Kafka cluster, judges each commit anew, and compares with what the services remember.",
      "throughline verify\nthroughline --data /var/lib/throughline --json verify\n"
      "throughline verify --brokers kafka-1:9092 --compare /var/lib/throughline/intake");
  auto cluster = std::make_shared<ClusterOptions>();
  auto compare = std::make_shared<std::vector<std::string>>();
  AddCluster(verify, *cluster, false);
  verify
      .add_option(
          "--compare", *compare,
          "A service's data directory, whose store is compared with the log on the Kafka cluster; several times "
          "for several services")
      ->type_name("DIR");
  tool.Does(verify, [&tool, cluster, compare]() -> absl::Status {
    VerifyOptions options;
    absl::StatusOr<log::KafkaCluster> read = ReadCluster(*cluster);
    if (!read.ok()) return read.status();
    options.place = {tool.data(), *std::move(read)};
    options.compare = *compare;
    if (options.place.cluster.brokers.empty()) options.compare.push_back(tool.data());
    const bool show_progress = tool.terminal().interactive && !tool.json();
    if (show_progress) {
      options.progress = [&tool](int64_t read, int64_t all) {
        tool.Print(fmt::format("\r{} of {} records", read, all));
      };
    }
    absl::StatusOr<Verified> verified = VerifyLog(options);
    if (show_progress) tool.Print("\r\033[K");
    if (!verified.ok()) return FromKafka(verified.status());
    const runtime::VerifyReport& report = verified->report;
    if (!report.holds()) tool.set_exit_code(kFailed);
    if (tool.json()) {
      tool.Print(Json(*verified) + "\n");
      return absl::OkStatus();
    }
    Table table({{"TOPIC"},
                 {"RECORDS", Column::kWhole, Column::kRight},
                 {"ACCEPTED", Column::kWhole, Column::kRight},
                 {"VOID", Column::kWhole, Column::kRight},
                 {"NOT COMMITS", Column::kWhole, Column::kRight},
                 {"STREAMS", Column::kWhole, Column::kRight},
                 {"COMPARED", Column::kWhole, Column::kRight}});
    for (log::Topic topic : log::kTopics) {
      const auto& counts = report.topics[static_cast<size_t>(topic)];
      table.Row({{log::TopicName(topic)},
                 {std::to_string(counts.records)},
                 {std::to_string(counts.accepted)},
                 {std::to_string(counts.voided)},
                 {std::to_string(counts.not_commits)},
                 {std::to_string(counts.streams)},
                 {std::to_string(counts.compared)}});
    }
    tool.Print(table.Render(tool.terminal()));
    for (const std::string& note : verified->notes) tool.Note("note: " + note);
    for (const std::string& suspicion : report.suspicions) {
      tool.Print(Paint(tool.terminal(), Style::kBold, "SUSPECT") + " " + suspicion + "\n");
    }
    for (const std::string& problem : report.problems) {
      tool.Print(Paint(tool.terminal(), Style::kAlarm, "BROKEN") + " " + problem + "\n");
    }
    if (report.problem_count > static_cast<int64_t>(report.problems.size())) {
      tool.Print(fmt::format("and {} more\n", report.problem_count - static_cast<int64_t>(report.problems.size())));
    }
    tool.Print(
        report.holds()
            ? Paint(tool.terminal(), Style::kGreen, "holds") + ": every accepted commit is as it was, in its place\n"
            : fmt::format("does not hold: {} problem(s); keep the data directory as it is and restore the log from a "
                          "copy\n",
                          report.problem_count));
    return absl::OkStatus();
  });
}

}  // namespace throughline::tool
