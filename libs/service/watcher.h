#pragma once

// What most watches do, once: a client of a server stream is sent what changes, for as long as it listens.
//
//   class CaseWatcher : public Watcher<v1::WatchCaseResponse> {
//     using Watcher::Watcher;
//     void SendNew(ResponseStream& writer) override { Follow("case/" + id_); ... writer.Write(response); }
//   };
//   Watch(std::make_shared<CaseWatcher>(streams, writer), streams, context, request);
//
// Every message says in its `token` how far it has told the log (runtime/reads/token.h), exactly: the positions of the
// rows that were read, and within them how much of what is new was told, if that takes several messages. A client whose
// watch ended gives the last one as `resume_from`, to any replica, and is sent the rest: nothing twice and nothing left
// out. That holds as what is "new since" is asked of rows that say by which commit each came (last_change.h), the same
// on every replica, and messages arrive in the order in which they were written.
//
// Any thread; SendNew where watches are called, from the first time on, one at a time: what is older never follows what
// is newer.

#include <atomic>
#include <map>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/service/calls.h"
#include "libs/service/pages.h"

namespace throughline::service {

inline constexpr char kResumeFrom[] = "resume_from";

template <typename Response>
class Watcher : public std::enable_shared_from_this<Watcher<Response>> {
 public:
  using ResponseStream = server::ResponseStream<Response>;

  // `streams` must outlive the call.
  Watcher(runtime::Streams& streams, std::shared_ptr<ResponseStream> writer)
      : streams_(streams), writer_(std::move(writer)) {}
  virtual ~Watcher() = default;

  void Send() {
    try {
      absl::MutexLock lock(&mutex_);
      if (writer_ != nullptr) SendNew(*writer_);
    } catch (const store::DamagedRow& damaged) {
      Refuse(runtime::RowUnreadable(damaged));
    }
    if (over_) LetGo();
  }
  void Refuse(const absl::Status& status) {
    std::shared_ptr<ResponseStream> writer;
    {
      absl::MutexLock lock(&mutex_);
      writer = writer_;
    }
    if (writer != nullptr) writer->Finish(status);
  }
  // The call is over. May come from within a write, which ends the call when the client reads too slowly: Send lets go
  // then.
  void Over() {
    over_ = true;
    LetGo();
  }

 protected:
  // Sends what has changed since it was last called; the first time what there is, or what is after `resume_from()`,
  // and follows it.
  virtual void SendNew(ResponseStream& writer) = 0;
  // Where the client's earlier watch ended, which these rows have; null: there was none. Only in SendNew.
  const runtime::WatchPosition* resume_from() const { return resume_from_ ? &*resume_from_ : nullptr; }
  // The `token` of a message with which all is told that rows of this extent have, ...
  std::string Told(const runtime::Seen& all) const { return streams_.MakeToken({question_, all}); }
  // ... and of one before it: of what is new in `until` and not in `from`, what comes after `after` is still to be
  // told.
  std::string ToldInPart(const runtime::Seen& from, const runtime::Seen& until, std::string after) const {
    return streams_.MakeToken({question_, until, from, std::move(after)});
  }
  // SendNew is called again whenever `topic` changes, see runtime/watches.h. Follow before taking the view that is
  // read. Only in SendNew; true: it was not followed before.
  bool Follow(const std::string& topic) {
    runtime::Watches::Handle& handle = followed_[topic];
    if (handle != nullptr) return false;
    handle = streams_.watches().Add(topic, [watcher = this->weak_from_this()] {
      if (auto self = watcher.lock()) self->Send();
    });
    return true;
  }

  runtime::Streams& streams_;

 private:
  template <typename R, typename Request>
  friend void Watch(std::shared_ptr<Watcher<R>>, runtime::Streams&, const server::Context&, const Request&,
                    std::function<absl::StatusOr<bool>()>);

  // What is let go, is let go outside the lock.
  void LetGo() {
    std::shared_ptr<ResponseStream> writer;
    std::map<std::string, runtime::Watches::Handle> followed;
    if (!mutex_.TryLock()) return;
    writer.swap(writer_);
    followed.swap(followed_);
    mutex_.Unlock();
  }

  std::atomic<bool> over_ = false;
  absl::Mutex mutex_;
  std::shared_ptr<ResponseStream> writer_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, runtime::Watches::Handle> followed_;  // guarded by mutex_, which SendNew runs under
  // Set before the first SendNew.
  std::string question_;
  std::optional<runtime::WatchPosition> resume_from_;
};

// Begins to watch once the request's `token` and `resume_from` (both may be empty) have been folded and `check`, if
// any, finds what is watched; a NOT_FOUND is asked again once the present has been folded. A token may name what never
// comes, so that is not waited for for ever.
template <typename Response, typename Request>
void Watch(std::shared_ptr<Watcher<Response>> watcher, runtime::Streams& streams, const server::Context& context,
           const Request& request, std::function<absl::StatusOr<bool>()> check = nullptr) {
  context.OnOver([watcher] { watcher->Over(); });
  watcher->question_ = Question(request);
  if (!request.resume_from().empty()) {
    auto position = streams.ReadWatchPosition(request.resume_from(), watcher->question_, kResumeFrom);
    if (!position.ok()) return watcher->Refuse(position.status());
    watcher->resume_from_ = *std::move(position);
  }
  const absl::Time deadline = context.patience();
  const auto begin = [&streams, watcher, deadline, check = std::move(check)](const absl::Status& status) {
    if (!status.ok()) return watcher->Refuse(status);
    const auto begin = [&streams, watcher] { streams.watches().Begin([watcher] { watcher->Send(); }); };
    if (check == nullptr) return begin();
    Find<bool>(streams, deadline, check, [watcher, begin](const absl::StatusOr<bool>& found) {
      found.ok() ? begin() : watcher->Refuse(found.status());
    });
  };
  streams.AfterToken(request.consistency_token(), deadline,
                     [&streams, watcher, deadline, begin, from = request.resume_from()](const absl::Status& status) {
                       if (!status.ok()) return watcher->Refuse(status);
                       streams.AfterToken(from, deadline, begin, kResumeFrom);
                     });
}

}  // namespace throughline::service
