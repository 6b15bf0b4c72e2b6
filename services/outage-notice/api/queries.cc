#include "services/outage-notice/api/queries.h"

#include <atomic>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/refusal.h"
#include "libs/service/calls.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

using runtime::Streams;
using WriterPtr = std::shared_ptr<server::Writer<v1::WatchNoticesResponse>>;

// One client: what it has been sent of each active notice. Any thread.
class Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(Streams& streams, std::vector<std::string> components, WriterPtr writer)
      : streams_(streams), components_(std::move(components)), writer_(std::move(writer)) {}

  // Sends what has changed. The first time it also begins to watch.
  void Send() {
    {
      absl::MutexLock lock(&mutex_);
      if (writer_ != nullptr) SendNew();
    }
    if (over_) LetGo();
  }

  void Refuse(const absl::Status& status) {
    WriterPtr writer;
    {
      absl::MutexLock lock(&mutex_);
      writer = writer_;
    }
    if (writer != nullptr) writer->Finish(status);
  }
  // May come from within a write, which ends the call when the client reads too slowly: Send lets go then.
  void Over() {
    over_ = true;
    LetGo();
  }

 private:
  void SendNew() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (handle_ == nullptr) {
      handle_ = streams_.watches().Add(kAnyNotice, [watch = weak_from_this()] {
        if (auto self = watch.lock()) self->Send();
      });
    }
    const std::string token = streams_.SeenToken();
    std::map<std::string, std::string> active;
    for (const v1::NoticeView& notice : ActiveNotices(streams_.reader(), components_)) {
      std::string bytes = notice.SerializeAsString();
      auto before = sent_.find(notice.notice_id());
      if (before == sent_.end() || before->second != bytes) Write(notice, token);
      active.emplace(notice.notice_id(), std::move(bytes));
    }
    for (const auto& [id, bytes] : sent_) {
      if (active.contains(id)) continue;
      if (const auto over = kNotices.Get(streams_.reader(), id)) Write(*over, token);
    }
    sent_ = std::move(active);
  }

  // What is let go, is let go outside the lock.
  void LetGo() {
    WriterPtr writer;
    runtime::Watches::Handle handle;
    if (!mutex_.TryLock()) return;
    writer.swap(writer_);
    handle.swap(handle_);
    mutex_.Unlock();
  }
  void Write(const v1::NoticeView& notice, const std::string& token) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    v1::WatchNoticesResponse message;
    message.set_token(token);
    *message.mutable_notice() = notice;
    writer_->WriteLatest(notice.notice_id(), message);
  }

  Streams& streams_;
  const std::vector<std::string> components_;
  std::atomic<bool> over_ = false;
  absl::Mutex mutex_;
  WriterPtr writer_ ABSL_GUARDED_BY(mutex_);
  runtime::Watches::Handle handle_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> sent_ ABSL_GUARDED_BY(mutex_);
};

void StartWatch(Streams& streams, int max_components, const server::Context& context,
                const v1::WatchNoticesRequest& request, WriterPtr writer) {
  runtime::FieldViolations bad;
  if (request.component_ids_size() > max_components) {
    bad.Add("component_ids", absl::StrCat("has over ", max_components, ": leave it out to watch all"));
  }
  for (int i = 0; i < std::min(request.component_ids_size(), max_components); ++i) {
    if (IsComponentId(request.component_ids(i))) continue;
    bad.Add(absl::StrCat("component_ids[", i, "]"), "is no id: give 1 to 64 of a-z 0-9 . _ -");
  }
  if (absl::Status status = bad.ToStatus(); !status.ok()) return writer->Finish(status);
  std::vector<std::string> components(request.component_ids().begin(), request.component_ids().end());
  auto watch = std::make_shared<Watch>(streams, std::move(components), std::move(writer));
  context.OnOver([watch] { watch->Over(); });
  streams.AfterToken(request.token(), context.deadline(),
                     [watch](const absl::Status& status) { status.ok() ? watch->Send() : watch->Refuse(status); });
}

}  // namespace

void ServeQueries(server::Api& api, Streams& streams, int max_components) {
  api.Unary<v1::CheckComponentRequest, v1::CheckComponentResponse>(
      "CheckComponent", [&streams](const server::Context& context, v1::CheckComponentRequest request, auto reply) {
        if (!IsComponentId(request.component_id())) {
          return reply(runtime::BadField("component_id", "is no id: give 1 to 64 of a-z 0-9 . _ -"));
        }
        service::Read<v1::CheckComponentResponse>(streams, context, request.token(), reply,
                                                  [&streams, id = request.component_id()] {
                                                    return CheckComponent(streams.reader(), id, streams.clock().Now());
                                                  });
      });
  api.Unary<v1::ListNoticesRequest, v1::ListNoticesResponse>(
      "ListNotices", [&streams](const server::Context& context, v1::ListNoticesRequest request, auto reply) {
        const std::string token = request.token();
        service::Read<v1::ListNoticesResponse>(
            streams, context, token, reply,
            [&streams, request = std::move(request)] { return ListNotices(streams.reader(), request); });
      });
  api.ServerStream<v1::WatchNoticesRequest, v1::WatchNoticesResponse>(
      "WatchNotices", [&streams, max_components](const server::Context& context, auto request, auto writer) {
        StartWatch(streams, max_components, context, request, std::move(writer));
      });
}

}  // namespace throughline::outage
