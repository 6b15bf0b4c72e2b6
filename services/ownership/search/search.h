#pragma once

// The search of one process: keeps the index up to date with what is folded, and answers from it.
//
//   Search search(streams, {directory}, progress);
//   search.Find(request, question, after, deadline, [reply](auto response) { reply(std::move(response)); });
//
// Two threads: `index-...` reads what has changed, `search-...` answers. Neither the fold nor gRPC's threads ever wait
// for SQLite. A file that turns out to be damaged is deleted and filled anew, and searches are UNAVAILABLE meanwhile.
// So is one that is ahead of the rows at the start: they were deleted or restored, or lost their end with the computer,
// and the log may have gone on otherwise.
//
// Any thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

#include "libs/runtime/reads/executor.h"
#include "libs/runtime/streams.h"
#include "services/ownership/search/search_index.h"
#include "services/ownership/search/search_progress.h"
#include "services/ownership/search/search_query.h"

namespace throughline::ownership {

class Search {
 public:
  using Found = std::function<void(absl::StatusOr<v1::SearchCasesResponse>)>;

  // `directory`: of the index, made if missing. Empty: the index is in memory, there are no threads, and each search
  // first reads all that is folded, so that a simulation is repeatable. `streams` must outlive it.
  Search(runtime::Streams& streams, std::string directory, std::shared_ptr<SearchProgress> progress);
  ~Search();

  // `wait`: only once all that is folded by now can be found. `question`, `after`: see libs/service/pages.h. `found` is
  // called once. UNAVAILABLE SEARCH_NOT_READY; RESOURCE_EXHAUSTED TOO_MANY_SEARCHES; DEADLINE_EXCEEDED.
  void Find(v1::SearchCasesRequest request, std::string question, std::string after, bool wait, absl::Time deadline,
            Found found);

  // Runs what takes a while on the thread of the searches. False: too much waits for it (TooMany); `task` is not run.
  bool Run(std::function<void()> task);
  // RESOURCE_EXHAUSTED TOO_MANY_SEARCHES.
  static absl::Status TooMany();

 private:
  // Rung when rows have changed, also while the search ends: a watch may be called once more then.
  struct Bell {
    absl::Mutex mutex;
    bool rung ABSL_GUARDED_BY(mutex) = true;
    void Ring() {
      absl::MutexLock lock(&mutex);
      rung = true;
    }
  };
  struct Waiting {
    runtime::Seen until;
    absl::Time deadline;
    std::function<void(const absl::Status&)> go_on;
  };

  void Work();
  // Reads some of what has changed. Whether there may be more; false also after a failure.
  bool ReadSome();
  // While commits are folded all the time and nobody waits for what it reads.
  void Rest(absl::Duration worked);
  void Failed(const absl::Status& why);
  void LetGo();
  void Answer(const v1::SearchCasesRequest& request, const std::string& question, const std::string& after,
              absl::Time deadline, const Found& found);
  absl::StatusOr<v1::SearchCasesResponse> Ask(const v1::SearchCasesRequest& request, const std::string& question,
                                              const std::string& after, absl::Time deadline);

  runtime::Streams& streams_;
  const std::string path_;
  const bool threads_;
  const std::shared_ptr<SearchProgress> progress_;
  std::unique_ptr<SearchIndex> index_;  // the indexing thread
  absl::Time try_again_ = absl::InfinitePast();
  runtime::Seen folded_;         // when it read last; the indexing thread
  runtime::Seen folded_before_;  // the time before

  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool damaged_ ABSL_GUARDED_BY(mutex_) = false;
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;  // all that was folded at the start can be found
  int64_t filled_ ABSL_GUARDED_BY(mutex_) = 0;  // how often the file was opened anew
  runtime::Seen seen_ ABSL_GUARDED_BY(mutex_);  // what can be found
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<SearchQuery> query_;  // the searching thread
  int64_t query_of_ = -1;               // the same; as filled_
  runtime::Watches::Handle watch_;
  std::unique_ptr<runtime::Executor> searching_;
  std::thread indexing_;
};

}  // namespace throughline::ownership
