#pragma once

// The active notices, as all who follow them are sent them: read once per change, however many follow, and told from
// what was sent before by comparing pointers. Any thread.

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
  // What differs between two moments.
  struct News {
    std::vector<NoticePtr> changed;  // or new
    std::vector<NoticePtr> over;     // as they were before
  };
  // At one moment. Newest first.
  struct Notices {
    std::vector<NoticePtr> all;
    absl::flat_hash_map<std::string, NoticePtr> by_id;
    absl::flat_hash_map<std::string, std::vector<NoticePtr>> by_component;
    int64_t change = -1;   // see kNoticeChanges
    runtime::Seen seen;    // a moment with these notices
    int64_t follows = -1;  // the change that was read before
    News news;             // since then, found once for all who follow everything

    // Those about any of the components, each once; none given: all.
    std::vector<NoticePtr> About(const std::vector<std::string>& components) const;
    // What is new about these since `before`, which is older.
    News Since(const Notices& before, const std::vector<std::string>& components) const;
  };

  // `streams` must outlive it.
  explicit NoticeBoard(runtime::Streams& streams) : streams_(streams) {}

  // Of the present, with rows whose notices are the same. A notice that has not changed is the same object as before.
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
