#pragma once

// What a customer reads about an event, in words for the customer; empty: the event is not for customers. No person,
// vendor or store is named, no reason of theirs repeated; what was said to the customer stands word for word.
//
// Pure functions; any thread.

#include <string>

#include "throughline/intake/v1/case.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/supplier/v1/order.pb.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

// `order`: with its lines and the destination's zone.
std::string CustomerText(const v1::OrderEvent& event, const v1::OrderView& order);
// A scan that a carrier corrected is not shown; nor is READY_FOR_PICKUP in a store of ours: the
// store's receipt is.
std::string CustomerText(const v1::ScanView& scan);
std::string CustomerText(const intake::v1::CaseEvent& event);
// `about`: the commitment that it is about, as it was made.
std::string CustomerText(const ownership::v1::OwnershipEvent& event, const ownership::v1::Commitment& about);
std::string CustomerText(const outage::v1::NoticeEvent& event, const std::string& title);

// A leg ended that does not end at the customer.
std::string ArrivedForNextLeg(const v1::Place& place);
// The town, region and country.
v1::Place TownOf(const v1::Place& place);
// A time on the customer's clocks; in UTC if their zone is not known.
std::string WhenText(const google::protobuf::Timestamp& time, const std::string& zone);
// What the customer calls the lines: `Table, Cups`; `everything` for all of several, or if none is named.
std::string LineNames(const v1::OrderView& order, const google::protobuf::RepeatedPtrField<std::string>& line_ids);

}  // namespace throughline::supplier
