#pragma once

// The orders with which something is wrong: their list, and how many there are of each kind.

#include <string>
#include <utility>
#include <vector>

#include "libs/store/batch.h"
#include "throughline/supplier/v1/views.pb.h"

namespace throughline::supplier {

using Concerns = google::protobuf::RepeatedPtrField<v1::OrderConcern>;

// Brings list and counts from the concerns that the order had to those that it has. The fold's thread.
void NoteConcerns(const Concerns& before, const v1::OrderView& order, store::Batch& batch);

// How many orders have an open concern of each kind, by its word: `serial_mismatch`. Any thread.
std::vector<std::pair<std::string, double>> OrdersWithConcern(const store::KeyValue& reader);

}  // namespace throughline::supplier
