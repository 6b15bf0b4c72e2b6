// The state of a shipment depends only on the set of its events: what each format's payloads hold, in any order and
// with one to five duplicates, gives the same bytes.

#include <algorithm>
#include <map>
#include <random>

#include "gtest/gtest.h"

#include "libs/runtime/domain/time.h"
#include "libs/store/memory_key_value.h"
#include "services/supplier-tracking/api/reports.h"
#include "services/supplier-tracking/carriers/testing_payloads.h"
#include "services/supplier-tracking/domain/checks.h"

namespace throughline::supplier {
namespace {

class Permutations : public testing::TestWithParam<std::string> {
 protected:
  // The state of every shipment, as bytes, after the reports in this order.
  static std::map<std::string, std::string> StatesAfter(const std::vector<Report>& reports) {
    runtime::Caller caller;
    caller.id = "carrier";
    std::map<std::string, v1::ShipmentState> states;
    int64_t received = 1'790'000'000;
    for (const Report& report : reports) {
      caller.time = absl::FromUnixSeconds(++received);
      v1::ShipmentState& state = states[ShipmentStream(report.carrier, report.number, report.epoch)];
      std::visit(
          [&](const auto& command) {
            const auto events = Shipment::Decide(state, command, caller);
            ASSERT_TRUE(events.ok()) << events.status();
            for (const v1::ShipmentEvent& event : *events) Shipment::Evolve(state, event);
          },
          report.command);
    }
    std::map<std::string, std::string> bytes;
    for (const auto& [stream, state] : states) bytes[stream] = state.SerializeAsString();
    return bytes;
  }

  // What these payloads hold, in so many orders.
  static void Check(const std::vector<std::string>& bodies, uint64_t seeds) {
    static const Carriers& carriers = *Carriers::Load("").value().release();
    const store::MemoryKeyValue rows;
    std::vector<Report> reports;
    for (const std::string& body : bodies) {
      for (ParsedItem& item : ReadBody(*carriers.Find(GetParam()), body)) {
        auto report = ReadItem(std::move(item), GetParam(), absl::FromUnixSeconds(1'790'000'000), rows, {});
        ASSERT_TRUE(report.ok()) << report.status() << "\n" << body;
        reports.push_back(*std::move(report));
      }
    }
    const auto expected = StatesAfter(reports);
    for (uint64_t seed = 0; seed < seeds; ++seed) {
      std::mt19937_64 random(seed);
      std::vector<Report> many;
      for (const Report& report : reports) {
        for (uint64_t copies = 1 + random() % 5; copies > 0; --copies) many.push_back(report);
      }
      std::shuffle(many.begin(), many.end(), random);
      ASSERT_EQ(StatesAfter(many), expected) << GetParam() << ", seed " << seed << "\n" << bodies[0];
    }
  }
};

TEST_P(Permutations, AnyOrderAndAnyDuplicatesGiveTheSameBytes) {
  std::vector<std::string> all;
  for (const TestPayload& payload : AllPayloads()) {
    if (payload.format == GetParam()) all.push_back(payload.body);
  }
  Check(all, 300);
  // One by one: of the same scan they say different things.
  for (const Judged& judged : ReadJudged(GetParam())) Check({judged.payload}, 20);
}

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const Format& format : Formats()) names.push_back(format.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Formats, Permutations, testing::ValuesIn(FormatNames()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace throughline::supplier
