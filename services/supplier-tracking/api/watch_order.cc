#include "services/supplier-tracking/api/watch_order.h"

#include "libs/runtime/fold/last_change.h"
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
  // What is there to be told, and how much of it was.
  struct Telling {
    ResponseStream& writer;
    const store::KeyValue& rows;
    const v1::OrderRow& order;
    bool order_due;  // even if there is no entry
  };

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
    const std::string view = order->view().SerializeAsString();
    Telling telling{writer, *rows, *order, view != view_};
    const bool first = std::exchange(first_, false);
    if (first && resume_from() == nullptr) {
      if (from_start_) TellAll(telling, now);
    } else {
      if (first) GoOn(telling, *resume_from());
      TellNew(telling, told_, now, "");
    }
    if (telling.order_due) Write(telling, TokenOf(now), {});
    told_ = now;
    view_ = view;
  }

  void TellAll(Telling& telling, const runtime::Seen& now) const {
    std::optional<TraceKey> after;
    do {
      TracePart part = ReadTrace(telling.rows, telling.order, after, kEntriesPerMessage);
      after = part.more_after;
      Write(telling, after ? PartialToken({}, now, after->Raw(order_id_)) : TokenOf(now), std::move(part.entries));
    } while (after);
  }

  // What was left to be told when the earlier watch ended.
  void GoOn(Telling& telling, const runtime::WatchPosition& at) {
    telling.order_due = runtime::ChangedSince(telling.order.last_changes(), at.told);
    if (!at.after.empty()) TellNew(telling, at.from, at.told, at.after);
    told_ = at.told;
  }

  // Of what became known between the two, what comes after `after` in the trace.
  void TellNew(Telling& telling, const runtime::Seen& from, const runtime::Seen& until,
               const std::string& after) const {
    std::vector<KnownEntry> known = KnownSince(telling.rows, telling.order, from, until);
    if (TraceKey told; TraceKey::Parse(after, order_id_, told)) {
      std::erase_if(known, [&told](const KnownEntry& entry) { return entry.key <= told; });
    }
    std::vector<std::string> gone = GoneSince(telling.rows, telling.order, from, until);
    for (absl::Span<const KnownEntry> rest = known; !rest.empty() || !gone.empty();) {
      const auto part = rest.subspan(0, kEntriesPerMessage);
      rest.remove_prefix(part.size());
      std::vector<v1::TraceEntry> entries = ReadEntries(telling.rows, telling.order, part);
      // What is gone comes with the last message: then it is told once, wherever the watch goes on.
      rest.empty() ? Write(telling, TokenOf(until), std::move(entries), std::exchange(gone, {}))
                   : Write(telling, PartialToken(from, until, part.back().key.Raw(order_id_)), std::move(entries));
    }
  }

  static void Write(Telling& telling, std::string token, std::vector<v1::TraceEntry> entries,
                    std::vector<std::string> gone = {}) {
    if (entries.empty() && gone.empty() && !telling.order_due) return;
    v1::WatchOrderResponse message;
    message.set_consistency_token(std::move(token));
    *message.mutable_order() = telling.order.view();
    for (v1::TraceEntry& entry : entries) *message.add_entries() = std::move(entry);
    for (std::string& id : gone) message.add_gone_entry_ids(std::move(id));
    telling.writer.Write(message);
    telling.order_due = false;
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
        const bool from_start = request.from_start();
        request.clear_from_start();  // a position serves with it and without
        service::Watch<v1::WatchOrderResponse>(
            std::make_shared<OrderWatcher>(streams, std::move(writer), request.order_id(), from_start), streams,
            context, request, [&streams, id = request.order_id()]() -> absl::StatusOr<bool> {
              const auto order = ReadOrder(*streams.View(), id);
              if (!order.ok()) return order.status();
              return true;
            });
      });
}

}  // namespace throughline::supplier
