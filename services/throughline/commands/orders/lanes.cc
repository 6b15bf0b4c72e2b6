// `throughline lanes`: how long carriers take, from our own history.

#include <string>

#include "absl/strings/str_cat.h"

#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "throughline/supplier/v1/lane.pb.h"

namespace throughline::tool {

void AddLanes(CLI::App& app, Tool& tool) {
  Verb<supplier::v1::ListLanesRequest, supplier::v1::ListLanesResponse> lanes(
      app, tool, "lanes", "How long carriers take from country to zone, from our own history of shipments.",
      "throughline lanes\nthroughline lanes --carrier ups --from US --to America/New_York\n"
      "throughline lanes --json | jq -r '.lanes[] | [.carrier, .origin, .destination, .transit.p90_seconds] | @tsv'");
  lanes.Option("--carrier", "carrier", "Only of this carrier");
  lanes.Option("--from", "origin", "Only from this country, for instance US");
  lanes.Option("--to", "destination", "Only to this zone, for instance America/New_York");
  lanes.Prints([](Tool& out, const auto&, const auto& response) {
    const auto most = [](const supplier::v1::Durations& durations, int64_t seconds) -> Cell {
      return {durations.count() == 0 ? "" : ShowPeriod(absl::Seconds(seconds))};
    };
    constexpr auto kRight = Column::kRight;
    Table table({{"CARRIER"},
                 {"FROM"},
                 {"TO"},
                 {"SHIPMENTS", Column::kWhole, kRight},
                 {"HALF WITHIN", Column::kWhole, kRight},
                 {"9 IN 10 WITHIN", Column::kWhole, kRight},
                 {"99 IN 100 WITHIN", Column::kWhole, kRight},
                 {"PICKED UP, 9 IN 10", Column::kWhole, kRight},
                 {"BETWEEN SCANS, 99 IN 100", Column::kWhole, kRight}});
    for (const auto& lane : response.lanes()) {
      table.Row({{lane.carrier(), Style::kBold},
                 {lane.origin().empty() ? "-" : lane.origin()},
                 {lane.destination().empty() ? "-" : lane.destination()},
                 {absl::StrCat(lane.shipments())},
                 most(lane.transit(), lane.transit().p50_seconds()),
                 most(lane.transit(), lane.transit().p90_seconds()),
                 most(lane.transit(), lane.transit().p99_seconds()),
                 most(lane.pick_up(), lane.pick_up().p90_seconds()),
                 most(lane.gaps(), lane.gaps().p99_seconds())});
    }
    out.Print(table.empty() ? "No shipment is over yet.\n" : table.Render(out.terminal()));
  });
}

}  // namespace throughline::tool
