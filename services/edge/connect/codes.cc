#include "services/edge/connect/codes.h"

namespace throughline::edge::connect {

const char* NameOf(int code) {
  switch (code) {
    case kOk:
      return "ok";
    case kCanceled:
      return "canceled";
    case kInvalidArgument:
      return "invalid_argument";
    case kDeadlineExceeded:
      return "deadline_exceeded";
    case kNotFound:
      return "not_found";
    case kAlreadyExists:
      return "already_exists";
    case kPermissionDenied:
      return "permission_denied";
    case kResourceExhausted:
      return "resource_exhausted";
    case kFailedPrecondition:
      return "failed_precondition";
    case kAborted:
      return "aborted";
    case kOutOfRange:
      return "out_of_range";
    case kUnimplemented:
      return "unimplemented";
    case kInternal:
      return "internal";
    case kUnavailable:
      return "unavailable";
    case kDataLoss:
      return "data_loss";
    case kUnauthenticated:
      return "unauthenticated";
    default:
      return "unknown";
  }
}

int HttpStatusOf(int code) {
  switch (code) {
    case kOk:
      return 200;
    case kCanceled:
      return 499;
    case kInvalidArgument:
    case kFailedPrecondition:
    case kOutOfRange:
      return 400;
    case kUnauthenticated:
      return 401;
    case kPermissionDenied:
      return 403;
    case kNotFound:
      return 404;
    case kAlreadyExists:
    case kAborted:
      return 409;
    case kResourceExhausted:
      return 429;
    case kUnimplemented:
      return 501;
    case kUnavailable:
      return 503;
    case kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

}  // namespace throughline::edge::connect
