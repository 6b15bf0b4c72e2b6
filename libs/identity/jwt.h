#pragma once

// JSON Web Tokens (RFC 7519) of another issuer, signed with RS256 or ES256: who it is, and until when.
//
//   absl::StatusOr<Verified> who = VerifyJwt(token, keys, policy, now);
//
// Only what the issuer signed is looked at, and only the algorithm of the key counts: a token that names another one,
// or none, is refused. Pure functions; any thread.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/identity/identity.h"
#include "libs/identity/key_set.h"

namespace throughline::identity {

// What is expected of a token, and what its claims mean. A claim is named by its key (`roles`), or by a path with dots
// (`realm_access.roles`).
struct JwtPolicy {
  static constexpr size_t kMaxBytes = 8 << 10;

  std::string issuer;
  std::string audience;
  absl::Duration leeway = absl::Seconds(30);  // between the issuer's clock and ours
  std::string person_claim = "sub";           // names the actor: 1 to 63 of a-z, 0-9, `.` and `-`
  std::string role_claim = "roles";           // a text, or a list of texts
  std::string party_claim = "party";          // of a partner
  std::string team_claim = "team";
  // Value of the role claim -> role. Other values say nothing. Empty: the values are our own names.
  std::map<std::string, Role> roles = {};
};

struct Verified {
  std::shared_ptr<const Identity> identity;
  absl::Time expires;     // with the leeway
  std::string signed_by;  // IssuerKey::identity
};

// Whether it looks like a JWT, and not like a token of a file.
bool LooksLikeJwt(std::string_view token);

// UNAUTHENTICATED, in this order: TOKEN_TOO_LONG, BAD_TOKEN (no JWT), TOKEN_ALGORITHM, TOKEN_KEY_UNKNOWN (`kid`),
// TOKEN_SIGNATURE, TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_CLAIMS (they name no
// identity).
absl::StatusOr<Verified> VerifyJwt(std::string_view token, const KeySet& keys, const JwtPolicy& policy, absl::Time now);

// Reads `support-agent=rep, lead=supervisor`. INVALID_ARGUMENT: what is wrong.
absl::StatusOr<std::map<std::string, Role>> ParseRoleMap(std::string_view text);

}  // namespace throughline::identity
