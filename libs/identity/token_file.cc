#include "libs/identity/token_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

#include "libs/files/whole_file.h"

namespace throughline::identity {
namespace {

absl::Status FileError(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

std::string TimeText(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

// Type errors and missing keys leave `false`; nlohmann's exceptions stay in here.
bool FromJson(const std::string& line, TokenRecord& record) try {
  const auto json = nlohmann::json::parse(line);
  record.identity.name = json.at("name").get<std::string>();
  record.identity.party = json.value("party", std::string());
  record.identity.team = json.value("team", std::string());
  record.disabled = json.value("disabled", false);
  for (const auto& name : json.at("roles")) {
    const auto role = ParseRole(name.get<std::string>());
    if (!role) return false;
    record.identity.roles.push_back(*role);
  }
  auto& roles = record.identity.roles;
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  const std::string hex = json.at("sha256").get<std::string>();
  if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) return false;
  record.sha256 = absl::HexStringToBytes(hex);
  std::string error;
  if (const auto expires = json.find("expires"); expires != json.end()) {
    if (!absl::ParseTime(absl::RFC3339_full, expires->get<std::string>(), &record.expires, &error)) return false;
  }
  return absl::ParseTime(absl::RFC3339_full, json.at("created").get<std::string>(), &record.created, &error);
} catch (const nlohmann::json::exception&) {
  return false;
}

absl::Status Replaced(const std::string& path, const std::error_code& error) {
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot write ", path));
}

}  // namespace

std::string TokenFileVersion(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return "";
  return absl::StrCat(info.st_ino, "/", info.st_size, "/", info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec);
}

absl::StatusOr<std::vector<TokenRecord>> ReadTokenFile(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return FileError("cannot read the credentials in", path);
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, " can be written by others: chmod 600 ", path));
  }
  std::ifstream in(path);
  if (!in) return FileError("cannot read the credentials in", path);
  std::vector<TokenRecord> records;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    TokenRecord record;
    if (!FromJson(line, record)) {
      return absl::DataLossError(absl::StrCat(path, ":", number, " is not a credential: mend or remove that line"));
    }
    if (absl::Status status = CheckIdentity(record.identity); !status.ok()) {
      return absl::DataLossError(
          absl::StrCat(path, ":", number, " is not a credential: ", status.message(), ": mend or remove that line"));
    }
    records.push_back(std::move(record));
  }
  if (in.bad()) return FileError("cannot read the credentials in", path);
  return records;
}

absl::Status WriteTokenFile(const std::string& path, const std::vector<TokenRecord>& records) {
  std::string content;
  for (const TokenRecord& record : records) {
    nlohmann::ordered_json json;
    json["name"] = record.identity.name;
    json["roles"] = nlohmann::ordered_json::array();
    for (const Role role : record.identity.roles) json["roles"].push_back(std::string(RoleName(role)));
    json["party"] = record.identity.party;
    json["team"] = record.identity.team;
    json["sha256"] = absl::BytesToHexString(record.sha256);
    json["created"] = TimeText(record.created);
    if (record.expires != absl::InfiniteFuture()) json["expires"] = TimeText(record.expires);
    json["disabled"] = record.disabled;
    absl::StrAppend(&content, json.dump(), "\n");
  }
  struct stat before;
  const bool exists = stat(path.c_str(), &before) == 0;
  return Replaced(path, files::ReplaceFile(path, content, 0600, exists ? &before : nullptr));
}

absl::Status WritePrivateFile(const std::string& path, std::string_view content) {
  return Replaced(path, files::ReplaceFile(path, content, 0600));
}

absl::Status WithTokenFileLock(const std::string& path, const std::function<absl::Status()>& change) {
  const std::string lock = absl::StrCat(path, ".lock");
  const int fd = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return FileError("cannot lock", lock);
  const absl::Cleanup unlock = [fd] { close(fd); };
  while (flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return FileError("cannot lock", lock);
  }
  return change();
}

}  // namespace throughline::identity
