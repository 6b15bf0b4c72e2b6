#pragma once

// An order to which a vendor speaks, for tests: three cups of acme and a table of bolt, promised by 1772800000. One
// thread.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/vendors/missing.h"

namespace throughline::supplier {

// The time of every statement that does not say another.
inline constexpr int64_t kNoonSeconds = 1772366400;

class VendorTelling {
 public:
  VendorTelling() {
    Order::Evolve(state_, runtime::testing::FromText<v1::OrderEvent>(
                              R"(placed { order_id: "SO-1" customer_id: "c1" owner: "ana"
                                   promised_time { seconds: 1772800000 }
                                   lines { line_id: "1" sku: "cup" quantity: 3 vendor_id: "acme" }
                                   lines { line_id: "2" sku: "table" quantity: 1 vendor_id: "bolt" } })"));
  }

  absl::Status Tell(const std::string& update, int64_t stated_at = 0) {
    const std::string when = stated_at == 0 ? "" : absl::StrCat(" stated_at { seconds: ", stated_at, " }");
    const UpdateFromVendor command{runtime::testing::FromText<v1::RecordVendorUpdateRequest>(
                                       absl::StrCat("order_id: \"SO-1\" vendor_id: \"acme\" ", update, when)),
                                   {}};
    return Give(command, runtime::testing::By("acme", common::v1::ROLE_PARTNER, "acme"));
  }
  absl::Status Amend(const std::string& change) { return Ask<v1::AmendOrderRequest>(change); }
  absl::Status Cancel(const std::string& what) { return Ask<v1::CancelLinesRequest>(what); }
  template <typename Command>
  absl::Status Give(const Command& command, const runtime::Caller& caller) {
    const auto decided = Order::Decide(state_, command, caller);
    if (!decided.ok()) return decided.status();
    events_ = *decided;
    for (const auto& event : events_) Order::Evolve(state_, event);
    return absl::OkStatus();
  }

  const v1::OrderState& state() const { return state_; }
  // Those of the last command.
  const std::vector<v1::OrderEvent>& events() const { return events_; }
  const v1::OrderState::Line& line(const std::string& id = "1") const {
    const auto* found = FindLine(state_, id);
    EXPECT_NE(found, nullptr) << id;
    return found == nullptr ? v1::OrderState::Line::default_instance() : *found;
  }
  bool Has(v1::ConcernKind kind, const std::string& about = "line/1") const {
    return FindConcern(state_, kind, about) != nullptr;
  }

 private:
  template <typename Request>
  absl::Status Ask(const std::string& text) {
    return Give(runtime::testing::FromText<Request>("order_id: \"SO-1\" reason: \"r\" " + text),
                runtime::testing::By("ana", common::v1::ROLE_REP));
  }

  v1::OrderState state_;
  std::vector<v1::OrderEvent> events_;
};

}  // namespace throughline::supplier
