#pragma once

// The response side of a push. Ends the call once the client has half-closed and every item is answered. Outlives the
// session, because answers come later. Any thread.

#include <memory>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"

#include "libs/server/api.h"
#include "libs/server/checks/utf8.h"

namespace throughline::supplier {

// The id of a bad message, to be returned in its answer. The id itself may be what is bad, so it is made valid and
// short.
inline std::string Echoed(std::string_view id) { return server::CleanUtf8(id, 128); }

template <typename Response>
class PushStream {
 public:
  explicit PushStream(std::shared_ptr<server::ResponseStream<Response>> writer) : writer_(std::move(writer)) {}

  const server::Context& context() const { return writer_->context(); }

  // An item has arrived.
  void Begin() {
    absl::MutexLock lock(&mutex_);
    ++outstanding_;
  }
  // The same for an item of so many events, called in the session's OnMessage. False if the client sends too many: the
  // item must be dropped.
  [[nodiscard]] bool Take(int events) {
    if (!writer_->TakeEvents(events)) return false;
    Begin();
    return true;
  }
  // Answers an item and makes room for another.
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
