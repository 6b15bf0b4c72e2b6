// `throughline audit`: who read what customers said, as the servers recorded it (libs/server/operations/read_audit.h).

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

#include "libs/server/operations/read_audit.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

using nlohmann::ordered_json;

struct Wanted {
  std::string directory;
  std::string case_id, customer, by, since;
};

// Nothing: the line is torn, as after a power loss.
std::optional<ordered_json> Parse(const std::string& line) {
  ordered_json json = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("at") || !json.contains("cases")) return std::nullopt;
  return json;
}

bool Matches(const ordered_json& reading, const Wanted& wanted, absl::Time since) {
  const auto is = [&](const char* field, const std::string& value) {
    return value.empty() || reading.value(field, std::string()) == value;
  };
  const auto& cases = reading["cases"];
  absl::Time at;
  std::string error;
  return is("by", wanted.by) && is("customer", wanted.customer) &&
         (wanted.case_id.empty() || std::find(cases.begin(), cases.end(), wanted.case_id) != cases.end()) &&
         absl::ParseTime(absl::RFC3339_full, reading["at"].get<std::string>(), &at, &error) && at >= since;
}

std::string CasesOf(const ordered_json& reading) {
  const auto cases = reading["cases"].get<std::vector<std::string>>();
  if (cases.size() <= 3) return absl::StrJoin(cases, " ");
  return absl::StrCat(cases[0], " ", cases[1], " and ", cases.size() - 2, " more");
}

absl::Status List(Tool& tool, const Wanted& wanted) {
  absl::Time since = absl::InfinitePast();
  if (!wanted.since.empty()) {
    const auto given = ParseTime(wanted.since, tool.now());
    if (!given.ok()) return absl::InvalidArgumentError(absl::StrCat("--since: ", given.status().message()));
    since = *given;
  }
  const std::string directory = wanted.directory.empty() ? tool.data() + "/audit" : wanted.directory;
  const std::vector<std::string> files = server::ReadAuditFiles(directory);
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no audit in ", directory,
                                            ": name the directory with --dir, on the machine of the server"));
  }
  Table table({{"WHEN"}, {"WHO"}, {"READ"}, {"CASES"}, {"CUSTOMER"}, {"ORDER"}});
  int unreadable = 0;
  for (const std::string& file : files) {
    std::ifstream in(file);
    if (!in) return absl::PermissionDeniedError(absl::StrCat("cannot read ", file));
    for (std::string line; std::getline(in, line);) {
      const std::optional<ordered_json> reading = Parse(line);
      if (!reading) {
        ++unreadable;
        continue;
      }
      if (!Matches(*reading, wanted, since)) continue;
      if (tool.json()) {
        tool.Print(line + "\n");
        continue;
      }
      absl::Time at;
      std::string error;
      absl::ParseTime(absl::RFC3339_full, (*reading)["at"].get<std::string>(), &at, &error);
      const std::string rpc = reading->value("rpc", "");
      table.Row({{ShowTime(at, tool.now())},
                 {reading->value("by", ""), Style::kBold},
                 {rpc.substr(rpc.rfind('/') + 1)},
                 {CasesOf(*reading)},
                 {reading->value("customer", "")},
                 {reading->value("order", "")}});
    }
  }
  if (!tool.json()) tool.Print(table.Render(tool.terminal()));
  if (unreadable == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(unreadable, " lines in ", directory, " are not readings"));
}

}  // namespace

void AddAudit(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "audit", "Who read what customers said");
  CLI::App& list = Command(group, "list",
                           "Lists who read what customers said, when, and of which cases, as the server of this data "
                           "directory recorded it; the oldest first.",
                           "throughline audit list --since 2026-11-24T00:00:00Z\n"
                           "throughline audit list --case 01J9ZK7Q3M --json\n"
                           "throughline audit list --dir /var/lib/throughline/intake-1/audit --by ana");
  auto wanted = std::make_shared<Wanted>();
  list.add_option("--dir", wanted->directory, "The audit's directory (default: audit in the data directory)")
      ->type_name("DIR");
  list.add_option("--case", wanted->case_id, "Only of this case: its whole id");
  list.add_option("--customer", wanted->customer, "Only where this customer was asked about");
  list.add_option("--by", wanted->by, "Only by this person or system");
  list.add_option("--since", wanted->since, "Only from then on")->type_name("TIME");
  tool.Does(list, [&tool, wanted] { return List(tool, *wanted); });
}

}  // namespace throughline::tool
