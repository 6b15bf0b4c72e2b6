#pragma once

// What is owed about a case of an order, as a step of the order. Pure function; any thread.

#include <optional>
#include <string>

#include "throughline/ownership/v1/commitment.pb.h"

namespace throughline::supplier {

struct StepWords {
  std::string staff;
  std::string customer;  // empty: not for the customer
};

// `who` owes it. nullopt: it is not about the order.
std::optional<StepWords> CommitmentWords(const ownership::v1::Commitment& owed, const std::string& who);

}  // namespace throughline::supplier
