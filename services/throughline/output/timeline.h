#pragma once

// Renders an order for people: its promise and expectation, and its trace as a timeline. Every entry shows the owner,
// the promise and the expectation at that time. Risk is red.
//
//    09:15:40 ▲ acme: line 2 backordered, restock unknown
//             │ VendorBackordered · owner ana · promised Tue 24 Nov 18:00 · expected unknown · AT RISK
//
// One thread.

#include <string>

#include "absl/time/time.h"

#include "services/throughline/output/terminal.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::tool {

// The order's current state: a few lines above its timeline.
std::string RenderOrder(const supplier::v1::OrderView& order, const Terminal& terminal, absl::Time now);

// Renders entries in the given order. A line with the date is added when the date changes. Values that differ from the
// previous entry's are bold.
class Timeline {
 public:
  Timeline(const Terminal& terminal, absl::Time now) : terminal_(terminal), now_(now) {}

  std::string Entry(const supplier::v1::TraceEntry& entry);

 private:
  // The lines below an entry's text, at most `room` columns wide (0: no limit). All but the first are indented.
  std::string Details(const supplier::v1::TraceEntry& entry, size_t room, const std::string& indent);

  const Terminal terminal_;
  const absl::Time now_;
  std::string day_;
  std::string owner_, promised_, expected_;
};

}  // namespace throughline::tool
