#pragma once

// What most watches do, once: a client of a server stream is sent what changes, for as long as it listens.
//
//   class CaseWatcher : public Watcher<v1::WatchCaseResponse> {
//     using Watcher::Watcher;
//     void SendNew(ResponseStream& writer) override { Follow("case/" + id_); ... writer.Write(response); }
//   };
//   Watch<v1::WatchCaseResponse>(std::make_shared<CaseWatcher>(streams, writer), streams, context, token);
//
// Any thread; SendNew where watches are called, from the first time on, one at a time: what is older never follows what
// is newer.

#include <atomic>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/service/calls.h"

namespace throughline::service {

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
  // Sends what has changed since it was last called; the first time what there is, and follows it.
  virtual void SendNew(ResponseStream& writer) = 0;
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
};

// Begins to watch once `consistency_token` (may be empty) has been folded and `check`, if any, finds what is watched; a
// NOT_FOUND is asked again once the present has been folded. A token may name what never comes, so that is not waited
// for for ever.
template <typename Response>
void Watch(std::shared_ptr<Watcher<Response>> watcher, runtime::Streams& streams, const server::Context& context,
           std::string_view token, std::function<absl::StatusOr<bool>()> check = nullptr) {
  context.OnOver([watcher] { watcher->Over(); });
  const absl::Time deadline = context.patience();
  streams.AfterToken(token, deadline, [&streams, watcher, deadline, check = std::move(check)](absl::Status status) {
    if (!status.ok()) return watcher->Refuse(status);
    const auto begin = [&streams, watcher] { streams.watches().Begin([watcher] { watcher->Send(); }); };
    if (check == nullptr) return begin();
    Find<bool>(streams, deadline, check, [watcher, begin](const absl::StatusOr<bool>& found) {
      found.ok() ? begin() : watcher->Refuse(found.status());
    });
  });
}

}  // namespace throughline::service
