#pragma once

// absl::Time and google.protobuf.Timestamp. Times are kept to the microsecond, so that keys and messages agree.

#include <algorithm>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace throughline::runtime {

inline google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  if (micros % 1'000'000 < 0) --seconds;
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(micros - seconds * 1'000'000) * 1000);
  return proto;
}

// Outside the years 1 to 9999, which a Timestamp may not hold, the nearest of them.
inline absl::Time FromProto(const google::protobuf::Timestamp& proto) {
  const int64_t seconds = std::clamp<int64_t>(proto.seconds(), -62'135'596'800, 253'402'300'799);
  return absl::FromUnixMicros(seconds * 1'000'000 + std::clamp(proto.nanos(), 0, 999'999'999) / 1000);
}

}  // namespace throughline::runtime
