// WatchOrder: what it sends, and that it resumes after any of its messages, on any replica.

#include <filesystem>
#include <fstream>

#include "libs/service/testing.h"
#include "services/supplier-tracking/api/replay.h"
#include "services/supplier-tracking/happenings.h"

namespace throughline::supplier {
namespace {

using Ids = std::multiset<std::string>;
using service::testing::Node;
using OrderWatch = service::testing::Watching<v1::WatchOrderResponse>;

OrderWatch Watch(ServiceUnderTest& service, const server::Api& api, const std::string& resume_from,
                 bool from_start = false) {
  v1::WatchOrderRequest request;
  request.set_order_id("SO-1");
  request.set_from_start(from_start);
  request.set_resume_from(resume_from);
  return OrderWatch(api, "WatchOrder", request, service.now());
}

template <typename Messages>
Ids IdsOf(const Messages& messages, size_t from = 0) {
  Ids ids;
  for (size_t i = from; i < messages.size(); ++i) {
    for (const v1::TraceEntry& entry : messages[i].entries()) ids.insert(entry.entry_id());
  }
  return ids;
}
Ids IdsOfTrace(ServiceUnderTest& service) {
  Ids ids;
  for (const v1::TraceEntry& entry : service.Trace("SO-1")) ids.insert(entry.entry_id());
  return ids;
}
Ids Minus(Ids ids, const Ids& others) {
  for (const std::string& id : others) ids.erase(id);
  return ids;
}

// Resumes from `resume_from`, here and on a replica that has folded nothing yet, and expects these entries once each.
// `last`: nothing has happened since, so nothing is sent.
void ExpectRest(ServiceUnderTest& service, const server::Api& api, const std::string& resume_from, const Ids& rest,
                bool last) {
  const OrderWatch here = Watch(service, api, resume_from);
  EXPECT_EQ(IdsOf(here.messages()), rest);
  EXPECT_EQ(here.messages().empty(), last);
  if (!last) {
    EXPECT_EQ(here.messages().back().order().ShortDebugString(), service.View("SO-1").ShortDebugString());
  }
  Node behind(Define({}), service.book(), service.clock());
  const auto its_api = MakeApi(behind.streams(), {});
  const OrderWatch there = Watch(service, *its_api, resume_from);
  EXPECT_TRUE(there.messages().empty());
  behind.Run();
  EXPECT_FALSE(there.status()) << *there.status();
  EXPECT_EQ(IdsOf(there.messages()), rest);
  EXPECT_EQ(there.messages().empty(), last);
  if (!last) {
    EXPECT_EQ(there.messages().back().order().ShortDebugString(), service.View("SO-1").ShortDebugString());
  }
}

TEST(WatchOrder, ResumesAfterAnyOfItsMessages) {
  size_t cuts = 0;
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    ServiceUnderTest service;
    const auto api = MakeApi(service.streams(), {});
    Happenings happenings(service, seed);
    for (int i = 0; i < 10; ++i) happenings.Happen();
    const bool from_start = seed % 2 == 0;
    const Ids before = from_start ? Ids() : IdsOfTrace(service);
    const OrderWatch live = Watch(service, *api, "", from_start);
    for (int i = 0; i < 40; ++i) happenings.Happen();
    const auto messages = live.messages();
    EXPECT_EQ(IdsOf(messages), Minus(IdsOfTrace(service), before)) << "each once";
    for (size_t cut = 0; cut < messages.size(); ++cut, ++cuts) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", after message ", cut));
      ExpectRest(service, *api, messages[cut].consistency_token(), IdsOf(messages, cut + 1),
                 cut + 1 == messages.size());
      if (testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(cuts, 100u);
}

// Adds entries, the later ones with earlier times.
void AddNotes(ServiceUnderTest& service, int count) {
  for (int i = 0; i < count; ++i) {
    service.Foreign<OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                    R"(work_note_added { by: "ana" text: "called" })", absl::Seconds(i));
  }
}

TEST(WatchOrder, ResumesInTheMiddleOfSeveralMessagesOfOneChange) {
  ServiceUnderTest service;
  const auto api = MakeApi(service.streams(), {});
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  service.Foreign<OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                  R"(started { case_id: "k1" owner: "ana" order_id: "SO-1" })");
  const OrderWatch early = Watch(service, *api, "");
  ASSERT_EQ(early.messages().size(), 1u);
  const std::string begin = early.messages()[0].consistency_token();
  AddNotes(service, 1200);

  const OrderWatch whole = Watch(service, *api, "", /*from_start=*/true);
  ASSERT_GE(whole.messages().size(), 3u);
  EXPECT_EQ(IdsOf(whole.messages()), IdsOfTrace(service));
  const OrderWatch rest = Watch(service, *api, begin);
  ASSERT_GE(rest.messages().size(), 3u);
  EXPECT_EQ(IdsOf(rest.messages()).size(), 1200u);

  std::vector<std::vector<v1::WatchOrderResponse>> watched = {whole.messages(), rest.messages()};
  for (const auto& messages : watched) {
    const Ids before = Minus(IdsOf(watched[0]), IdsOf(messages));
    for (size_t cut = 0; cut < 3; ++cut) {
      const Ids sent = Minus(IdsOf(messages), IdsOf(messages, cut + 1));
      AddNotes(service, 2);  // before the sent entries, after them, and among those still to be sent
      AddNotes(service, 900);
      ExpectRest(service, *api, messages[cut].consistency_token(), Minus(Minus(IdsOfTrace(service), sent), before),
                 false);
      if (testing::Test::HasFailure()) return;
    }
  }
}

// A quarantined scan is in the trace until a map gives it a meaning; then another entry replaces it.
TEST(WatchOrder, SendsWhichEntriesWereRemoved) {
  ServiceUnderTest service;
  const auto api = MakeApi(service.streams(), {});
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  const OrderWatch early = Watch(service, *api, "");
  ASSERT_TRUE(service.Add("SO-1", R"(order_id: "SO-1" carrier: "ups" tracking_number: "1Z")").ok());
  const std::string scan = absl::StrCat(R"(carrier: "ups" tracking_number: "1Z" code { type: "Q" code: "??" }
                                           time { instant { seconds: )",
                                        absl::ToUnixSeconds(service.now()), " } }");
  ASSERT_EQ(*service.Push(scan), v1::PUSH_RESULT_QUARANTINED);
  const OrderWatch live = Watch(service, *api, "", /*from_start=*/true);
  const std::string unclear = Find(service.Trace("SO-1"), "StatusQuarantined")->entry_id();
  ASSERT_TRUE(IdsOf(live.messages()).contains(unclear));
  const std::string folder = testing::TempDir() + "maps-of-the-watch";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/ups.textproto")
      << R"(carrier: "ups" entries { type: "Q" code: "??" state: TRACKING_STATE_OUT_FOR_DELIVERY description: "Soon" })";
  auto extended = Carriers::Load(folder);
  ASSERT_TRUE(extended.ok()) << extended.status();
  ReplayQuarantine(service.streams(), *std::move(extended), {});
  service.Run();
  ASSERT_EQ(Find(service.Trace("SO-1"), "StatusQuarantined"), nullptr);
  const auto gone = [](const OrderWatch& watch) {
    Ids ids;
    for (const auto& message : watch.messages())
      ids.insert(message.removed_entry_ids().begin(), message.removed_entry_ids().end());
    return ids;
  };
  EXPECT_EQ(gone(live), Ids{unclear});
  EXPECT_EQ(gone(Watch(service, *api, live.messages()[0].consistency_token())), Ids{unclear})
      << "removed while the client was away";
  EXPECT_EQ(gone(Watch(service, *api, live.messages().back().consistency_token())), Ids()) << "sent before";
  EXPECT_EQ(gone(Watch(service, *api, early.messages()[0].consistency_token())), Ids()) << "it was never sent";
}

TEST(WatchOrder, APositionIsValidForAWatchOfTheSameOrderOnly) {
  ServiceUnderTest service;
  const auto api = MakeApi(service.streams(), {});
  for (const char* id : {"SO-1", "SO-2"}) ASSERT_TRUE(service.Place(id, kOrder).ok());
  const OrderWatch one = Watch(service, *api, "");
  const std::string good = one.messages().at(0).consistency_token();
  v1::WatchOrderRequest other;
  other.set_order_id("SO-2");
  other.set_resume_from(good);
  const OrderWatch of_other(*api, "WatchOrder", other, service.now());
  ASSERT_TRUE(of_other.status());
  EXPECT_EQ(runtime::BadFieldsOf(*of_other.status()), std::vector<std::string>{"resume_from"});
  for (const std::string& bad : {service.streams().SeenToken(), good + "x", std::string("what?")}) {
    const OrderWatch refused = Watch(service, *api, bad);
    ASSERT_TRUE(refused.status()) << bad;
    EXPECT_EQ(runtime::BadFieldsOf(*refused.status()), std::vector<std::string>{"resume_from"});
  }
  EXPECT_FALSE(Watch(service, *api, good, /*from_start=*/true).status()) << "with and without from_start";
}

}  // namespace
}  // namespace throughline::supplier
