#pragma once

// Orders with shipments that make history, for tests.

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "services/supplier-tracking/service_under_test.h"

namespace throughline::supplier {

class History : public testing::Test {
 protected:
  // Lines of one vendor, promised three days after noon of the first day, to New York.
  void Place(const std::string& order, const std::string& vendor, absl::Duration promised = absl::Hours(72)) {
    const absl::Status placed = service_.Place(
        order, absl::StrCat("customer_id: \"c1\" destination_zone: \"America/New_York\" promised_time { seconds: ",
                            absl::ToUnixSeconds(service_.now() + promised),
                            " } lines { line_id: \"1\" sku: \"lamp\" quantity: 1 vendor_id: \"", vendor, "\" }"));
    ASSERT_TRUE(placed.ok()) << placed;
  }
  void Dispatch(const std::string& order, const std::string& vendor, const std::string& carrier,
                const std::string& number) {
    const absl::Status sent = service_.VendorUpdate(
        order, vendor, absl::StrCat("dispatched { carrier: \"", carrier, "\" tracking_number: \"", number, "\" }"));
    ASSERT_TRUE(sent.ok()) << sent;
  }
  // A scan of now in the country, told after `late`.
  void Scan(const std::string& carrier, const std::string& number, const std::string& state,
            const std::string& country = "US", absl::Duration late = absl::ZeroDuration()) {
    const int64_t at = absl::ToUnixSeconds(service_.now());
    service_.Pass(late);
    const auto pushed = service_.Push(
        absl::StrCat(supplier::Scan(carrier, number, state, at), " place { country: \"", country, "\" }"));
    ASSERT_TRUE(pushed.ok()) << pushed.status();
  }
  // From placement to delivery: `handling` until the dispatch, four hours until the carrier has it, then `transit`.
  void Deliver(const std::string& order, const std::string& vendor, const std::string& carrier,
               const std::string& number, absl::Duration handling, absl::Duration transit) {
    Place(order, vendor);
    service_.Pass(handling);
    Dispatch(order, vendor, carrier, number);
    service_.Pass(absl::Hours(4));
    Scan(carrier, number, "PICKED_UP");
    service_.Pass(transit / 2);
    Scan(carrier, number, "IN_TRANSIT");
    service_.Pass(transit / 2);
    Scan(carrier, number, "DELIVERED");
  }
  // The rows are the same after a replay, in whatever order the partitions are folded.
  void ExpectSameInEveryOrder(uint64_t orders = 20) {
    const auto live = service_.LiveRows();
    for (uint64_t seed = 1; seed <= orders; ++seed) ASSERT_EQ(service_.RebuiltRows(seed), live) << "order " << seed;
  }

  ServiceUnderTest service_;
};

}  // namespace throughline::supplier
