// The customer seen whole: cases, orders and promises, newest first.

#include "services/intake/testing.h"

namespace throughline::intake {
namespace {

class Customer : public ::testing::Test {
 protected:
  void Write(Topic topic, const std::string& stream, const std::string& event) {
    if (topic == Topic::kOwnership) {
      world_.Write(topic, stream, FromText<ownership::v1::OwnershipEvent>(event));
    } else {
      world_.Write(topic, stream, FromText<supplier::v1::OrderEvent>(event));
    }
    world_.Pass(absl::Seconds(1));
  }
  std::string Open(const std::string& customer) {
    auto request = FromText<v1::OpenCaseRequest>(kWeb);
    request.set_customer_id(customer);
    const auto opened = Ask<v1::OpenCaseResponse>(world_, *api_, "OpenCase", request,
                                                  Asking("ana", ROLE_REP, std::to_string(++commands_)));
    world_.Pass(absl::Seconds(1));
    return opened->case_id();
  }
  v1::GetCustomerResponse Get(const std::string& request) {
    auto response = Ask<v1::GetCustomerResponse>(world_, *api_, "GetCustomer",
                                                 FromText<v1::GetCustomerRequest>(request), By("ana", ROLE_REP));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::GetCustomerResponse());
  }
  static std::string Name(const v1::CustomerItem& item) {
    if (item.has_case_()) return item.case_().case_id();
    return item.has_order() ? item.order().order_id() : item.promise().commitment_id();
  }
  std::vector<std::string> Names(const std::string& request) {
    std::vector<std::string> names;
    const auto response = Get(request);
    for (const auto& item : response.items()) names.push_back(Name(item));
    return names;
  }

  World world_;
  Node& node_ = world_.Add(Define({}));
  const std::unique_ptr<server::Api> api_ = MakeApi(node_.streams(), {});
  int commands_ = 0;
};

TEST_F(Customer, IsSeenWholeNewestFirstAndPaged) {
  const std::string one = Open("kim");
  Write(Topic::kSupplierTracking, "order/SO-1", R"pb(placed {
                                                       order_id: "SO-1"
                                                       customer_id: "kim"
                                                       promised_time { seconds: 1772900000 }
                                                       owner: "olga"
                                                     })pb");
  Write(Topic::kOwnership, "ownership/" + one, "started { owner: 'ana' customer_id: 'kim' }");
  Write(Topic::kOwnership, "ownership/" + one, R"pb(promise_made {
                                                      promise_id: "old"
                                                      made_by: "ana"
                                                      text: "We ring"
                                                      due { seconds: 1772400000 }
                                                    })pb");
  const std::string two = Open("kim");
  Open("lee");
  Write(Topic::kOwnership, "ownership/" + one,
        R"pb(commitment_made {
               by: "ben"
               commitment {
                 commitment_id: "new"
                 kind: COMMITMENT_KIND_PROMISE
                 text: "A lamp"
                 due { seconds: 1772500000 }
               }
             })pb");
  Write(Topic::kOwnership, "ownership/" + one,
        R"pb(commitment_made {
               by: "ben"
               commitment { commitment_id: "inside" kind: COMMITMENT_KIND_NEXT_ACTION }
             })pb");
  using Strings = std::vector<std::string>;
  EXPECT_EQ(Names("customer_id: 'kim'"), (Strings{"new", two, "old", "SO-1", one}));
  EXPECT_EQ(Names("customer_id: 'nobody'"), Strings());
  Strings paged;
  std::string token;
  do {
    const auto page = Get("customer_id: 'kim' page_size: 2 page_token: '" + token + "'");
    EXPECT_LE(page.items_size(), 2);
    for (const auto& item : page.items()) paged.push_back(Name(item));
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(paged, (Strings{"new", two, "old", "SO-1", one}));
  const auto of_kim = Get("customer_id: 'kim' page_size: 1");
  v1::GetCustomerRequest other;
  other.set_customer_id("lee");
  other.set_page_token(of_kim.next_page_token());
  EXPECT_EQ(runtime::BadFieldsOf(
                Ask<v1::GetCustomerResponse>(world_, *api_, "GetCustomer", other, By("ana", ROLE_REP)).status()),
            Strings{"page_token"});
  EXPECT_EQ(runtime::BadFieldsOf(Ask<v1::GetCustomerResponse>(world_, *api_, "GetCustomer", v1::GetCustomerRequest(),
                                                              By("ana", ROLE_REP))
                                     .status()),
            Strings{"customer_id"});
}

TEST_F(Customer, PromisesShowHowTheyEnded) {
  const std::string id = Open("kim");
  const std::string stream = "ownership/" + id;
  Write(Topic::kOwnership, stream, "started { owner: 'ana' customer_id: 'kim' }");
  for (const char* promise : {"kept", "broken", "moved"}) {
    Write(Topic::kOwnership, stream, "promise_made { promise_id: '" + std::string(promise) + "' }");
  }
  for (const char* promise : {"kept2", "withdrawn2", "moved2"}) {
    Write(Topic::kOwnership, stream,
          "commitment_made { commitment { kind: COMMITMENT_KIND_PROMISE commitment_id: '" + std::string(promise) +
              "' } }");
  }
  Write(Topic::kOwnership, stream, "promise_kept { promise_id: 'kept' }");
  Write(Topic::kOwnership, stream, "promise_broken { promise_id: 'broken' }");
  Write(Topic::kOwnership, stream, "promise_renegotiated { promise_id: 'moved' new_due { seconds: 7 } }");
  const std::string settled = "commitment_settled { kind: COMMITMENT_KIND_PROMISE ";
  Write(Topic::kOwnership, stream, settled + "commitment_id: 'kept2' outcome: COMMITMENT_OUTCOME_KEPT }");
  Write(Topic::kOwnership, stream, settled + "commitment_id: 'withdrawn2' outcome: COMMITMENT_OUTCOME_WITHDRAWN }");
  Write(Topic::kOwnership, stream, "commitment_renegotiated { commitment_id: 'moved2' new_due { seconds: 8 } }");
  std::map<std::string, std::string> shown;
  const auto response = Get("customer_id: 'kim'");
  for (const auto& item : response.items()) {
    if (!item.has_promise()) continue;
    shown[Name(item)] = ownership::v1::CommitmentOutcome_Name(item.promise().outcome()).substr(19) + " " +
                        std::to_string(item.promise().due().seconds());
    EXPECT_EQ(item.promise().case_id(), id);
  }
  EXPECT_EQ(shown, (std::map<std::string, std::string>{{"kept", "KEPT 0"},
                                                       {"broken", "BROKEN 0"},
                                                       {"moved", "UNSPECIFIED 7"},
                                                       {"kept2", "KEPT 0"},
                                                       {"withdrawn2", "WITHDRAWN 0"},
                                                       {"moved2", "UNSPECIFIED 8"}}));
}

TEST_F(Customer, APromiseThatMovesWithAMergeIsSeenOnce) {
  const std::string older = Open("kim"), younger = Open("kim");
  for (const auto& id : {older, younger}) {
    Write(Topic::kOwnership, "ownership/" + id, "started { owner: 'ana' customer_id: 'kim' }");
  }
  const std::string made =
      "commitment_made { commitment { kind: COMMITMENT_KIND_PROMISE commitment_id: 'p1' text: 'A lamp' } }";
  Write(Topic::kOwnership, "ownership/" + younger, made);
  Write(Topic::kOwnership, "ownership/" + younger,
        "merged { into_case_id: '" + older + "' moved { kind: COMMITMENT_KIND_PROMISE commitment_id: 'p1' } }");
  Write(Topic::kOwnership, "ownership/" + older, made);
  EXPECT_EQ(Names("customer_id: 'kim'"), (std::vector<std::string>{"p1", younger, older}));
  EXPECT_EQ(Get("customer_id: 'kim'").items(0).promise().case_id(), older);
}

TEST_F(Customer, OrdersShowTheirRiskAndEnd) {
  const auto order = [&] { return Get("customer_id: 'kim'").items(0).order(); };
  const auto write = [&](const std::string& event) { Write(Topic::kSupplierTracking, "order/SO-1", event); };
  write(R"pb(placed {
               order_id: "SO-1"
               customer_id: "kim"
               promised_time { seconds: 1772900000 }
               owner: "olga"
               placed_at { seconds: 1772000000 }
             })pb");
  EXPECT_EQ(order().placed_at().seconds(), 1772000000);
  EXPECT_EQ(order().owner(), "olga");
  write("promise_at_risk { cause: 'x' }");
  EXPECT_TRUE(order().at_risk());
  write("promise_recovered {}");
  EXPECT_FALSE(order().at_risk());
  write("reassigned { to: 'ana' }");
  EXPECT_EQ(order().owner(), "ana");
  write("completed {}");
  EXPECT_TRUE(order().completed());
  write("shipment_delivery_corrected { completion_withdrawn: true }");
  EXPECT_FALSE(order().completed());
}

}  // namespace
}  // namespace throughline::intake
