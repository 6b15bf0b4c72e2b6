// The trace of an order.

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/supplier-tracking/domain/order_shipments.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

using runtime::FromProto;

bool Before(const v1::TraceEntry& a, const v1::TraceEntry& b) {
  const absl::Time at = FromProto(a.time()), bt = FromProto(b.time());
  return at != bt ? at < bt : a.entry_id() < b.entry_id();
}

// Who answers, as the entries go by: the owner of the last open case, else whom the order names.
class Answerable {
 public:
  explicit Answerable(std::string named) : named_(std::move(named)) {}

  void Pass(const v1::TraceRow& row) {
    if (!row.has_case_owner() && !row.has_case_open()) return;
    auto found =
        std::find_if(cases_.begin(), cases_.end(), [&](const Case& c) { return c.id == row.entry().case_id(); });
    if (found == cases_.end()) found = cases_.insert(cases_.end(), {row.entry().case_id(), "", false});
    if (row.has_case_owner()) found->owner = row.case_owner();
    if (row.has_case_open()) found->open = row.case_open();
  }
  const std::string& Now() const {
    for (auto c = cases_.rbegin(); c != cases_.rend(); ++c) {
      if (c->open && !c->owner.empty()) return c->owner;
    }
    return named_;
  }

 private:
  struct Case {
    std::string id, owner;
    bool open;
  };
  const std::string named_;
  std::vector<Case> cases_;  // in the order of opening
};

std::vector<v1::TraceRow> RowsOf(const store::KeyValue& reader, const v1::OrderRow& order) {
  std::vector<v1::TraceRow> rows;
  kTrace.Scan(
      reader, "",
      [&](std::string_view, const auto&, v1::TraceRow row) {
        rows.push_back(std::move(row));
        return true;
      },
      order.view().order_id());
  const size_t own = rows.size();
  std::set<std::string> seen;
  for (const auto& about : order.cases()) {
    for (const std::string& notice_id : about.notice_ids()) {
      if (!seen.insert(notice_id).second) continue;
      const auto notice = kNotices.Get(reader, notice_id);
      if (!notice) continue;
      for (const v1::TraceRow& row : notice->rows())
        rows.emplace_back(row).mutable_entry()->set_case_id(about.case_id());
    }
  }
  if (rows.size() > own) {
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return Before(a.entry(), b.entry()); });
  }
  return rows;
}

constexpr absl::string_view kPage = "trace";

}  // namespace

absl::StatusOr<v1::OrderRow> ReadOrder(const store::KeyValue& reader, const std::string& order_id) {
  std::optional<v1::OrderRow> row = kOrders.Get(reader, order_id);
  if (!row || row->view().order_id().empty()) return OrderUnknown(order_id);
  return *std::move(row);
}

std::vector<v1::TraceEntry> ReadTrace(const store::KeyValue& reader, const v1::OrderRow& order) {
  std::vector<v1::TraceRow> rows = RowsOf(reader, order);
  std::vector<v1::TraceEntry> entries;
  entries.reserve(rows.size());
  Answerable answerable(order.owner());
  v1::Eta eta;
  bool at_risk = false;
  for (v1::TraceRow& row : rows) {
    answerable.Pass(row);
    v1::TraceEntry& entry = entries.emplace_back(std::move(*row.mutable_entry()));
    if (row.sets_eta()) eta = entry.eta();
    if (row.has_at_risk()) at_risk = row.at_risk();
    entry.set_owner(answerable.Now());
    *entry.mutable_promised_by() = order.view().promised_by();
    if (eta.has_latest()) *entry.mutable_eta() = eta;
    entry.set_at_risk(at_risk);
  }
  return entries;
}

absl::StatusOr<v1::TraceOrderResponse> TraceOrder(const store::KeyValue& reader, const v1::TraceOrderRequest& request) {
  absl::StatusOr<v1::OrderRow> order = ReadOrder(reader, request.order_id());
  if (!order.ok()) return order.status();
  std::vector<v1::TraceEntry> entries = ReadTrace(reader, *order);
  auto from = entries.begin();
  if (!request.page_token().empty()) {
    const std::vector<std::string> parts = absl::StrSplit(request.page_token(), '/');
    v1::TraceEntry last;
    int64_t micros = 0;
    if (parts.size() != 4 || parts[0] != kPage || parts[1] != request.order_id() ||
        !absl::SimpleAtoi(parts[2], &micros)) {
      return runtime::BadField("page_token", "is not from a page of this order's trace: leave it out to begin anew");
    }
    *last.mutable_time() = runtime::ToProto(absl::FromUnixMicros(micros));
    last.set_entry_id(parts[3]);
    from = std::upper_bound(entries.begin(), entries.end(), last, Before);
  }
  v1::TraceOrderResponse response;
  *response.mutable_order() = std::move(*order->mutable_view());
  const size_t size = request.page_size() > 0 ? static_cast<size_t>(request.page_size()) : 100;
  for (; from != entries.end() && static_cast<size_t>(response.entries_size()) < size; ++from) {
    response.mutable_entries()->Add(std::move(*from));
  }
  if (from != entries.end()) {
    const v1::TraceEntry& last = *response.entries().rbegin();
    response.set_next_page_token(absl::StrCat(kPage, "/", request.order_id(), "/",
                                              absl::ToUnixMicros(FromProto(last.time())), "/", last.entry_id()));
  }
  return response;
}

}  // namespace throughline::supplier
