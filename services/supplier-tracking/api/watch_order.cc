#include "services/supplier-tracking/api/watch_order.h"

#include <atomic>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

#include "libs/service/calls.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

using runtime::Streams;
using WriterPtr = std::shared_ptr<server::Writer<v1::WatchOrderResponse>>;

constexpr int kEntriesPerMessage = 500;

// One client. It remembers which entries it has sent, because news may come late and belong in the middle. Any thread.
class Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(Streams& streams, std::string order_id, bool from_start, WriterPtr writer)
      : streams_(streams), order_id_(std::move(order_id)), from_start_(from_start), writer_(std::move(writer)) {}

  // Sends what is new. The first time it also begins to watch.
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
    WatchOn(OrderTopic(order_id_));
    v1::WatchOrderResponse message;
    message.set_token(streams_.SeenToken());
    absl::StatusOr<v1::OrderRow> order = ReadOrder(streams_.reader(), order_id_);
    if (!order.ok()) return;
    for (const auto& about : order->cases()) {
      for (const std::string& notice : about.notice_ids()) WatchOn(NoticeTopic(notice));
    }
    *message.mutable_order() = order->view();
    const bool first = std::exchange(first_, false);
    const std::string view = order->view().SerializeAsString();
    bool sent = false;
    for (v1::TraceEntry& entry : ReadTrace(streams_.reader(), *order)) {
      if (!sent_.insert(entry.entry_id()).second || (first && !from_start_)) continue;
      *message.add_entries() = std::move(entry);
      if (message.entries_size() < kEntriesPerMessage) continue;
      writer_->Write(message);
      message.clear_entries();
      sent = true;
    }
    const bool news = message.entries_size() > 0 || (!sent && view != view_);
    view_ = view;
    if (news || (first && !sent)) writer_->Write(message);
  }

  // What is let go, is let go outside the lock.
  void LetGo() {
    WriterPtr writer;
    std::map<std::string, runtime::Watches::Handle> handles;
    if (!mutex_.TryLock()) return;
    writer.swap(writer_);
    handles.swap(handles_);
    mutex_.Unlock();
  }
  void WatchOn(const std::string& topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    runtime::Watches::Handle& handle = handles_[topic];
    if (handle != nullptr) return;
    handle = streams_.watches().Add(topic, [watch = weak_from_this()] {
      if (auto self = watch.lock()) self->Send();
    });
  }

  Streams& streams_;
  const std::string order_id_;
  const bool from_start_;
  std::atomic<bool> over_ = false;
  absl::Mutex mutex_;
  WriterPtr writer_ ABSL_GUARDED_BY(mutex_);
  bool first_ ABSL_GUARDED_BY(mutex_) = true;
  std::string view_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> sent_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, runtime::Watches::Handle> handles_ ABSL_GUARDED_BY(mutex_);
};

void Start(Streams& streams, const server::Context& context, v1::WatchOrderRequest request, WriterPtr writer) {
  auto watch = std::make_shared<Watch>(streams, request.order_id(), request.from_start(), writer);
  context.OnOver([watch] { watch->Over(); });
  const absl::Time deadline = context.deadline();
  streams.AfterToken(request.token(), deadline,
                     [&streams, watch, deadline, id = request.order_id()](absl::Status status) {
                       if (!status.ok()) return watch->Refuse(status);
                       service::Find<v1::OrderRow>(
                           streams, deadline, [&streams, id] { return ReadOrder(streams.reader(), id); },
                           [watch](const absl::StatusOr<v1::OrderRow>& found) {
                             found.ok() ? watch->Send() : watch->Refuse(found.status());
                           });
                     });
}

}  // namespace

void ServeWatchOrder(server::Api& api, Streams& streams) {
  api.ServerStream<v1::WatchOrderRequest, v1::WatchOrderResponse>(
      "WatchOrder", [&streams](const server::Context& context, auto request, auto writer) {
        Start(streams, context, std::move(request), std::move(writer));
      });
}

}  // namespace throughline::supplier
