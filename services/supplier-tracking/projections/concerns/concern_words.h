#pragma once

// What is wrong with an order, in words: for staff, and for its customer.
//
// Pure functions; any thread.

#include <string>

#include "throughline/supplier/v1/order_concern.pb.h"
#include "throughline/supplier/v1/trace.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// `serial mismatch`.
std::string KindText(v1::ConcernKind kind);

std::string StaffText(const v1::OrderConcernRaised& raised);
std::string StaffText(const v1::OrderConcernCleared& cleared);

// What the customer reads: what we do about it, with what they call the lines. No vendor or person is named. Empty: it
// is about our own work only.
std::string CustomerText(const v1::OrderConcern& concern, const v1::OrderView& order);
std::string CustomerText(const v1::OrderConcernCleared& cleared, const v1::OrderView& order);

// Whether what the carrier says of the shipment is contradictory now: customers are then not told to come for it.
bool IsContradicted(const v1::OrderView& order, const std::string& shipment);

// Sets what the entry is about: a shipment, a line or a vendor.
void NameAbout(const std::string& about, v1::TraceEntry& entry);

}  // namespace throughline::supplier
