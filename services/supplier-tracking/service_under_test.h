#pragma once

// The service for tests: the real engine on a log that the test can also write to, and a clock that only the test
// moves. One thread.

#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/crypto/sha256.h"
#include "libs/log/partitioner.h"
#include "libs/runtime/fold/fold.h"
#include "libs/runtime/testing/bench.h"
#include "services/supplier-tracking/api/execute_report.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/read.h"
#include "services/supplier-tracking/projections/vendors/carton_rows.h"
#include "services/supplier-tracking/risk/assess.h"
#include "services/supplier-tracking/supplier_tracking.h"

namespace throughline::supplier {

class ServiceUnderTest {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;

  explicit ServiceUnderTest(const Config& config = {}) : config_(config) {
    Restart();
    auto carriers = Carriers::Load("");
    EXPECT_TRUE(carriers.ok()) << carriers.status();
    carriers_ = *std::move(carriers);
  }

  // A crash that leaves the store as it is; reactions run again from the beginning of the log.
  void Restart() {
    replica_.reset();
    assignment_.Leave();
    log_ = std::make_unique<runtime::testing::ScriptedLog>(book_);
    replica_ = std::make_unique<runtime::testing::Replica>(Define(config_), *log_, store_, &assignment_, clock_);
    EXPECT_TRUE(replica_->Start().ok());
    std::vector<log::Position> held;
    for (const log::Partition& partition : Partitions()) held.push_back({partition, 0});
    assignment_.Hold(held);
    Run();
  }
  void Run() { EXPECT_TRUE(replica_->Run().ok()); }
  void Pass(absl::Duration time) {
    clock_.Pass(time);
    Run();
  }
  absl::Time now() const { return clock_.Now(); }
  // For other replicas on the same log.
  runtime::testing::Book& book() { return book_; }
  const runtime::Clock& clock() const { return clock_; }
  const store::KeyValue& reader() const { return store_; }
  runtime::Streams& streams() { return replica_->streams(); }

  runtime::Caller By(const std::string& id, runtime::Role role, const std::string& party = "") {
    runtime::Caller caller = runtime::testing::By(id, role, party, now());
    caller.command_id = absl::StrCat("command-", ++commands_);
    return caller;
  }

  // Gives a command and runs until nothing is left to do, reactions included.
  template <typename S, typename C>
  absl::StatusOr<runtime::Outcome<S>> Give(const std::string& key, const C& command, const runtime::Caller& caller) {
    auto answer = replica_->Send<S>(key, command, caller, now() + absl::Seconds(10));
    Run();
    if (!answer->has_value()) return absl::InternalError("no answer");
    return **answer;
  }
  absl::Status Place(const std::string& order_id, const std::string& text) {
    const PlaceOrder command{runtime::testing::FromText<v1::PlaceOrderRequest>(text), order_id, "sam"};
    return Give<Order>(order_id, command, By("shop", common::v1::ROLE_SERVICE)).status();
  }
  absl::Status VendorUpdate(const std::string& order_id, const std::string& vendor, const std::string& text) {
    UpdateFromVendor command{runtime::testing::FromText<v1::RecordVendorUpdateRequest>(text), {}};
    command.request.set_order_id(order_id);
    command.request.set_vendor_id(vendor);
    const v1::DispatchedUpdate& sent = command.request.dispatched();
    command.number = FactsOf(reader(), sent.carrier(), sent.tracking_number(), order_id, now());
    command.estimate = EstimateFor(reader(), command.request, now()).value_or(v1::Estimate());
    command.ssccs_in_use = SsccsInUse(reader(), order_id, sent, now());
    return Give<Order>(order_id, command, By(vendor, common::v1::ROLE_PARTNER, vendor)).status();
  }
  absl::Status Add(const std::string& order_id, const std::string& text) {
    AddShipment command{runtime::testing::FromText<v1::AddShipmentRequest>(text), {}};
    command.number = FactsOf(reader(), command.request.carrier(), command.request.tracking_number(), order_id, now(),
                             command.request.return_leg());
    return Give<Order>(order_id, command, By("ana", common::v1::ROLE_REP)).status();
  }
  // Reads with these maps from now on.
  void Use(const std::string& maps) {
    auto carriers = Carriers::Load(maps);
    ASSERT_TRUE(carriers.ok()) << carriers.status();
    carriers_ = *std::move(carriers);
  }
  // As PushStatusEvents does it.
  absl::StatusOr<v1::PushResult> Push(const std::string& text) {
    return Submit(ReadEvent(runtime::testing::FromText<v1::StatusEvent>(text), *carriers_, reader(), config_.limits));
  }
  // As PushRawEvents does it: the result of each item of the payload.
  std::vector<absl::StatusOr<v1::PushResult>> PushRaw(const std::string& format, const std::string& payload) {
    std::vector<absl::StatusOr<v1::PushResult>> results;
    for (ParsedItem& item : ReadBody(*carriers_->Find(format), payload)) {
      results.push_back(Submit(ReadItem(std::move(item), format, now(), reader(), config_.limits)));
    }
    return results;
  }
  absl::StatusOr<v1::PushResult> Submit(absl::StatusOr<Report> report) {
    if (!report.ok()) return report.status();
    runtime::Caller caller = By(report->carrier, common::v1::ROLE_PARTNER, report->carrier);
    caller.command_id = report->CommandId();
    std::optional<absl::StatusOr<runtime::Outcome<Shipment>>> answer;
    Execute(streams(), *std::move(report), caller, now() + absl::Seconds(10), [&](auto outcome) { answer = outcome; });
    Run();
    if (!answer) return absl::InternalError("no answer");
    if (!answer->ok()) return answer->status();
    return ResultOf((*answer)->events);
  }

  // Writes a commit of another service that was made `ago`.
  template <typename Event>
  void Foreign(log::Topic topic, const std::string& stream, const std::string& text,
               absl::Duration ago = absl::ZeroDuration()) {
    const auto event = runtime::testing::FromText<Event>(text);
    Head& head = heads_[stream];
    throughline::log::v1::Commit commit;
    commit.set_stream(stream);
    commit.set_version(++head.version);
    commit.set_follows(head.digest);
    commit.set_command_id(absl::StrCat("foreign-", ++commands_));
    commit.mutable_actor()->set_id("ana");
    *commit.mutable_event_time() = runtime::ToProto(now() - ago);
    commit.set_schema_version(1);
    auto& committed = *commit.add_events();
    committed.set_type(runtime::StreamType::Foreign<Event>(topic, "x").NameOf(event));
    committed.set_data(event.SerializeAsString());
    const std::string bytes = commit.SerializeAsString();
    head.digest = crypto::Sha256(bytes);
    book_.Write({topic, log::PartitionFor(stream, book_.partitions)}, stream, bytes);
    Run();
  }

  std::vector<v1::TraceEntry> Trace(const std::string& order_id) {
    auto order = ReadOrder(reader(), order_id);
    EXPECT_TRUE(order.ok()) << order.status();
    return order.ok() ? ReadTrace(reader(), *order, std::nullopt, 1'000'000).entries : std::vector<v1::TraceEntry>();
  }
  v1::OrderView View(const std::string& order_id) {
    auto order = ReadOrder(reader(), order_id);
    EXPECT_TRUE(order.ok()) << order.status();
    return order.ok() ? ShowOrder(*order, {}) : v1::OrderView();
  }

  // Every row of the store.
  Rows LiveRows() const { return WithoutIdentity(store_.Snapshot()); }
  // Every row of a store that folds the same log from the start, with the partitions interleaved at random.
  Rows RebuiltRows(uint64_t seed) {
    store::MemoryKeyValue store;
    const auto definition = Define(config_);
    std::vector<runtime::Projection*> projections;
    for (const auto& projection : definition->projections) projections.push_back(projection.get());
    prometheus::Registry registry;
    runtime::Probe probe(registry, definition->folds);
    runtime::Positions positions(std::vector<int32_t>(std::size(log::kTopics), book_.partitions));
    runtime::Heads heads(store);
    runtime::Fold fold(definition->types, projections, store, heads, positions, probe);
    std::mt19937_64 random(seed);
    std::vector<log::Partition> left = Partitions();
    std::map<log::Partition, size_t> next;
    while (!left.empty()) {
      const size_t pick = random() % left.size();
      const auto& records = book_.records[left[pick]];
      std::vector<log::RecordPtr> some;
      for (size_t n = 1 + random() % 3; n > 0 && next[left[pick]] < records.size(); --n) {
        some.push_back(records[next[left[pick]]++]);
      }
      if (next[left[pick]] == records.size()) left.erase(left.begin() + static_cast<int64_t>(pick));
      if (some.empty()) continue;
      std::vector<runtime::Folded> folded;
      absl::flat_hash_set<std::string> notified;
      const auto none = [](const std::string&) -> const runtime::LocalCommit* { return nullptr; };
      EXPECT_TRUE(fold.Apply(some, none, folded, notified).ok());
    }
    return WithoutIdentity(store.Snapshot());
  }

 private:
  struct Head {
    uint64_t version = 0;
    std::string digest;
  };
  std::vector<log::Partition> Partitions() const {
    std::vector<log::Partition> all;
    for (log::Topic topic : log::kTopics) {
      for (int32_t i = 0; i < book_.partitions; ++i) all.push_back({topic, i});
    }
    return all;
  }
  static Rows WithoutIdentity(Rows rows) {
    std::erase_if(rows, [](const auto& row) { return row.first.compare(0, 1, runtime::kIdentityRows.KeyOf()) == 0; });
    return rows;
  }

  const Config config_;
  runtime::testing::Book book_{4};
  std::unique_ptr<runtime::testing::ScriptedLog> log_;
  store::MemoryKeyValue store_;
  runtime::ManualClock clock_{runtime::testing::Noon()};
  runtime::testing::ScriptedAssignment assignment_;
  std::unique_ptr<Carriers> carriers_;
  std::unique_ptr<runtime::testing::Replica> replica_;
  std::map<std::string, Head> heads_;
  int commands_ = 0;
};

// Noon is 1772366400; the order is promised three days later.
inline constexpr char kOrder[] = R"(customer_id: "c1" promised_time { seconds: 1772625600 }
  lines { line_id: "1" sku: "lamp" quantity: 1 vendor_id: "acme" }
  lines { line_id: "2" sku: "bulb" quantity: 2 vendor_id: "bolt" })";

// The first entry of the kind; nullptr if there is none.
inline const v1::TraceEntry* Find(const std::vector<v1::TraceEntry>& trace, const std::string& kind) {
  for (const v1::TraceEntry& entry : trace) {
    if (entry.kind() == kind) return &entry;
  }
  return nullptr;
}

// A scan for Push, as text.
inline std::string Scan(const std::string& carrier, const std::string& number, const std::string& state,
                        int64_t instant) {
  return absl::StrCat("carrier: \"", carrier, "\" tracking_number: \"", number, "\" status { state: TRACKING_STATE_",
                      state, " } time { instant { seconds: ", instant, " } }");
}

}  // namespace throughline::supplier
