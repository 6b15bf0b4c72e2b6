#include "services/ownership/search/search.h"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <spdlog/spdlog.h>

#include "libs/files/private_directory.h"
#include "libs/runtime/domain/refusal.h"
#include "services/ownership/search/search_changes.h"

namespace throughline::ownership {
namespace {

constexpr size_t kMostWaiting = 200;
constexpr absl::Duration kLookForDeadlines = absl::Milliseconds(100);
constexpr absl::Duration kTryAgainAfter = absl::Seconds(5);
// A search that walks through all there is ends after this time, whatever its deadline.
constexpr absl::Duration kLongest = absl::Seconds(10);
// As long as the indexing thread has worked, it rests so many times: a quarter of a core is the most that it takes from
// commands.
constexpr int kRestFor = 3;
constexpr absl::Duration kShortestRest = absl::Milliseconds(50);  // so that one transaction takes several cases
constexpr absl::Duration kLongestRest = absl::Milliseconds(200);
constexpr int64_t kMostBehind = 20'000;  // records, with which it catches up in about two seconds

std::string PathIn(const std::string& directory) {
  static std::atomic<int> in_memory{0};
  return directory.empty() ? absl::StrCat("file:search-", ++in_memory, "?mode=memory&cache=shared")
                           : directory + "/cases.sqlite";
}

absl::Status NotReady(int64_t behind) {
  return runtime::Refuse(
      absl::StatusCode::kUnavailable, "SEARCH_NOT_READY",
      absl::StrCat("this replica still reads what it can search, ", behind, " records are left: try again later"));
}

bool Reached(const runtime::Seen& seen, const runtime::Seen& until) {
  return std::all_of(until.places().begin(), until.places().end(),
                     [&](const log::Position& place) { return seen.Next(place.partition) >= place.offset; });
}

int64_t Behind(const runtime::Seen& seen, const runtime::Seen& folded) {
  int64_t records = 0;
  for (const log::Position& place : folded.places()) {
    records += std::max<int64_t>(0, place.offset - seen.Next(place.partition));
  }
  return records;
}

}  // namespace

Search::Search(runtime::Streams& streams, std::string directory, std::shared_ptr<SearchProgress> progress)
    : streams_(streams), path_(PathIn(directory)), threads_(!directory.empty()), progress_(std::move(progress)) {
  if (!threads_) {
    searching_ = std::make_unique<runtime::InlineExecutor>();
    return;
  }
  if (const std::error_code error = files::MakePrivateDirectories(directory)) {
    spdlog::error("cannot make the directory of the search {}: {}", directory, error.message());  // opening it fails
  }
  searching_ = std::make_unique<runtime::ThreadExecutor>("search-cases");
  watch_ = streams_.watches().Add(kSearchTopic, [bell = bell_] { bell->Ring(); });
  ReadSome();  // before rows that are behind the index go on
  indexing_ = std::thread([this] { Work(); });
}

Search::~Search() {
  watch_.reset();
  std::vector<Waiting> left;
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  bell_->Ring();
  if (indexing_.joinable()) indexing_.join();
  {
    absl::MutexLock lock(&mutex_);
    left.swap(waiting_);
  }
  for (const Waiting& one : left) one.go_on(absl::UnavailableError("the service stops: ask another replica"));
  searching_.reset();  // runs what is left
}

absl::Status Search::TooMany() {
  return runtime::Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_SEARCHES",
                         "too many searches and reports are under way: try again a little later");
}

void Search::Find(v1::SearchCasesRequest request, std::string question, std::string after, bool wait,
                  absl::Time deadline, Found found) {
  const auto answer = [this, request = std::move(request), question = std::move(question), after = std::move(after),
                       deadline, found](const absl::Status& status) {
    if (!status.ok()) return found(status);
    if (!Run(
            [this, request, question, after, deadline, found] { Answer(request, question, after, deadline, found); })) {
      found(TooMany());
    }
  };
  if (!threads_) {
    while (ReadSome()) {
    }
    return answer(absl::OkStatus());
  }
  absl::Status status;
  if (wait) {
    runtime::Seen until = streams_.SeenBy(*streams_.View());
    absl::MutexLock lock(&mutex_);
    if (!Reached(seen_, until)) {
      if (waiting_.size() < kMostWaiting) return waiting_.push_back({std::move(until), deadline, answer});
      status = TooMany();
    }
  }
  answer(status);
}

bool Search::Run(std::function<void()> task) {
  if (searching_->waiting() >= kMostWaiting) return false;
  searching_->Run(std::move(task));
  return true;
}

void Search::Work() {
  pthread_setname_np(pthread_self(), "index-cases");
  while (true) {
    {
      absl::MutexLock lock(&bell_->mutex);
      bell_->mutex.AwaitWithTimeout(absl::Condition(&bell_->rung), kLookForDeadlines);
      bell_->rung = false;
    }
    {
      absl::MutexLock lock(&mutex_);
      if (stop_) return;
    }
    const auto begun = std::chrono::steady_clock::now();
    if (ReadSome()) bell_->Ring();
    LetGo();
    Rest(absl::FromChrono(std::chrono::steady_clock::now() - begun));
  }
}

void Search::Rest(absl::Duration worked) {
  const bool folds = folded_ != std::exchange(folded_before_, folded_);
  absl::MutexLock lock(&mutex_);
  const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || !ready_ || !waiting_.empty(); };
  if (folds && progress_->records_behind < kMostBehind) {
    mutex_.AwaitWithTimeout(absl::Condition(&wanted), std::clamp(kRestFor * worked, kShortestRest, kLongestRest));
  }
}

bool Search::ReadSome() {
  if (absl::Now() < try_again_) return false;
  {
    absl::MutexLock lock(&mutex_);
    if (damaged_) {
      index_.reset();
      SearchIndex::Delete(path_);
      damaged_ = false;
    }
  }
  if (index_ == nullptr) {
    absl::StatusOr<std::unique_ptr<SearchIndex>> opened = SearchIndex::Open(path_, streams_.TokenOf(runtime::Seen()));
    if (!opened.ok()) {
      Failed(opened.status());
      return false;
    }
    index_ = *std::move(opened);
    absl::MutexLock lock(&mutex_);
    ++filled_;
  }
  const auto rows = streams_.View();
  const runtime::Seen folded = streams_.SeenBy(*rows);
  absl::StatusOr<SearchIndex::Progress> progress = absl::InternalError("");
  try {
    progress = index_->Read(*rows, folded);
  } catch (const store::DamagedRow& damaged) {
    progress = absl::InternalError(damaged.what());
  }
  if (progress.ok() && *progress == SearchIndex::kBehind) {
    progress = absl::DataLossError("it is ahead of what is folded");
  }
  if (!progress.ok()) {
    Failed(progress.status());
    return false;
  }
  progress_->cases = index_->cases();
  progress_->records_behind = Behind(index_->seen(), folded);
  folded_ = folded;
  absl::MutexLock lock(&mutex_);
  seen_ = index_->seen();
  ready_ = ready_ || *progress == SearchIndex::kDone;
  return *progress == SearchIndex::kMore;
}

void Search::Failed(const absl::Status& why) {
  const bool damaged = absl::IsDataLoss(why);
  spdlog::warn("the search {}: {}", damaged ? "is filled anew" : "cannot be kept up to date and tries again",
               std::string(why.message()));
  if (!damaged) try_again_ = absl::Now() + kTryAgainAfter;
  absl::MutexLock lock(&mutex_);
  if (!damaged) return;
  damaged_ = true;
  ready_ = false;
  seen_ = runtime::Seen();
}

void Search::LetGo() {
  std::vector<std::pair<Waiting, absl::Status>> ended;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = streams_.clock().Trusted();
    for (size_t i = 0; i < waiting_.size();) {
      const bool reached = Reached(seen_, waiting_[i].until);
      if (!reached && now < waiting_[i].deadline) {
        ++i;
        continue;
      }
      ended.emplace_back(
          std::move(waiting_[i]),
          reached ? absl::OkStatus() : absl::DeadlineExceededError("the search has not read so far yet: try again"));
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  for (const auto& [one, status] : ended) one.go_on(status);
}

void Search::Answer(const v1::SearchCasesRequest& request, const std::string& question, const std::string& after,
                    absl::Time deadline, const Found& found) {
  runtime::Seen seen;
  int64_t filled;
  bool ready;
  {
    absl::MutexLock lock(&mutex_);
    seen = seen_;
    filled = filled_;
    ready = ready_;
  }
  if (!ready) return found(NotReady(progress_->records_behind));
  if (query_ == nullptr || query_of_ != filled) {
    query_.reset();
    absl::StatusOr<std::unique_ptr<SearchQuery>> opened = SearchQuery::Open(path_);
    if (!opened.ok()) return found(opened.status());
    query_ = *std::move(opened);
    query_of_ = filled;
  }
  absl::StatusOr<v1::SearchCasesResponse> response = Ask(request, question, after, deadline);
  if (absl::IsDataLoss(response.status())) {
    spdlog::error("the search's file is filled anew: {}", std::string(response.status().message()));
    query_.reset();
    absl::MutexLock lock(&mutex_);
    damaged_ = true;
    ready_ = false;
    seen_ = runtime::Seen();
    response = NotReady(progress_->records_behind);
  }
  if (response.ok()) response->set_consistency_token(streams_.TokenOf(seen));
  found(std::move(response));
}

absl::StatusOr<v1::SearchCasesResponse> Search::Ask(const v1::SearchCasesRequest& request, const std::string& question,
                                                    const std::string& after, absl::Time deadline) {
  try {
    const absl::Duration left = deadline - streams_.clock().Trusted();
    return query_->Answer(request, question, after, absl::Now() + std::min(left, kLongest));
  } catch (const store::DamagedRow& damaged) {
    return absl::DataLossError(damaged.what());
  }
}

}  // namespace throughline::ownership
