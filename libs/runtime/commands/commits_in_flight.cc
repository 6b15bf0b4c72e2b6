#include "libs/runtime/commands/commits_in_flight.h"

#include "absl/algorithm/container.h"

namespace throughline::runtime {

CommitInFlight* CommitsInFlight::Find(const std::string& digest) const {
  auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? nullptr : found->second.get();
}

CommitInFlight* CommitsInFlight::Last(const std::string& stream) const {
  auto chain = chains_.find(stream);
  return chain == chains_.end() ? nullptr : chain->second.back();
}

CommitInFlight* CommitsInFlight::FindCommand(const std::string& stream, const Caller& caller) const {
  auto chain = chains_.find(stream);
  if (chain == chains_.end()) return nullptr;
  for (CommitInFlight* commit : chain->second) {
    const throughline::log::v1::Commit& header = commit->header();
    if (header.command_id() == caller.command_id && header.actor().id() == caller.id) return commit;
  }
  return nullptr;
}

void CommitsInFlight::Add(std::unique_ptr<CommitInFlight> commit) {
  chains_[commit->header().stream()].push_back(commit.get());
  const std::string_view digest = commit->digest;
  by_digest_.emplace(digest, std::move(commit));
}

void CommitsInFlight::Accepted(const std::string& stream, const std::string& digest) {
  if (auto chain = chains_.find(stream); chain != chains_.end()) {
    if (chain->second.front()->digest == digest)
      chain->second.pop_front();
    else
      chain->second.clear();
    if (chain->second.empty()) chains_.erase(chain);
  }
  KeepFollowing(stream, digest);
}

void CommitsInFlight::KeepFollowing(const std::string& stream, const std::string& digest) {
  if (unknown_.empty()) return;
  auto found = unknown_.find(stream);
  if (found == unknown_.end()) return;
  std::vector<Unknown> open;
  for (Unknown& commit : found->second) {  // a commit stands before those that follow it
    const bool follows = commit.follows == digest ||
                         absl::c_any_of(open, [&](const Unknown& before) { return before.digest == commit.follows; });
    if (follows) open.push_back(std::move(commit));
  }
  open.empty() ? static_cast<void>(unknown_.erase(found)) : found->second.swap(open);
}

std::unique_ptr<CommitInFlight> CommitsInFlight::Take(const std::string& digest) {
  auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return nullptr;
  std::unique_ptr<CommitInFlight> commit = std::move(found->second);
  by_digest_.erase(found);
  return commit;
}

std::unique_ptr<CommitInFlight> CommitsInFlight::TakeFolded(const std::string& digest, bool accepted) {
  std::unique_ptr<CommitInFlight> commit = Take(digest);
  if (commit != nullptr && !accepted) Drop(*commit);
  return commit;
}

std::unique_ptr<CommitInFlight> CommitsInFlight::TakeFailed(const std::string& digest, bool unknown,
                                                            absl::Duration steady) {
  std::unique_ptr<CommitInFlight> commit = Take(digest);
  if (commit == nullptr) return nullptr;
  if (unknown) AddUnknown(*commit, steady);
  for (const CommitInFlight* dropped : Drop(*commit)) {
    // Commits behind an unknown one may also still be accepted.
    if (unknown && dropped != commit.get()) AddUnknown(*dropped, steady);
  }
  return commit;
}

std::vector<CommitInFlight*> CommitsInFlight::Drop(const CommitInFlight& commit) {
  std::vector<CommitInFlight*> dropped;
  auto found = chains_.find(commit.header().stream());
  if (found == chains_.end()) return dropped;
  Chain& chain = found->second;
  auto first = absl::c_find(chain, &commit);
  dropped.assign(first, chain.end());
  chain.erase(first, chain.end());
  if (chain.empty()) chains_.erase(found);
  return dropped;
}

void CommitsInFlight::AddUnknown(const CommitInFlight& commit, absl::Duration steady) {
  const throughline::log::v1::Commit& header = commit.header();
  unknown_by_age_.push_back({header.stream(), commit.digest, steady});
  unknown_[header.stream()].push_back({commit.digest, header.follows(), header.actor().id(), header.command_id()});
}

bool CommitsInFlight::MayStillCome(const std::string& stream, const Caller& caller) const {
  auto found = unknown_.find(stream);
  return found != unknown_.end() && absl::c_any_of(found->second, [&](const Unknown& commit) {
           return commit.command_id == caller.command_id && commit.caller == caller.id;
         });
}

void CommitsInFlight::Expire(absl::Duration steady) {
  for (; !unknown_by_age_.empty() && steady - unknown_by_age_.front().since >= kUnknownFor;
       unknown_by_age_.pop_front()) {
    const Aged& old = unknown_by_age_.front();
    auto found = unknown_.find(old.stream);
    if (found == unknown_.end()) continue;
    // The oldest of this digest: the same record may have been tried again since.
    const auto first =
        absl::c_find_if(found->second, [&](const Unknown& commit) { return commit.digest == old.digest; });
    if (first != found->second.end()) found->second.erase(first);
    if (found->second.empty()) unknown_.erase(found);
  }
}

void CommitsInFlight::ForgetAnswered() {
  const auto answered = [](const CommandUnderWayPtr& entry) {
    return entry->state == CommandUnderWay::State::kAnswered;
  };
  for (auto& [digest, commit] : by_digest_) {
    if (commit->command != nullptr && answered(commit->command)) commit->command = nullptr;
    std::erase_if(commit->waiting, answered);
  }
}

}  // namespace throughline::runtime
