#pragma once

// The answers' side of a push: ends the call once the client has half-closed and everything is answered. Outlives the
// session, because answers come later. Any thread.

#include <memory>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"

#include "libs/server/api.h"
#include "libs/server/checks/utf8.h"

namespace throughline::supplier {

// What a client sent to know the answer by, where that itself may be what is wrong: text at least, and not long.
inline std::string Echoed(std::string_view id) { return server::CleanUtf8(id, 128); }

template <typename Response>
class PushStream {
 public:
  explicit PushStream(std::shared_ptr<server::ResponseStream<Response>> writer) : writer_(std::move(writer)) {}

  const server::Context& context() const { return writer_->context(); }

  // An item came.
  void Begin() {
    absl::MutexLock lock(&mutex_);
    ++outstanding_;
  }
  // The same, in the session's OnMessage, for an item that holds so many events. False: its sender sends too many;
  // nothing of it may be done.
  [[nodiscard]] bool Take(int events) {
    if (!writer_->TakeEvents(events)) return false;
    Begin();
    return true;
  }
  // One is dealt with; there is room for another.
  void Answer(const Response& response) {
    writer_->Write(response);
    writer_->Release();
    bool last;
    {
      absl::MutexLock lock(&mutex_);
      last = --outstanding_ == 0 && half_closed_;
    }
    if (last) writer_->Finish(absl::OkStatus());
  }
  void HalfClose() {
    bool last;
    {
      absl::MutexLock lock(&mutex_);
      half_closed_ = true;
      last = outstanding_ == 0;
    }
    if (last) writer_->Finish(absl::OkStatus());
  }

 private:
  const std::shared_ptr<server::ResponseStream<Response>> writer_;
  absl::Mutex mutex_;
  int outstanding_ ABSL_GUARDED_BY(mutex_) = 0;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace throughline::supplier
