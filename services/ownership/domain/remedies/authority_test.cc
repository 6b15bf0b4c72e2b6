#include "services/ownership/domain/remedies/authority.h"

#include "libs/runtime/domain/refusal.h"
#include "services/ownership/domain/testing.h"

namespace throughline::ownership {
namespace {

using namespace ownership::testing;  // NOLINT
using absl::StatusCode;
using Reserve = ReserveAuthority<v1::RemedyOrder>;
using ReserveCustomer = ReserveForCustomer<v1::RemedyOrder>;

std::string OrderText(const std::string& id, int64_t amount, const std::string& currency = "EUR") {
  const std::string money = "currency: \"" + currency + "\" minor_units: ";
  return "case_id: \"c1\" remedy_id: \"r" + id + "\" step: REMEDY_STEP_GRANT amount { " + money +
         std::to_string(amount) + " } by: \"ana\" reservation { reservation_id: \"" + id +
         "\" } limits { per_period { " + money + "10000 } per_customer { " + money + "6000 } }";
}
template <typename Command>
Command For(const std::string& id, int64_t amount, const std::string& currency = "EUR") {
  return {{}, FromText<v1::RemedyOrder>(OrderText(id, amount, currency))};
}
std::string AuthorityText(const char* name, const std::string& id, int64_t amount, int64_t held) {
  return std::string(name) + " { order { " + OrderText(id, amount) +
         " } held { currency: \"EUR\" minor_units: " + std::to_string(held) + " } }";
}
std::string ReservedText(const std::string& id, int64_t amount, int64_t held) {
  return AuthorityText("reserved", id, amount, held);
}
ReleaseAuthority ReleaseOf(const std::string& id, int64_t amount) {
  return {FromText<v1::AuthorityReleased>(
      "reservation_id: \"" + id + "\" amount { currency: \"EUR\" minor_units: " + std::to_string(amount) + " }")};
}

TEST(Authority, IsReservedUpToTheLimitOfThePeriod) {
  Given<Authority>().When(For<Reserve>("1", 10000), Ana()).Then({ReservedText("1", 10000, 10000)});
  Given<Authority>().When(For<Reserve>("1", 10001), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "100.00 EUR");
  const std::vector<std::string> used = {ReservedText("1", 7000, 7000)};
  Given<Authority>(used).When(For<Reserve>("2", 3000), Ana()).Then({ReservedText("2", 3000, 10000)});
  const absl::Status refused =
      Authority::Decide(Given<Authority>(used).state(), For<Reserve>("2", 3001), Ana()).status();
  EXPECT_EQ(runtime::ReasonOf(refused), "ABOVE_AUTHORITY");
  EXPECT_EQ(runtime::MetadataOf(refused, "limit"), "period");
  EXPECT_EQ(runtime::MetadataOf(refused, "left"), "3000");
}

TEST(Authority, IsCountedInEachCurrencyByItself) {
  Given<Authority> given({ReservedText("1", 10000, 10000)});
  EXPECT_TRUE(Authority::Decide(given.state(), For<Reserve>("2", 10000, "USD"), Ana()).ok());
  given.When(For<Reserve>("2", 1), Ana()).ThenRefused(StatusCode::kFailedPrecondition, "0.00 EUR");
}

TEST(Authority, AReservationIsMadeOnce) {
  Given<Authority> given({ReservedText("1", 7000, 7000)});
  given.When(For<Reserve>("1", 7000), Ana()).Then({});
  given.When(For<ReserveCustomer>("1", 7000), Ana()).Then({});
}

TEST(Authority, WhatTheCaseDidNotTakeIsFreeAgainOnce) {
  Given<Authority> given({ReservedText("1", 7000, 7000), ReservedText("2", 3000, 10000)});
  const std::string released =
      R"pb(released {
             reservation_id: "1"
             amount { currency: "EUR" minor_units: 7000 }
             held { currency: "EUR" minor_units: 3000 }
           })pb";
  given.When(ReleaseOf("1", 7000), Ana()).Then({released});
  Given<Authority> after({ReservedText("1", 7000, 7000), ReservedText("2", 3000, 10000), released});
  after.When(ReleaseOf("1", 7000), Ana()).Then({});
  after.When(For<Reserve>("1", 7000), Ana()).Then({});  // its verdict was given
  after.When(For<Reserve>("3", 7000), Ana()).Then({ReservedText("3", 7000, 10000)});
}

TEST(Authority, OfACustomerIsDeniedAndTheCaseIsToHearOfIt) {
  Given<Authority> given({ReservedText("1", 5000, 5000)});
  given.When(For<ReserveCustomer>("2", 1000), Ana()).Then({ReservedText("2", 1000, 6000)});
  given.When(For<ReserveCustomer>("2", 1001), Ana()).Then({AuthorityText("denied", "2", 1001, 5000)});
  Given<Authority> denied({ReservedText("1", 5000, 5000), AuthorityText("denied", "2", 1001, 5000)});
  denied.When(For<ReserveCustomer>("2", 1001), Ana()).Then({});
  denied.When(ReleaseOf("2", 1001), Ana()).Then({});
  EXPECT_TRUE(IsNotHeld(denied.state(), "2"));
  EXPECT_FALSE(IsNotHeld(denied.state(), "1"));
}

TEST(Authority, AChangedPolicyChangesNothingThatIsReserved) {
  Given<Authority> given({ReservedText("1", 9000, 9000)});
  auto lower = For<Reserve>("2", 1);
  lower.order.mutable_limits()->mutable_per_period()->set_minor_units(5000);
  given.When(lower, Ana()).ThenRefused(StatusCode::kFailedPrecondition, "0.00 EUR");
}

TEST(Authority, RemembersABoundedNumberOfReservations) {
  Authority::State state;
  for (int i = 0; i < Authority::kMostRemembered + 10; ++i) {
    Authority::Evolve(state, FromText<Authority::Event>(ReservedText(std::to_string(i), 1, i + 1)));
  }
  EXPECT_EQ(state.reservations_size(), Authority::kMostRemembered);
  EXPECT_EQ(state.held(0).minor_units(), Authority::kMostRemembered + 10);
  // The oldest is forgotten, and released all the same.
  const auto released = Authority::Decide(state, ReleaseOf("0", 1), Ana());
  ASSERT_TRUE(released.ok());
  EXPECT_EQ(released->size(), 1);
}

TEST(Authority, KeysOfPersonsAndCustomersNeverMeet) {
  EXPECT_EQ(PersonAuthorityKey("ana", "2026-11"), "person/ana/2026-11");
  EXPECT_NE(PersonAuthorityKey("a/2026-10", "2026-11"), PersonAuthorityKey("a", "2026-10/2026-11"));
  EXPECT_NE(PersonAuthorityKey("a%2Fb", "p"), PersonAuthorityKey("a/b", "p"));
  EXPECT_NE(PersonAuthorityKey("ana", "p"), CustomerAuthorityKey("ana", "p"));
}

}  // namespace
}  // namespace throughline::ownership
