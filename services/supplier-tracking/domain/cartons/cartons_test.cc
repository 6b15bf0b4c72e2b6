// Cartons of a dispatch notice.

#include "services/supplier-tracking/domain/cartons/cartons.h"

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "services/supplier-tracking/domain/quantities.h"
#include "services/supplier-tracking/domain/vendors/testing_vendor.h"

namespace throughline::supplier {
namespace {

// An example of GS1's.
constexpr char kFirst[] = "340123450000000000";
std::string Sscc(int number) {
  const std::string digits = absl::StrCat("34012345", std::string(9 - absl::StrCat(number).size(), '0'), number);
  return digits + CheckDigitAfter(digits);
}
std::string Sent(const std::string& cartons, const std::string& number = "A", const std::string& more = "") {
  return absl::StrCat("dispatched { carrier: \"ups\" tracking_number: \"", number, "\" ", cartons, " ", more, " }");
}
std::string Carton(const std::string& sscc, const std::string& rest = "") {
  return absl::StrCat("cartons { sscc: \"", sscc, "\" ", rest, " }");
}

TEST(Sscc, HasACheckDigit) {
  EXPECT_EQ(CheckDigitAfter("00614141123456789"), '0');
  EXPECT_EQ(CheckDigitAfter("37610425002123456"), '9');
  EXPECT_EQ(WrongSscc("376104250021234569"), "");
  EXPECT_EQ(WrongSscc("376104250021234568"), "ends with 8, and its check digit is 9: read it again");
  for (const char* wrong :
       {"", "37610425002123456", "3761042500212345690", "37610425002123456X", "(00)37610425002123"}) {
    EXPECT_EQ(WrongSscc(wrong), "is not 18 digits: give the SSCC without blanks and without (00)") << wrong;
  }
}

RC_GTEST_PROP(SsccProperty, AnyOneWrongDigitIsSeen, (uint64_t seed)) {
  std::string sscc = absl::StrCat("3", 10'000'000'000'000'000 + seed % 9'000'000'000'000'000).substr(0, 17);
  sscc += CheckDigitAfter(sscc);
  RC_ASSERT(WrongSscc(sscc).empty());
  const int at = *rc::gen::inRange(0, 18);
  char& digit = sscc[static_cast<size_t>(at)];
  digit = static_cast<char>('0' + (digit - '0' + *rc::gen::inRange(1, 10)) % 10);
  RC_ASSERT(!WrongSscc(sscc).empty());
}

TEST(Cartons, AreOfTheOrderWithTheirContentsAndSerials) {
  VendorTelling telling;
  ASSERT_TRUE(telling
                  .Tell(Sent(Carton(Sscc(1), R"(contents { line_id: "1" quantity: 2 }
                                                serials { line_id: "1" serial_number: "SN-1" })")))
                  .ok());
  EXPECT_EQ(SentOf(telling.state(), telling.line()), 2U) << "what is in the carton is what is sent";
  ASSERT_EQ(telling.state().cartons_size(), 1);
  EXPECT_EQ(telling.state().cartons(0).tracking_number(), "A");
  ASSERT_EQ(telling.line().packed_size(), 1);
  EXPECT_EQ(telling.line().packed(0), "SN-1");
  ASSERT_TRUE(telling
                  .Tell(Sent(Carton(Sscc(1), R"(contents { line_id: "1" quantity: 2 }
                                                serials { line_id: "1" serial_number: "SN-1" })")))
                  .ok());
  EXPECT_TRUE(telling.events().empty()) << "the same again";
}

TEST(Cartons, ContentsAgreeWithWhatIsSaid) {
  VendorTelling telling;
  const auto refused = [&](const std::string& update) { return runtime::BadFieldsOf(telling.Tell(update)); };
  const std::string two = Carton(Sscc(1), R"(contents { line_id: "1" quantity: 2 })");
  EXPECT_EQ(refused(Sent(two, "A", R"(quantities { line_id: "1" quantity: 3 })")),
            std::vector<std::string>{"dispatched.cartons"});
  EXPECT_EQ(refused(Sent(Carton(Sscc(1), R"(contents { line_id: "2" quantity: 1 })"))),
            std::vector<std::string>{"dispatched.cartons[0].contents[0].line_id"})
      << "another vendor's";
  EXPECT_EQ(refused(Sent(Carton(Sscc(1)) + Carton(Sscc(1)))), std::vector<std::string>{"dispatched.cartons[1].sscc"});
  EXPECT_EQ(refused(Sent(Carton("340123450000000001"))), std::vector<std::string>{"dispatched.cartons[0].sscc"});
  EXPECT_EQ(refused(Sent(Carton(Sscc(1), R"(contents { line_id: "1" quantity: 1 }
                                            serials { line_id: "1" serial_number: "a" }
                                            serials { line_id: "1" serial_number: "b" })"))),
            std::vector<std::string>{"dispatched.cartons[0].serials[1].serial_number"});
  EXPECT_EQ(refused(Sent(Carton(Sscc(1), R"(contents { line_id: "1" quantity: 4 })"))),
            std::vector<std::string>{"dispatched.quantities[0].quantity"})
      << "more than were ordered";
  EXPECT_TRUE(telling.Tell(Sent(two, "A", R"(quantities { line_id: "1" quantity: 2 })")).ok());
}

TEST(Cartons, OneSsccIsOneCarton) {
  VendorTelling telling;
  ASSERT_TRUE(telling.Tell(Sent(Carton(Sscc(1), R"(contents { line_id: "1" quantity: 1 })"))).ok());
  EXPECT_EQ(runtime::ReasonOf(telling.Tell(Sent(Carton(Sscc(1), R"(contents { line_id: "1" quantity: 1 })"), "B"))),
            "SSCC_IN_USE")
      << "in another shipment of the order";
  ASSERT_TRUE(telling.Tell(Sent(Carton(Sscc(1), R"(contents { line_id: "1" quantity: 2 })"))).ok())
      << "its contents are corrected";
  ASSERT_EQ(telling.state().cartons_size(), 1);
  EXPECT_EQ(telling.state().cartons(0).carton().contents(0).quantity(), 2U);
}

TEST(Cartons, AnSsccOfAnotherOrderIsRefused) {
  VendorTelling telling;
  UpdateFromVendor command{runtime::testing::FromText<v1::RecordVendorUpdateRequest>(
                               absl::StrCat("order_id: \"SO-1\" vendor_id: \"acme\" ", Sent(Carton(kFirst)))),
                           {}};
  const auto acme = runtime::testing::By("acme", common::v1::ROLE_PARTNER, "acme");
  command.ssccs_in_use = {kFirst};
  EXPECT_EQ(runtime::ReasonOf(telling.Give(command, acme)), "SSCC_IN_USE");
  command.ssccs_in_use.clear();
  ASSERT_TRUE(telling.Give(command, acme).ok());
  command.ssccs_in_use = {kFirst};
  EXPECT_TRUE(telling.Give(command, acme).ok()) << "this order had it first, or at the same moment";
}

TEST(Cartons, AreNamedToTheVendorThatSentThemOnly) {
  VendorTelling telling;
  const UpdateFromVendor bolt{runtime::testing::FromText<v1::RecordVendorUpdateRequest>(absl::StrCat(
                                  "order_id: \"SO-1\" vendor_id: \"bolt\" ", Sent(Carton(Sscc(1)), "BOLTS"))),
                              {}};
  ASSERT_TRUE(telling.Give(bolt, runtime::testing::By("bolt", common::v1::ROLE_PARTNER, "bolt")).ok());
  const absl::Status others = telling.Tell(Sent(Carton(Sscc(1)), "A"));
  EXPECT_EQ(runtime::ReasonOf(others), "SSCC_IN_USE");
  EXPECT_EQ(others.message().find("BOLTS"), std::string::npos) << others;
  ASSERT_TRUE(telling.Tell(Sent(Carton(Sscc(2)), "A")).ok());
  const absl::Status own = telling.Tell(Sent(Carton(Sscc(2)), "B"));
  EXPECT_EQ(runtime::ReasonOf(own), "SSCC_IN_USE");
  EXPECT_NE(own.message().find("ups A"), std::string::npos) << own;
}

TEST(Cartons, HaveAThousandSerialNumbersTogether) {
  VendorTelling telling;
  const auto serials = [](const std::string& prefix, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&text, "serials { line_id: \"1\" serial_number: \"", prefix, i, "\" } ");
    }
    return text;
  };
  const std::string first = Carton(Sscc(1), serials("a", kMostSerials / 2));
  EXPECT_EQ(runtime::BadFieldsOf(telling.Tell(Sent(first + Carton(Sscc(2), serials("b", kMostSerials / 2 + 1))))),
            std::vector<std::string>{"dispatched.cartons"});
  ASSERT_TRUE(telling.Tell(Sent(first + Carton(Sscc(2), serials("a", 2) + serials("b", kMostSerials / 2 - 2)))).ok());
  const auto& reported = telling.events().front().vendor_dispatched();
  EXPECT_EQ(reported.serials_size(), kMostSerials - 2) << "each once";
  EXPECT_EQ(telling.line().packed_size(), 3) << "the last of them";
}

TEST(Cartons, OfAnOrderAreLimited) {
  VendorTelling telling;
  std::string many;
  for (int i = 0; i < kMostCartons; ++i) many += Carton(Sscc(i));
  ASSERT_TRUE(telling.Tell(Sent(many)).ok());
  EXPECT_EQ(runtime::BadFieldsOf(telling.Tell(Sent(Carton(Sscc(kMostCartons)), "B"))),
            std::vector<std::string>{"dispatched.cartons"});
  EXPECT_TRUE(telling.Tell(Sent(Carton(Sscc(7), R"(contents { line_id: "1" quantity: 1 })"))).ok()) << "corrected";
  EXPECT_TRUE(telling.Tell(Sent("", "B")).ok());
  EXPECT_EQ(telling.state().cartons_size(), kMostCartons);
}

}  // namespace
}  // namespace throughline::supplier
