#pragma once

// A row that cannot be decoded fails the call that reads it, and nothing else. Any thread.

#include <functional>
#include <utility>

#include "absl/status/status.h"

#include "libs/store/damaged_row.h"

namespace throughline::runtime {

// DATA_LOSS, reason ROW_UNREADABLE; also logged.
[[nodiscard]] absl::Status RowUnreadable(const store::DamagedRow& damaged);

// Returns a function that calls `done`, and calls it again with DATA_LOSS if it meets such a row. So `done` must read
// all its rows before it does anything that lasts.
template <typename Result>
std::function<void(Result)> AnsweringDamage(std::function<void(Result)> done) {
  return [done = std::move(done)](Result result) {
    absl::Status unreadable;
    try {
      return done(std::move(result));
    } catch (const store::DamagedRow& damaged) {
      unreadable = RowUnreadable(damaged);
    }
    done(std::move(unreadable));
  };
}

}  // namespace throughline::runtime
