#pragma once

// The commits of this process that are on their way through the log, per stream in the order in which they were
// decided. The next command on a stream is decided on the last of them, before any is folded; that is where throughput
// comes from, and it is safe because each names the digest of the one before: if one loses, all after it are void. One
// thread.

#include <algorithm>
#include <deque>
#include <iterator>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "libs/runtime/fold/fold.h"

namespace throughline::runtime {

struct InFlight {
  std::string digest;
  uint64_t version = 0;
  std::string caller;
  std::string command_id;
  std::shared_ptr<const LocalCommit> local;
};

class Overlay {
 public:
  // The last in flight on the stream, or nullptr.
  const InFlight* Last(const std::string& stream) const {
    auto chain = chains_.find(stream);
    return chain == chains_.end() ? nullptr : &chain->second.back();
  }

  // The commit in flight that carries the command, or nullptr.
  const InFlight* FindCommand(const std::string& stream, const Caller& caller) const {
    auto chain = chains_.find(stream);
    if (chain == chains_.end()) return nullptr;
    for (const InFlight& commit : chain->second) {
      if (commit.command_id == caller.command_id && commit.caller == caller.id) return &commit;
    }
    return nullptr;
  }

  void Push(const std::string& stream, InFlight commit) { chains_[stream].push_back(std::move(commit)); }

  // The stream accepted `digest`: the first in flight is folded, or another writer won and none of them can be
  // accepted.
  void Accepted(const std::string& stream, const std::string& digest) {
    auto chain = chains_.find(stream);
    if (chain == chains_.end()) return;
    if (chain->second.front().digest == digest)
      chain->second.pop_front();
    else
      chain->second.clear();
    if (chain->second.empty()) chains_.erase(chain);
  }

  // Nothing more is decided on this commit, nor on what was decided on it. Returns these, in their order.
  std::vector<InFlight> Drop(const std::string& stream, const std::string& digest) {
    std::vector<InFlight> dropped;
    auto chain = chains_.find(stream);
    if (chain == chains_.end()) return dropped;
    auto& commits = chain->second;
    auto first = std::find_if(commits.begin(), commits.end(), [&](const InFlight& c) { return c.digest == digest; });
    dropped.assign(std::make_move_iterator(first), std::make_move_iterator(commits.end()));
    commits.erase(first, commits.end());
    if (commits.empty()) chains_.erase(chain);
    return dropped;
  }

 private:
  absl::flat_hash_map<std::string, std::deque<InFlight>> chains_;  // none is empty
};

}  // namespace throughline::runtime
