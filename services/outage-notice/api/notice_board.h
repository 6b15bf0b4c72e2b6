#pragma once

// The active notices, shared by all watches: read once per change, however many watches there are. A watch finds out
// what is new by comparing pointers with what it sent last. Any thread.

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/streams.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::outage {

class NoticeBoard {
 public:
  using NoticePtr = std::shared_ptr<const v1::NoticeView>;
  // The difference between two snapshots.
  struct News {
    std::vector<NoticePtr> changed;  // or new
    std::vector<NoticePtr> over;     // no longer active, as they were before
  };
  // A snapshot, newest first.
  struct Notices {
    std::vector<NoticePtr> all;
    absl::flat_hash_map<std::string, NoticePtr> by_id;
    absl::flat_hash_map<std::string, std::vector<NoticePtr>> by_component;
    int64_t change = -1;   // see kNoticeChanges
    runtime::Seen seen;    // the positions that this covers
    int64_t follows = -1;  // the previous snapshot's change
    News news;             // since the previous snapshot, computed once for all watches of everything

    // Those about any of the components, each once. All if none is given.
    std::vector<NoticePtr> About(const std::vector<std::string>& components) const;
    // What is new about these components since the older snapshot `before`.
    News Since(const Notices& before, const std::vector<std::string>& components) const;
  };

  // `streams` must outlive it.
  explicit NoticeBoard(runtime::Streams& streams) : streams_(streams) {}

  // The present snapshot, with rows that have the same notices. An unchanged notice is the same object as before.
  struct Present {
    std::shared_ptr<const Notices> notices;
    std::unique_ptr<const store::KeyValue> rows;
  };
  Present Now();

 private:
  runtime::Streams& streams_;
  absl::Mutex mutex_;
  std::shared_ptr<const Notices> last_ ABSL_GUARDED_BY(mutex_) = std::make_shared<Notices>();
};

}  // namespace throughline::outage
