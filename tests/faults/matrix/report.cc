#include "tests/faults/matrix/report.h"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace throughline::faults {

void Tell(const Ran& ran) {
  std::fprintf(stderr, "   %s\n", ran.outcome.injected.c_str());
  for (const std::string& note : ran.outcome.notes) std::fprintf(stderr, "   %s\n", note.c_str());
  for (const std::string& problem : ran.outcome.problems) std::fprintf(stderr, "   PROBLEM: %s\n", problem.c_str());
}

std::string Table(const std::vector<Ran>& all) {
  std::string table =
      fmt::format("{:>4}  {:<54} {:>7} {:>7} {:>8} {:>8} {:>6} {:>5} {:>8} {:>6} {:>6}  {}\n", "row", "fault", "sent",
                  "acked", "unknown", "refused", "void", "lost", "doubled", "gap", "s", "holds");
  for (const Ran& ran : all) {
    const Outcome& o = ran.outcome;
    table += fmt::format("{:>4}  {:<54} {:>7} {:>7} {:>8} {:>8} {:>6} {:>5} {:>8} {:>6} {:>6.0f}  {}\n",
                         ran.row.number == 0 ? "soak" : std::to_string(ran.row.number), ran.row.fault.substr(0, 54),
                         o.sent, o.acknowledged, o.unknown, o.refused, o.void_commits, o.lost, o.doubled,
                         o.longest_gap ? fmt::format("{:.2f}", absl::ToDoubleSeconds(*o.longest_gap)) : "", ran.seconds,
                         o.holds() ? "yes" : "NO");
  }
  return table;
}

std::string Json(const std::vector<Ran>& all, const Settings& settings) {
  nlohmann::ordered_json json = {
      {"seed", settings.seed}, {"commands", settings.commands}, {"rows", nlohmann::json::array()}};
  bool holds = true;
  for (const Ran& ran : all) {
    const Outcome& o = ran.outcome;
    holds = holds && o.holds();
    json["rows"].push_back(
        {{"row", ran.row.number},
         {"fault", ran.row.fault},
         {"injected", o.injected},
         {"sent", o.sent},
         {"acknowledged", o.acknowledged},
         {"unknown", o.unknown},
         {"refused", o.refused},
         {"void", o.void_commits},
         {"lost", o.lost},
         {"doubled", o.doubled},
         {"longest_gap_seconds",
          o.longest_gap ? nlohmann::ordered_json(absl::ToDoubleSeconds(*o.longest_gap)) : nlohmann::ordered_json()},
         {"seconds", ran.seconds},
         {"holds", o.holds()},
         {"notes", o.notes},
         {"problems", o.problems}});
  }
  json["holds"] = holds;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace throughline::faults
