#pragma once

// A wall screen: it reads everything and changes nothing. One thread.

#include <functional>
#include <set>
#include <string>

#include "tests/stories/people.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::stories {

class Dashboard : public Person {
 public:
  using Person::Person;

  // The order's current state, and the kinds of all entries shown so far.
  using OrderIsSo = std::function<bool(const supplier::v1::OrderView&, const std::set<std::string>&)>;

  // Watches the order: once it is shown, calls `happens`, and continues on the same stream until the order is as
  // wanted. False once patience is over.
  bool ShowsLive(const std::string& order_id, const std::function<void()>& happens, const OrderIsSo& is_so) const;
  bool ShowsLive(const std::string& order_id, const OrderIsSo& is_so) const {
    return ShowsLive(
        order_id, [] {}, is_so);
  }

  // The order and its whole trace.
  supplier::v1::TraceOrderResponse Traces(const std::string& order_id,
                                          supplier::v1::Audience audience = supplier::v1::AUDIENCE_STAFF) const;
};

}  // namespace throughline::stories
