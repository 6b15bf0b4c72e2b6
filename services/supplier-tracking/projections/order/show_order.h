#pragma once

// An order as an audience sees it: with what happens next; for customers, without our names and with whom to reach.
//
// Pure function; any thread.

#include "throughline/supplier/v1/rows.pb.h"
#include "throughline/supplier/v1/trace.pb.h"

namespace throughline::supplier {

// Whom the answer of a read is for.
struct Reader {
  v1::Audience audience = v1::AUDIENCE_STAFF;
  std::string contact = {};  // how customers reach us; empty: not said
};

v1::OrderView ShowOrder(const v1::OrderRow& order, const Reader& reader);

}  // namespace throughline::supplier
