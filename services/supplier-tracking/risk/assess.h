#pragma once

// Assesses orders before their promise: timers at set times before it ask history (forecast.h), and the order records
// what that says (AssessPromise).

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "libs/runtime/fold/projection.h"
#include "libs/runtime/reactions/reactor.h"
#include "libs/store/key_value.h"
#include "libs/store/table.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/estimate.pb.h"
#include "throughline/supplier/v1/order_forecast.pb.h"
#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// Order -> the promise before which its timers are set, in microseconds since 1970.
inline constexpr store::Table<int64_t, std::string> kAssessed{53};

// The timers' name.
inline constexpr char kAssess[] = "assess-promise";

// What history says of an open order. Nothing if it has seen too little.
std::optional<v1::OrderForecast> ForecastOf(const store::KeyValue& reader, const v1::OrderRow& order, absl::Time now);

// When what a vendor sends, or has again, is with the customer: from the time in its update, or from `now` if it has
// sent it. Nothing if it says when itself, gives no time, or history has seen too little.
std::optional<v1::Estimate> EstimateFor(const store::KeyValue& reader, const v1::RecordVendorUpdateRequest& update,
                                        absl::Time now);
// When a shipment arrives that its carrier has picked up, and does not say it. Nothing if history has seen too little.
std::optional<v1::Estimate> EstimateFor(const store::KeyValue& reader, const v1::ShipmentView& shipment);

// Sets the timers. To be applied after OrderProjection.
class AssessmentProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

class AssessPromises : public runtime::TimerHandler {
 public:
  // From this probability on a promise is at risk.
  explicit AssessPromises(double threshold) : threshold_(threshold) {}

  // Timers of other names are left alone.
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;

 private:
  const double threshold_;
};

}  // namespace throughline::supplier
