#pragma once

// Bearer tokens: `tl_<name>_<43 base64url characters>`, 256 random bits. A TokenStore reads their SHA-256 from a file
// (token_file.h), again after each change of the file.
//
//   auto store = TokenStore::Load("/var/lib/throughline/tokens.json");
//   auto identity = (*store)->Authenticate("tl_ana_…");   // UNAUTHENTICATED, or who it is
//
// Any thread. Authenticate takes no lock for a token that is in the thread's cache.

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
#include "libs/identity/token_uses.h"

namespace throughline::identity {

// What may be shown of a token.
struct TokenInfo {
  Identity identity;
  absl::Time created;
  bool disabled = false;
  absl::Time expires = absl::InfiniteFuture();
};

// Who has a credential, as far as it is known.
struct Credentials {
  std::vector<TokenInfo> listed;
  bool complete = true;  // false: another issuer gives credentials, too, and does not say to whom
};

struct Admitted;  // authenticator.h

class TokenStore {
 public:
  struct Options {
    absl::Duration look_for_changes_every = absl::Milliseconds(500);
  };

  // As ReadTokenFile.
  static absl::StatusOr<std::unique_ptr<TokenStore>> Load(std::string path, Options options);
  static absl::StatusOr<std::unique_ptr<TokenStore>> Load(std::string path) { return Load(std::move(path), Options()); }

  // UNAUTHENTICATED (reasons BAD_TOKEN, TOKEN_DISABLED, TOKEN_EXPIRED), without saying which part was wrong. If the
  // file cannot be read any more, the tokens that were read last stay in force, with one log line for each change of
  // the file.
  absl::StatusOr<Admitted> Authenticate(std::string_view bearer, absl::Time now) const;
  absl::StatusOr<std::shared_ptr<const Identity>> Authenticate(std::string_view bearer) const;

  // Whether a token that was authenticated earlier still stands for the same identity. UNAUTHENTICATED (BAD_TOKEN,
  // TOKEN_DISABLED, TOKEN_EXPIRED, TOKEN_CHANGED).
  absl::Status StillStands(const std::string& sha256, const Identity& identity, absl::Time now) const;

  // Reads the file if it has changed, at most every `look_for_changes_every`. Authenticate calls it; who serves long
  // calls must call it periodically.
  void LookForChanges() const ABSL_LOCKS_EXCLUDED(mu_);
  // Counts how often the file was read.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // The version of the file that is in force (token_file.h).
  std::string version() const ABSL_LOCKS_EXCLUDED(mu_);

  std::vector<TokenInfo> List() const;
  // When each token was used last, by SHA-256; only those used since the start.
  TokenUses Uses() const;
  const std::string& path() const { return path_; }

 private:
  struct Entry {
    std::string sha256;
    std::shared_ptr<const Identity> identity;
    absl::Time created;
    bool disabled = false;
    absl::Time expires;
    std::shared_ptr<std::atomic<int64_t>> used;  // Unix seconds; 0: not since the start
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
  const uint64_t id_;                                // of this store, in the threads' caches
  mutable std::atomic<uint64_t> generation_{0};      // counts reloads
  mutable std::atomic<int64_t> next_look_nanos_{0};  // of the steady clock
  mutable absl::Mutex mu_;
  mutable std::shared_ptr<const Table> table_ ABSL_GUARDED_BY(mu_);
  mutable std::string version_ ABSL_GUARDED_BY(mu_);
  mutable std::optional<std::string> failed_version_
      ABSL_GUARDED_BY(mu_);  // the last one that could not be read, and was logged
};

// Adds a credential to the file, which is made if missing. Returns the token, which is not stored anywhere.
// ALREADY_EXISTS: an enabled credential has that name. INVALID_ARGUMENT: the identity fails CheckIdentity.
absl::StatusOr<std::string> CreateToken(const std::string& path, Identity identity, absl::Time now,
                                        absl::Time expires = absl::InfiniteFuture());

// Adds another token for the identity that `name` stands for, and lets the ones in force end after `overlap`: meanwhile
// its holder changes over without a refused call. Returns the token. NOT_FOUND: none is in force.
absl::StatusOr<std::string> RotateToken(const std::string& path, std::string_view name, absl::Time now,
                                        absl::Duration overlap, absl::Time expires = absl::InfiniteFuture());

// Disables every credential with that name. NOT_FOUND: none of them is enabled.
absl::Status RevokeToken(const std::string& path, std::string_view name);

// Makes the first credentials of an installation: `<directory>/tokens.json`, and each plain token in
// `<directory>/credentials/<name>.token` (mode 0600). False: tokens.json exists, and nothing was done.
//   admin; supervisor sam; reps ana, ben; services webshop, edge; reader dashboard; carriers ups, usps, easypost;
//   vendors acme, globex.
absl::StatusOr<bool> CreateFirstTokens(const std::string& directory, absl::Time now);

// A credential of the process's own: its token in `<directory>/credentials/<name>.token` (mode 0600), which is made if
// it is missing, instead of one with that name that is in force. A file that is there stays as it is, also if its token
// was revoked.
absl::Status EnsureToken(const std::string& directory, const Identity& identity, absl::Time now);

std::string TokensPath(const std::string& directory);
std::string CredentialPath(const std::string& directory, std::string_view name);

}  // namespace throughline::identity
