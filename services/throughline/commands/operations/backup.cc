// `throughline backup` and `throughline restore`: backups of stores, which save a replica from folding the whole log,
// and of the embedded log.

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "nlohmann/json.hpp"

#include "libs/log/embedded/embedded_log.h"
#include "libs/log/embedded/reader.h"
#include "services/process/backup/backup_request.h"
#include "services/process/backup/restore.h"
#include "services/process/process.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/log_walk.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"

namespace throughline::tool {
namespace {

using process::Backup;

bool OfLog(const Backup& backup) { return backup.kind == Backup::Kind::kLog; }

void PrintJson(Tool& tool, const Backup& backup) {
  nlohmann::ordered_json json = {{"path", backup.path}, {"kind", OfLog(backup) ? "log" : "store"}};
  if (OfLog(backup)) {
    json["log"] = backup.log;
  } else {
    json["service"] = backup.service;
  }
  json["replica"] = backup.replica;
  json["taken"] = absl::FormatTime(backup.taken, absl::UTCTimeZone());
  json["records"] = backup.records;
  if (!OfLog(backup)) json["layout"] = backup.layout;
  tool.Print(json.dump() + "\n");
}

absl::Status List(Tool& tool, const std::string& directory) {
  const auto backups = process::ListBackups(directory);
  if (!backups.ok()) return backups.status();
  Table table({{"OF"}, {"TAKEN"}, {"RECORDS"}, {"REPLICA"}, {"PATH"}});
  for (const Backup& backup : *backups) {
    if (tool.json()) {
      PrintJson(tool, backup);
      continue;
    }
    table.Row({{Clean(OfLog(backup) ? "log " + backup.log.substr(0, 8) : backup.service), Style::kBold},
               {ShowTime(backup.taken, tool.now())},
               {absl::StrCat(backup.records)},
               {Clean(backup.replica)},
               {backup.path}});
  }
  if (!tool.json()) tool.Print(table.Render(tool.terminal()));
  return absl::OkStatus();
}

// Verifies a backup: reads a store's files, walks a log.
absl::StatusOr<Backup> Prove(const std::string& path) {
  const auto backup = process::ReadBackup(path);
  if (!backup.ok()) return backup;
  return OfLog(*backup) ? VerifyLogBackup(path) : process::VerifyStoreBackup(path);
}

// Copies a log on which no suite runs.
absl::StatusOr<Backup> TakeAtRest(const std::string& data, const std::string& directory) {
  log::EmbeddedLog::Options options;
  options.path = process::LogPath(data);
  {
    // Opening an embedded log for writing would create a missing one.
    const auto reader = log::EmbeddedReader::Open(options.path);
    if (!reader.ok()) return reader.status();
    options.partitions = (*reader)->identity().topics.front().partitions;
  }
  const auto log = log::EmbeddedLog::Open(options);
  if (!log.ok()) return log.status();
  const absl::StatusOr<process::BackupSource> source = process::BackupOfLog(**log, data);
  if (!source.ok()) return source.status();
  return process::TakeBackup(*source, process::DefaultReplica(), directory, absl::Now());
}

absl::Status Take(Tool& tool, std::string directory) {
  // The running process may have another working directory.
  if (!directory.empty()) directory = std::filesystem::absolute(directory).lexically_normal();
  absl::StatusOr<Backup> taken = process::RequestBackup(tool.data(), directory, tool.watch_timeout());
  if (absl::IsNotFound(taken.status())) {
    if (directory.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(taken.status().message()), ": name the directory for the backup with --to"));
    }
    taken = TakeAtRest(tool.data(), directory);
  }
  if (!taken.ok()) return taken.status();
  taken = Prove(taken->path);
  if (!taken.ok()) return taken.status();
  tool.Done("backup", taken->path);
  if (tool.json()) {
    PrintJson(tool, *taken);
  } else {
    tool.Print(absl::StrCat("Taken and verified, ", taken->records, " records: ", taken->path, "\n"));
  }
  return absl::OkStatus();
}

absl::Status Verify(Tool& tool, const std::string& path) {
  const auto backup = Prove(path);
  if (!backup.ok()) return backup.status();
  if (tool.json()) {
    PrintJson(tool, *backup);
  } else if (OfLog(*backup)) {
    tool.Print(absl::StrCat("The backup of the log is sound: every accepted commit of its ", backup->records,
                            " records is unchanged and in its place. It holds everything acknowledged before ",
                            ShowTime(backup->taken, tool.now()), "\n"));
  } else {
    tool.Print(absl::StrCat("The backup of ", Clean(backup->service), " is sound: it holds at least ", backup->records,
                            " records of the log, taken ", ShowTime(backup->taken, tool.now()), "\n"));
  }
  return absl::OkStatus();
}

absl::Status Restore(Tool& tool, const std::string& path, bool replace) {
  const auto backup = Prove(path);
  if (!backup.ok()) return backup.status();
  const auto restored = process::RestoreBackup(path, tool.data(), replace);
  if (!restored.ok()) return restored.status();
  tool.Done("restored", *restored);
  tool.Print(tool.json() ? nlohmann::ordered_json({{OfLog(*backup) ? "log" : "store", *restored}}).dump() + "\n"
                         : absl::StrCat("Restored ", *restored, "\n"));
  if (OfLog(*backup) && !tool.json()) {
    tool.Note(absl::StrCat("Commands acknowledged after ",
                           absl::FormatTime(absl::RFC3339_sec, backup->taken, absl::UTCTimeZone()),
                           " may be missing: send them again with the same command ids; they take effect once. "
                           "Credentials are not in a backup: copy tokens.json and credentials/ into ",
                           tool.data(), ", or `throughline up` creates new ones"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddBackup(CLI::App& app, Tool& tool) {
  CLI::App& group = Group(
      app, "backup",
      "Backups of the log of `throughline up`, and of the stores of services on Kafka. With --backup-dir the running "
      "process takes them periodically.");
  CLI::App& take = Command(group, "take",
                           "Asks the process that runs on the data directory for a backup and verifies it. Without a "
                           "process, copies the log itself.",
                           "throughline backup take --to /backups\n"
                           "throughline --data /var/lib/throughline --json backup take");
  auto to = std::make_shared<std::string>();
  take.add_option("--to", *to,
                  "Where to put the backup, outside the data directory (default: the process's --backup-dir)")
      ->type_name("DIR");
  tool.Does(take, [&tool, to] { return Take(tool, *to); });

  CLI::App& list = Command(group, "list", "Shows the backups in a directory.", "throughline backup list /backups");
  auto directory = std::make_shared<std::string>();
  list.add_option("directory", *directory, "The directory")->required()->type_name("DIR");
  tool.Does(list, [&tool, directory] { return List(tool, *directory); });

  CLI::App& verify = Command(group, "verify",
                             "Reads a whole backup and says whether it is sound; for a log, proves what "
                             "`throughline verify` does.",
                             "throughline backup verify /backups/log-20240501T120000.000Z-a");
  auto path = std::make_shared<std::string>();
  verify.add_option("backup", *path, "The backup's folder")->required()->type_name("DIR");
  tool.Does(verify, [&tool, path] { return Verify(tool, *path); });

  CLI::App& restore =
      Command(app, "restore",
              "Verifies a backup, and puts it into a data directory. Of a log: into a new one, in which `throughline "
              "up` then goes on. Of a service's store: in its place, for a replica that does not run; when it starts, "
              "it folds only "
              "what came after.",
              "throughline --data /var/lib/throughline-2 restore --from /backups/log-20240501T120000.000Z-a\n"
              "throughline --data /var/lib/throughline/intake restore --from /backups/intake-20240501T120000.000Z-a");
  auto from = std::make_shared<std::string>();
  auto replace = std::make_shared<bool>(false);
  restore.add_option("--from", *from, "The backup's folder")->required()->type_name("DIR");
  restore.add_flag("--replace", *replace, "Replace an existing store; a log is never replaced");
  tool.Does(restore, [&tool, from, replace] { return Restore(tool, *from, *replace); });
}

}  // namespace throughline::tool
