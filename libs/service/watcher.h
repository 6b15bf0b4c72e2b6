#pragma once

// The common part of watches: server streams that send what changes until the client ends the call.
//
//   class CaseWatcher : public Watcher<v1::WatchCaseResponse> {
//     using Watcher::Watcher;
//     void SendNew(ResponseStream& writer) override { Follow("case/" + case_id_); ... writer.Write(response); }
//   };
//   Watch(std::make_shared<CaseWatcher>(streams, writer), streams, context, request);
//
// Each message's `consistency_token` is an exact position in the log (runtime/reads/token.h): the positions of the rows
// that were read and, if one change takes several messages, how many of its entries have been sent. A client whose
// watch ended passes its last token as `resume_from`, to any replica, and gets the rest, without a gap or a repeat.
// This works because every row names the commit that last changed it (last_change.h), which is the same on every
// replica, and because messages arrive in the order in which they were written.
//
// Any thread. SendNew runs on the watches' executor, one call at a time, so older changes never follow newer ones.

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
    if (over_) Release();
  }
  void Refuse(const absl::Status& status) {
    std::shared_ptr<ResponseStream> writer;
    {
      absl::MutexLock lock(&mutex_);
      writer = writer_;
    }
    if (writer != nullptr) writer->Finish(status);
  }
  // The call is over. A write that ends the call of a slow reader calls this from within Send; Send then releases.
  void Over() {
    over_ = true;
    Release();
  }

 protected:
  // Sends what has changed since the last call. The first call sends everything, or everything after `resume_from()`,
  // and calls Follow.
  virtual void SendNew(ResponseStream& writer) = 0;
  // Where the client's earlier watch ended, already folded here; null if it starts afresh. Only in SendNew.
  const runtime::WatchPosition* resume_from() const { return resume_from_ ? &*resume_from_ : nullptr; }
  // The token of a message after which the client has everything up to `seen`, ...
  std::string TokenOf(const runtime::Seen& seen) const { return streams_.MakeToken({question_, seen}); }
  // ... and of a message before that one: of the entries between `from` and `until`, those after the key `after` are
  // still to be sent.
  std::string PartialToken(const runtime::Seen& from, const runtime::Seen& until, std::string after) const {
    return streams_.MakeToken({question_, until, from, std::move(after)});
  }
  // Calls SendNew whenever `topic` changes (runtime/reads/watches.h). Call this before taking the snapshot that is
  // read. Returns whether the topic was not followed before. Only in SendNew.
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

  // Destroys the writer and the handles outside the lock.
  void Release() {
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

// Starts the watch once the request's `consistency_token` and `resume_from` (both may be empty) are folded and `check`,
// if any, finds what is watched (see Find). Waits for the call's patience at most, as a token may name a position that
// is never reached.
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
