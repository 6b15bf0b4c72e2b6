#include "services/supplier-tracking/api/watch_order.h"

#include "libs/runtime/fold/last_change.h"
#include "libs/service/watcher.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/projections/trace/trace_entry.h"

namespace throughline::supplier {
namespace {

using runtime::Streams;

// Their texts may have 16 KiB each, and whoever reads slowly must get on by a message at a time.
constexpr size_t kEntriesPerMessage = 32;

// The watch of one client. It keeps the position of what it sent last, and reads what later commits added to the order.
class OrderWatcher : public service::Watcher<v1::WatchOrderResponse> {
 public:
  OrderWatcher(Streams& streams, std::shared_ptr<ResponseStream> writer, std::string order_id, bool from_start,
               ownership::ReadScope scope, Reader reader)
      : Watcher(streams, std::move(writer)),
        order_id_(std::move(order_id)),
        from_start_(from_start),
        scope_(std::move(scope)),
        reader_(std::move(reader)) {}

 private:
  // What SendNew sends, from where.
  struct Update {
    ResponseStream& writer;
    const store::KeyValue& rows;
    const v1::OrderRow& order;
    const v1::OrderView& shown;
    bool order_due;  // the order's view is to be sent, even without an entry
  };

  void SendNew(ResponseStream& writer) override {
    Follow(OrderTopic(order_id_));
    auto rows = streams_.View();
    absl::StatusOr<v1::OrderRow> order = ReadOrder(*rows, order_id_);
    if (!order.ok()) return;
    bool more = false;  // a notice that was not followed may have changed since the snapshot: read again
    for (const auto& about : order->cases()) {
      for (const v1::NoticeLink& link : about.notices()) more |= Follow(NoticeTopic(link.notice_id()));
    }
    if (more) {
      rows = streams_.View();
      order = ReadOrder(*rows, order_id_);
      if (!order.ok()) return;
    }
    // The order may go to another team.
    if (absl::Status status = scope_.Check(*rows, order->view().owner(), "the order"); !status.ok()) {
      return writer.Finish(status);
    }
    const runtime::Seen now = streams_.SeenBy(*rows);
    const v1::OrderView shown = ShowOrder(*order, reader_);
    const std::string view = shown.SerializeAsString();
    Update update{writer, *rows, *order, shown, view != view_};
    const bool first = std::exchange(first_, false);
    if (first && resume_from() == nullptr) {
      if (from_start_) SendAll(update, now);
    } else {
      if (first) Resume(update, *resume_from());
      SendBetween(update, sent_, now, "");
    }
    if (update.order_due) Write(update, TokenOf(now), {});
    sent_ = now;
    view_ = view;
  }

  void SendAll(Update& update, const runtime::Seen& now) const {
    std::optional<TraceKey> after;
    do {
      TracePart part = ReadTrace(update.rows, update.order, after, kEntriesPerMessage, reader_.audience);
      after = part.more_after;
      std::string token = after ? PartialToken({}, now, after->Raw(order_id_)) : TokenOf(now);
      if (!Write(update, std::move(token), std::move(part.entries))) return;
    } while (after);
  }

  // Sends what the earlier watch had still to send when it ended.
  void Resume(Update& update, const runtime::WatchPosition& at) {
    update.order_due = runtime::ChangedSince(update.order.last_changes(), at.told);
    if (!at.after.empty()) SendBetween(update, at.from, at.told, at.after);
    sent_ = at.told;
  }

  // Sends the entries that were added between the two positions and stand after the key `after` in the trace.
  void SendBetween(Update& update, const runtime::Seen& from, const runtime::Seen& until,
                   const std::string& after) const {
    std::vector<KnownEntry> known = KnownSince(update.rows, update.order, from, until);
    if (TraceKey sent; TraceKey::Parse(after, order_id_, sent)) {
      std::erase_if(known, [&sent](const KnownEntry& entry) { return entry.key <= sent; });
    }
    std::vector<std::string> gone;  // quarantined messages, which customers do not see
    if (!IsCustomer(reader_.audience)) gone = GoneSince(update.rows, update.order, from, until);
    for (absl::Span<const KnownEntry> rest = known; !rest.empty() || !gone.empty();) {
      const auto part = rest.subspan(0, kEntriesPerMessage);
      rest.remove_prefix(part.size());
      std::vector<v1::TraceEntry> entries = ReadEntries(update.rows, update.order, part, reader_.audience);
      // Removed entries go with the last message, so that they are sent once, wherever the watch resumes.
      const bool open =
          rest.empty() ? Write(update, TokenOf(until), std::move(entries), std::exchange(gone, {}))
                       : Write(update, PartialToken(from, until, part.back().key.Raw(order_id_)), std::move(entries));
      if (!open) return;
    }
  }

  // False: the stream is over.
  static bool Write(Update& update, std::string token, std::vector<v1::TraceEntry> entries,
                    std::vector<std::string> gone = {}) {
    if (entries.empty() && gone.empty() && !update.order_due) return true;
    v1::WatchOrderResponse message;
    message.set_consistency_token(std::move(token));
    *message.mutable_order() = update.shown;
    for (v1::TraceEntry& entry : entries) *message.add_entries() = std::move(entry);
    for (std::string& id : gone) message.add_removed_entry_ids(std::move(id));
    update.order_due = false;
    return update.writer.Write(message);
  }

  const std::string order_id_;
  const bool from_start_;
  const ownership::ReadScope scope_;
  const Reader reader_;
  // Used by SendNew only.
  bool first_ = true;
  std::string view_;
  runtime::Seen sent_;
};

}  // namespace

void ServeWatchOrder(server::Api& api, Streams& streams, ownership::RepsRead reps_read,
                     const std::string& customer_contact) {
  api.ServerStream<v1::WatchOrderRequest, v1::WatchOrderResponse>(
      "WatchOrder", [&streams, reps_read, customer_contact](const server::Context& context,
                                                            v1::WatchOrderRequest request, auto writer) {
        const bool from_start = request.from_start();
        request.clear_from_start();  // a position is valid with and without it
        service::Watch<v1::WatchOrderResponse>(
            std::make_shared<OrderWatcher>(streams, std::move(writer), request.order_id(), from_start,
                                           ownership::ReadScope(reps_read, context.caller()),
                                           Reader{request.audience(), customer_contact}),
            streams, context, request, [&streams, id = request.order_id()]() -> absl::StatusOr<bool> {
              const auto order = ReadOrder(*streams.View(), id);
              if (!order.ok()) return order.status();
              return true;
            });
      });
}

}  // namespace throughline::supplier
