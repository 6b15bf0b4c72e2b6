#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/operations/cluster.h"
#include "services/throughline/log_walk.h"
#include "services/throughline/output/table.h"

namespace throughline::tool {
namespace {

std::string Json(const Verified& verified) {
  const runtime::VerifyReport& report = verified.report;
  nlohmann::ordered_json topics;
  for (log::Topic topic : log::kTopics) {
    const auto& counts = report.topics[static_cast<size_t>(topic)];
    topics.push_back({{"topic", log::TopicName(topic)},
                      {"records", counts.records},
                      {"accepted", counts.accepted},
                      {"void", counts.voided},
                      {"not_commits", counts.not_commits},
                      {"gaps", counts.gaps},
                      {"streams", counts.streams},
                      {"compared", counts.compared}});
  }
  nlohmann::ordered_json stores = nlohmann::ordered_json::array();
  for (const Verified::Store& store : verified.stores) {
    stores.push_back({{"service", log::ServiceName(store.service)},
                      {"records", store.records},
                      {"rows", store.digest.rows},
                      {"digest", store.digest.hex()}});
  }
  const nlohmann::ordered_json json = {{"holds", report.holds()},
                                       {"topics", topics},
                                       {"stores", stores},
                                       {"problem_count", report.problem_count},
                                       {"problems", report.problems},
                                       {"suspicion_count", report.suspicion_count},
                                       {"suspicions", report.suspicions},
                                       {"notes", verified.notes}};
  // A name in a record may be any bytes.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

void AddVerify(CLI::App& app, Tool& tool) {
  CLI::App& verify =
      Command(app, "verify",
              "Proves that no accepted commit was changed, dropped or reordered: walks the log in the data "
              "directory, or on a Kafka cluster, judges each commit again, and compares with the services' "
              "stores. A backup of the log is verified in the same way: give its folder as the data directory.",
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
    options.place = EmbeddedIn(tool.data());
    options.place.cluster = *std::move(read);
    options.compare = *compare;
    if (options.place.cluster.brokers.empty() && !options.place.at_rest) options.compare.push_back(tool.data());
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
    for (log::Topic topic : log::kTopics) {
      const int64_t gaps = report.topics[static_cast<size_t>(topic)].gaps;
      if (gaps > 0) tool.Note(fmt::format("{}: {} offset(s) in accepted gaps", log::TopicName(topic), gaps));
    }
    for (const Verified::Store& store : verified->stores) {
      tool.Note(fmt::format("{}: the store has {} rows after {} records, digest {}", log::ServiceName(store.service),
                            store.digest.rows, store.records, store.digest.hex().substr(0, 16)));
    }
    for (const std::string& note : verified->notes) tool.Note("note: " + note);
    for (const std::string& suspicion : report.suspicions) {
      tool.Print(Paint(tool.terminal(), Style::kBold, "SUSPECT") + " " + Clean(suspicion) + "\n");
    }
    for (const std::string& problem : report.problems) {
      tool.Print(Paint(tool.terminal(), Style::kAlarm, "BROKEN") + " " + Clean(problem) + "\n");
    }
    if (report.problem_count > static_cast<int64_t>(report.problems.size())) {
      tool.Print(fmt::format("and {} more\n", report.problem_count - static_cast<int64_t>(report.problems.size())));
    }
    tool.Print(
        report.holds()
            ? Paint(tool.terminal(), Style::kGreen, "holds") + ": every accepted commit is unchanged and in its place\n"
            : fmt::format("does not hold: {} problem(s); keep the data directory as it is and restore the log from a "
                          "backup\n",
                          report.problem_count));
    return absl::OkStatus();
  });
}

}  // namespace throughline::tool
