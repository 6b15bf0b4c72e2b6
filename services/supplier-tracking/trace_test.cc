// Pages and new entries of a trace are parts of the whole, and cost no more than what they show.

#include <algorithm>
#include <map>

#include "libs/service/testing.h"
#include "services/supplier-tracking/happenings.h"
#include "services/supplier-tracking/projections/tables.h"
#include "services/supplier-tracking/projections/trace/trace_entry.h"

namespace throughline::supplier {
namespace {

// The trace by its definition: all rows in order, with running values computed from the first row on.
std::vector<std::string> ByDefinition(const store::KeyValue& reader, const v1::OrderRow& order) {
  std::vector<v1::TraceRow> rows;
  kTrace.Scan(
      reader, "",
      [&](std::string_view, const auto&, v1::TraceRow row) {
        rows.push_back(std::move(row));
        return true;
      },
      order.view().order_id());
  std::set<std::string> notices;
  for (const auto& about : order.cases()) {
    for (const auto& link : about.notices()) {
      const auto notice = kNotices.Get(reader, link.notice_id());
      if (!notice || !notices.insert(link.notice_id()).second) continue;
      for (const v1::TraceRow& row : notice->rows())
        rows.emplace_back(row).mutable_entry()->set_case_id(about.case_id());
    }
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::make_pair(runtime::FromProto(a.entry().time()), a.entry().entry_id()) <
           std::make_pair(runtime::FromProto(b.entry().time()), b.entry().entry_id());
  });
  struct Case {
    std::string id, owner;
    bool open = false;
  };
  std::vector<Case> cases;  // in the order of opening
  v1::Eta eta;
  bool at_risk = false;
  std::vector<std::string> entries;
  std::string owner = order.owner();
  for (const v1::TraceRow& row : rows) {
    v1::TraceEntry entry = *EntryMaker(order, v1::AUDIENCE_STAFF).Make(row);
    if (row.has_case_owner() || row.has_case_open()) {
      auto found = std::find_if(cases.begin(), cases.end(), [&](const Case& c) { return c.id == entry.case_id(); });
      if (found == cases.end()) found = cases.insert(cases.end(), {entry.case_id(), "", false});
      if (row.has_case_owner()) found->owner = row.case_owner();
      if (row.has_case_open()) found->open = row.case_open();
    }
    entry.set_owner(order.owner());
    for (const Case& c : cases) {
      if (c.open && !c.owner.empty()) entry.set_owner(c.owner);
    }
    if (entry.owner() != owner) {
      entry.mutable_effect()->mutable_owner()->set_before(owner);
      entry.mutable_effect()->mutable_owner()->set_after(entry.owner());
    }
    owner = entry.owner();
    if (row.sets_eta()) eta = entry.eta();
    if (row.has_at_risk()) at_risk = row.at_risk();
    *entry.mutable_promised_time() = order.view().promised_time();
    if (eta.has_latest()) *entry.mutable_eta() = eta;
    entry.set_at_risk(at_risk);
    entries.push_back(entry.ShortDebugString());
  }
  return entries;
}

TEST(Trace, PagesOfAnySizeGiveTheWhole) {
  std::map<std::string, int> shown;  // by kind
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    ServiceUnderTest service;
    Happenings happenings(service, seed);
    for (int i = 0; i < 80; ++i) happenings.Happen();
    const auto order = ReadOrder(service.reader(), "SO-1");
    ASSERT_TRUE(order.ok());
    const std::vector<std::string> whole = ByDefinition(service.reader(), *order);
    for (const v1::TraceEntry& entry : service.Trace("SO-1")) ++shown[entry.kind()];
    for (int size = 1; size <= static_cast<int>(whole.size()) + 1; ++size) {
      std::vector<std::string> pages;
      v1::TraceOrderRequest request;
      request.set_order_id("SO-1");
      request.set_page_size(size);
      do {
        const auto page = TraceOrder(service.reader(), request);
        ASSERT_TRUE(page.ok()) << page.status();
        ASSERT_TRUE(page->next_page_token().empty() || page->entries_size() == size);
        for (const v1::TraceEntry& entry : page->entries()) pages.push_back(entry.ShortDebugString());
        request.set_page_token(page->next_page_token());
      } while (!request.page_token().empty());
      ASSERT_EQ(pages, whole) << "seed " << seed << ", " << size << " a page";
    }
  }
  for (const char* kind : {"CaseOpened", "HandoffAccepted", "CaseClosed", "CaseReopened", "EtaChanged", "PromiseAtRisk",
                           "PromiseRecovered", "NoticePublished", "StatusRecorded"}) {
    EXPECT_GE(shown[kind], 5) << kind;
  }
}

TEST(Trace, APageTokenIsValidForItsOwnOrderOnly) {
  ServiceUnderTest service;
  for (const char* id : {"SO-1", "SO-2"}) {
    ASSERT_TRUE(service.Place(id, kOrder).ok());
    ASSERT_TRUE(service.VendorUpdate(id, "bolt", R"(backordered { reason: "none" })").ok());
  }
  v1::TraceOrderRequest request;
  request.set_order_id("SO-1");
  request.set_page_size(1);
  const auto first = TraceOrder(service.reader(), request);
  ASSERT_TRUE(first.ok());
  for (const std::string& token : {first->next_page_token() + "AA", std::string("trace/SO-1/1/x")}) {
    request.set_page_token(token);
    EXPECT_EQ(runtime::BadFieldsOf(TraceOrder(service.reader(), request).status()),
              std::vector<std::string>{"page_token"})
        << token;
  }
  request.set_order_id("SO-2");
  request.set_page_token(first->next_page_token());
  EXPECT_EQ(runtime::BadFieldsOf(TraceOrder(service.reader(), request).status()),
            std::vector<std::string>{"page_token"});
}

// How far the store has folded.
runtime::Seen SeenBy(ServiceUnderTest& service) { return service.streams().SeenBy(service.reader()); }

TEST(Trace, KnownSinceGivesTheEntriesAddedBetweenTwoPositions) {
  size_t added = 0;
  for (uint32_t seed = 100; seed <= 110; ++seed) {
    ServiceUnderTest service;
    Happenings happenings(service, seed);
    std::vector<std::pair<runtime::Seen, std::set<std::string>>> moments;
    for (int i = 0; i < 60; ++i) {
      happenings.Happen();
      if (happenings.Below(4) != 0) continue;
      std::set<std::string> ids;
      for (const v1::TraceEntry& entry : service.Trace("SO-1")) ids.insert(entry.entry_id());
      moments.emplace_back(SeenBy(service), std::move(ids));
    }
    for (uint64_t i = 1; i <= 5; ++i) ASSERT_EQ(service.RebuiltRows(i), service.LiveRows()) << seed << " " << i;
    const auto order = ReadOrder(service.reader(), "SO-1");
    std::map<std::string, std::string> whole;
    for (const v1::TraceEntry& entry : service.Trace("SO-1")) whole[entry.entry_id()] = entry.ShortDebugString();
    for (size_t from = 0; from < moments.size(); ++from) {
      for (size_t until = from; until < moments.size(); ++until) {
        const auto known = KnownSince(service.reader(), *order, moments[from].first, moments[until].first);
        std::set<std::string> ids;
        for (const v1::TraceEntry& entry : ReadEntries(service.reader(), *order, known)) {
          EXPECT_TRUE(ids.insert(entry.entry_id()).second);
          EXPECT_EQ(entry.ShortDebugString(), whole[entry.entry_id()]) << "as in the whole trace";
        }
        std::set<std::string> expected;
        for (const std::string& id : moments[until].second) {
          if (!moments[from].second.contains(id)) expected.insert(id);
        }
        ASSERT_EQ(ids, expected) << "seed " << seed << ", moments " << from << " and " << until;
        added += ids.size();
      }
    }
  }
  EXPECT_GT(added, 1000u);
}

// Scans from before an order added the shipment are added to the trace with the announcement.
TEST(Trace, EarlierScansAreAddedWhenTheShipmentIsAnnounced) {
  ServiceUnderTest service;
  const int64_t noon = absl::ToUnixSeconds(service.now());
  ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
  ASSERT_TRUE(service.Push(Scan("ups", "1Z", "IN_TRANSIT", noon)).ok());
  ASSERT_EQ(*service.Push(absl::StrCat(R"(carrier: "ups" tracking_number: "1Z" code { code: "??" }
                                          time { instant { seconds: )",
                                       noon + 5, " } }")),
            v1::PUSH_RESULT_QUARANTINED);
  const runtime::Seen before = SeenBy(service);
  ASSERT_TRUE(service.Add("SO-1", R"(order_id: "SO-1" carrier: "ups" tracking_number: "1Z")").ok());
  const auto order = ReadOrder(service.reader(), "SO-1");
  std::set<std::string> kinds;
  for (const v1::TraceEntry& entry :
       ReadEntries(service.reader(), *order, KnownSince(service.reader(), *order, before, SeenBy(service)))) {
    kinds.insert(entry.kind());
  }
  EXPECT_TRUE(kinds.contains("StatusRecorded"));
  EXPECT_TRUE(kinds.contains("StatusQuarantined"));
}

// Counts the rows that are read.
class CountedRows : public store::KeyValueView {
 public:
  explicit CountedRows(const store::KeyValue& rows) : rows_(rows) {}
  bool Get(std::string_view key, std::string* value) const override { return ++looked_at, rows_.Get(key, value); }
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override {
    rows_.Scan(prefix, from,
               [&](std::string_view key, std::string_view value) { return ++looked_at, visit(key, value); });
  }
  mutable int looked_at = 0;

 private:
  const store::KeyValue& rows_;
};

TEST(Trace, TheCostOfAPageOrOfNewEntriesDoesNotGrowWithTheTrace) {
  constexpr int kPage = 20;
  std::map<int, std::vector<int>> cost;  // by the length of the trace: of pages, then of news
  for (const int length : {200, 2000}) {
    ServiceUnderTest service;
    ASSERT_TRUE(service.Place("SO-1", kOrder).ok());
    service.Foreign<CaseEvent>(
        log::Topic::kIntake, "case/k1",
        R"(opened { case_id: "k1" subject: "?" order_id: "SO-1" owner: "ana" notice_ids: "n1" })");
    service.Foreign<NoticeEvent>(log::Topic::kOutageNotice, "notice/n1", R"(published { notice_id: "n1" })");
    service.Foreign<OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                    R"(started { case_id: "k1" owner: "ana" order_id: "SO-1" })");
    runtime::Seen before;
    for (int i = 0; i < length; ++i) {
      if (i % 10 == 0) {
        service.Pass(absl::Seconds(1));
        const absl::Status status = service.VendorUpdate(
            "SO-1", "bolt",
            absl::StrCat("delayed { reason: \"storm\" expected_dispatch { seconds: ", 1772400000 + 86400 * (i % 3),
                         " } }"));
        ASSERT_TRUE(status.ok()) << status;
      }
      if (i == length - 1) before = SeenBy(service);
      service.Foreign<OwnershipEvent>(log::Topic::kOwnership, "ownership/k1",
                                      R"(work_note_added { by: "ana" text: "called" })",
                                      i == length - 1 ? absl::Seconds(length / 20) : absl::ZeroDuration());
    }
    const auto order = ReadOrder(service.reader(), "SO-1");
    const std::vector<v1::TraceEntry> whole = service.Trace("SO-1");
    ASSERT_GT(whole.size(), static_cast<size_t>(length));
    v1::TraceOrderRequest request;
    request.set_order_id("SO-1");
    request.set_page_size(kPage);
    std::vector<int> pages;
    do {
      const CountedRows rows(service.reader());
      const auto page = TraceOrder(rows, request);
      ASSERT_TRUE(page.ok());
      pages.push_back(rows.looked_at);
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    // The order, the notice, the page and one more row, and the running values.
    EXPECT_LE(*std::max_element(pages.begin(), pages.end()), 2 * kPage + 16) << length;
    const CountedRows rows(service.reader());
    const auto known = KnownSince(rows, *order, before, SeenBy(service));
    ASSERT_EQ(ReadEntries(rows, *order, known).size(), 1u);
    EXPECT_LE(rows.looked_at, 16) << length;
    cost[length] = {pages[0], pages[pages.size() / 2], rows.looked_at};
  }
  EXPECT_EQ(cost[200], cost[2000]);
}

}  // namespace
}  // namespace throughline::supplier
