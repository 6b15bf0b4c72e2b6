// Lists, page by page: a page token is the last key, with the question that it belongs to.

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/digest.h"
#include "libs/runtime/domain/refusal.h"
#include "services/supplier-tracking/domain/checks.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr int kLooksPerPage = 10'000;  // rows that a filter may pass over before the page ends early
constexpr int kLooksAtOnce = 128;

// Hex of 8 bytes that stand for the question, and of the key.
std::string Question(const google::protobuf::MessageLite& filters) {
  return absl::BytesToHexString(runtime::Sha256(filters.SerializeAsString()).substr(0, 8));
}

std::string MakePageToken(const std::string& question, std::string_view key) {
  return absl::StrCat(question, absl::BytesToHexString(absl::string_view(key.data(), key.size())));
}

absl::StatusOr<std::string> ReadPageToken(const std::string& question, const std::string& token) {
  if (token.empty()) return std::string();
  const bool hex = token.size() % 2 == 0 && absl::c_all_of(token, [](char c) { return absl::ascii_isxdigit(c); });
  if (!hex || token.size() <= question.size() || token.substr(0, question.size()) != question) {
    return runtime::BadField("page_token", "is from another question: leave it out to begin anew");
  }
  return absl::HexStringToBytes(token.substr(question.size()));
}

int PageSize(int asked) { return asked > 0 ? asked : 100; }

// A key of another table would end the scan outside it.
template <typename T, typename... Prefix>
absl::Status CheckKey(const T& table, const std::string& after, const Prefix&... prefix) {
  const std::string begin = table.KeyOf(prefix...);
  if (after.empty() || after.compare(0, begin.size(), begin) == 0) return absl::OkStatus();
  return runtime::BadField("page_token", "is from another question: leave it out to begin anew");
}

bool Matches(const v1::OrderView& order, const v1::ListOrdersRequest& request) {
  if (request.at_risk() && !order.at_risk()) return false;
  if (request.status() != v1::ORDER_STATUS_UNSPECIFIED && request.status() != order.status()) return false;
  if (!request.customer_id().empty() && request.customer_id() != order.customer_id()) return false;
  return request.vendor_id().empty() || absl::c_any_of(order.lines(), [&](const auto& line) {
           return line.line().vendor_id() == request.vendor_id();
         });
}

}  // namespace

absl::StatusOr<v1::ListOrdersResponse> ListOrders(const store::KeyValue& reader, const v1::ListOrdersRequest& request) {
  v1::ListOrdersRequest filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  filters.clear_consistency_token();
  const std::string question = Question(filters);
  absl::StatusOr<std::string> after = ReadPageToken(question, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListOrdersResponse response;
  const auto scan = [&](const auto& table, const auto&... prefix) {
    if (absl::Status status = CheckKey(table, *after, prefix...); !status.ok()) return status;
    std::string cursor = *std::move(after);
    for (int looks = 0;; looks += kLooksAtOnce) {
      // The keys first: a visit must not read.
      std::vector<std::pair<std::string, std::string>> found;
      table.Scan(
          reader, cursor,
          [&](std::string_view raw, const auto& key, const std::string&) {
            found.emplace_back(raw, std::get<std::tuple_size_v<std::decay_t<decltype(key)>> - 1>(key));
            return static_cast<int>(found.size()) < kLooksAtOnce;
          },
          prefix...);
      for (auto& [raw, order_id] : found) {
        cursor = std::move(raw);
        absl::StatusOr<v1::OrderRow> row = ReadOrder(reader, order_id);
        if (row.ok() && Matches(row->view(), request)) response.mutable_orders()->Add(std::move(*row->mutable_view()));
        if (response.orders_size() < PageSize(request.page_size())) continue;
        response.set_next_page_token(MakePageToken(question, cursor));
        return absl::OkStatus();
      }
      if (static_cast<int>(found.size()) < kLooksAtOnce) return absl::OkStatus();
      if (looks < kLooksPerPage) continue;
      response.set_next_page_token(MakePageToken(question, cursor));
      return absl::OkStatus();
    }
  };
  const absl::Status status = request.at_risk()                ? scan(kAtRisk)
                              : !request.customer_id().empty() ? scan(kByCustomer, request.customer_id())
                                                               : scan(kByTime);
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<v1::ListQuarantineResponse> ListQuarantine(const store::KeyValue& reader,
                                                          const v1::ListQuarantineRequest& request) {
  v1::ListQuarantineRequest filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  filters.clear_consistency_token();
  const std::string question = Question(filters);
  absl::StatusOr<std::string> after = ReadPageToken(question, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListQuarantineResponse response;
  const auto visit = [&](std::string_view raw, const auto&, v1::QuarantineView view) {
    if (view.count() == 0) return true;
    *response.add_codes() = std::move(view);
    if (response.codes_size() < PageSize(request.page_size())) return true;
    response.set_next_page_token(MakePageToken(question, raw));
    return false;
  };
  if (absl::Status status = CheckKey(kQuarantine, *after); !status.ok()) return status;
  if (request.carrier().empty()) {
    kQuarantine.Scan(reader, *after, visit);
  } else {
    kQuarantine.Scan(reader, *after, visit, request.carrier());
  }
  return response;
}

absl::StatusOr<v1::GetShipmentResponse> GetShipment(const store::KeyValue& reader,
                                                    const v1::GetShipmentRequest& request) {
  const std::string &carrier = request.carrier(), &number = request.tracking_number();
  uint32_t epoch = request.epoch();
  if (epoch == 0) {
    const auto uses = kNumbers.Get(reader, carrier, number);
    epoch = uses && !uses->epochs().empty() ? uses->epochs().rbegin()->epoch() : 1;
  }
  auto view = kShipments.Get(reader, carrier, number, epoch);
  if (!view) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "SHIPMENT_UNKNOWN",
                           absl::StrCat("nothing is known of ", ShipmentStream(carrier, number, epoch),
                                        ": check carrier, number and epoch"));
  }
  const std::string question = Question(*[&] {
    auto same = std::make_unique<v1::GetShipmentRequest>();
    same->set_shipment(view->shipment());
    return same;
  }());
  absl::StatusOr<std::string> after = ReadPageToken(question, request.page_token());
  if (!after.ok()) return after.status();
  if (absl::Status status = CheckKey(kScans, *after, carrier, number, int64_t{epoch}); !status.ok()) return status;
  v1::GetShipmentResponse response;
  *response.mutable_shipment() = *std::move(view);
  kScans.Scan(
      reader, *after,
      [&](std::string_view raw, const auto&, v1::ScanRow row) {
        *response.add_scans() = std::move(*row.mutable_scan());
        if (response.scans_size() < PageSize(request.page_size())) return true;
        response.set_next_page_token(MakePageToken(question, raw));
        return false;
      },
      carrier, number, int64_t{epoch});
  return response;
}

}  // namespace throughline::supplier
