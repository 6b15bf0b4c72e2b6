#pragma once

// An order for people: what it promises and expects now, and its trace as a timeline in which every entry says who
// answers for the order, what is promised and what is expected at that point. What is at risk is red.
//
//    09:15:40 ▲ acme: line 2 backordered, restock unknown
//             │ VendorBackordered · answerable ana · promised Tue 24 Nov 18:00 · expected unknown · AT RISK
//
// One thread.

#include <string>

#include "absl/time/time.h"

#include "services/throughline/output/terminal.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::tool {

// The order as it stands: a few lines above its timeline.
std::string RenderOrder(const supplier::v1::OrderView& order, const Terminal& terminal, absl::Time now);

// Entry after entry, in the order in which they are to be shown. A line with the day stands where the day changes; what
// differs from the entry before is bold.
class Timeline {
 public:
  Timeline(const Terminal& terminal, absl::Time now) : terminal_(terminal), now_(now) {}

  std::string Entry(const supplier::v1::TraceEntry& entry);

 private:
  // The lines below an entry's text, at most `room` columns wide (0: no limit), all but the first indented.
  std::string Details(const supplier::v1::TraceEntry& entry, size_t room, const std::string& indent);

  const Terminal terminal_;
  const absl::Time now_;
  std::string day_;
  std::string answerable_, promised_, expected_;
};

}  // namespace throughline::tool
