#include "services/supplier-tracking/domain/carrier_codes.h"

#include "gtest/gtest.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/testing_given.h"

namespace throughline::supplier {
namespace {

using runtime::testing::FromText;

const runtime::Caller kAdmin = runtime::testing::By("root", common::v1::ROLE_ADMIN);

MapCarrierCode Says(const std::string& text) { return {FromText<v1::MapCarrierCodeRequest>(text), false}; }

constexpr char kSoon[] =
    R"(carrier: "ups" code { type: "I" code: "QK" } state: TRACKING_STATE_IN_TRANSIT source: "UPS, call of 3 March")";

std::string Refusal(const v1::CarrierCodesState& state, const MapCarrierCode& command) {
  const auto decision = CarrierCodes::Decide(state, command, kAdmin);
  return decision.ok() ? "" : runtime::ReasonOf(decision.status()).value_or("?");
}

v1::CarrierCodesState After(const std::vector<MapCarrierCode>& commands) {
  v1::CarrierCodesState state;
  for (const MapCarrierCode& command : commands) {
    const auto decision = CarrierCodes::Decide(state, command, kAdmin);
    EXPECT_TRUE(decision.ok()) << decision.status();
    if (!decision.ok()) continue;
    for (const auto& event : *decision) CarrierCodes::Evolve(state, event);
  }
  return state;
}

TEST(CarrierCodes, ACodeGetsAMeaningAndSaysWhoGaveIt) {
  const auto state = After({Says(kSoon)});
  ASSERT_EQ(state.mapped_size(), 1);
  EXPECT_EQ(state.mapped(0).state(), v1::TRACKING_STATE_IN_TRANSIT);
  EXPECT_EQ(state.mapped(0).mapped_by(), "root");
  EXPECT_EQ(state.mapped(0).source(), "UPS, call of 3 March");
}

TEST(CarrierCodes, TheSameAgainIsNothingAndAnotherMeaningReplacesIt) {
  const auto state = After({Says(kSoon)});
  EXPECT_TRUE(CarrierCodes::Decide(state, Says(kSoon), kAdmin)->empty());
  MapCarrierCode other = Says(kSoon);
  other.request.set_state(v1::TRACKING_STATE_ON_HOLD);
  const auto changed = After({Says(kSoon), other});
  ASSERT_EQ(changed.mapped_size(), 1);
  EXPECT_EQ(changed.mapped(0).state(), v1::TRACKING_STATE_ON_HOLD);
}

TEST(CarrierCodes, AWithdrawnCodeHasNoMeaning) {
  MapCarrierCode back = Says(kSoon);
  back.request.set_withdraw(true);
  EXPECT_EQ(After({Says(kSoon), back}).mapped_size(), 0);
  EXPECT_EQ(Refusal({}, back), "NOT_MAPPED");
}

TEST(CarrierCodes, AreKeptInOneOrder) {
  const auto code = [](const std::string& type, const std::string& version) {
    return Says("carrier: \"ups\" code { api_version: \"" + version + "\" type: \"" + type +
                "\" code: \"1\" } state: TRACKING_STATE_ON_HOLD source: \"s\"");
  };
  EXPECT_EQ(After({code("B", ""), code("A", "v2"), code("A", "")}).SerializeAsString(),
            After({code("A", ""), code("B", ""), code("A", "v2")}).SerializeAsString());
}

TEST(CarrierCodes, WhatIsNotSaidIsRefused) {
  for (const char* bad : {R"(carrier: "ups" state: TRACKING_STATE_ON_HOLD source: "s")",
                          R"(carrier: "ups" code { code: "1" } source: "s")",
                          R"(carrier: "ups" code { code: "1" } state: TRACKING_STATE_ON_HOLD source: " ")",
                          R"(carrier: "UPS!" code { code: "1" } state: TRACKING_STATE_ON_HOLD source: "s")",
                          R"(carrier: "ups" code { type: "1" } text: "t" state: TRACKING_STATE_ON_HOLD source: "s")"}) {
    EXPECT_EQ(Refusal({}, Says(bad)), "BAD_FIELD") << bad;
  }
}

TEST(CarrierCodes, WhatAMapNamesIsNotOverruled) {
  MapCarrierCode known = Says(kSoon);
  known.named_by_map = true;
  EXPECT_EQ(Refusal({}, known), "CODE_KNOWN");
  // But what was said before the map's file named it can be changed and withdrawn.
  known.request.set_state(v1::TRACKING_STATE_ON_HOLD);
  EXPECT_EQ(Refusal(After({Says(kSoon)}), known), "");
}

TEST(CarrierCodes, AreBounded) {
  v1::CarrierCodesState state;
  for (int i = 0; i < kMaxMappedCodes; ++i) state.add_mapped()->mutable_code()->set_code("code");
  EXPECT_EQ(Refusal(state, Says(kSoon)), "TOO_MANY_CODES");
}

}  // namespace
}  // namespace throughline::supplier
