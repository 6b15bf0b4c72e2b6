#include "services/supplier-tracking/api/watch_order.h"

#include "absl/container/flat_hash_set.h"

#include "libs/service/watcher.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

using runtime::Streams;

constexpr int kEntriesPerMessage = 500;

// One client. It remembers which entries it has sent, because news may come late and belong in the middle.
class OrderWatcher : public service::Watcher<v1::WatchOrderResponse> {
 public:
  OrderWatcher(Streams& streams, std::shared_ptr<ResponseStream> writer, std::string order_id, bool from_start)
      : Watcher(streams, std::move(writer)), order_id_(std::move(order_id)), from_start_(from_start) {}

 private:
  void SendNew(ResponseStream& writer) override {
    Follow(OrderTopic(order_id_));
    v1::WatchOrderResponse message;
    message.set_consistency_token(streams_.SeenToken());
    auto rows = streams_.View();
    absl::StatusOr<v1::OrderRow> order = ReadOrder(*rows, order_id_);
    if (!order.ok()) return;
    bool more = false;  // notices that are followed only from now on, so that they must be read again
    for (const auto& about : order->cases()) {
      for (const std::string& notice : about.notice_ids()) more |= Follow(NoticeTopic(notice));
    }
    if (more) {
      rows = streams_.View();
      order = ReadOrder(*rows, order_id_);
      if (!order.ok()) return;
    }
    *message.mutable_order() = order->view();
    const bool first = std::exchange(first_, false);
    const std::string view = order->view().SerializeAsString();
    bool sent = false;
    for (v1::TraceEntry& entry : ReadTrace(*rows, *order)) {
      if (!sent_.insert(entry.entry_id()).second || (first && !from_start_)) continue;
      *message.add_entries() = std::move(entry);
      if (message.entries_size() < kEntriesPerMessage) continue;
      writer.Write(message);
      message.clear_entries();
      sent = true;
    }
    const bool news = message.entries_size() > 0 || (!sent && view != view_);
    view_ = view;
    if (news || (first && !sent)) writer.Write(message);
  }

  const std::string order_id_;
  const bool from_start_;
  // SendNew's.
  bool first_ = true;
  std::string view_;
  absl::flat_hash_set<std::string> sent_;
};

}  // namespace

void ServeWatchOrder(server::Api& api, Streams& streams) {
  api.ServerStream<v1::WatchOrderRequest, v1::WatchOrderResponse>(
      "WatchOrder", [&streams](const server::Context& context, v1::WatchOrderRequest request, auto writer) {
        auto watcher =
            std::make_shared<OrderWatcher>(streams, std::move(writer), request.order_id(), request.from_start());
        service::Watch<v1::WatchOrderResponse>(std::move(watcher), streams, context, request.consistency_token(),
                                               [&streams, id = request.order_id()]() -> absl::StatusOr<bool> {
                                                 const auto order = ReadOrder(*streams.View(), id);
                                                 if (!order.ok()) return order.status();
                                                 return true;
                                               });
      });
}

}  // namespace throughline::supplier
