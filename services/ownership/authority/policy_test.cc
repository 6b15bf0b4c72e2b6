#include "services/ownership/authority/policy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "services/ownership/authority/policy_file.h"

namespace throughline::ownership {
namespace {

using ::testing::HasSubstr;

absl::Time Rfc(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}
v1::PersonProfile Profile(v1::PersonKind kind, const std::string& team = "", const std::string& skill = "") {
  v1::PersonProfile profile;
  profile.set_kind(kind);
  profile.set_team(team);
  if (!skill.empty()) profile.add_skills(skill);
  return profile;
}
AuthorityPolicy Read(const std::string& text) {
  auto policy = ParsePolicy(text, {});
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.ok() ? *policy : AuthorityPolicy();
}
std::string WrongWith(const std::string& text) { return std::string(ParsePolicy(text, {}).status().message()); }

constexpr char kPolicy[] = R"(
period = "week"
zone = "Europe/Berlin"
decide-within = "2 business hours"
[mistake]
percent = 150
add = ["5.00 EUR"]
[[authority]]
role = "rep"
team = "billing"
skill = "goodwill"
kinds = ["credit"]
per-case = "100.00 EUR"
per-period = "300.00 EUR"
[[authority]]
role = "rep"
per-case = "20.00 EUR"
per-period = "200.00 EUR"
[[customer]]
per-period = "150.00 EUR"
)";
const absl::Time kNow = Rfc("2026-11-28T12:00:00Z");

TEST(Policy, TheFirstRuleThatFitsCounts) {
  const AuthorityPolicy policy = Read(kPolicy);
  const auto per_case = [&](const v1::PersonProfile& person, v1::RemedyKind kind) {
    const auto limits = policy.LimitsOf(person, kind, "EUR", false, kNow);
    return limits ? limits->per_case().minor_units() : -1;
  };
  EXPECT_EQ(per_case(Profile(v1::PERSON_KIND_REP, "billing", "goodwill"), v1::REMEDY_KIND_CREDIT), 100'00);
  EXPECT_EQ(per_case(Profile(v1::PERSON_KIND_REP, "billing", "goodwill"), v1::REMEDY_KIND_REFUND), 20'00);
  EXPECT_EQ(per_case(Profile(v1::PERSON_KIND_REP, "billing"), v1::REMEDY_KIND_CREDIT), 20'00);
  EXPECT_EQ(per_case(Profile(v1::PERSON_KIND_REP, "repairs", "goodwill"), v1::REMEDY_KIND_CREDIT), 20'00);
  EXPECT_EQ(per_case(Profile(v1::PERSON_KIND_SUPERVISOR), v1::REMEDY_KIND_CREDIT), -1);
  EXPECT_FALSE(policy.LimitsOf(Profile(v1::PERSON_KIND_REP), v1::REMEDY_KIND_REFUND, "USD", false, kNow));
}

TEST(Policy, AMistakeOfTheCompanyRaisesEveryLimit) {
  const auto limits = Read(kPolicy).LimitsOf(Profile(v1::PERSON_KIND_REP), v1::REMEDY_KIND_REFUND, "EUR", true, kNow);
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->per_case().minor_units(), 35'00);
  EXPECT_EQ(limits->per_period().minor_units(), 305'00);
  EXPECT_EQ(limits->per_customer().minor_units(), 230'00);
  EXPECT_TRUE(limits->raised_by_mistake());
}

TEST(Policy, APeriodIsACalendarDayWeekOrMonthInTheZone) {
  AuthorityPolicy policy = Read(kPolicy);
  EXPECT_EQ(policy.PeriodOf(kNow), "week-2026-11-23");
  EXPECT_EQ(policy.PeriodOf(Rfc("2026-11-22T22:59:59Z")), "week-2026-11-16");  // Sunday in Berlin
  EXPECT_EQ(policy.PeriodOf(Rfc("2026-11-22T23:00:00Z")), "week-2026-11-23");  // Monday there
  policy.period = AuthorityPolicy::Period::kDay;
  EXPECT_EQ(policy.PeriodOf(Rfc("2026-11-30T23:30:00Z")), "2026-12-01");
  policy.period = AuthorityPolicy::Period::kMonth;
  EXPECT_EQ(policy.PeriodOf(Rfc("2026-11-30T22:30:00Z")), "2026-11");
  EXPECT_EQ(policy.PeriodOf(Rfc("2026-11-30T23:30:00Z")), "2026-12");
}

TEST(Policy, TheShippedOneLetsEveryRepPutASmallThingRight) {
  const auto limits =
      AuthorityPolicy::Shipped().LimitsOf(Profile(v1::PERSON_KIND_REP), v1::REMEDY_KIND_REFUND, "USD", false, kNow);
  ASSERT_TRUE(limits);
  EXPECT_GE(limits->per_case().minor_units(), 20'00);
  EXPECT_TRUE(limits->has_per_customer());
}

TEST(Policy, TheFileOfTheRepositoryIsTheShippedOne) {
  const auto read = ReadPolicy("deploy/authority.toml", {});
  ASSERT_TRUE(read.ok()) << read.status();
  const AuthorityPolicy shipped = AuthorityPolicy::Shipped();
  EXPECT_EQ(read->Currencies(), shipped.Currencies());
  EXPECT_EQ(read->decide_within, shipped.decide_within);
  EXPECT_EQ(read->answer_within, shipped.answer_within);
  EXPECT_EQ(read->PeriodOf(kNow), shipped.PeriodOf(kNow));
  for (const std::string& currency : shipped.Currencies()) {
    for (const auto role : {v1::PERSON_KIND_REP, v1::PERSON_KIND_SUPERVISOR}) {
      for (const bool mistake : {false, true}) {
        const auto limits = [&](const AuthorityPolicy& policy) {
          const auto found = policy.LimitsOf(Profile(role), v1::REMEDY_KIND_CREDIT, currency, mistake, kNow);
          return found ? found->ShortDebugString() : "none";
        };
        EXPECT_EQ(limits(*read), limits(shipped));
      }
    }
  }
}

TEST(Policy, SaysWhereItIsWrong) {
  const std::string rule = "[[authority]]\nper-case = \"1.00 EUR\"\nper-period = \"2.00 EUR\"\n";
  EXPECT_EQ(WrongWith(rule), "");
  EXPECT_THAT(WrongWith(""), HasSubstr("nobody has any authority"));
  EXPECT_THAT(WrongWith("perod = \"day\"\n" + rule), HasSubstr("line 1: `perod` is none of"));
  EXPECT_THAT(WrongWith("period = \"year\"\n" + rule), HasSubstr("`period` is"));
  EXPECT_THAT(WrongWith("zone = \"Mars/Base\"\n" + rule), HasSubstr("no time zone"));
  EXPECT_THAT(WrongWith("calendar = \"mars\"\n" + rule), HasSubstr("none of the server's calendars"));
  EXPECT_THAT(WrongWith("decide-within = \"soon\"\n" + rule), HasSubstr("decide-within"));
  EXPECT_THAT(WrongWith("decide-within = \"2026-11-24\"\n" + rule), HasSubstr("is a period"));
  EXPECT_THAT(WrongWith("[mistake]\npercent = 50\n" + rule), HasSubstr("from 100"));
  EXPECT_THAT(WrongWith("[[authority]]\nper-case = \"1 EUR\"\n"), HasSubstr("`per-period` is an amount"));
  EXPECT_THAT(WrongWith("[[authority]]\nper-case = \"1 EUR\"\nper-period = \"1 USD\"\n"), HasSubstr("one currency"));
  EXPECT_THAT(WrongWith("[[authority]]\nrole = \"boss\"\nper-case = \"1 EUR\"\nper-period = \"1 EUR\"\n"),
              HasSubstr("`role` is"));
  EXPECT_THAT(WrongWith("[[authority]]\nkinds = [\"gift\"]\nper-case = \"1 EUR\"\nper-period = \"1 EUR\"\n"),
              HasSubstr("a kind is"));
  EXPECT_THAT(WrongWith("[[authority]]\nper-case = \"1.001 EUR\"\nper-period = \"1 EUR\"\n"), HasSubstr("digits"));
  EXPECT_THAT(WrongWith(rule + "[[customer]]\nper-period = \"1 EUR\"\n[[customer]]\nper-period = \"2 EUR\"\n"),
              HasSubstr("given twice"));
  EXPECT_THAT(WrongWith("authority = 3\n"), HasSubstr("[[authority]]"));
}

}  // namespace
}  // namespace throughline::ownership
