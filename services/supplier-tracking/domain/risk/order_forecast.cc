#include "services/supplier-tracking/domain/risk/order_forecast.h"

#include <cmath>

#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/domain/standing.h"

namespace throughline::supplier {

Order::Decision Order::Decide(const State& state, const AssessPromise& command, const runtime::Caller&) {
  std::vector<Event> events;
  if (state.order_id().empty() || state.has_completed_at() || state.overdue()) return events;
  v1::OrderForecast forecast = command.request;
  const v1::OrderForecast& before = state.forecast();
  const double bar = before.at_risk() ? command.threshold / 2 : command.threshold;
  forecast.set_at_risk(forecast.late_probability() >= bar);
  const bool same = forecast.at_risk() == before.at_risk() &&
                    std::abs(forecast.late_probability() - before.late_probability()) < kForecastStep;
  if (same) return events;
  *events.emplace_back().mutable_forecast()->mutable_forecast() = std::move(forecast);
  AddConsequences(state, "history", events);
  return events;
}

std::string ForecastCause(const v1::OrderState& state) {
  return state.forecast().at_risk() ? state.forecast().cause() : "";
}

}  // namespace throughline::supplier
