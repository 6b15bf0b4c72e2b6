// A shipment's state depends only on the set of reports: any order and any duplicates give the same bytes.

#include <algorithm>
#include <random>
#include <variant>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "libs/runtime/domain/testing_given.h"
#include "services/supplier-tracking/domain/shipment.h"

namespace throughline::supplier {
namespace {

using Report = std::variant<RecordStatus, RecordEta, RecordConflict, QuarantineStatus, AnnounceShipment>;
constexpr int64_t kNoon = 1772366400;

// The n-th report: always the same, except for its text. There are few reports and instants, so that ties, corrections
// and corrections of corrections are common.
std::string IdOf(int number) {
  return std::string(31, static_cast<char>('a' + number * 7 % 26)) + static_cast<char>('a' + number);
}

template <typename M>
void Identify(M& message, int number) {
  message.set_fingerprint(IdOf(number));
  message.mutable_time()->mutable_instant()->set_seconds(kNoon - (number * 37 % 5) * 600);
}

Report Make(int kind, int number, int text, int salt) {
  switch (kind) {
    default: {
      RecordStatus command;
      Identify(command.request, number);
      command.request.set_state(static_cast<v1::TrackingState>(1 + (number * 5 + salt) % 14));
      command.request.set_reason(static_cast<v1::TrackingReason>(number % 4));
      if (number % 5 == 0) command.request.add_flags(v1::TRACKING_FLAG_DELAYED);
      if (number % 3 == 0) command.request.set_correction_of(IdOf((number + 1 + salt) % 12));
      command.request.set_text(text == 0 ? "" : "text " + std::to_string(text));
      if (number % 2 == 0) {
        command.eta.mutable_latest()->set_seconds(kNoon + number * 100);
        command.eta_stated_at = command.request.time().instant();
      }
      return command;
    }
    case 7: {
      RecordEta command;
      command.request.mutable_eta()->mutable_latest()->set_seconds(kNoon + number * 1000);
      command.request.mutable_stated_at()->set_seconds(kNoon - number % 3);
      return command;
    }
    case 8: {
      RecordConflict command;
      Identify(command.request, number);
      return command;
    }
    case 9: {
      QuarantineStatus command;
      Identify(command.request, number);
      return command;
    }
    case 10: {
      AnnounceShipment command;
      command.request.set_order_id("SO-1");
      command.request.set_order_version(static_cast<uint64_t>(1 + number % 3));
      command.request.set_last_leg(number % 3 == 0);
      command.request.set_return_leg(number % 3 == 1);
      return command;
    }
  }
}

std::string BytesAfter(const std::vector<Report>& reports) {
  const runtime::Caller caller = runtime::testing::By("ups", common::v1::ROLE_PARTNER, "ups");
  v1::ShipmentState state;
  for (const Report& report : reports) {
    auto decision = std::visit([&](const auto& command) { return Shipment::Decide(state, command, caller); }, report);
    RC_ASSERT(decision.ok());
    for (const auto& event : *decision) Shipment::Evolve(state, event);
  }
  return state.SerializeAsString();
}

TEST(ShipmentProperty, AnyOrderAndAnyDuplicatesGiveTheSameBytes) {
  const bool held = rc::check("any order, any duplicates", [] {
    const int salt = *rc::gen::inRange(0, 12);
    const auto choices = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
        rc::gen::tuple(rc::gen::inRange(0, 11), rc::gen::inRange(0, 12), rc::gen::inRange(0, 3)));
    std::vector<Report> reports;
    for (const auto& [kind, number, text] : choices) reports.push_back(Make(kind, number, text, salt));
    const std::string expected = BytesAfter(reports);
    std::mt19937_64 random(*rc::gen::arbitrary<uint64_t>());
    for (int round = 0; round < 20; ++round) {
      std::vector<Report> shuffled = reports;
      for (size_t i = 0; i < reports.size(); ++i) {
        if (random() % 3 == 0) shuffled.push_back(reports[random() % reports.size()]);
      }
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      RC_ASSERT(BytesAfter(shuffled) == expected);
    }
  });
  EXPECT_TRUE(held);
}

// Every permutation of a small set, instead of random ones.
TEST(ShipmentProperty, EveryPermutationOfSixGivesTheSameBytes) {
  for (int salt = 0; salt < 12; ++salt) {
    std::vector<Report> reports;
    for (int number = 0; number < 5; ++number) reports.push_back(Make(0, (number * 3 + salt) % 12, number % 3, salt));
    reports.push_back(Make(10, salt, 0, salt));
    std::vector<int> order{0, 1, 2, 3, 4, 5};
    const std::string expected = BytesAfter(reports);
    do {
      std::vector<Report> permuted;
      for (int i : order) permuted.push_back(reports[static_cast<size_t>(i)]);
      ASSERT_EQ(BytesAfter(permuted), expected) << "salt " << salt;
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

}  // namespace
}  // namespace throughline::supplier
