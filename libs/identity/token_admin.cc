// Creating and revoking credentials: the part of tokens.h that writes.

#include <algorithm>
#include <optional>
#include <sys/stat.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/crypto/random_bytes.h"
#include "libs/crypto/sha256.h"
#include "libs/files/private_directory.h"
#include "libs/identity/tokens.h"

namespace throughline::identity {
namespace {

using common::v1::ROLE_ADMIN;
using common::v1::ROLE_PARTNER;
using common::v1::ROLE_READER;
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using common::v1::ROLE_SUPERVISOR;

std::string NewSecret(const std::string& name) {
  return absl::StrCat("tl_", name, "_", absl::WebSafeBase64Escape(crypto::RandomBytes(32)));
}

// An absent file holds no records.
absl::StatusOr<std::vector<TokenRecord>> ReadOrNone(const std::string& path) {
  auto records = ReadTokenFile(path);
  if (absl::IsNotFound(records.status())) return std::vector<TokenRecord>();
  return records;
}

absl::Status MakeDirectory(const std::string& path) {
  const std::error_code error = files::MakePrivateDirectories(path);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot make the directory ", path));
}

}  // namespace

absl::StatusOr<std::string> CreateToken(const std::string& path, Identity identity, absl::Time now,
                                        absl::Time expires) {
  if (absl::Status status = CheckIdentity(identity); !status.ok()) return status;
  std::sort(identity.roles.begin(), identity.roles.end());
  std::string secret = NewSecret(identity.name);
  const absl::Status status = WithTokenFileLock(path, [&]() -> absl::Status {
    auto records = ReadOrNone(path);
    if (!records.ok()) return records.status();
    for (const TokenRecord& record : *records) {
      if (record.identity.name == identity.name && !record.disabled && now < record.expires) {
        return absl::AlreadyExistsError(
            absl::StrCat("`", identity.name, "` has a token: revoke it first, or choose another name"));
      }
    }
    records->push_back({std::move(identity), crypto::Sha256(secret), now, false, expires});
    return WriteTokenFile(path, *records);
  });
  if (!status.ok()) return status;
  return secret;
}

absl::StatusOr<std::string> RotateToken(const std::string& path, std::string_view name, absl::Time now,
                                        absl::Duration overlap, absl::Time expires) {
  std::string secret = NewSecret(std::string(name));
  const absl::Status status = WithTokenFileLock(path, [&]() -> absl::Status {
    auto records = ReadTokenFile(path);
    if (!records.ok()) return records.status();
    std::optional<Identity> identity;
    for (TokenRecord& record : *records) {
      if (record.identity.name != name || record.disabled || record.expires <= now) continue;
      identity = record.identity;
      record.expires = std::min(record.expires, now + overlap);
    }
    if (!identity) {
      return absl::NotFoundError(
          absl::StrCat("no token in force is called `", std::string(name), "`: `throughline token list` shows them"));
    }
    records->push_back({*std::move(identity), crypto::Sha256(secret), now, false, expires});
    return WriteTokenFile(path, *records);
  });
  if (!status.ok()) return status;
  return secret;
}

absl::Status RevokeToken(const std::string& path, std::string_view name) {
  return WithTokenFileLock(path, [&]() -> absl::Status {
    auto records = ReadTokenFile(path);
    if (!records.ok()) return records.status();
    bool found = false;
    for (TokenRecord& record : *records) {
      if (record.identity.name != name || record.disabled) continue;
      record.disabled = found = true;
    }
    if (!found) {
      return absl::NotFoundError(
          absl::StrCat("no token in force is called `", std::string(name), "`: `throughline token list` shows them"));
    }
    return WriteTokenFile(path, *records);
  });
}

absl::StatusOr<bool> CreateFirstTokens(const std::string& directory, absl::Time now) {
  const std::vector<Identity> first = {
      {"admin", {ROLE_ADMIN}, "", ""},      {"sam", {ROLE_SUPERVISOR}, "", "care"},
      {"ana", {ROLE_REP}, "", "care"},      {"ben", {ROLE_REP}, "", "care"},
      {"webshop", {ROLE_SERVICE}, "", ""},  {"edge", {ROLE_SERVICE}, "", ""},
      {"dashboard", {ROLE_READER}, "", ""}, {"ups", {ROLE_PARTNER}, "ups", ""},
      {"usps", {ROLE_PARTNER}, "usps", ""}, {"easypost", {ROLE_PARTNER}, "easypost", ""},
      {"acme", {ROLE_PARTNER}, "acme", ""}, {"globex", {ROLE_PARTNER}, "globex", ""}};
  if (absl::Status status = MakeDirectory(directory); !status.ok()) return status;
  const std::string path = TokensPath(directory);
  bool made = false;
  const absl::Status status = WithTokenFileLock(path, [&]() -> absl::Status {
    struct stat info;
    if (stat(path.c_str(), &info) == 0) return absl::OkStatus();
    if (absl::Status status = MakeDirectory(absl::StrCat(directory, "/credentials")); !status.ok()) return status;
    std::vector<TokenRecord> records;
    for (const Identity& identity : first) {
      const std::string secret = NewSecret(identity.name);
      const absl::Status written = WritePrivateFile(CredentialPath(directory, identity.name), secret + "\n");
      if (!written.ok()) return written;
      records.push_back({identity, crypto::Sha256(secret), now, false});
    }
    made = true;
    return WriteTokenFile(path, records);  // last: without it, the next start makes the set again
  });
  if (!status.ok()) return status;
  return made;
}

absl::Status EnsureToken(const std::string& directory, const Identity& identity, absl::Time now) {
  const std::string plain = CredentialPath(directory, identity.name), path = TokensPath(directory);
  struct stat info;
  if (stat(plain.c_str(), &info) == 0) return absl::OkStatus();
  if (absl::Status status = MakeDirectory(absl::StrCat(directory, "/credentials")); !status.ok()) return status;
  if (absl::Status revoked = RevokeToken(path, identity.name); !revoked.ok() && !absl::IsNotFound(revoked)) {
    return revoked;
  }
  const absl::StatusOr<std::string> secret = CreateToken(path, identity, now);
  if (!secret.ok()) return secret.status();
  return WritePrivateFile(plain, *secret + "\n");
}

std::string TokensPath(const std::string& directory) { return absl::StrCat(directory, "/tokens.json"); }

std::string CredentialPath(const std::string& directory, std::string_view name) {
  return absl::StrCat(directory, "/credentials/", std::string(name), ".token");
}

}  // namespace throughline::identity
