// The trace of an order: its pages, and its new entries.

#include <algorithm>
#include <limits>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"

#include "libs/service/pages.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/shipments/carried.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/projections/trace/trace_entry.h"

namespace throughline::supplier {
namespace {

struct Placed {
  TraceKey key;
  v1::TraceRow row;
};

bool HasSeen(const runtime::Seen& seen, const v1::LogPlace& place) {
  return seen.Has({static_cast<log::Topic>(place.topic()), place.partition()}, place.offset());
}

// Adds, unsorted, the rows of the notices that are linked to the order's cases. An entry names the first case that is
// linked to the notice; it belongs to the trace from the first link on. `wanted(key, seen)` decides about each row,
// where `seen(positions)` says whether the positions cover the row and a link to its notice.
template <typename Wanted>
void VisitNotices(const store::KeyValue& reader, const v1::OrderRow& order, const Wanted& wanted,
                  std::vector<Placed>& rows) {
  struct Linked {
    std::string case_id;
    std::vector<const v1::LogPlace*> links;
  };
  absl::btree_map<std::string, Linked> linked;
  for (const auto& about : order.cases()) {
    for (const v1::NoticeLink& link : about.notices()) {
      Linked& notice = linked[link.notice_id()];
      if (notice.links.empty()) notice.case_id = about.case_id();
      notice.links.push_back(&link.place());
    }
  }
  for (const auto& [notice_id, links] : linked) {
    auto notice = kNotices.Get(reader, notice_id);
    if (!notice) continue;
    for (v1::TraceRow& row : *notice->mutable_rows()) {
      const auto seen = [&, &links = links](const runtime::Seen& places) {
        return HasSeen(places, row.place()) &&
               absl::c_any_of(links.links, [&](const auto* link) { return HasSeen(places, *link); });
      };
      const TraceKey key = TraceKey::Of(row);
      if (!wanted(key, seen)) continue;
      row.mutable_entry()->set_case_id(links.case_id);
      rows.push_back({key, std::move(row)});
    }
  }
}

// Visits the order's rows of positions between `from` and `until`, in a table whose keys continue with a position in
// the log. Few partitions have commits about an order; each costs a seek or two.
template <typename Visit>
void VisitSince(const store::KeyValue& reader,
                const store::Table<int64_t, std::string, int64_t, int64_t, int64_t, int64_t, int64_t>& table,
                const std::string& order_id, const runtime::Seen& from, const runtime::Seen& until,
                const Visit& visit) {
  for (std::optional<log::Partition> partition;;) {
    const std::string past = partition ? table.KeyOf(order_id, static_cast<int64_t>(partition->topic), partition->index,
                                                     std::numeric_limits<int64_t>::max())
                                       : "";
    partition.reset();
    table.Scan(
        reader, past,
        [&](std::string_view, const auto& key, int64_t) {
          partition = {static_cast<log::Topic>(std::get<1>(key)), static_cast<int32_t>(std::get<2>(key))};
          return false;
        },
        order_id);
    if (!partition) return;
    const int64_t topic = static_cast<int64_t>(partition->topic), index = partition->index;
    table.Scan(
        reader, table.KeyOf(order_id, topic, index, from.Next(*partition)),
        [&](std::string_view, const auto& key, int64_t value) {
          if (!until.Has(*partition, std::get<3>(key))) return false;
          visit(key, value);
          return true;
        },
        order_id, topic, index);
  }
}

}  // namespace

absl::StatusOr<v1::OrderRow> ReadOrder(const store::KeyValue& reader, const std::string& order_id) {
  std::optional<v1::OrderRow> row = kOrders.Get(reader, order_id);
  if (!row || row->view().order_id().empty()) return OrderUnknown(order_id);
  return *std::move(row);
}

TracePart ReadTrace(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& after,
                    size_t most, v1::Audience audience) {
  const std::string& order_id = order.view().order_id();
  std::vector<Placed> rows;
  kTrace.Scan(
      reader, after ? after->Raw(order_id) : "",
      [&](std::string_view, const auto&, v1::TraceRow row) {
        rows.push_back({TraceKey::Of(row), std::move(row)});
        return rows.size() <= most;  // one more, to know whether others follow
      },
      order_id);
  const size_t own = rows.size();
  VisitNotices(
      reader, order, [&](const TraceKey& key, const auto&) { return !after || key > *after; }, rows);
  if (rows.size() > own) {
    std::sort(rows.begin(), rows.end(), [](const Placed& a, const Placed& b) { return a.key < b.key; });
  }
  TracePart part;
  if (rows.size() > most) {
    rows.resize(most);
    part.more_after = rows.back().key;
  }
  std::vector<TraceKey> keys;
  std::vector<Turn> turns;
  const EntryMaker maker(order, audience);
  for (Placed& placed : rows) {
    if (std::optional<Turn> turn = TurnOf(placed.row)) turns.push_back(*std::move(turn));
    if (std::optional<v1::TraceEntry> entry = maker.Make(std::move(placed.row))) {
      keys.push_back(placed.key);
      part.entries.push_back(*std::move(entry));
    }
  }
  FillCarried(reader, order, after, turns, keys, part.entries);
  for (v1::TraceEntry& entry : part.entries) maker.Finish(entry);
  return part;
}

std::vector<KnownEntry> KnownSince(const store::KeyValue& reader, const v1::OrderRow& order, const runtime::Seen& from,
                                   const runtime::Seen& until) {
  std::vector<KnownEntry> known;
  VisitSince(reader, kKnown, order.view().order_id(), from, until, [&](const auto& key, int64_t micros) {
    known.push_back({{micros, std::get<1>(key), std::get<2>(key), std::get<4>(key), std::get<5>(key)}, std::nullopt});
  });
  std::vector<Placed> of_notices;
  VisitNotices(
      reader, order, [&](const TraceKey&, const auto& seen) { return seen(until) && !seen(from); }, of_notices);
  for (Placed& placed : of_notices) known.push_back({placed.key, std::move(placed.row)});
  std::sort(known.begin(), known.end(), [](const KnownEntry& a, const KnownEntry& b) { return a.key < b.key; });
  return known;
}

std::vector<std::string> GoneSince(const store::KeyValue& reader, const v1::OrderRow& order, const runtime::Seen& from,
                                   const runtime::Seen& until) {
  std::vector<std::string> gone;
  VisitSince(reader, kGone, order.view().order_id(), from, until, [&](const auto& key, int64_t known_at) {
    const auto& [order_id, topic, partition, gone_at, offset, index] = key;
    if (!from.Has({static_cast<log::Topic>(topic), static_cast<int32_t>(partition)}, known_at)) return;
    gone.push_back(EntryId(topic, partition, offset, index));
  });
  return gone;
}

std::vector<v1::TraceEntry> ReadEntries(const store::KeyValue& reader, const v1::OrderRow& order,
                                        absl::Span<const KnownEntry> known, v1::Audience audience) {
  std::vector<TraceKey> keys;
  std::vector<v1::TraceEntry> entries;
  const EntryMaker maker(order, audience);
  for (const KnownEntry& one : known) {
    std::string bytes;
    if (!one.row && !reader.Get(one.key.Raw(order.view().order_id()), &bytes)) continue;
    auto entry = maker.Make(one.row ? *one.row : store::DecodeRow<v1::TraceRow>(bytes));
    if (!entry) continue;
    keys.push_back(one.key);
    entries.push_back(*std::move(entry));
  }
  FillCarried(reader, order, keys, entries);
  for (v1::TraceEntry& entry : entries) maker.Finish(entry);
  return entries;
}

absl::StatusOr<v1::TraceOrderResponse> TraceOrder(const store::KeyValue& reader, const v1::TraceOrderRequest& request,
                                                  const ownership::ReadScope& scope, const std::string& contact) {
  absl::StatusOr<v1::OrderRow> order = ReadOrder(reader, request.order_id());
  if (!order.ok()) return order.status();
  if (absl::Status status = scope.Check(reader, order->view().owner(), "the order"); !status.ok()) return status;
  const std::string question = service::Question(request);
  absl::StatusOr<std::string> raw =
      service::AfterPage(question, kTrace.KeyOf(request.order_id()), request.page_token());
  if (!raw.ok()) return raw.status();
  std::optional<TraceKey> after;
  if (!raw->empty() && !TraceKey::Parse(*raw, request.order_id(), after.emplace())) {
    return runtime::BadField("page_token", "belongs to another query: leave it out to start at the first page");
  }
  TracePart part =
      ReadTrace(reader, *order, after, static_cast<size_t>(service::PageSize(request)), request.audience());
  v1::TraceOrderResponse response;
  *response.mutable_order() = ShowOrder(*order, {request.audience(), contact});
  for (v1::TraceEntry& entry : part.entries) response.mutable_entries()->Add(std::move(entry));
  if (part.more_after) {
    response.set_next_page_token(service::PageToken(question, part.more_after->Raw(request.order_id())));
  }
  return response;
}

}  // namespace throughline::supplier
