#pragma once

// Renders an order for people: where it stands, who answers for it and what happens next; then its trace as a story,
// one line for each thing that happened. Below it stands only what it changed. What follows from a thing stands below
// it, without a time of its own. All times are in the local zone, which is named once; a scan in another zone has the
// time there as well. Risk is red.
//
//   Tue 24 Nov
//    09:15:40 ▲ vendor acme does not have line 2, expected back at an unknown time
//             │ ▲ promise at risk: vendor acme: line 2 backordered
//    09:15:41 ■ case opened: order SO-1001 may be late; ana answers for it
//             │ owner sam → ana · case 7ZQ4M2N8
//
// One thread.

#include <string>

#include "absl/time/time.h"

#include "services/throughline/output/terminal.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::tool {

// Where the order stands: a few lines above its story.
std::string RenderOrder(const supplier::v1::OrderView& order, const Terminal& terminal, absl::Time now);
// What happens next: a line each.
std::string RenderNextSteps(const supplier::v1::OrderView& order, const Terminal& terminal, absl::Time now);
// Its lines and shipments as tables, below its story.
std::string RenderParts(const supplier::v1::OrderView& order, const Terminal& terminal, absl::Time now);

// Renders entries in the given order. A line with the date is added when the date changes.
class Timeline {
 public:
  // `commits`: with each entry's place in the log, as `throughline log at` takes it.
  Timeline(const Terminal& terminal, absl::Time now, bool commits = false)
      : terminal_(terminal), now_(now), commits_(commits) {}

  std::string Entry(const supplier::v1::TraceEntry& entry);

 private:
  bool FollowsFromLast(const supplier::v1::TraceEntry& entry) const;
  // What an entry changed, and what is uncommon about it: lines below its text; empty if there is nothing to say.
  std::string Details(const supplier::v1::TraceEntry& entry, size_t room, const std::string& indent);

  const Terminal terminal_;
  const absl::Time now_;
  const bool commits_;
  std::string day_, case_, shipment_;
  std::string last_commit_, last_cause_;  // of the last entry that does not follow from another
};

}  // namespace throughline::tool
