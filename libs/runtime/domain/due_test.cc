#include "libs/runtime/domain/due.h"

#include <gtest/gtest.h>

#include "libs/runtime/domain/time.h"

namespace throughline::runtime {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1772366400);
using Fields = std::vector<std::string>;

struct Read {
  absl::Time due;
  Fields bad;
};
Read ReadOne(std::optional<absl::Time> time, const std::string& words, const Meant& meant = absl::InfinitePast(),
             bool required = true) {
  FieldViolations bad;
  const google::protobuf::Timestamp given = time ? ToProto(*time) : google::protobuf::Timestamp();
  const GivenDue due{"new_due", time.has_value(), given, words};
  const auto read = required ? RequireDue(bad, due, meant, kNow) : ReadDue(bad, due, meant, kNow);
  return {FromProto(read), bad.empty() ? Fields() : BadFieldsOf(bad.ToStatus())};
}

TEST(Due, IsATimeOrWhatWordsMean) {
  EXPECT_EQ(ReadOne(kNow + absl::Hours(1), "").due, kNow + absl::Hours(1));
  EXPECT_EQ(ReadOne({}, "1 hour", kNow + absl::Hours(1)).due, kNow + absl::Hours(1));
  EXPECT_EQ(ReadOne(kNow + absl::Nanoseconds(1500), "").due, kNow + absl::Microseconds(1)) << "as times are stored";
  EXPECT_EQ(ReadOne({}, "1 hour", kNow + absl::Hours(1)).bad, Fields());
}

TEST(Due, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(ReadOne(kNow, "").bad, Fields{"new_due"});
  EXPECT_EQ(ReadOne({}, "2020-01-01", kNow).bad, Fields{"new_due_in"});
  EXPECT_EQ(ReadOne(kNow + absl::Hours(1), "1 hour", kNow + absl::Hours(1)).bad, Fields{"new_due_in"});
  EXPECT_EQ(ReadOne({}, "soon", absl::InvalidArgumentError("is no due time")).bad, Fields{"new_due_in"});
  EXPECT_EQ(ReadOne({}, "1 hour", absl::NotFoundError("is no calendar")).bad, Fields{"calendar"});
}

TEST(Due, IsNeededOnlyWhereItIsRequired) {
  EXPECT_EQ(ReadOne({}, "").bad, Fields{"new_due"});
  EXPECT_EQ(ReadOne({}, "", absl::InfinitePast(), false).bad, Fields());
}

}  // namespace
}  // namespace throughline::runtime
