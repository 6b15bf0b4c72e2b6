#include "services/throughline/cli/exit_code.h"

#include "libs/client/services.h"
#include "libs/runtime/domain/refusal.h"

namespace throughline::tool {

ExitCode ExitCodeOf(const absl::Status& status) {
  const auto reason = runtime::ReasonOf(status);
  if (reason == kFileUnreadable || reason == client::kNoAddress) return kUsage;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
      return kTryAgain;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kNotAllowed;
    default:
      return kFailed;
  }
}

}  // namespace throughline::tool
