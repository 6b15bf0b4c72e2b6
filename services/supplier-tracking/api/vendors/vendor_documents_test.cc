// Vendors' documents, through their calls: taken once, kept while their order is not there, mended, discarded.

#include "services/supplier-tracking/api/vendors/vendor_documents.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>

#include "libs/runtime/domain/refusal.h"
#include "libs/service/testing.h"
#include "services/supplier-tracking/projections/documents/vendor_documents.h"
#include "services/supplier-tracking/supplier_tracking.h"
#include "throughline/supplier/v1/commands.pb.h"
#include "throughline/supplier/v1/order_change.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::supplier {
namespace {

using namespace service::testing;  // NOLINT
using common::v1::ROLE_ADMIN;
using common::v1::ROLE_PARTNER;
using common::v1::ROLE_REP;
using common::v1::ROLE_SERVICE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kAcknowledged[] = R"({"kind": "acknowledged", "order": "SO-1", "stated_at": "2020-03-01T12:00:00Z",
  "lines": [{"line": "1"}], "expected_dispatch": "2030-03-02T10:00:00+01:00"})";

class VendorDocumentCalls : public ::testing::Test {
 protected:
  VendorDocumentCalls() { Replica(); }

  // Another replica of the service on the same log.
  size_t Replica(const Config& config = {}) {
    auto& node = world_.Add(Define(config));
    apis_.push_back(MakeApi(node.streams(), config));
    world_.Run();
    return apis_.size() - 1;
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const std::string& request, runtime::Role role = ROLE_ADMIN, size_t replica = 0) {
    std::string method = Request::descriptor()->name();
    method.resize(method.size() - std::string("Request").size());
    return Ask<Response>(world_, *apis_[replica], method, FromText<Request>(request),
                         Asking("root", role, absl::StrCat("command ", ++commands_)));
  }
  void Place(const std::string& order = "SO-1") {
    const auto placed = Call<v1::PlaceOrderResponse, v1::PlaceOrderRequest>(
        absl::StrCat("order_id: \"", order, "\" customer_id: \"c1\" owner: \"sam\" promised_time { seconds: ",
                     absl::ToUnixSeconds(world_.clock.Now()) + 259200,
                     " } lines { line_id: \"1\" sku: \"cup\" quantity: 3 vendor_id: \"acme\" }"),
        ROLE_REP);
    ASSERT_TRUE(placed.ok()) << placed.status();
    world_.Run();
  }
  struct Item {
    std::string document;
    std::string body;
    std::string vendor = "acme";
    std::string command_id = "";
  };
  // Pushes the documents in one call, as a partner does; what is said of each, in their order.
  std::vector<v1::PushVendorDocumentsResponse> Push(const std::vector<Item>& items, size_t replica = 0,
                                                    const std::string& party = "acme",
                                                    const std::string& client = "acme") {
    runtime::Caller caller = Asking(client, ROLE_PARTNER, absl::StrCat("push ", ++commands_));
    caller.party = party;
    caller.time = world_.clock.Trusted();
    v1::PushVendorDocumentsRequest first;
    const auto call = std::make_shared<FakeCall>(first, caller, world_.clock.Now() + absl::Seconds(60));
    std::unique_ptr<server::Api::RawSession> session;
    for (const auto& method : apis_[replica]->methods()) {
      if (method.descriptor->name() == "PushVendorDocuments") session = method.open(call);
    }
    for (size_t i = 0; i < items.size(); ++i) {
      v1::PushVendorDocumentsRequest request;
      request.set_item_id(absl::StrCat(i));
      request.set_vendor_id(items[i].vendor);
      request.set_document_id(items[i].document);
      request.set_body(items[i].body);
      request.set_command_id(items[i].command_id);
      session->OnMessage(request);
    }
    session->OnHalfClose();
    world_.Run();
    EXPECT_TRUE(call->status && call->status->ok());
    std::vector<v1::PushVendorDocumentsResponse> answers(items.size());
    EXPECT_EQ(call->responses.size(), items.size());
    for (const std::string& bytes : call->responses) {
      v1::PushVendorDocumentsResponse response;
      EXPECT_TRUE(response.ParseFromString(bytes));
      answers[static_cast<size_t>(std::stoi(response.item_id()))] = response;
    }
    return answers;
  }
  v1::PushVendorDocumentsResponse PushOne(const std::string& document, const std::string& body, size_t replica = 0) {
    return Push({{document, body}}, replica).front();
  }
  std::vector<std::string> Kept(size_t replica = 0) {
    const auto listed = Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>("", ROLE_REP, replica);
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::vector<std::string> kept;
    for (int i = 0; listed.ok() && i < listed->documents_size(); ++i) {
      kept.push_back(listed->documents(i).quarantined().document_id());
    }
    return kept;
  }
  v1::LineStatus StatusOf(const std::string& order, size_t replica = 0) {
    const auto traced = Call<v1::TraceOrderResponse, v1::TraceOrderRequest>(absl::StrCat("order_id: \"", order, "\""),
                                                                            ROLE_REP, replica);
    EXPECT_TRUE(traced.ok()) << traced.status();
    return traced.ok() ? traced->order().lines(0).status() : v1::LINE_STATUS_UNSPECIFIED;
  }

  World world_;
  std::vector<std::unique_ptr<server::Api>> apis_;
  int commands_ = 0;
};

TEST_F(VendorDocumentCalls, ADocumentIsTakenOnce) {
  Place();
  const auto first = PushOne("a1", kAcknowledged);
  EXPECT_EQ(first.result(), v1::PUSH_RESULT_ACCEPTED) << first.error().message();
  EXPECT_EQ(first.order_id(), "SO-1");
  EXPECT_FALSE(first.consistency_token().empty());
  EXPECT_EQ(StatusOf("SO-1"), v1::LINE_STATUS_ACKNOWLEDGED);
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_DUPLICATE);
  const size_t other = Replica();
  EXPECT_EQ(PushOne("a1", kAcknowledged, other).result(), v1::PUSH_RESULT_DUPLICATE) << "by another replica, too";
  const auto reused = PushOne("a1", absl::StrReplaceAll(kAcknowledged, {{"2030", "2031"}}));
  EXPECT_EQ(reused.result(), v1::PUSH_RESULT_REFUSED);
  EXPECT_EQ(reused.error().reason(), "DOCUMENT_ID_REUSED");
}

TEST_F(VendorDocumentCalls, OneBadOneDoesNotSinkTheOthers) {
  Place();
  const auto answers = Push({{"a1", "{\"kind\": \"acknowledged\""},
                             {"a2", absl::StrReplaceAll(kAcknowledged, {{"SO-1", "SO-9"}})},
                             {"a3", kAcknowledged},
                             {"not an id", kAcknowledged},
                             {"a4", kAcknowledged, "globex"},
                             {"a5", absl::StrReplaceAll(kAcknowledged, {{"\"line\": \"1\"", "\"line\": \"7\""}})}});
  EXPECT_EQ(answers[0].result(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_THAT(answers[0].error().message(), HasSubstr("not JSON"));
  EXPECT_EQ(answers[1].result(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_EQ(answers[1].error().reason(), "ORDER_UNKNOWN");
  EXPECT_EQ(answers[2].result(), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_EQ(answers[3].result(), v1::PUSH_RESULT_REFUSED);
  EXPECT_THAT(answers[3].error().message(), HasSubstr("document_id"));
  EXPECT_EQ(answers[4].result(), v1::PUSH_RESULT_REFUSED);
  EXPECT_EQ(answers[4].error().reason(), "NOT_YOUR_PARTY");
  EXPECT_EQ(answers[5].result(), v1::PUSH_RESULT_REFUSED) << "the order has no such line";
  EXPECT_THAT(Kept(), ElementsAre("a1", "a2"));
}

TEST_F(VendorDocumentCalls, IsKeptWithItsBytesUntilItsOrderIsPlaced) {
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_QUARANTINED) << "again, a little later";
  const auto listed = Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>(
      R"(vendor_id: "acme" document_id: "a1")", ROLE_REP);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->documents_size(), 1);
  EXPECT_EQ(listed->documents(0).quarantined().body(), kAcknowledged);
  EXPECT_EQ(listed->documents(0).quarantined().order_id(), "SO-1");
  Place();
  EXPECT_EQ(StatusOf("SO-1"), v1::LINE_STATUS_ACKNOWLEDGED) << "it is read again by itself";
  EXPECT_THAT(Kept(), ElementsAre());
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_DUPLICATE);
}

TEST_F(VendorDocumentCalls, IsReadAgainByEveryReplicaAndTakenOnce) {
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_QUARANTINED);
  const size_t other = Replica();
  EXPECT_THAT(Kept(other), ElementsAre("a1"));
  Place();
  EXPECT_THAT(Kept(other), ElementsAre());
  const auto traced = Call<v1::TraceOrderResponse, v1::TraceOrderRequest>("order_id: \"SO-1\"", ROLE_REP, other);
  ASSERT_TRUE(traced.ok());
  int told = 0;
  for (const auto& entry : traced->entries()) told += entry.kind() == "VendorAcknowledged";
  EXPECT_EQ(told, 1);
}

TEST_F(VendorDocumentCalls, AMendedOneIsTakenUnderItsId) {
  Place();
  EXPECT_EQ(PushOne("a1", absl::StrReplaceAll(kAcknowledged, {{"+01:00", ""}})).result(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_THAT(Kept(), ElementsAre("a1"));
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_ACCEPTED);
  EXPECT_THAT(Kept(), ElementsAre());
}

TEST_F(VendorDocumentCalls, WhatTheOrderRefusesWhenItIsThereStaysWithThatReason) {
  const std::string about_line_7 = absl::StrReplaceAll(kAcknowledged, {{"\"line\": \"1\"", "\"line\": \"7\""}});
  EXPECT_EQ(PushOne("a1", about_line_7).result(), v1::PUSH_RESULT_QUARANTINED);
  Place();
  const auto listed = Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>(
      R"(vendor_id: "acme" document_id: "a1")", ROLE_REP);
  ASSERT_TRUE(listed.ok() && listed->documents_size() == 1);
  EXPECT_THAT(listed->documents(0).quarantined().reason(), HasSubstr("is not a line of vendor acme"));
}

TEST_F(VendorDocumentCalls, IsDiscardedByAnAdministrator) {
  EXPECT_EQ(PushOne("a1", "[]").result(), v1::PUSH_RESULT_QUARANTINED);
  const std::string discard = R"(vendor_id: "acme" document_id: "a1" reason: "a test")";
  EXPECT_TRUE((Call<v1::DiscardVendorDocumentResponse, v1::DiscardVendorDocumentRequest>(discard).ok()));
  EXPECT_THAT(Kept(), ElementsAre());
  EXPECT_EQ(
      runtime::ReasonOf(Call<v1::DiscardVendorDocumentResponse, v1::DiscardVendorDocumentRequest>(discard).status()),
      "NOT_IN_QUARANTINE");
  EXPECT_EQ(PushOne("a1", "[]").result(), v1::PUSH_RESULT_DUPLICATE) << "it does not come back";
  EXPECT_THAT(Kept(), ElementsAre());
}

TEST_F(VendorDocumentCalls, TheListGoesPageByPageAndCutsBodies) {
  const std::string large(5000, ' ');
  EXPECT_EQ(Push({{"a1", large}, {"a2", "x"}, {"a3", "y"}}).size(), 3U);
  const auto page = Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>("page_size: 2", ROLE_REP);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->documents_size(), 2);
  EXPECT_EQ(page->documents(0).quarantined().body().size(), 1024U);
  EXPECT_EQ(page->documents(0).body_size(), 5000U);
  const auto rest = Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>(
      absl::StrCat("page_size: 2 page_token: \"", page->next_page_token(), "\""), ROLE_REP);
  ASSERT_TRUE(rest.ok()) << rest.status();
  ASSERT_EQ(rest->documents_size(), 1);
  EXPECT_EQ(rest->documents(0).quarantined().document_id(), "a3");
  EXPECT_EQ(runtime::BadFieldsOf(
                Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>(R"(document_id: "a1")", ROLE_REP)
                    .status()),
            std::vector<std::string>{"vendor_id"});
}

TEST_F(VendorDocumentCalls, AdministratorsHaveTheQuarantineReadAgain) {
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_TRUE((Call<v1::ReplayQuarantineResponse, v1::ReplayQuarantineRequest>("").ok()));
  world_.Run();
  EXPECT_THAT(Kept(), ElementsAre("a1")) << "its order is still not there";
}

std::string About(const std::string& order) { return absl::StrReplaceAll(kAcknowledged, {{"SO-1", order}}); }

TEST_F(VendorDocumentCalls, AnIdIsTakenOnceWhoeverBringsItAndWhateverItIsAbout) {
  Place();
  Place("SO-2");
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_ACCEPTED);
  const auto elsewhere = PushOne("a1", About("SO-2"));
  EXPECT_EQ(elsewhere.result(), v1::PUSH_RESULT_REFUSED);
  EXPECT_EQ(elsewhere.error().reason(), "DOCUMENT_ID_REUSED");
  EXPECT_NE(StatusOf("SO-2"), v1::LINE_STATUS_ACKNOWLEDGED);
  const std::string changed = absl::StrReplaceAll(kAcknowledged, {{"2030", "2031"}});
  const auto by_another = Push({{"a1", changed}}, 0, "acme", "acme's other client").front();
  EXPECT_EQ(by_another.error().reason(), "DOCUMENT_ID_REUSED");
  const auto own_id = Push({{"a1", changed, "acme", "my-id"}}).front();
  EXPECT_EQ(own_id.error().reason(), "DOCUMENT_ID_REUSED");
  const auto unreadable = PushOne("a1", "[]");
  EXPECT_EQ(unreadable.error().reason(), "DOCUMENT_ID_REUSED");
  EXPECT_THAT(Kept(), ElementsAre());
  EXPECT_EQ(Push({{"a1", kAcknowledged, "acme", "my-id"}}).front().result(), v1::PUSH_RESULT_DUPLICATE);
}

TEST_F(VendorDocumentCalls, WhatTheReaderTookIsTaken) {
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_QUARANTINED);
  Place();
  ASSERT_THAT(Kept(), ElementsAre());
  const auto reused = PushOne("a1", absl::StrReplaceAll(kAcknowledged, {{"2030", "2031"}}));
  EXPECT_EQ(reused.result(), v1::PUSH_RESULT_REFUSED);
  EXPECT_EQ(reused.error().reason(), "DOCUMENT_ID_REUSED");
}

TEST_F(VendorDocumentCalls, WhatIsKeptIsNotReplacedByOneAboutAnotherOrder) {
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_EQ(PushOne("a1", About("SO-2")).error().reason(), "DOCUMENT_ID_REUSED");
  EXPECT_EQ(PushOne("a1", "[]").error().reason(), "DOCUMENT_ID_REUSED");
  Place();
  EXPECT_EQ(StatusOf("SO-1"), v1::LINE_STATUS_ACKNOWLEDGED);
}

TEST_F(VendorDocumentCalls, TheLastThatCameIsKept) {
  for (const std::string body : {"x", "y", "x"}) {
    EXPECT_EQ(PushOne("a1", body).result(), v1::PUSH_RESULT_QUARANTINED);
    const auto listed = Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>("", ROLE_REP);
    ASSERT_TRUE(listed.ok() && listed->documents_size() == 1);
    EXPECT_EQ(listed->documents(0).quarantined().body(), body);
  }
}

TEST_F(VendorDocumentCalls, WhatWasDiscardedIsNotGivenToAnOrderPlacedLater) {
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_QUARANTINED);
  EXPECT_TRUE((Call<v1::DiscardVendorDocumentResponse, v1::DiscardVendorDocumentRequest>(
                   R"(vendor_id: "acme" document_id: "a1" reason: "a test")")
                   .ok()));
  Place();
  EXPECT_EQ(PushOne("a1", kAcknowledged).result(), v1::PUSH_RESULT_DUPLICATE);
  EXPECT_NE(StatusOf("SO-1"), v1::LINE_STATUS_ACKNOWLEDGED);
}

TEST_F(VendorDocumentCalls, AVendorIsNotToldWhichOrdersOfOthersThereAre) {
  Place();
  const std::string day = absl::StrReplaceAll(kAcknowledged, {{"\"expected_dispatch\": \"2030-03-02T10:00:00+01:00\"",
                                                               "\"expected_delivery\": \"2030-03-02\""}});
  const std::string cartons = R"({"kind": "dispatched", "order": "SO-1", "stated_at": "2020-03-01T12:00:00Z",
    "carrier": "ups", "tracking_number": "1Z", "lines": [{"line": "7", "quantity": 2}],
    "cartons": [{"sscc": "340123451234567895", "contents": [{"line": "7", "quantity": 2}]}]})";
  int i = 0;
  for (const std::string& body : {std::string(kAcknowledged), day, cartons}) {
    const std::string id = absl::StrCat("g", ++i);
    const auto placed = Push({{id, body, "globex"}}, 0, "globex", "globex").front();
    const auto unknown =
        Push({{id + "-", absl::StrReplaceAll(body, {{"SO-1", "SO-9"}}), "globex"}}, 0, "globex", "globex").front();
    EXPECT_EQ(placed.result(), unknown.result()) << body;
    EXPECT_EQ(placed.error().reason(), unknown.error().reason()) << body;
    EXPECT_EQ(absl::StrReplaceAll(placed.error().message(), {{"SO-1", "SO-9"}}), unknown.error().message());
  }
  const auto listed = Call<v1::ListVendorDocumentsResponse, v1::ListVendorDocumentsRequest>(
      R"(vendor_id: "globex" document_id: "g1")", ROLE_REP);
  ASSERT_TRUE(listed.ok() && listed->documents_size() == 1);
  EXPECT_THAT(listed->documents(0).quarantined().reason(), HasSubstr("has no line of vendor globex"))
      << "staff is told";
}

TEST_F(VendorDocumentCalls, APlacedOrderHasOnlyItsOwnDocumentsReadAgain) {
  Place();
  const std::string about_line_2 = absl::StrReplaceAll(kAcknowledged, {{"\"line\": \"1\"", "\"line\": \"2\""}});
  EXPECT_EQ(Push({{"g1", about_line_2, "globex"}}, 0, "globex", "globex").front().result(),
            v1::PUSH_RESULT_QUARANTINED);
  EXPECT_EQ(Push({{"a2", About("SO-2")}, {"a3", About("SO-3")}, {"a4", About("SO-2")}}).size(), 3U);
  const auto amended = Call<v1::AmendOrderResponse, v1::AmendOrderRequest>(
      R"(order_id: "SO-1" reason: "a test" added_lines { line_id: "2" sku: "pot" quantity: 1 vendor_id: "globex" })",
      ROLE_REP);
  ASSERT_TRUE(amended.ok()) << amended.status();
  Place("SO-2");
  EXPECT_THAT(Kept(), ElementsAre("a3", "g1")) << "g1 would be taken by now";
  EXPECT_TRUE((Call<v1::ReplayQuarantineResponse, v1::ReplayQuarantineRequest>("").ok()));
  world_.Run();
  EXPECT_THAT(Kept(), ElementsAre("a3"));
}

TEST_F(VendorDocumentCalls, OneVendorKeepsSoManyAndNoMore) {
  for (int i = 0; i < 100; ++i) {
    std::vector<Item> ten;
    for (int j = 0; j < 10; ++j) ten.push_back({absl::StrCat("a", i, "-", j), "[]"});
    for (const auto& answer : Push(ten)) ASSERT_EQ(answer.result(), v1::PUSH_RESULT_QUARANTINED) << i;
  }
  const auto one_more = PushOne("b1", "[]");
  EXPECT_EQ(one_more.result(), v1::PUSH_RESULT_REFUSED);
  EXPECT_EQ(one_more.error().reason(), "QUARANTINE_FULL");
  EXPECT_EQ(PushOne("a0-0", "{}").result(), v1::PUSH_RESULT_QUARANTINED) << "in place of what is kept";
  EXPECT_TRUE((Call<v1::DiscardVendorDocumentResponse, v1::DiscardVendorDocumentRequest>(
                   R"(vendor_id: "acme" document_id: "a0-0" reason: "a test")")
                   .ok()));
  EXPECT_EQ(PushOne("b1", "[]").result(), v1::PUSH_RESULT_QUARANTINED);
}

TEST_F(VendorDocumentCalls, AnUpdateTriedAgainIsTheSameWhateverBecameKnown) {
  Place();
  const auto amend = [&](const std::string& zone) {
    return Call<v1::AmendOrderResponse, v1::AmendOrderRequest>(
        absl::StrCat("order_id: \"SO-1\" reason: \"a test\" destination_zone: \"", zone, "\""), ROLE_REP);
  };
  const auto update = [&] {
    return Ask<v1::RecordVendorUpdateResponse>(world_, *apis_[0], "RecordVendorUpdate",
                                               FromText<v1::RecordVendorUpdateRequest>(
                                                   R"(order_id: "SO-1" vendor_id: "acme" acknowledged {
                                                   expected_delivery { date: "2030-03-02" } })"),
                                               Asking("root", ROLE_REP, "the same id"));
  };
  ASSERT_TRUE(amend("America/New_York").ok());
  const auto first = update();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->eta().zone(), "America/New_York");
  ASSERT_TRUE(amend("Asia/Tokyo").ok());
  const auto again = update();
  ASSERT_TRUE(again.ok()) << again.status();
}

}  // namespace
}  // namespace throughline::supplier
