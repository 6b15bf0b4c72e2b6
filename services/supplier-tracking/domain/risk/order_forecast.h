#pragma once

// The promise of an order by our own history: what is likely late is at risk before it is late.

#include <string>

#include "throughline/supplier/v1/order_forecast.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// What history says now. Only timers give it.
struct AssessPromise {
  v1::OrderForecast request;  // without `at_risk`
  // From this probability on the promise is at risk; it is so until the probability is below half of that.
  double threshold = 1;
};

// Smaller changes of the probability are not recorded.
inline constexpr double kForecastStep = 0.1;

// Why the promise is at risk by the forecast alone; empty: it is not.
std::string ForecastCause(const v1::OrderState& state);

}  // namespace throughline::supplier
