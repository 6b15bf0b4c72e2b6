#include "libs/service/due.h"

#include <map>

#include "google/protobuf/descriptor.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "throughline/common/v1/field_rule.pb.h"

namespace throughline::service {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1772366400);

TEST(WhatIsMeant, IsFoundByACalendarOfTheServer) {
  const calendar::Calendars calendars;
  EXPECT_EQ(*WhatIsMeant("", "nowhere", calendars, kNow), absl::InfinitePast()) << "nothing is said";
  EXPECT_EQ(*WhatIsMeant("3 hours", "", calendars, kNow), kNow + absl::Hours(3));
  const auto nowhere = WhatIsMeant("3 hours", "nowhere", calendars, kNow);
  EXPECT_TRUE(absl::IsNotFound(nowhere.status()));
  EXPECT_THAT(std::string(nowhere.status().message()), HasSubstr("it has always"));
  EXPECT_TRUE(absl::IsInvalidArgument(WhatIsMeant("soon", "", calendars, kNow).status()));
  const auto far = WhatIsMeant("99000 hours", "", calendars, kNow);
  EXPECT_THAT(std::string(far.status().message()), HasSubstr("too far ahead"));
}

// Due times that are not given in words, and why.
const std::map<std::string, std::string>& NoWords() {
  static const auto* reasons = new std::map<std::string, std::string>{
      {"throughline.outage.v1.PublishNoticeRequest.expected_end", "an estimate: no calendar knows when a fault ends"},
      {"throughline.outage.v1.PublishNoticeRequest.valid_until", "a change ends at the moment that it names"},
      {"throughline.outage.v1.UpdateNoticeRequest.expected_end", "an estimate: no calendar knows when a fault ends"},
      {"throughline.ownership.v1.OfferHandoffRequest.expires_at",
       "an offer lives hours, and promises no customer anything"},
      {"throughline.ownership.v1.PlanAbsenceRequest.from", "absences are planned by the date"},
      {"throughline.ownership.v1.PlanAbsenceRequest.until", "absences are planned by the date"},
      {"throughline.ownership.v1.SnoozeWorkItemRequest.until", "looking at it later promises nobody anything"},
      {"throughline.supplier.v1.AmendOrderRequest.promised_time", "a shop's system says what was agreed"},
      {"throughline.supplier.v1.CreateOrderLinkRequest.expires_at", "the end of a link promises nobody anything"},
      {"throughline.supplier.v1.PlaceOrderRequest.promised_time", "a shop's system says what its page promised"},
  };
  return *reasons;
}

void Look(const Descriptor& type, std::vector<std::string>& without_words) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto& rule = field.options().GetExtension(common::v1::rule);
    if (rule.format() != common::v1::FIELD_FORMAT_DUE) continue;
    const FieldDescriptor* words = type.FindFieldByName(field.name() + "_in");
    const FieldDescriptor* calendar = type.FindFieldByName("calendar");
    if (words == nullptr || calendar == nullptr) without_words.push_back(field.full_name());
  }
}

TEST(DueTimes, OfEveryRequestAreSaidInWordsOrThereIsAReason) {
  std::vector<std::string> without_words, expected;
  for (const char* service : {"intake.v1.IntakeService", "ownership.v1.OwnershipService",
                              "outage.v1.OutageNoticeService", "supplier.v1.SupplierTrackingService"}) {
    const auto* found =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string("throughline.") + service);
    ASSERT_NE(found, nullptr) << service;
    for (int i = 0; i < found->method_count(); ++i) Look(*found->method(i)->input_type(), without_words);
  }
  for (const auto& [field, reason] : NoWords()) expected.push_back(field);
  EXPECT_THAT(without_words, ::testing::UnorderedElementsAreArray(expected))
      << "give the request a field <name>_in for words, and `calendar`, or say here why not";
}

}  // namespace
}  // namespace throughline::service
