#include "services/supplier-tracking/domain/documents/vendor_document.h"

#include "libs/runtime/domain/testing_given.h"

namespace throughline::supplier {
namespace {

using runtime::testing::By;
using runtime::testing::FromText;
using runtime::testing::Given;

const runtime::Caller kAcme = By("acme", common::v1::ROLE_PARTNER, "acme");
const runtime::Caller kRoot = By("root", common::v1::ROLE_ADMIN);

std::string Document(const std::string& body, const std::string& reason) {
  return "vendor_id: \"acme\" document_id: \"a1\" order_id: \"SO-1\" body: \"" + body + "\" reason: \"" + reason + "\"";
}
std::string Kept(const std::string& body, const std::string& reason, int64_t at = 1) {
  return "quarantined { " + Document(body, reason) + " received_at { seconds: " + std::to_string(at) + " } }";
}
QuarantineDocument Keeping(const std::string& body, const std::string& reason, int64_t at = 1) {
  QuarantineDocument command{FromText<v1::VendorDocumentQuarantined>(Document(body, reason)), {}};
  command.received_at.set_seconds(at);
  return command;
}
constexpr char kTaken[] = R"(taken { vendor_id: "acme" document_id: "a1" order_id: "SO-1" })";
constexpr char kDiscarding[] = R"(vendor_id: "acme" document_id: "a1" reason: "a test")";
constexpr char kDiscarded[] = R"(discarded { vendor_id: "acme" document_id: "a1" reason: "a test" by: "root" })";
TakeDocument Taking() {
  return {FromText<v1::VendorDocumentTaken>(R"(vendor_id: "acme" document_id: "a1" order_id: "SO-1")")};
}

TEST(VendorDocument, IsKeptOnceAndAgainWithOtherContentsOrForAnotherReason) {
  Given<VendorDocument>().When(Keeping("x", "no order"), kAcme).Then({Kept("x", "no order")});
  const Given<VendorDocument> kept({Kept("x", "no order")});
  kept.When(Keeping("x", "no order", 7), kAcme).Then({});
  kept.When(Keeping("y", "no order", 7), kAcme).Then({Kept("y", "no order", 7)});
  kept.When(Keeping("x", "all is sent", 7), kAcme).Then({Kept("x", "all is sent", 7)});
}

TEST(VendorDocument, IsTakenOnceAndDoesNotComeBack) {
  Given<VendorDocument>({Kept("x", "r")}).When(Taking(), kAcme).Then({kTaken});
  Given<VendorDocument>({Kept("x", "r"), kTaken}).When(Taking(), kAcme).Then({});
  Given<VendorDocument>().When(Taking(), kAcme).Then({});
  Given<VendorDocument>({Kept("x", "r"), kTaken}).When(Keeping("x", "r"), kAcme).Then({});
  Given<VendorDocument>({Kept("x", "r"), kTaken}).When(Keeping("y", "r"), kAcme).Then({Kept("y", "r")});
}

TEST(VendorDocument, IsDiscardedWithAReason) {
  const Given<VendorDocument> kept({Kept("x", "r")});
  kept.When<v1::DiscardVendorDocumentRequest>(kDiscarding, kRoot).Then({kDiscarded});
  kept.When<v1::DiscardVendorDocumentRequest>(R"(vendor_id: "acme" document_id: "a1")", kRoot)
      .ThenRefused(absl::StatusCode::kInvalidArgument, "reason");
  Given<VendorDocument>()
      .When<v1::DiscardVendorDocumentRequest>(kDiscarding, kRoot)
      .ThenRefused(absl::StatusCode::kNotFound, "a1");
  Given<VendorDocument>({Kept("x", "r"), kDiscarded}).When(Keeping("x", "r"), kAcme).Then({});
}

}  // namespace
}  // namespace throughline::supplier
