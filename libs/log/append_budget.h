#pragma once

// The limits on appends in flight, for the adapters.

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace throughline::log {

// Counts the appends in flight. The caller synchronizes.
class AppendBudget {
 public:
  struct Limits {
    size_t max_in_flight_records;
    size_t max_in_flight_bytes;
    size_t max_record_bytes;
  };

  explicit AppendBudget(Limits limits) : limits_(limits) {}

  // Whether an append of `bytes` may begin now. INVALID_ARGUMENT: it is too large. RESOURCE_EXHAUSTED: too much is in
  // flight.
  absl::Status Check(size_t bytes) const {
    if (bytes > limits_.max_record_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("a record of ", bytes, " bytes is larger than the limit of ", limits_.max_record_bytes));
    }
    if (records_ >= limits_.max_in_flight_records || bytes_ + bytes > limits_.max_in_flight_bytes) {
      return absl::ResourceExhaustedError(
          "too many appends are in flight: wait for some to be answered, then try again");
    }
    return absl::OkStatus();
  }

  void Take(size_t bytes) {
    ++records_;
    bytes_ += bytes;
  }
  void Return(size_t records, size_t bytes) {
    records_ -= records;
    bytes_ -= bytes;
  }

  size_t records() const { return records_; }
  size_t bytes() const { return bytes_; }

 private:
  const Limits limits_;
  size_t records_ = 0;
  size_t bytes_ = 0;
};

}  // namespace throughline::log
