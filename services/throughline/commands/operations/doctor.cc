// `throughline doctor`: looks at an installation, and says what is wrong and what to do.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "nlohmann/json.hpp"

#include "libs/logging/line.h"
#include "services/throughline/cli/values.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/operations/cluster.h"
#include "services/throughline/doctor/examine.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

using doctor::Finding;

struct DoctorOptions : ClusterOptions {
  doctor::Installation of;
  std::vector<std::string> settings, replicas;
  std::string backup_every = "1h";
};

struct Shown {
  const char* name;
  Style style;
};
Shown ShownAs(Finding::State state) {
  switch (state) {
    case Finding::State::kGood:
      return {"good", Style::kGreen};
    case Finding::State::kUnknown:
      return {"not known", Style::kDim};
    case Finding::State::kRisk:
      return {"risk", Style::kBold};
    case Finding::State::kFault:
      break;
  }
  return {"fault", Style::kAlarm};
}

void Show(Tool& tool, const doctor::Findings& findings) {
  for (const Finding& finding : findings) {
    const Shown shown = ShownAs(finding.state);
    if (tool.json()) {
      tool.Print(nlohmann::ordered_json({{"check", finding.check},
                                         {"state", shown.name},
                                         {"about", finding.about},
                                         {"what", finding.what},
                                         {"mend", finding.mend}})
                     .dump() +
                 "\n");
      continue;
    }
    tool.Print(absl::StrCat(Paint(tool.terminal(), shown.style, shown.name), "  ", finding.check, "  ",
                            finding.about.empty() ? "" : absl::StrCat(Clean(finding.about), ": "), Clean(finding.what),
                            finding.mend.empty() ? "" : absl::StrCat("\n       do: ", Clean(finding.mend)), "\n"));
  }
}

absl::Status Examine(Tool& tool, const DoctorOptions& given) {
  logging::SetLogLevel(logging::LogLevel::kError);  // what the libraries warn of is a finding
  doctor::Installation of = given.of;
  for (const std::string& one : given.settings) {
    const size_t equals = one.find('=');
    of.settings.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  // The suite has a page for each service, and each says what the process has of its machine.
  for (const std::string& one : given.replicas) {
    const size_t slash = one.find('/');
    of.replicas.emplace_back(one.substr(0, slash), slash == std::string::npos ? "/metrics" : one.substr(slash));
  }
  if (of.settings.empty()) of.data = tool.data();
  of.backup_every = *ParsePeriod(given.backup_every);
  if (!given.cluster.brokers.empty()) {
    const auto cluster = ReadCluster(given);
    if (!cluster.ok()) return cluster.status();
    of.cluster = *cluster;
  }
  const doctor::Findings findings = doctor::Examine(std::move(of), absl::Now());
  Show(tool, findings);
  const auto faults = std::count_if(findings.begin(), findings.end(),
                                    [](const Finding& finding) { return finding.state == Finding::State::kFault; });
  if (faults > 0) tool.set_exit_code(kFailed);
  tool.Note(faults > 0 ? absl::StrCat(faults, " faults.") : "No fault was found.");
  return absl::OkStatus();
}

}  // namespace

void AddDoctor(CLI::App& app, Tool& tool) {
  CLI::App& command = Command(
      app, "doctor",
      "Looks at an installation and says what is wrong and what to do: configuration, certificates, topics, lag, disk, "
      "descriptors, cache, the clock against the brokers, versions, backups. Without --settings, at the suite on "
      "--data.",
      "throughline doctor --replica localhost:9470/intake/metrics --backups /var/backups/throughline\n"
      "throughline doctor --settings intake=/etc/throughline/intake.toml --settings "
      "ownership=/etc/throughline/ownership.toml");
  auto options = std::make_shared<DoctorOptions>();
  AddCluster(command, *options, false);
  command
      .add_option("--settings", options->settings,
                  "The settings file of a service on this machine, as SERVICE=FILE; it says where the rest is. May be "
                  "repeated")
      ->type_name("SERVICE=FILE")
      ->allow_extra_args(false)
      ->check([](const std::string& text) -> std::string {
        const std::string service = text.substr(0, text.find('='));
        for (const std::string& known : ServiceNames()) {
          if (service == known && text.size() > service.size() + 1) return "";
        }
        return "is not SERVICE=FILE with a service's name, such as intake=/etc/throughline/intake.toml";
      });
  command
      .add_option("--replica", options->replicas,
                  "A replica's operations port, with the path of its page if it is another than /metrics. May be "
                  "repeated")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  command.add_option("--backups", options->of.backups, "A directory of backups. May be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command.add_option("--backup-every", options->backup_every, "How often backups are taken")
      ->type_name("PERIOD")
      ->capture_default_str()
      ->check([](const std::string& text) { return std::string(ParsePeriod(text).status().message()); });
  command.add_option("--certificate", options->of.certificates, "A PEM file with certificates. May be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option("--partitions", options->of.partitions, "How many each topic of the log should have (default: any)")
      ->check(WholeNumber(1, 10'000));
  command.footer(absl::StrCat(command.get_footer(), "\n\nExit codes: 0 no fault was found; 1 there is one."));
  tool.Does(command, [&tool, options] { return Examine(tool, *options); });
}

}  // namespace throughline::tool
