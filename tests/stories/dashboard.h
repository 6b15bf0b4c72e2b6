#pragma once

// A screen on the wall: it reads everything and does nothing. One thread.

#include <functional>
#include <set>
#include <string>

#include "tests/stories/people.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::stories {

class Dashboard : public Person {
 public:
  using Person::Person;

  // The order as it stands, and the kinds of all entries shown until then.
  using OrderIsSo = std::function<bool(const supplier::v1::OrderView&, const std::set<std::string>&)>;

  // Shows the order live: once it is on the screen, `happens` does, and the same stream goes on until the order is so.
  // False once patience is over.
  bool ShowsLive(const std::string& order_id, const std::function<void()>& happens, const OrderIsSo& is_so) const;
  bool ShowsLive(const std::string& order_id, const OrderIsSo& is_so) const {
    return ShowsLive(
        order_id, [] {}, is_so);
  }

  // All of it.
  supplier::v1::TraceOrderResponse Traces(const std::string& order_id) const;
};

}  // namespace throughline::stories
