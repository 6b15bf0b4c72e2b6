#include "libs/runtime/domain/due.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"

namespace throughline::runtime {
namespace {

constexpr char kPassed[] = "has passed: give a time in the future";

}  // namespace

google::protobuf::Timestamp ReadDue(FieldViolations& bad, const GivenDue& due, const Meant& meant, absl::Time now) {
  if (!due.given()) return {};
  if (due.words.empty()) {
    const absl::Time time = FromProto(due.time);
    if (time <= now) bad.Add(due.field, kPassed);
    return ToProto(time);
  }
  const std::string words = absl::StrCat(due.field, "_in");
  if (due.has_time) bad.Add(words, absl::StrCat("is given besides `", due.field, "`: give one of them"));
  if (!meant.ok()) {
    bad.Add(absl::IsNotFound(meant.status()) ? "calendar" : absl::string_view(words), meant.status().message());
    return {};
  }
  if (*meant <= now) bad.Add(words, kPassed);
  return ToProto(*meant);
}

google::protobuf::Timestamp RequireDue(FieldViolations& bad, const GivenDue& due, const Meant& meant, absl::Time now) {
  if (!due.given()) bad.Add(due.field, "is not set: give a time in the future");
  return ReadDue(bad, due, meant, now);
}

}  // namespace throughline::runtime
