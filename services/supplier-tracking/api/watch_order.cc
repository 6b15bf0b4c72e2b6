#include "services/supplier-tracking/api/watch_order.h"

#include "libs/service/watcher.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

using runtime::Streams;

constexpr size_t kEntriesPerMessage = 500;

// One client. It remembers how far it has told the log, and reads what commits since then brought to the order.
class OrderWatcher : public service::Watcher<v1::WatchOrderResponse> {
 public:
  OrderWatcher(Streams& streams, std::shared_ptr<ResponseStream> writer, std::string order_id, bool from_start)
      : Watcher(streams, std::move(writer)), order_id_(std::move(order_id)), from_start_(from_start) {}

 private:
  void SendNew(ResponseStream& writer) override {
    Follow(OrderTopic(order_id_));
    auto rows = streams_.View();
    absl::StatusOr<v1::OrderRow> order = ReadOrder(*rows, order_id_);
    if (!order.ok()) return;
    bool more = false;  // notices that are followed only from now on, so that they must be read again
    for (const auto& about : order->cases()) {
      for (const v1::NoticeLink& link : about.notices()) more |= Follow(NoticeTopic(link.notice_id()));
    }
    if (more) {
      rows = streams_.View();
      order = ReadOrder(*rows, order_id_);
      if (!order.ok()) return;
    }
    const runtime::Seen now = streams_.SeenBy(*rows);
    v1::WatchOrderResponse message;
    message.set_consistency_token(streams_.MakeToken({"", now}));
    *message.mutable_order() = order->view();
    const std::string view = order->view().SerializeAsString();
    const bool first = std::exchange(first_, false);
    bool due = view != view_;
    if (first && from_start_) {
      for (std::optional<TraceKey> after; due || after;) {
        TracePart part = ReadTrace(*rows, *order, after, kEntriesPerMessage);
        after = part.more_after;
        Send(writer, message, std::move(part.entries), due);
      }
    } else if (!first) {
      const std::vector<KnownEntry> known = KnownSince(*rows, *order, told_, now);
      for (size_t i = 0; i < known.size() || due; i += kEntriesPerMessage) {
        const auto part = absl::MakeSpan(known).subspan(std::min(i, known.size()), kEntriesPerMessage);
        Send(writer, message, ReadEntries(*rows, *order, part), due);
      }
    }
    if (due) writer.Write(message);
    told_ = now;
    view_ = view;
  }

  static void Send(ResponseStream& writer, v1::WatchOrderResponse& message, std::vector<v1::TraceEntry> entries,
                   bool& due) {
    message.clear_entries();
    for (v1::TraceEntry& entry : entries) *message.add_entries() = std::move(entry);
    if (due || message.entries_size() > 0) writer.Write(message);
    due = false;
  }

  const std::string order_id_;
  const bool from_start_;
  // SendNew's.
  bool first_ = true;
  std::string view_;
  runtime::Seen told_;
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
