#pragma once

// What becomes of a row that cannot be decoded: the call that wanted it fails, and nothing else. Any thread.

#include <functional>
#include <utility>

#include "absl/status/status.h"

#include "libs/store/damaged_row.h"

namespace throughline::runtime {

// DATA_LOSS, reason ROW_UNREADABLE; also logged.
[[nodiscard]] absl::Status RowUnreadable(const store::DamagedRow& damaged);

// `done`, but called once more, with DATA_LOSS, if it meets such a row. So it must do nothing lasting before it has
// read all that it wants to read.
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
