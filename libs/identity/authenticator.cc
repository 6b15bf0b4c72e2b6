#include "libs/identity/authenticator.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include <openssl/crypto.h>

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::identity {
namespace {

absl::Status RefuseCall(absl::string_view reason, absl::string_view message) {
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, reason, message);
}

absl::Status ExpiredJwt() { return RefuseCall("TOKEN_EXPIRED", "the token has expired: log in again"); }

bool SameToken(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// What a thread has verified: saves checking the signature on each call.
struct VerifiedJwt {
  uint64_t authenticator = 0;
  uint64_t generation = 0;
  std::string token;
  Admitted admitted;
};
thread_local std::array<VerifiedJwt, 32> verified_jwts;

struct VerifiedConnection {
  uint64_t authenticator = 0;
  uint64_t generation = 0;
  std::string chain_pem;
  absl::Time until;  // an expired certificate is found out then
};
thread_local std::array<VerifiedConnection, 8> verified_connections;
constexpr absl::Duration kConnectionsAgainAfter = absl::Seconds(30);

template <typename T>
absl::Status OpenFile(std::unique_ptr<files::Reloaded<T>>& file, const std::string& path,
                      absl::StatusOr<T> (*read)(const std::string&), std::chrono::milliseconds every) {
  if (path.empty()) return absl::OkStatus();
  auto loaded = files::Reloaded<T>::Load(
      {path}, [path, read] { return read(path); }, every);
  if (!loaded.ok()) return loaded.status();
  file = *std::move(loaded);
  return absl::OkStatus();
}

}  // namespace

Authenticator::Authenticator(const TokenStore& tokens, AuthenticatorOptions options)
    : tokens_(tokens), options_(std::move(options)), id_([] {
        static std::atomic<uint64_t> made{0};
        return ++made;
      }()) {}

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Load(const TokenStore& tokens,
                                                                   AuthenticatorOptions options) {
  if (!options.jwt_keys.empty() && (options.jwt.issuer.empty() || options.jwt.audience.empty())) {
    return absl::InvalidArgumentError("the keys of an issuer need its name and our audience: give both");
  }
  auto made = std::unique_ptr<Authenticator>(new Authenticator(tokens, std::move(options)));
  const AuthenticatorOptions& given = made->options_;
  const auto every = given.look_for_changes_every;
  absl::Status status = OpenFile<KeySet>(made->keys_, given.jwt_keys, ReadKeySet, every);
  status.Update(OpenFile<CertificateMap>(made->certificates_, given.certificates, ReadCertificateMap, every));
  status.Update(OpenFile<ClientAuthorities>(made->authorities_, given.client_ca, ReadClientAuthorities, every));
  if (!status.ok()) return status;
  return made;
}

absl::StatusOr<Admitted> Authenticator::Authenticate(const Presented& presented, absl::Time now) const {
  if (authorities_ != nullptr && !presented.inside) {
    const std::string_view chain =
        presented.certificate == nullptr ? std::string_view() : presented.certificate->chain_pem;
    if (absl::Status status = CheckConnection(chain); !status.ok()) return status;
  }
  if (presented.bearer.empty()) return ByCertificate(presented.anonymous ? nullptr : presented.certificate);
  if (keys_ != nullptr && LooksLikeJwt(presented.bearer)) return ByJwt(presented.bearer, now);
  return tokens_.Authenticate(presented.bearer, now);
}

absl::StatusOr<Admitted> Authenticator::ByJwt(std::string_view token, absl::Time now) const {
  keys_->LookForChanges();
  const uint64_t generation = keys_->generation();  // before the keys: what newer keys allow may be checked once more
  const std::shared_ptr<const KeySet> keys = keys_->Get();
  VerifiedJwt& slot = verified_jwts[absl::HashOf(token) % verified_jwts.size()];
  if (slot.authenticator == id_ && slot.generation == generation && SameToken(slot.token, token)) {
    if (now >= slot.admitted.expires) return ExpiredJwt();
    return slot.admitted;
  }
  absl::StatusOr<Verified> verified = VerifyJwt(token, *keys, options_.jwt, now);
  if (!verified.ok()) return verified.status();
  Remember(verified->identity, now);
  slot = {id_, generation, std::string(token),
          Admitted{verified->identity, Issuer::kJwt, verified->signed_by, verified->expires}};
  return slot.admitted;
}

absl::StatusOr<Admitted> Authenticator::ByCertificate(const PeerCertificate* certificate) const {
  if (certificates_ == nullptr || certificate == nullptr || certificate->chain_pem.empty()) {
    return RefuseCall("NO_TOKEN", "no token came with the call: send the metadata `authorization: Bearer tl_…`");
  }
  const std::shared_ptr<const CertificateMap> map = certificates_->Get();
  const std::string* const key = map->KeyOf(*certificate);
  if (key == nullptr) {
    return RefuseCall(
        "CERTIFICATE_UNKNOWN",
        "the client's certificate stands for nobody here: send a token, or have its subject or URI put into "
        "the file of the setting tls.identities");
  }
  return Admitted{map->identities.at(*key), Issuer::kCertificate, *key};
}

absl::Status Authenticator::CheckConnection(std::string_view chain_pem) const {
  authorities_->LookForChanges();
  const uint64_t generation = authorities_->generation();  // first, as with the keys of JWTs
  const std::shared_ptr<const ClientAuthorities> authorities = authorities_->Get();
  const absl::Time now = absl::Now();  // a certificate's validity is the wall clock's
  VerifiedConnection& slot = verified_connections[absl::HashOf(chain_pem) % verified_connections.size()];
  if (slot.authenticator == id_ && slot.generation == generation && now < slot.until && slot.chain_pem == chain_pem) {
    return absl::OkStatus();
  }
  if (absl::Status status = CheckCertificate(*authorities, chain_pem); !status.ok()) return status;
  slot = {id_, generation, std::string(chain_pem), now + kConnectionsAgainAfter};
  return absl::OkStatus();
}

Proof Authenticator::ProofOf(const Admitted& admitted, const Presented& presented) const {
  Proof proof{admitted.issuer, admitted.key, "", admitted.expires};
  if (admitted.issuer == Issuer::kFile) proof.key = crypto::Sha256(presented.bearer);
  if (authorities_ != nullptr && presented.certificate != nullptr) proof.chain_pem = presented.certificate->chain_pem;
  return proof;
}

absl::Status Authenticator::StillStands(const Proof& proof, const Identity& identity, absl::Time now) const {
  if (!proof.chain_pem.empty()) {
    if (absl::Status status = CheckConnection(proof.chain_pem); !status.ok()) return status;
  }
  if (proof.issuer == Issuer::kFile) return tokens_.StillStands(proof.key, identity, now);
  if (now >= proof.expires) return ExpiredJwt();
  if (proof.issuer == Issuer::kJwt) {
    const std::shared_ptr<const KeySet> keys = keys_->Get();
    const bool known = std::any_of(keys->keys.begin(), keys->keys.end(),
                                   [&](const IssuerKey& key) { return key.identity == proof.key; });
    if (known) return absl::OkStatus();
    return RefuseCall("TOKEN_KEY_UNKNOWN", "the key that signed the token is not the issuer's any more: log in again");
  }
  const std::shared_ptr<const CertificateMap> map = certificates_->Get();
  const auto it = map->identities.find(proof.key);
  if (it == map->identities.end()) {
    return RefuseCall("CERTIFICATE_UNKNOWN", "the client's certificate stands for nobody here any more");
  }
  if (*it->second == identity) return absl::OkStatus();
  return RefuseCall("TOKEN_CHANGED", absl::StrCat("what the certificate of `", identity.name,
                                                  "` stands for was changed: connect again"));
}

void Authenticator::LookForChanges() const {
  tokens_.LookForChanges();
  if (keys_ != nullptr) keys_->LookForChanges();
  if (certificates_ != nullptr) certificates_->LookForChanges();
  if (authorities_ != nullptr) authorities_->LookForChanges();
}

uint64_t Authenticator::generation() const {
  uint64_t sum = tokens_.generation();
  if (keys_ != nullptr) sum += keys_->generation();
  if (certificates_ != nullptr) sum += certificates_->generation();
  if (authorities_ != nullptr) sum += authorities_->generation();
  return sum;
}

void Authenticator::Remember(const std::shared_ptr<const Identity>& identity, absl::Time now) const {
  const auto is = [&](Role role) {
    return std::find(identity->roles.begin(), identity->roles.end(), role) != identity->roles.end();
  };
  if (!is(common::v1::ROLE_REP) && !is(common::v1::ROLE_SUPERVISOR)) return;
  absl::MutexLock lock(&mu_);
  if (seen_.size() >= kMaxSeen && !seen_.contains(identity->name)) return;
  seen_[identity->name] = TokenInfo{.identity = *identity, .created = now};
}

Credentials Authenticator::Known() const {
  Credentials known{tokens_.List(), keys_ == nullptr};
  if (certificates_ != nullptr) {
    for (const auto& [key, identity] : certificates_->Get()->identities) {
      known.listed.push_back(TokenInfo{.identity = *identity, .created = absl::InfinitePast()});
    }
  }
  absl::MutexLock lock(&mu_);
  for (const auto& [name, info] : seen_) known.listed.push_back(info);
  return known;
}

}  // namespace throughline::identity
