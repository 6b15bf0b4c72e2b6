#include "services/supplier-tracking/domain/documents/vendor_document.h"

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/fingerprint.h"

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
std::string Taken(const std::string& body) {
  return "taken { vendor_id: \"acme\" document_id: \"a1\" order_id: \"SO-1\" body_hash: " +
         std::to_string(TextHash(body)) + " }";
}
constexpr char kDiscarding[] = R"(vendor_id: "acme" document_id: "a1" reason: "a test")";
constexpr char kDiscarded[] = R"(discarded { vendor_id: "acme" document_id: "a1" reason: "a test" by: "root" })";
v1::VendorDocumentTaken Named(const std::string& body, const std::string& order = "SO-1") {
  v1::VendorDocumentTaken named;
  named.set_vendor_id("acme");
  named.set_document_id("a1");
  named.set_order_id(order);
  named.set_body_hash(TextHash(body));
  return named;
}
TakeDocument Taking(const std::string& body, const std::string& instead_of = "") {
  return {Named(body), TextHash(instead_of)};
}
QuarantineDocument KeepingAbout(const std::string& order, const std::string& body) {
  QuarantineDocument command = Keeping(body, "r");
  command.request.set_order_id(order);
  return command;
}

TEST(VendorDocument, IsKeptOnceAndAgainWithOtherContentsOrForAnotherReason) {
  Given<VendorDocument>().When(Keeping("x", "no order"), kAcme).Then({Kept("x", "no order")});
  const Given<VendorDocument> kept({Kept("x", "no order")});
  kept.When(Keeping("x", "no order", 7), kAcme).Then({});
  kept.When(Keeping("y", "no order", 7), kAcme).Then({Kept("y", "no order", 7)});
  kept.When(Keeping("x", "all is sent", 7), kAcme).Then({Kept("x", "all is sent", 7)});
  // What was replaced may come once more.
  Given<VendorDocument>({Kept("x", "r"), Kept("y", "r")}).When(Keeping("x", "r", 7), kAcme).Then({Kept("x", "r", 7)});
}

TEST(VendorDocument, WhatIsKeptGivesWayOnlyToOneAboutItsOrder) {
  const Given<VendorDocument> kept({Kept("x", "r")});
  for (const std::string order : {"SO-2", ""}) {
    kept.When(KeepingAbout(order, "y"), kAcme).ThenRefused(absl::StatusCode::kInvalidArgument, "SO-1");
    kept.When(AskDocument{Named("y", order)}, kAcme).ThenRefused(absl::StatusCode::kInvalidArgument, "SO-1");
  }
  kept.When(AskDocument{Named("y")}, kAcme).Then({});
  const Given<VendorDocument> unreadable(
      {R"(quarantined { vendor_id: "acme" document_id: "a1" body: "[]" reason: "r" received_at { seconds: 1 } })"});
  unreadable.When(Keeping("x", "r"), kAcme).Then({Kept("x", "r")});
}

TEST(VendorDocument, ReadFromTheQuarantineItKeepsNothingElse) {
  QuarantineDocument again = Keeping("x", "all is sent");
  again.again = true;
  Given<VendorDocument>({Kept("x", "r")}).When(again, kAcme).Then({Kept("x", "all is sent")});
  Given<VendorDocument>({Kept("x", "r"), Kept("y", "r")}).When(again, kAcme).Then({});
  Given<VendorDocument>({Kept("x", "r"), kDiscarded}).When(again, kAcme).Then({});
}

TEST(VendorDocument, IsTakenOnceAndDoesNotComeBack) {
  Given<VendorDocument>().When(Taking("x"), kAcme).Then({Taken("x")});
  Given<VendorDocument>({Kept("x", "r")}).When(Taking("x", "x"), kAcme).Then({Taken("x")});
  for (const Given<VendorDocument>& taken :
       {Given<VendorDocument>({Taken("x")}), Given<VendorDocument>({Kept("x", "r"), Taken("x")})}) {
    taken.When(Taking("x"), kAcme).Then({});
    taken.When(Taking("y"), kAcme).ThenRefused(absl::StatusCode::kInvalidArgument, "taken with other contents");
    taken.When(Keeping("x", "r"), kAcme).Then({});
    taken.When(Keeping("y", "r"), kAcme).ThenRefused(absl::StatusCode::kInvalidArgument, "taken with other contents");
    taken.When(AskDocument{Named("x")}, kAcme).Then({});
    taken.When(AskDocument{Named("y")}, kAcme).ThenRefused(absl::StatusCode::kInvalidArgument, "taken with");
  }
}

TEST(VendorDocument, TakenItRemovesFromTheQuarantineOnlyWhatItMended) {
  const Given<VendorDocument> kept({Kept("x", "r")});
  kept.When(Taking("y", "x"), kAcme).Then({Taken("y")});
  kept.When(Taking("y"), kAcme).Then({});
}

TEST(VendorDocument, IsDiscardedWithAReason) {
  const Given<VendorDocument> kept({Kept("x", "r")});
  kept.When<v1::DiscardVendorDocumentRequest>(kDiscarding, kRoot).Then({kDiscarded});
  kept.When<v1::DiscardVendorDocumentRequest>(R"(vendor_id: "acme" document_id: "a1")", kRoot)
      .ThenRefused(absl::StatusCode::kInvalidArgument, "reason");
  Given<VendorDocument>()
      .When<v1::DiscardVendorDocumentRequest>(kDiscarding, kRoot)
      .ThenRefused(absl::StatusCode::kNotFound, "a1");
  const Given<VendorDocument> discarded({Kept("x", "r"), kDiscarded});
  discarded.When(Keeping("x", "r"), kAcme).Then({});
  discarded.When(Keeping("y", "r"), kAcme).Then({Kept("y", "r")});
  Given<VendorDocument>({Kept("x", "r"), kDiscarded, Kept("y", "r")}).When(Keeping("x", "r"), kAcme).Then({});
}

}  // namespace
}  // namespace throughline::supplier
