// `throughline access`: which role may call what, as the contract says and the servers enforce.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

#include "libs/client/services.h"
#include "libs/identity/identity.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/output/table.h"
#include "throughline/common/v1/access.pb.h"

namespace throughline::tool {
namespace {

absl::Status Access(Tool& tool) {
  const auto& roles = *common::v1::Role_descriptor();
  std::vector<Column> columns = {{"SERVICE"}, {"RPC"}};
  for (int i = 1; i < roles.value_count(); ++i) {
    columns.push_back({std::string(identity::RoleName(static_cast<common::v1::Role>(roles.value(i)->number())))});
  }
  Table table(columns);
  for (const auto* service : client::AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      const auto& allowed = method.options().GetExtension(common::v1::access).roles();
      auto json = nlohmann::ordered_json::array();
      std::vector<Cell> row = {{service->full_name(), Style::kDim}, {method.name(), Style::kBold}};
      for (int r = 1; r < roles.value_count(); ++r) {
        const auto role = static_cast<common::v1::Role>(roles.value(r)->number());
        const bool may =
            role == common::v1::ROLE_ADMIN || std::find(allowed.begin(), allowed.end(), role) != allowed.end();
        row.push_back({may ? "yes" : "-", may ? Style::kGreen : Style::kDim});
        if (may) json.push_back(identity::RoleName(role));
      }
      table.Row(std::move(row));
      if (!tool.json()) continue;
      tool.Print(
          nlohmann::ordered_json({{"service", service->full_name()}, {"rpc", method.name()}, {"roles", json}}).dump() +
          "\n");
    }
  }
  if (!tool.json()) tool.Print(table.Render(tool.terminal()));
  return absl::OkStatus();
}

}  // namespace

void AddAccess(CLI::App& app, Tool& tool) {
  CLI::App& access =
      Command(app, "access", "Shows which role may call what",
              "throughline access\nthroughline access --json | jq -r 'select(.roles | index(\"partner\")) | .rpc'");
  tool.Does(access, [&tool] { return Access(tool); });
}

}  // namespace throughline::tool
