#include "tests/stories/dashboard.h"

#include <utility>

namespace throughline::stories {

bool Dashboard::ShowsLive(const std::string& order_id, const std::function<void()>& happens,
                          const OrderIsSo& is_so) const {
  supplier::v1::WatchOrderRequest request;
  request.set_order_id(order_id);
  request.set_from_start(true);
  supplier::v1::OrderView order;
  std::set<std::string> kinds;
  bool happened = false, seen = false;
  const absl::Status ended = line().Watch<supplier::v1::WatchOrderResponse>(
      request,
      [&](const supplier::v1::WatchOrderResponse& now) {
        order = now.order();
        for (const auto& entry : now.entries()) kinds.insert(entry.kind());
        if (!std::exchange(happened, true)) happens();
        return !(seen = is_so(order, kinds));
      },
      kPatience);
  if (!seen) ADD_FAILURE() << name_ << " watched in vain: " << order.ShortDebugString() << ": " << ended;
  return seen;
}

supplier::v1::TraceOrderResponse Dashboard::Traces(const std::string& order_id, supplier::v1::Audience audience) const {
  supplier::v1::TraceOrderRequest request;
  request.set_audience(audience);
  request.set_order_id(order_id);
  request.set_page_size(1000);
  return *Asks<supplier::v1::TraceOrderResponse>(request);
}

}  // namespace throughline::stories
