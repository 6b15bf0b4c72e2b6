#pragma once

// Who calls, by whichever credential a call carries: a token of the file (tokens.h), a JWT of another issuer (jwt.h),
// or the certificate of its connection (certificates.h). A bearer token counts before a certificate. All files are read
// again when they change.
//
//   auto authenticator = Authenticator::Load(tokens, {.jwt_keys = "/etc/keys.json", .jwt = {...}});
//   auto admitted = (*authenticator)->Authenticate({.bearer = token}, now);
//   ...
//   absl::Status stands = (*authenticator)->StillStands(*proof, *admitted->identity, now);    // later, for a stream
//
// Any thread. `tokens` must outlive it.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/files/reloaded.h"
#include "libs/identity/certificates.h"
#include "libs/identity/jwt.h"
#include "libs/identity/tokens.h"

namespace throughline::identity {

struct AuthenticatorOptions {
  std::string jwt_keys;      // a key set, or a directory of them; empty: no JWT is taken
  JwtPolicy jwt = {};        // issuer and audience are needed with `jwt_keys`
  std::string certificates;  // the map of certificates; empty: a certificate names nobody
  std::string client_ca;     // the clients' authorities; empty: connections have no certificates
  std::chrono::milliseconds look_for_changes_every{500};
};

// What a call shows.
struct Presented {
  std::string_view bearer;                       // empty: none
  const PeerCertificate* certificate = nullptr;  // null: none
  // The call is of somebody else than the connection, without a credential: the certificate does not stand for it.
  bool anonymous = false;
  // The call comes from this process, such as from the edge in `throughline up`, which has checked its own clients:
  // there is no connection whose certificate could be checked.
  bool inside = false;
};

enum class Issuer { kFile, kJwt, kCertificate };

struct Admitted {
  std::shared_ptr<const Identity> identity;
  Issuer issuer = Issuer::kFile;
  std::string key;  // of a JWT: who signed it; of a certificate: its key in the map; of a file's token: empty
  absl::Time expires = absl::InfiniteFuture();
};

// Of a stream that lives on, what its credential was.
struct Proof {
  Issuer issuer = Issuer::kFile;
  std::string key;        // as in Admitted; of a file's token: its SHA-256
  std::string chain_pem;  // of the connection; empty: not checked
  absl::Time expires = absl::InfiniteFuture();
};

class Authenticator {
 public:
  // Persons who came by a JWT are remembered up to this number.
  static constexpr size_t kMaxSeen = 10'000;

  // INVALID_ARGUMENT: an issuer or audience is missing. Else as reading the files.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Load(const TokenStore& tokens, AuthenticatorOptions options);

  // UNAUTHENTICATED: reasons of TokenStore::Authenticate and VerifyJwt, NO_TOKEN, CERTIFICATE_UNKNOWN,
  // CERTIFICATE_NOT_TRUSTED.
  absl::StatusOr<Admitted> Authenticate(const Presented& presented, absl::Time now) const;

  Proof ProofOf(const Admitted& admitted, const Presented& presented) const;
  // Whether what admitted a stream still stands for the same identity. UNAUTHENTICATED, as Authenticate.
  absl::Status StillStands(const Proof& proof, const Identity& identity, absl::Time now) const;

  // Whether Authenticate needs the connection's certificate: of each call, or of those without a token.
  bool ChecksCertificates() const { return authorities_ != nullptr; }
  bool KnowsCertificates() const { return certificates_ != nullptr; }

  void LookForChanges() const;
  // Grows whenever one of the files was read again.
  uint64_t generation() const;
  const TokenStore& tokens() const { return tokens_; }

  // Who is known to have a credential: all of the file and of the map of certificates, and reps and supervisors who
  // came with a JWT since the start.
  Credentials Known() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Authenticator(const TokenStore& tokens, AuthenticatorOptions options);
  absl::StatusOr<Admitted> ByJwt(std::string_view token, absl::Time now) const ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<Admitted> ByCertificate(const PeerCertificate* certificate) const;
  absl::Status CheckConnection(std::string_view chain_pem) const;
  void Remember(const std::shared_ptr<const Identity>& identity, absl::Time now) const ABSL_LOCKS_EXCLUDED(mu_);

  const TokenStore& tokens_;
  const AuthenticatorOptions options_;
  const uint64_t id_;                                                // of this object, in the threads' caches
  std::unique_ptr<files::Reloaded<KeySet>> keys_;                    // null: no JWT is taken
  std::unique_ptr<files::Reloaded<CertificateMap>> certificates_;    // null: no certificate names anybody
  std::unique_ptr<files::Reloaded<ClientAuthorities>> authorities_;  // null: connections have no certificates
  mutable absl::Mutex mu_;
  mutable std::map<std::string, TokenInfo> seen_ ABSL_GUARDED_BY(mu_);  // by name
};

}  // namespace throughline::identity
