#pragma once

// Texts of trace entries about a case. Pure functions; any thread.

#include <string>

#include "throughline/intake/v1/case.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"
#include "throughline/supplier/v1/rows.pb.h"

namespace throughline::supplier {

// Empty if the event has no entry of its own.
std::string TextOf(const intake::v1::CaseEvent& event);
// `known` has the case's promises.
std::string TextOf(const ownership::v1::OwnershipEvent& event, const v1::CaseRow& known);

}  // namespace throughline::supplier
