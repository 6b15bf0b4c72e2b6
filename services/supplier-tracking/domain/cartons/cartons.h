#pragma once

// The cartons of a vendor's dispatch notice. Each has an SSCC (GS1 General Specifications, 18 digits), and may say what
// is in it, with serial numbers. No two cartons have the same SSCC within a year, whatever order they are of.
//
// Pure functions; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "libs/runtime/domain/refusal.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// For how long an SSCC must not name another carton.
inline constexpr absl::Duration kSsccLasts = absl::Hours(24 * 365);

// Of a notice: the serial numbers in its cartons. Of an order: its cartons.
inline constexpr int kMostSerials = 1000;
inline constexpr int kMostCartons = 1000;

// The last digit of a GS1 number that begins with these digits: they count three times and once in turn, from the
// right; the check digit makes the sum a multiple of ten.
char CheckDigitAfter(std::string_view digits);
// What is wrong with an SSCC, and what to do; empty: nothing.
std::string WrongSscc(std::string_view sscc);

// Each adds a violation for what is wrong with the cartons of a dispatch, by itself; and with the lines of the order.
void CheckCartons(runtime::FieldViolations& bad, const v1::DispatchedUpdate& update);
void CheckCartonLines(runtime::FieldViolations& bad, const v1::OrderState& state,
                      const v1::RecordVendorUpdateRequest& request);
// Says of each line that cartons contain how many of it they do, unless that is said already.
void CountContents(v1::DispatchedUpdate& update);

// FAILED_PRECONDITION SSCC_IN_USE if a carton is in another shipment of the order that has not failed, or is among
// `in_use`, those of other orders. It names a shipment only if it has lines of the vendor.
absl::Status CheckSsccs(const v1::OrderState& state, const v1::RecordVendorUpdateRequest& request,
                        const std::vector<std::string>& in_use);
// INVALID_ARGUMENT if the order gets more than kMostCartons by the dispatch.
absl::Status CheckMostCartons(const v1::OrderState& before, const v1::OrderState& after);

// Copies the cartons into the event, with what they say of serial numbers.
void CopyCartons(const v1::DispatchedUpdate& update, v1::VendorDispatched& reported);
void EvolveCartons(v1::OrderState& state, const v1::VendorDispatched& reported);

}  // namespace throughline::supplier
