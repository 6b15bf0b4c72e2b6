// Intake through its handlers: owners, lists, watches, and that rows do not depend on the order of the topics.

#include <random>

#include "libs/runtime/domain/time.h"
#include "services/intake/testing.h"
#include "throughline/outage/v1/component.pb.h"

namespace throughline::intake {
namespace {

using Strings = std::vector<std::string>;

TEST_F(IntakeService, HasAHandlerForEveryMethod) { EXPECT_TRUE(api_->Check().ok()) << api_->Check(); }

TEST_F(IntakeService, ACaseHasAnOwnerWhoeverIsAvailable) {
  EXPECT_EQ(Open(kWeb).owner(), "sam");
  Available("sue", ROLE_SUPERVISOR, "on_duty: true");
  EXPECT_EQ(Open(kWeb).owner(), "sue");
  Available("ana");  // gets the two that nobody took
  Available("ben");
  const std::string first = Open(kWeb).case_id();
  EXPECT_EQ(View(first).owner(), "ben");
  EXPECT_EQ(View(first).supervisor(), "sue");
  EXPECT_EQ(View(first).assignment_reason(), v1::ASSIGNMENT_REASON_LEAST_LOAD);
  EXPECT_EQ(Open(kWeb).owner(), "ben");
  EXPECT_EQ(Open(kWeb).owner(), "ana");
  EXPECT_EQ(Open(kWeb, "cleo", ROLE_REP).owner(), "cleo");
  EXPECT_EQ(node_.Gauge("throughline_open_cases"), 6);
  EXPECT_EQ(node_.Gauge("throughline_cases_without_owner"), 0);
}

TEST_F(IntakeService, LoadFollowsHandOversAndClosings) {
  Available("ana");
  Available("ben");
  const std::string one = Open(kWeb, "ana", ROLE_REP).case_id();
  const std::string two = Open(kWeb, "ana", ROLE_REP).case_id();
  HandOver(one, "ana", "ben");
  HandOver(two, "ana", "ben");
  EXPECT_EQ(View(one).owner(), "ben");
  EXPECT_EQ(Open(kWeb).owner(), "ana");
  EXPECT_EQ(Open(kWeb).owner(), "ana") << "ana 1, ben 2";
  Close(one, "ben");
  Close(two, "ben");
  EXPECT_EQ(View(one).status(), ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED);
  EXPECT_EQ(Open(kWeb).owner(), "ben");
  EXPECT_EQ(node_.Gauge("throughline_open_cases"), 3);
}

TEST_F(IntakeService, ManyOpeningsAtOnceDoNotAllGoToTheSameRep) {
  Available("ana");
  Available("ben");
  Available("cleo");
  std::vector<std::shared_ptr<FakeCall>> calls;
  for (int i = 0; i < 30; ++i) {
    calls.push_back(Begin(world_, *api_, "OpenCase", FromText<v1::OpenCaseRequest>(kWeb),
                          Asking("shop", ROLE_SERVICE, std::to_string(i))));
  }
  world_.Run();
  std::map<std::string, int> owned;
  for (const auto& call : calls) {
    v1::OpenCaseResponse response;
    ASSERT_TRUE(response.ParseFromString(call->responses.at(0)));
    ++owned[response.owner()];
  }
  EXPECT_EQ(owned, (std::map<std::string, int>{{"ana", 10}, {"ben", 10}, {"cleo", 10}}));
}

TEST_F(IntakeService, TheThirdInteractionRaisesRepeatedContactAndARetryGetsTheSameAnswer) {
  const std::string id = Open(kWeb).case_id();
  auto request = FromText<v1::RecordInteractionRequest>(
      R"pb(channel: CHANNEL_PHONE direction: DIRECTION_INBOUND text: "Again!" company_mistake: true)pb");
  request.set_case_id(id);
  EXPECT_FALSE(
      Give<v1::RecordInteractionResponse>(*api_, "RecordInteraction", request, "ana", ROLE_REP)->repeated_contact());
  const auto caller = Asking("ana", ROLE_REP, "the same");
  auto third = Ask<v1::RecordInteractionResponse>(world_, *api_, "RecordInteraction", request, caller);
  auto again = Ask<v1::RecordInteractionResponse>(world_, *api_, "RecordInteraction", request, caller);
  ASSERT_TRUE(third.ok() && again.ok());
  EXPECT_TRUE(third->repeated_contact());
  EXPECT_EQ(third->SerializeAsString(), again->SerializeAsString());
  v1::GetCaseRequest get;
  get.set_case_id(id);
  get.set_page_size(1);
  auto page = Give<v1::GetCaseResponse>(*api_, "GetCase", get, "ana", ROLE_REP);
  EXPECT_TRUE(page->case_().repeated_contact());
  EXPECT_TRUE(page->case_().company_mistake());
  EXPECT_EQ(page->case_().inbound_interactions(), 3u);
  EXPECT_EQ(page->interactions_size(), 1);
  get.set_page_token(page->next_page_token());
  page = Give<v1::GetCaseResponse>(*api_, "GetCase", get, "ana", ROLE_REP);
  EXPECT_EQ(page->interactions(0).interaction_id(), third->interaction_id());
  EXPECT_TRUE(page->next_page_token().empty());
  request.set_case_id("c9");
  EXPECT_EQ(runtime::ReasonOf(
                Give<v1::RecordInteractionResponse>(*api_, "RecordInteraction", request, "ana", ROLE_REP).status()),
            "CASE_UNKNOWN");
}

TEST_F(IntakeService, ListsAreNewestFirstAndFiltered) {
  const std::string one = Open(kWeb, "ana", ROLE_REP).case_id();
  world_.Pass(absl::Seconds(1));
  const std::string two =
      Open(R"pb(customer_id: "lee" subject: "s" text: "t" channel: CHANNEL_CHAT)pb", "ana", ROLE_REP).case_id();
  world_.Pass(absl::Seconds(1));
  const std::string three = Open(kWeb, "ben", ROLE_REP).case_id();
  Close(two, "ana");
  EXPECT_EQ(List(""), (Strings{three, two, one}));
  EXPECT_EQ(List(R"pb(customer_id: "kim")pb"), (Strings{three, one}));
  EXPECT_EQ(List(R"pb(owner: "ana")pb"), (Strings{two, one}));
  EXPECT_EQ(List(R"pb(owner: "ana" status: CASE_STATUS_OPEN)pb"), (Strings{one}));
  EXPECT_EQ(List("status: CASE_STATUS_CLOSED_UNCONFIRMED"), (Strings{two}));
  EXPECT_EQ(List(R"pb(component_id: "web" owner: "ben")pb"), (Strings{three}));
  EXPECT_EQ(List("page_size: 2"), (Strings{three, two}));
  v1::ListCasesRequest bad;
  bad.set_page_token("x");
  EXPECT_EQ(Give<v1::ListCasesResponse>(*api_, "ListCases", bad, "ana", ROLE_REP).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(IntakeService, CasesAreFoundByTheBeginningOfTheirIds) {
  Strings ids;
  for (int i = 0; i < 40; ++i) ids.push_back(Open(kWeb, "ana", ROLE_REP).case_id());
  std::sort(ids.begin(), ids.end());
  for (const std::string& id : ids) EXPECT_EQ(List("case_id_prefix: '" + id.substr(0, 12) + "'"), (Strings{id}));
  EXPECT_EQ(List("case_id_prefix: '" + ids.front() + "X'"), (Strings{}));
  Strings alike;  // two of 40 begin with the same letter of 32
  for (const std::string& id : ids) {
    alike.clear();
    std::copy_if(ids.begin(), ids.end(), std::back_inserter(alike),
                 [&](const auto& other) { return other[0] == id[0]; });
    if (alike.size() > 1) break;
  }
  const std::string first = alike.front().substr(0, 1);
  EXPECT_EQ(List("case_id_prefix: '" + first + "'"), alike) << "in the order of their ids";
  EXPECT_EQ(List("case_id_prefix: '" + first + "' customer_id: 'nobody'"), (Strings{}));
  v1::ListCasesRequest request;
  request.set_case_id_prefix(first);
  request.set_page_size(1);
  Strings paged;
  do {
    const auto page = Give<v1::ListCasesResponse>(*api_, "ListCases", request, "ana", ROLE_REP);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& row : page->cases()) paged.push_back(row.case_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(paged, alike);
}

TEST_F(IntakeService, AWatchShowsTheCaseItsOwnershipAndItsNotices) {
  const std::string id = Open(kWeb, "ana", ROLE_REP).case_id();
  v1::WatchCaseRequest request;
  request.set_case_id(id);
  auto watch = Begin(world_, *api_, "WatchCase", request, By("ana", ROLE_REP));
  world_.Run();
  const auto last = [&watch] {
    v1::WatchCaseResponse response;
    response.ParseFromString(watch->responses.back());
    return response.case_();
  };
  ASSERT_EQ(watch->responses.size(), 1u);
  Notice(kPublished);
  EXPECT_EQ(last().notices_size(), 1);
  Notice(R"pb(updated { text: "Soon." })pb");
  EXPECT_EQ(last().notices(0).current_text(), "Soon.");
  Close(id, "ana");
  EXPECT_EQ(last().status(), ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED);
  watch->Finish(absl::CancelledError("gone"));
  const size_t before = watch->responses.size();
  Notice(R"pb(updated { text: "Later." })pb");
  EXPECT_EQ(watch->responses.size(), before);
  request.set_case_id("c9");
  auto unknown = Begin(world_, *api_, "WatchCase", request, By("ana", ROLE_REP));
  world_.Run();
  EXPECT_EQ(runtime::ReasonOf(*unknown->status), "CASE_UNKNOWN");
}

TEST_F(IntakeService, AWatchResumesAfterAnyOfItsMessages) {
  using CaseWatch = Watching<v1::WatchCaseResponse>;
  Available("ben");
  const std::string id = Open(kWeb, "ana", ROLE_REP).case_id();
  v1::WatchCaseRequest request;
  request.set_case_id(id);
  const CaseWatch live(*api_, "WatchCase", request, world_.clock.Now());
  Notice(kPublished);
  Notice(R"pb(updated { text: "Soon." })pb");
  Open(kWeb, "ana", ROLE_REP);
  HandOver(id, "ana", "ben");
  Notice(R"pb(resolved { text: "It works." })pb");
  Close(id, "ben");
  const auto messages = live.messages();
  ASSERT_GE(messages.size(), 6u);
  const std::string now = messages.back().case_().ShortDebugString();
  for (size_t cut = 0; cut < messages.size(); ++cut) {
    // A change of another case is not sent.
    if (cut + 1 == messages.size()) Open(kWeb, "ana", ROLE_REP);
    request.set_resume_from(messages[cut].consistency_token());
    const CaseWatch here(*api_, "WatchCase", request, world_.clock.Now());
    Node behind(Define({}), world_.book, world_.clock);
    const auto its_api = MakeApi(behind.streams(), {});
    const CaseWatch there(*its_api, "WatchCase", request, world_.clock.Now());
    EXPECT_TRUE(there.messages().empty()) << "it has not folded that far";
    behind.Run();
    EXPECT_FALSE(there.status()) << *there.status();
    if (cut + 1 == messages.size()) {
      EXPECT_TRUE(here.messages().empty() && there.messages().empty()) << "everything had been sent";
    } else {
      ASSERT_EQ(here.messages().size(), 1u) << "the present view, after message " << cut;
      EXPECT_EQ(here.messages()[0].case_().ShortDebugString(), now);
      ASSERT_FALSE(there.messages().empty()) << "after message " << cut;
      EXPECT_EQ(there.messages().back().case_().ShortDebugString(), now);
    }
  }
  request.set_case_id(Open(kWeb, "ana", ROLE_REP).case_id());
  const CaseWatch other(*api_, "WatchCase", request, world_.clock.Now());
  ASSERT_TRUE(other.status());
  EXPECT_EQ(runtime::BadFieldsOf(*other.status()), Strings{"resume_from"});
}

// The rows after applying every commit of the book, each stream in order, the streams interleaved at random by `seed`.
std::map<std::string, std::string, std::less<>> Mixed(const runtime::testing::Book& book, uint32_t seed,
                                                      std::unique_ptr<runtime::Definition> definition) {
  std::map<std::string, std::vector<runtime::AcceptedCommit>> streams;
  for (const auto& [partition, records] : book.records) {
    if (std::find(definition->folds.begin(), definition->folds.end(), partition.topic) == definition->folds.end())
      continue;
    for (const auto& record : records) {
      if (definition->types.Unread(*record)) continue;
      auto read = runtime::ReadRecord(*record, definition->types, book.partitions);
      EXPECT_TRUE(read.ok()) << read.status();
      runtime::AcceptedCommit commit;
      commit.position = {partition, record->offset};
      commit.stream = read->stream;
      commit.version = read->header->version();
      commit.time = runtime::FromProto(read->header->event_time());
      commit.header = read->header;
      commit.events = read->events;
      streams[record->key].push_back(std::move(commit));
    }
  }
  std::mt19937 random(seed);
  store::MemoryKeyValue store;
  std::map<std::string, size_t> next;
  while (!streams.empty()) {
    auto stream = std::next(streams.begin(), static_cast<long>(random() % streams.size()));
    store::Batch batch(store);
    for (auto& projection : definition->projections) projection->Apply(stream->second[next[stream->first]], batch);
    store.Write(batch.TakeChanges());
    if (++next[stream->first] == stream->second.size()) streams.erase(stream);
  }
  return store.Snapshot();
}

TEST_F(IntakeService, AWatchWithoutADeadlineDoesNotWaitForItsTokenForEver) {
  Node& lagging = world_.Add(Define({}));
  lagging.log().delivers = false;
  const v1::OpenCaseResponse opened = Open(kWeb, "ana", ROLE_REP);
  v1::WatchCaseRequest request;
  request.set_case_id(opened.case_id());
  request.set_consistency_token(opened.consistency_token());
  const auto api = MakeApi(lagging.streams(), {});
  const auto watch = std::make_shared<FakeCall>(request, By("ana", ROLE_REP), absl::InfiniteFuture(),
                                                world_.clock.Now() + absl::Seconds(30));
  for (const auto& method : api->methods()) {
    if (method.descriptor != nullptr && method.descriptor->name() == "WatchCase") method.run(watch);
  }
  world_.Pass(absl::Seconds(29));
  EXPECT_FALSE(watch->status);
  world_.Pass(absl::Seconds(2));
  ASSERT_TRUE(watch->status);
  EXPECT_TRUE(absl::IsDeadlineExceeded(*watch->status)) << *watch->status;
}

TEST_F(IntakeService, RowsDoNotDependOnTheOrderOfTheTopics) {
  Available("ana");
  Available("sue", ROLE_SUPERVISOR, "on_duty: true team: \"north\"");
  std::vector<std::string> cases;
  for (int i = 0; i < 4; ++i) cases.push_back(Open(kWeb, "ana", ROLE_REP).case_id());
  Available("ben");
  Notice(kPublished);
  HandOver(cases[0], "ana", "ben");
  HandOver(cases[1], "ana", "ben");
  HandOver(cases[1], "ben", "ana");
  Close(cases[2], "ana");
  Available("ana", ROLE_REP, "available: false");
  Notice(R"pb(resolved { text: "works" })pb");
  // Matters, joins, alerts, splits, mistakes, merges; components, orders and promises of the customer.
  world_.Write(Topic::kOutageNotice, "component/pay",
               FromText<outage::v1::ComponentEvent>(R"pb(defined { component_id: "pay" })pb"));
  world_.Write(Topic::kSupplierTracking, "order/SO-1", FromText<supplier::v1::OrderEvent>(R"pb(
                 placed {
                   order_id: "SO-1"
                   customer_id: "kim"
                   promised_time { seconds: 1772500000 }
                   owner: "ana"
                 })pb"));
  const std::string late = Open(kLate, "ben", ROLE_REP).case_id();
  const auto joined = Open(kLate, "ana", ROLE_REP);
  world_.Write(Topic::kSupplierTracking, "order/SO-1", FromText<supplier::v1::OrderEvent>(R"pb(
                 promise_at_risk {
                   promised_time { seconds: 1772500000 }
                   customer_id: "kim"
                 })pb"));
  const std::string both = Open(R"pb(customer_id: "kim"
                                     subject: "s"
                                     text: "t"
                                     channel: CHANNEL_PARTNER
                                     component_id: "pay"
                                     further_component_ids: "nowhere"
                                     language: "de")pb",
                                "ben", ROLE_REP)
                               .case_id();
  const auto on = [](auto request, const std::string& case_id) {
    request.set_case_id(case_id);
    return request;
  };
  auto mark = on(FromText<v1::MarkMistakeRequest>(R"pb(reason: "r")pb"), late);
  mark.set_interaction_id(joined.interaction_id());
  EXPECT_TRUE(Give<v1::MarkMistakeResponse>(*api_, "MarkMistake", mark, "ben", ROLE_REP).ok());
  const auto split =
      on(FromText<v1::SplitCaseRequest>(R"pb(subject: "s" text: "t" reason: "r" order_id: "SO-2")pb"), late);
  EXPECT_TRUE(Give<v1::SplitCaseResponse>(*api_, "SplitCase", split, "ben", ROLE_REP).ok());
  auto promise = on(FromText<ownership::v1::MakePromiseRequest>(R"pb(text: "we ring")pb"), both);
  *promise.mutable_due() = runtime::ToProto(world_.clock.Now() + absl::Minutes(30));  // it breaks below
  EXPECT_TRUE(Give<ownership::v1::MakePromiseResponse>(*ownership_api_, "MakePromise", promise, "ben", ROLE_REP).ok());
  auto merge = on(FromText<ownership::v1::MergeCasesRequest>(R"pb(reason: "r")pb"), cases[3]);
  merge.set_other_case_id(both);
  const auto merged = Give<ownership::v1::MergeCasesResponse>(*ownership_api_, "MergeCases", merge, "ben", ROLE_REP);
  EXPECT_TRUE(merged.ok()) << merged.status();
  world_.Pass(absl::Hours(1));
  v1::GetCustomerRequest customer;
  customer.set_customer_id("kim");
  EXPECT_EQ(Give<v1::GetCustomerResponse>(*api_, "GetCustomer", customer, "ana", ROLE_REP)->items_size(), 9)
      << "seven cases, an order, a promise";
  EXPECT_EQ(world_.Rebuild(Define({}))->store().Snapshot(), node_.store().Snapshot());
  const auto rows = Mixed(world_.book, 0, Define({}));
  const auto ownership_rows = Mixed(world_.book, 0, ownership::Define({}));
  EXPECT_GT(rows.size(), 30u);
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    ASSERT_EQ(Mixed(world_.book, seed, Define({})), rows) << "seed " << seed;
    ASSERT_EQ(Mixed(world_.book, seed, ownership::Define({})), ownership_rows) << "seed " << seed;
  }
}

}  // namespace
}  // namespace throughline::intake
