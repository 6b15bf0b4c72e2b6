#pragma once

// What of a line its vendor does not send, by its last word: it is short-shipped, or another article is offered in its
// place. And the checks of what vendors say of that.
//
// A dispatch that does not say how many it carries has not what is missing, as long as anything else is left of the
// line.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "services/supplier-tracking/domain/quantities.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

inline constexpr char kSubstituteNotAccepted[] = "SUBSTITUTE_NOT_ACCEPTED";

// nullptr if the order has no such line.
const v1::OrderState::Line* FindLine(const v1::OrderState& state, const std::string& line_id);
// How many of the line are not sent.
uint32_t LeftOf(const v1::OrderState& state, const v1::OrderState::Line& line);
// How many of those the vendor does not send.
uint32_t MissingOf(const v1::OrderState& state, const v1::OrderState::Line& line);
// The open offer of another article for the line; nullptr if there is none.
const v1::SubstituteOffer* OfferFor(const v1::OrderState::Line& line);

// Says in `request`, a dispatch of these lines, how many it carries of those of which something is missing.
void SayQuantities(const v1::OrderState& state, const std::vector<std::string>& lines,
                   v1::RecordVendorUpdateRequest& request);
// Those of `lines` that a dispatch has which names none. FAILED_PRECONDITION SUBSTITUTE_NOT_ACCEPTED if for all of them
// another article is offered.
absl::StatusOr<std::vector<std::string>> SentWithoutName(const v1::OrderState& state, std::vector<std::string> lines);
// FAILED_PRECONDITION SUBSTITUTE_NOT_ACCEPTED if the dispatch names what is offered only.
absl::Status CheckNoOfferIsSent(const v1::OrderState& state, const v1::RecordVendorUpdateRequest& request);

// Of a short shipment: FAILED_PRECONDITION LINE_DISPATCHED if more is said to be missing than is left.
absl::Status CheckMissing(const v1::OrderState& state, const v1::RecordVendorUpdateRequest& request,
                          const google::protobuf::Timestamp& stated_at);
// The order takes over that a shipment which did not say how many it carries does not carry what is missing.
void TakeOutMissing(v1::OrderState& state, const v1::VendorShortShipped& reported);

// What the vendor says of one line, with the ids of the lines that it becomes. INVALID_ARGUMENT;
// FAILED_PRECONDITION LINE_DISPATCHED.
absl::StatusOr<v1::VendorSplit> SplitOf(const v1::OrderState& state, const v1::RecordVendorUpdateRequest& request,
                                        const std::string& line_id);
absl::StatusOr<v1::VendorSubstituted> SubstitutedOf(const v1::OrderState& state,
                                                    const v1::RecordVendorUpdateRequest& request,
                                                    const std::string& line_id);
// Whether the line was split just so.
bool WasSplitSo(const v1::OrderState& state, const v1::RecordVendorUpdateRequest& request);

}  // namespace throughline::supplier
