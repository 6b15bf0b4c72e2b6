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

// A thread's cache of authenticated tokens: saves hashing the token on each call.
struct Cached {
  uint64_t store = 0;
  uint64_t generation = 0;
  std::string bearer;
  std::shared_ptr<const Identity> identity;
};
thread_local std::array<Cached, 32> cache;

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
  auto table = std::make_shared<Table>();
  for (TokenRecord& record : *records) {
    table->entries[Prefix(record.sha256)] =
        Entry{record.sha256, std::make_shared<Identity>(std::move(record.identity)), record.created, record.disabled};
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
  LookForChanges();
  const uint64_t generation = generation_.load(std::memory_order_acquire);
  Cached& slot = cache[absl::HashOf(bearer) % cache.size()];
  if (slot.store == id_ && slot.generation == generation && crypto::SameSecret(slot.bearer, bearer)) {
    return slot.identity;
  }
  const std::string digest = crypto::Sha256(bearer);
  const auto current = table();
  const auto it = current->entries.find(Prefix(digest));
  if (it == current->entries.end() || !crypto::SameSecret(it->second.sha256, digest)) {
    return BadToken();
  }
  if (it->second.disabled) return Revoked(*it->second.identity);
  slot = Cached{id_, generation, std::string(bearer), it->second.identity};
  return it->second.identity;
}

absl::Status TokenStore::StillStands(const std::string& sha256, const Identity& identity) const {
  const auto current = table();
  const auto it = current->entries.find(Prefix(sha256));
  if (it == current->entries.end() || it->second.sha256 != sha256) return BadToken();
  if (it->second.disabled) return Revoked(*it->second.identity);
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
    tokens.push_back({*entry.identity, entry.created, entry.disabled});
  }
  std::sort(tokens.begin(), tokens.end(), [](const TokenInfo& a, const TokenInfo& b) {
    return std::tie(a.identity.name, a.created) < std::tie(b.identity.name, b.created);
  });
  return tokens;
}

}  // namespace throughline::identity
