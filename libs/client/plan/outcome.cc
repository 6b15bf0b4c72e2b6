#include "libs/client/plan/outcome.h"

#include <algorithm>
#include <cmath>

#include "libs/client/tls_problem.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::client {

bool TryElsewhere(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

bool TryLater(const absl::Status& status) {
  return (absl::IsUnavailable(status) && !IsTlsProblem(status)) ||
         (absl::IsResourceExhausted(status) && runtime::RetryAfterOf(status).has_value());
}

absl::Duration PauseBefore(int next_try, const absl::Status& answer) {
  const absl::Duration own = std::min(absl::Milliseconds(100) * std::exp2(std::min(next_try - 2, 8)), absl::Seconds(2));
  return std::max(own, runtime::RetryAfterOf(answer).value_or(absl::ZeroDuration()));
}

}  // namespace throughline::client
