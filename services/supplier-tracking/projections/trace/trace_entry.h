#pragma once

// Completes an entry of a trace for those who read it: the link to its commit, the local time, and for customers their
// own words in place of ours. What a customer may read is copied field by field, so that a new field stays with us
// until it is added here.
//
// Any thread.

#include <optional>

#include "absl/time/time.h"

#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/trace.pb.h"

namespace throughline::supplier {

// Whether the audience is the customer.
bool IsCustomer(v1::Audience audience);

// `order` must outlive it.
class EntryMaker {
 public:
  EntryMaker(const v1::OrderRow& order, v1::Audience audience);

  // The entry of the row, without the running values; nullopt if the audience does not see it.
  std::optional<v1::TraceEntry> Make(v1::TraceRow row) const;
  // Removes those running values that the audience does not see.
  void Finish(v1::TraceEntry& entry) const;

 private:
  // Whether it is about a shipment whose goods the customer collects in a store of ours.
  bool EndsAtOurStore(const v1::TraceEntry& entry) const;
  v1::TraceEntry ForCustomer(const v1::TraceRow& row, const v1::TraceEntry& entry) const;

  const v1::OrderRow& order_;
  const bool customer_;
  std::optional<absl::TimeZone> destination_;
};

// How sure the entry's time is.
v1::TimeCertainty CertaintyOf(const v1::TraceEntry& entry);
// The entry's time on the clocks of its place, else of the destination; nullopt if neither is known.
std::optional<v1::LocalTime> LocalTimeOf(const v1::TraceEntry& entry, const std::optional<absl::TimeZone>& destination);

}  // namespace throughline::supplier
