// "Ticket closed": a phone came in a box whose serial number belonged to another phone. What was packed, what is on the
// box and what is on the device are compared when each is known; a mismatch raises the order, and the third of the same
// kind raises a recurring fault that a department must answer with a change.

#include "absl/algorithm/container.h"

#include "tests/stories/story.h"
#include "throughline/intake/v1/improvement.pb.h"
#include "throughline/supplier/v1/serial.pb.h"

namespace throughline::stories {
namespace {

using supplier::v1::OrderView;
using supplier::v1::SERIAL_PLACE_BOX;
using supplier::v1::SERIAL_PLACE_DEVICE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Serials : public Story<Serials> {
 protected:
  void Begin() override { ana.IsAvailable(); }

  // A phone of acme's for the customer, dispatched with this number.
  void IsSent(const std::string& order_id, const std::string& customer, const std::string& packed) {
    supplier::v1::PlaceOrderRequest order;
    order.set_order_id(order_id);
    order.set_customer_id(customer);
    order.set_owner("ben");
    auto& line = *order.add_lines();
    line.set_line_id("1");
    line.set_sku("PHONE-9");
    line.set_description("Phone");
    line.set_quantity(1);
    line.set_vendor_id("acme");
    *order.mutable_promised_time() = In(absl::Hours(72));
    EXPECT_TRUE(webshop.PlacesOrder(order).status().ok());
    supplier::v1::RecordVendorUpdateRequest sent;
    sent.set_order_id(order_id);
    sent.set_vendor_id("acme");
    sent.mutable_dispatched()->set_carrier("ups");
    sent.mutable_dispatched()->set_tracking_number("1Z" + packed);
    auto& serial = *sent.mutable_dispatched()->add_serials();
    serial.set_line_id("1");
    serial.set_serial_number(packed);
    EXPECT_TRUE(acme.Asks<supplier::v1::RecordVendorUpdateResponse>(sent).status().ok());
  }

  Reply<supplier::v1::RecordSerialResponse> Reads(const Person& who, const std::string& order_id,
                                                  supplier::v1::SerialPlace place, const std::string& number) {
    supplier::v1::RecordSerialRequest read;
    read.set_order_id(order_id);
    read.set_line_id("1");
    read.set_place(place);
    read.set_serial_number(number);
    return who.Asks<supplier::v1::RecordSerialResponse>(read);
  }

  supplier::v1::TraceOrderResponse Trace(const std::string& order_id) {
    supplier::v1::TraceOrderRequest request;
    request.set_order_id(order_id);
    return *dashboard.Asks<supplier::v1::TraceOrderResponse>(request);
  }
  OrderView Order(const std::string& order_id) { return Trace(order_id).order(); }
  std::vector<std::string> CasesAbout(const std::string& order_id) {
    intake::v1::ListCasesRequest about;
    about.set_order_id(order_id);
    std::vector<std::string> ids;
    const auto cases = ana.SeesCases(about);
    for (const auto& one : cases) ids.push_back(one.case_id());
    return ids;
  }
  intake::v1::ImprovementView Improvement() {
    intake::v1::GetImprovementRequest request;
    request.set_kind("fault/serial-mismatch/acme/PHONE-9");
    const auto found = ana.Asks<intake::v1::GetImprovementResponse>(request);
    return found.status().ok() ? found->improvement() : intake::v1::ImprovementView();
  }
};

TEST_F(Serials, AreComparedWhenEachIsKnownAndAMismatchRaisesTheOrder) {
  // What was packed alone says nothing; the box is the same phone's.
  IsSent("SO-P1", "mira", "356938035643809");
  EXPECT_EQ(Reads(webshop, "SO-P1", SERIAL_PLACE_BOX, "35 693803 564380 9")->mismatch(), "") << "blanks do not count";
  EXPECT_THAT(Order("SO-P1").concerns(), IsEmpty());
  // The customer reads the device to customer service: it is another phone's.
  const auto read = Reads(ana, "SO-P1", SERIAL_PLACE_DEVICE, "356938035649999");
  EXPECT_THAT(read->mismatch(), HasSubstr("packed 356938035643809, on the box 35 693803 564380 9, on the device "
                                          "356938035649999"));
  const OrderView order = Order("SO-P1");
  ASSERT_EQ(order.concerns_size(), 1);
  EXPECT_EQ(order.concerns(0).kind(), supplier::v1::CONCERN_KIND_SERIAL_MISMATCH);
  EXPECT_EQ(order.concerns(0).about(), "line/1");
  EXPECT_THAT(order.owner(), ::testing::AnyOf("ben", "ana")) << "a person of ours, whoever made the mistake";
  // A case opens by itself, with an owner, once.
  ASSERT_TRUE(Eventually([&] { return CasesAbout("SO-P1").size() == 1; }));
  const auto opened = ana.SeesCase(CasesAbout("SO-P1")[0]);
  EXPECT_EQ(opened.owner(), "ana");
  EXPECT_EQ(opened.customer_id(), "mira");
  EXPECT_THAT(opened.text(), HasSubstr("on the device 356938035649999"));
  // The customer calls about it and meets the same case.
  EXPECT_EQ(ben.TakesCall("mira", "The number on the box is another phone's.", {.order = "SO-P1"})->case_id(),
            opened.case_id());
  // The right phone comes; its number is the evidence that clears it.
  EXPECT_EQ(Reads(ana, "SO-P1", SERIAL_PLACE_DEVICE, "356938035643809")->mismatch(), "");
  EXPECT_THAT(Order("SO-P1").concerns(), IsEmpty());
}

TEST_F(Serials, ACustomerReadsNoNumberOfOthersAndNoVendor) {
  IsSent("SO-P2", "nora", "111");
  Reads(ana, "SO-P2", SERIAL_PLACE_BOX, "222");
  supplier::v1::TraceOrderRequest request;
  request.set_order_id("SO-P2");
  request.set_audience(supplier::v1::AUDIENCE_CUSTOMER);
  const auto shown = *dashboard.Asks<supplier::v1::TraceOrderResponse>(request);
  const std::string all = shown.ShortDebugString();
  EXPECT_THAT(all, HasSubstr("A serial number is not the one that was sent, and we look into it: Phone"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr("222")));
  EXPECT_THAT(all, ::testing::Not(HasSubstr("acme")));
}

TEST_F(Serials, TheThirdOfOneKindRaisesARecurringFaultThatADepartmentAnswersWithAChange) {
  IsSent("SO-P3", "otto", "301");
  IsSent("SO-P4", "paul", "401");
  Reads(webshop, "SO-P3", SERIAL_PLACE_BOX, "302");
  EXPECT_THAT(Reads(acme, "SO-P4", SERIAL_PLACE_BOX, "402")->mismatch(), HasSubstr("on the box 402"));
  EXPECT_THAT(Reads(globex, "SO-P4", SERIAL_PLACE_BOX, "402"), IsRefused("NOT_YOUR_PARTY"));
  // With those of the other tests or without: three orders of this vendor's article are one recurring fault.
  IsSent("SO-P5", "rosa", "501");
  Reads(ben, "SO-P5", SERIAL_PLACE_BOX, "502");
  ASSERT_TRUE(Eventually([&] { return Improvement().version() > 0; }));
  const auto fault = Improvement();
  EXPECT_EQ(fault.status(), intake::v1::IMPROVEMENT_STATUS_OPEN);
  EXPECT_GE(fault.count(), 3u);
  EXPECT_FALSE(fault.owed_by().empty()) << "somebody owes a change";
  for (const std::string& evidence : fault.evidence_ids()) EXPECT_THAT(evidence, HasSubstr("order/SO-P"));
  intake::v1::RecordImprovementChangeRequest change;
  change.set_kind(fault.kind());
  change.set_text("acme scans box and device at the packing table.");
  EXPECT_TRUE(sam.Asks<intake::v1::RecordImprovementChangeResponse>(change).status().ok());
  EXPECT_EQ(Improvement().status(), intake::v1::IMPROVEMENT_STATUS_MEASURED) << "it ends when the rate has fallen";
}

}  // namespace
}  // namespace throughline::stories
