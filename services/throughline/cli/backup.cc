// `throughline backup` and `throughline restore`: backups of stores, from which a replica starts without folding the
// whole log.

#include "services/process/backup.h"

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

#include "services/throughline/cli/commands.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

using process::Backup;

void PrintJson(Tool& tool, const Backup& backup) {
  tool.Print(nlohmann::ordered_json({{"path", backup.path},
                                     {"service", backup.service},
                                     {"replica", backup.replica},
                                     {"taken", absl::FormatTime(backup.taken, absl::UTCTimeZone())},
                                     {"records", backup.records},
                                     {"layout", backup.layout}})
                 .dump() +
             "\n");
}

absl::Status List(Tool& tool, const std::string& directory) {
  const auto backups = process::ListBackups(directory);
  if (!backups.ok()) return backups.status();
  Table table({{"SERVICE"}, {"TAKEN"}, {"RECORDS"}, {"REPLICA"}, {"PATH"}});
  for (const Backup& backup : *backups) {
    if (tool.json()) {
      PrintJson(tool, backup);
      continue;
    }
    table.Row({{backup.service, Style::kBold},
               {ShowTime(backup.taken, tool.now())},
               {absl::StrCat(backup.records)},
               {Clean(backup.replica)},
               {backup.path}});
  }
  if (!tool.json()) tool.Print(table.Render(tool.terminal()));
  return absl::OkStatus();
}

absl::Status Verify(Tool& tool, const std::string& path) {
  const auto backup = process::VerifyBackup(path);
  if (!backup.ok()) return backup.status();
  if (tool.json()) {
    PrintJson(tool, *backup);
  } else {
    tool.Print(absl::StrCat("The backup of ", Clean(backup->service), " is whole: it holds at least ", backup->records,
                            " records of the log, taken ", ShowTime(backup->taken, tool.now()), "\n"));
  }
  return absl::OkStatus();
}

absl::Status Restore(Tool& tool, const std::string& path, bool replace) {
  if (const auto whole = process::VerifyBackup(path); !whole.ok()) return whole.status();
  const auto store = process::RestoreBackup(path, tool.data(), replace);
  if (!store.ok()) return store.status();
  tool.Print(tool.json() ? nlohmann::ordered_json({{"store", *store}}).dump() + "\n"
                         : absl::StrCat("Restored ", *store, "\n"));
  return absl::OkStatus();
}

}  // namespace

void AddBackup(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(app, "backup",
                          "Backups of stores, which running services take (--backup-dir): list, verify. The log needs "
                          "none: it is Kafka's to keep");
  CLI::App& list = Command(group, "list", "Shows the backups in a directory.", "throughline backup list /backups");
  auto directory = std::make_shared<std::string>();
  list.add_option("directory", *directory, "Where they are")->required()->type_name("DIR");
  tool.Does(list, [&tool, directory] { return List(tool, *directory); });

  CLI::App& verify = Command(group, "verify", "Reads a whole backup and says whether it is sound.",
                             "throughline backup verify /backups/intake-20240501T120000.000Z-a");
  auto path = std::make_shared<std::string>();
  verify.add_option("backup", *path, "The backup's folder")->required()->type_name("DIR");
  tool.Does(verify, [&tool, path] { return Verify(tool, *path); });

  CLI::App& restore = Command(
      app, "restore",
      "Puts a backup in the place of a service's store, in the data directory of a replica that does not run: when it "
      "starts, it folds only what came after.",
      "throughline --data /var/lib/throughline/intake restore --from /backups/intake-20240501T120000.000Z-a");
  auto from = std::make_shared<std::string>();
  auto replace = std::make_shared<bool>(false);
  restore.add_option("--from", *from, "The backup's folder")->required()->type_name("DIR");
  restore.add_flag("--replace", *replace, "Also if there is a store already");
  tool.Does(restore, [&tool, from, replace] { return Restore(tool, *from, *replace); });
}

}  // namespace throughline::tool
