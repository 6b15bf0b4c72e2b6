#pragma once

// Bearer tokens: `tl_<name>_<43 base64url characters>`, 256 random bits. The store keeps their SHA-256 in a file
// (token_file.h) and notices when the file changes, without a restart.
//
//   auto store = TokenStore::Load("/var/lib/throughline/tokens.json");
//   auto identity = (*store)->Authenticate("tl_ana_…");   // UNAUTHENTICATED, or who it is
//
// Any thread. Authenticate takes no lock for a token that the thread has met lately.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/identity/identity.h"
#include "libs/identity/token_file.h"

namespace throughline::identity {

// A token as it may be shown: nothing of it is secret.
struct TokenInfo {
  Identity identity;
  absl::Time created;
  bool disabled = false;
};

class TokenStore {
 public:
  struct Options {
    absl::Duration look_for_changes_every = absl::Milliseconds(500);
  };

  // NOT_FOUND without a file, DATA_LOSS with a damaged one.
  static absl::StatusOr<std::unique_ptr<TokenStore>> Load(std::string path, Options options);
  static absl::StatusOr<std::unique_ptr<TokenStore>> Load(std::string path) { return Load(std::move(path), Options()); }

  // UNAUTHENTICATED (reason BAD_TOKEN, TOKEN_DISABLED); never says which part was wrong. If the file has become
  // unreadable, what was read last stays in force, and the log says so once for each change of the file.
  absl::StatusOr<std::shared_ptr<const Identity>> Authenticate(std::string_view bearer) const;

  // Whether a credential that Authenticate let in would be let in as the same identity now. UNAUTHENTICATED (BAD_TOKEN,
  // TOKEN_DISABLED, TOKEN_CHANGED).
  absl::Status StillStands(const Digest& sha256, const Identity& identity) const;

  // Reads the file if it has changed and was not looked at lately. Authenticate does so by itself; whoever has calls
  // that last does so now and then.
  void LookForChanges() const ABSL_LOCKS_EXCLUDED(mu_);
  // Grows whenever the file was read.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // Of the file that is in force (token_file.h).
  std::string version() const ABSL_LOCKS_EXCLUDED(mu_);

  std::vector<TokenInfo> List() const;
  const std::string& path() const { return path_; }

 private:
  struct Entry {
    Digest sha256;
    std::shared_ptr<const Identity> identity;
    absl::Time created;
    bool disabled = false;
  };
  // By the first eight bytes of the digest; the rest is compared in constant time.
  struct Table {
    absl::flat_hash_map<uint64_t, Entry> entries;
  };

  TokenStore(std::string path, Options options);
  absl::Status Reload() const ABSL_LOCKS_EXCLUDED(mu_);
  std::shared_ptr<const Table> table() const ABSL_LOCKS_EXCLUDED(mu_);

  const std::string path_;
  const Options options_;
  const uint64_t id_;                                // of this store, for the threads' caches
  mutable std::atomic<uint64_t> generation_{0};      // counts reloads
  mutable std::atomic<int64_t> next_look_nanos_{0};  // of the steady clock
  mutable absl::Mutex mu_;
  mutable std::shared_ptr<const Table> table_ ABSL_GUARDED_BY(mu_);
  mutable std::string version_ ABSL_GUARDED_BY(mu_);
  mutable std::optional<std::string> failed_version_ ABSL_GUARDED_BY(mu_);  // of what could not be read, and was told
};

// Adds a credential to the file and answers the token: the only time that it is seen. The file is made if it does not
// exist. ALREADY_EXISTS: an enabled one has that name; INVALID_ARGUMENT: it fails CheckIdentity.
absl::StatusOr<std::string> CreateToken(const std::string& path, Identity identity, absl::Time now);

// Disables every credential of that name. NOT_FOUND: there is none that is enabled.
absl::Status RevokeToken(const std::string& path, std::string_view name);

// The first credentials of an installation: `<directory>/tokens.json`, and each plain token in
// `<directory>/credentials/<name>.token` (mode 0600). Does nothing if tokens.json exists. Answers whether it made them.
//   admin; supervisor sam; reps ana, ben; service webshop; reader dashboard; carriers ups, usps, easypost; vendors
//   acme, globex.
absl::StatusOr<bool> CreateFirstTokens(const std::string& directory, absl::Time now);

std::string TokensPath(const std::string& directory);
std::string CredentialPath(const std::string& directory, std::string_view name);

}  // namespace throughline::identity
