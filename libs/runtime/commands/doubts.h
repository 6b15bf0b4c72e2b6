#pragma once

// Commits of this process whose append ended as unknown: each may still come. While one can, its command must not be
// refused: the refusal could be followed by the effect. One thread.
//
// A commit can still be accepted as long as what it follows is its stream's last accepted commit, or another one in
// doubt that can. After `kFor` it is given up: no broker keeps a request for so long.

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"

namespace throughline::runtime {

class Doubts {
 public:
  static constexpr absl::Duration kFor = absl::Minutes(5);

  struct Commit {
    std::string stream;
    std::string digest;
    std::string follows;
    std::string caller;
    std::string command_id;
  };

  void Add(Commit commit, absl::Duration steady) {
    by_age_.push_back({commit.stream, commit.digest, steady});
    streams_[commit.stream].push_back(std::move(commit));
  }

  // The stream accepted `digest`: what can still follow it stays in doubt.
  void Accepted(const std::string& stream, const std::string& digest) {
    if (streams_.empty()) return;
    auto found = streams_.find(stream);
    if (found == streams_.end()) return;
    std::vector<Commit> open;
    for (Commit& commit : found->second) {  // what is followed stands before what follows it
      const bool follows = commit.follows == digest || std::any_of(open.begin(), open.end(), [&](const Commit& before) {
                             return before.digest == commit.follows;
                           });
      if (follows) open.push_back(std::move(commit));
    }
    open.empty() ? static_cast<void>(streams_.erase(found)) : found->second.swap(open);
  }

  bool About(const std::string& stream, const Caller& caller) const {
    auto found = streams_.find(stream);
    return found != streams_.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&](const Commit& commit) {
             return commit.command_id == caller.command_id && commit.caller == caller.id;
           });
  }

  void Expire(absl::Duration steady) {
    for (; !by_age_.empty() && steady - by_age_.front().since >= kFor; by_age_.pop_front()) {
      const Aged& old = by_age_.front();
      auto found = streams_.find(old.stream);
      if (found == streams_.end()) continue;
      // The oldest of them: the same record may have been tried again since.
      const auto first = std::find_if(found->second.begin(), found->second.end(),
                                      [&](const Commit& commit) { return commit.digest == old.digest; });
      if (first != found->second.end()) found->second.erase(first);
      if (found->second.empty()) streams_.erase(found);
    }
  }

 private:
  struct Aged {
    std::string stream;
    std::string digest;
    absl::Duration since;
  };
  absl::flat_hash_map<std::string, std::vector<Commit>>
      streams_;  // none is empty; in the order in which they were added
  std::deque<Aged> by_age_;
};

}  // namespace throughline::runtime
