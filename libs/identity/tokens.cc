#include "libs/identity/tokens.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <tuple>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include <spdlog/spdlog.h>

#include "libs/crypto/hmac.h"
#include "libs/crypto/sha256.h"
#include "libs/identity/authenticator.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::identity {
namespace {

uint64_t Prefix(const std::string& digest) {
  uint64_t prefix;
  std::memcpy(&prefix, digest.data(), sizeof prefix);
  return prefix;
}

// Not the wall clock: if it is set back, a revocation is seen that much later.
int64_t SteadyNanos() { return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }

absl::Status BadToken() {
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, "BAD_TOKEN",
                         "the token is not known here: use one of this installation's, or make one with "
                         "`throughline token create`");
}

absl::Status Revoked(const Identity& identity) {
  return runtime::Refuse(
      absl::StatusCode::kUnauthenticated, "TOKEN_DISABLED",
      absl::StrCat("the token of `", identity.name, "` was revoked: make one with `throughline token create`"));
}

absl::Status Expired(const Identity& identity) {
  return runtime::Refuse(
      absl::StatusCode::kUnauthenticated, "TOKEN_EXPIRED",
      absl::StrCat("the token of `", identity.name, "` has expired: make one with `throughline token create`"));
}

// A thread's cache of authenticated tokens: saves hashing the token on each call.
struct Cached {
  uint64_t store = 0;
  uint64_t generation = 0;
  std::string bearer;
  std::shared_ptr<const Identity> identity;
  absl::Time expires;
  std::shared_ptr<std::atomic<int64_t>> used;
};
thread_local std::array<Cached, 32> cache;

// To the second: most calls only read it.
void Use(std::atomic<int64_t>& used, absl::Time now) {
  const int64_t seconds = absl::ToUnixSeconds(now);
  if (used.load(std::memory_order_relaxed) < seconds) used.store(seconds, std::memory_order_relaxed);
}

}  // namespace

TokenStore::TokenStore(std::string path, Options options)
    : path_(std::move(path)), options_(options), id_([] {
        static std::atomic<uint64_t> stores{0};
        return ++stores;
      }()) {}

absl::StatusOr<std::unique_ptr<TokenStore>> TokenStore::Load(std::string path, Options options) {
  auto store = std::unique_ptr<TokenStore>(new TokenStore(std::move(path), options));
  if (absl::Status status = store->Reload(); !status.ok()) return status;
  return store;
}

absl::Status TokenStore::Reload() const {
  const std::string version =
      TokenFileVersion(path_);  // before reading, so that a change in between is seen the next time
  auto records = ReadTokenFile(path_);
  if (!records.ok()) return records.status();
  const auto before = table();
  auto table = std::make_shared<Table>();
  for (TokenRecord& record : *records) {
    auto used = std::make_shared<std::atomic<int64_t>>(0);
    if (before != nullptr) {
      const auto known = before->entries.find(Prefix(record.sha256));
      if (known != before->entries.end() && known->second.sha256 == record.sha256) used = known->second.used;
    }
    table->entries[Prefix(record.sha256)] =
        Entry{record.sha256,  std::make_shared<Identity>(std::move(record.identity)),
              record.created, record.disabled,
              record.expires, std::move(used)};
  }
  absl::MutexLock lock(&mu_);
  table_ = std::move(table);
  version_ = version;
  failed_version_.reset();
  generation_.fetch_add(1, std::memory_order_release);
  return absl::OkStatus();
}

void TokenStore::LookForChanges() const {
  const int64_t now = SteadyNanos();
  int64_t due = next_look_nanos_.load(std::memory_order_relaxed);
  if (now < due) return;
  const int64_t next = now + absl::ToInt64Nanoseconds(options_.look_for_changes_every);
  if (!next_look_nanos_.compare_exchange_strong(due, next, std::memory_order_relaxed)) return;
  const std::string version = TokenFileVersion(path_);
  {
    absl::MutexLock lock(&mu_);
    if (version == version_) return;
  }
  const absl::Status status = Reload();
  if (status.ok()) return;
  {
    absl::MutexLock lock(&mu_);
    if (std::exchange(failed_version_, version) == version) return;
  }
  spdlog::error("{}; the tokens that were read last stay in force, also those revoked since",
                std::string(status.message()));
}

std::shared_ptr<const TokenStore::Table> TokenStore::table() const {
  absl::MutexLock lock(&mu_);
  return table_;
}

absl::StatusOr<std::shared_ptr<const Identity>> TokenStore::Authenticate(std::string_view bearer) const {
  absl::StatusOr<Admitted> admitted = Authenticate(bearer, absl::Now());
  if (!admitted.ok()) return admitted.status();
  return admitted->identity;
}

absl::StatusOr<Admitted> TokenStore::Authenticate(std::string_view bearer, absl::Time now) const {
  LookForChanges();
  const uint64_t generation = generation_.load(std::memory_order_acquire);
  Cached& slot = cache[absl::HashOf(bearer) % cache.size()];
  if (slot.store == id_ && slot.generation == generation && crypto::SameSecret(slot.bearer, bearer)) {
    if (now >= slot.expires) return Expired(*slot.identity);
    Use(*slot.used, now);
    return Admitted{slot.identity, Issuer::kFile, "", slot.expires};
  }
  const std::string digest = crypto::Sha256(bearer);
  const auto current = table();
  const auto it = current->entries.find(Prefix(digest));
  if (it == current->entries.end() || !crypto::SameSecret(it->second.sha256, digest)) {
    return BadToken();
  }
  const Entry& entry = it->second;
  if (entry.disabled) return Revoked(*entry.identity);
  if (now >= entry.expires) return Expired(*entry.identity);
  Use(*entry.used, now);
  slot = Cached{id_, generation, std::string(bearer), entry.identity, entry.expires, entry.used};
  return Admitted{entry.identity, Issuer::kFile, "", entry.expires};
}

absl::Status TokenStore::StillStands(const std::string& sha256, const Identity& identity, absl::Time now) const {
  const auto current = table();
  const auto it = current->entries.find(Prefix(sha256));
  if (it == current->entries.end() || it->second.sha256 != sha256) return BadToken();
  if (it->second.disabled) return Revoked(*it->second.identity);
  if (now >= it->second.expires) return Expired(*it->second.identity);
  if (*it->second.identity == identity) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kUnauthenticated, "TOKEN_CHANGED",
                         absl::StrCat("what the token of `", identity.name, "` stands for was changed: connect again"));
}

std::string TokenStore::version() const {
  absl::MutexLock lock(&mu_);
  return version_;
}

std::vector<TokenInfo> TokenStore::List() const {
  LookForChanges();
  std::vector<TokenInfo> tokens;
  const auto current = table();
  for (const auto& [prefix, entry] : current->entries) {
    tokens.push_back({*entry.identity, entry.created, entry.disabled, entry.expires});
  }
  std::sort(tokens.begin(), tokens.end(), [](const TokenInfo& a, const TokenInfo& b) {
    return std::tie(a.identity.name, a.created) < std::tie(b.identity.name, b.created);
  });
  return tokens;
}

TokenUses TokenStore::Uses() const {
  TokenUses uses;
  const auto current = table();
  for (const auto& [prefix, entry] : current->entries) {
    const int64_t used = entry.used->load(std::memory_order_relaxed);
    if (used != 0) uses[entry.sha256] = absl::FromUnixSeconds(used);
  }
  return uses;
}

}  // namespace throughline::identity
