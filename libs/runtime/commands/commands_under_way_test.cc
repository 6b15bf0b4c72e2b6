#include "libs/runtime/commands/commands_under_way.h"

#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"

namespace throughline::runtime {
namespace {

using State = CommandUnderWay::State;

CommandPtr Ask(const std::string& id, const std::string& request = "deposit", const std::string& caller = "ann",
               absl::Time deadline = absl::InfiniteFuture()) {
  auto command = std::make_shared<Command>();
  command->stream = {"account", "a"};
  command->caller.id = caller;
  command->caller.command_id = id;
  command->digest = request;
  command->deadline = deadline;
  return command;
}

TEST(CommandsUnderWay, TheSameCommandWaitsBehindTheFirst) {
  CommandsUnderWay under_way(10);
  const auto first = *under_way.Add(Ask("c1"));
  EXPECT_EQ(first->state, State::kToDecide);
  EXPECT_EQ((*under_way.Add(Ask("c1")))->state, State::kBehindSame);
  EXPECT_EQ((*under_way.Add(Ask("c1", "withdraw")))->state, State::kBehindSame);
  EXPECT_EQ((*under_way.Add(Ask("c1", "deposit", "bob")))->state, State::kToDecide) << "an id is its caller's own";
  EXPECT_EQ(under_way.SameRequests(*first), 1u);
  EXPECT_EQ(under_way.size(), 4u);
}

TEST(CommandsUnderWay, WhatIsAcceptedLetsTheNextOfTheSameGoOn) {
  CommandsUnderWay under_way(10);
  const auto first = *under_way.Add(Ask("c1"));
  const auto second = *under_way.Add(Ask("c1"));
  const auto behind = under_way.Remove(*first, false);
  EXPECT_EQ(behind.next, second);
  EXPECT_TRUE(behind.refused.empty());
  EXPECT_EQ(under_way.Remove(*second, false).next, nullptr);
  EXPECT_EQ(under_way.size(), 0u);
}

TEST(CommandsUnderWay, ARefusalIsOneForAllOfTheSameRequest) {
  CommandsUnderWay under_way(10);
  const auto first = *under_way.Add(Ask("c1"));
  const auto other = *under_way.Add(Ask("c1", "withdraw"));
  const auto same = *under_way.Add(Ask("c1"));
  const auto behind = under_way.Remove(*first, true);
  EXPECT_EQ(behind.refused, std::vector<CommandUnderWayPtr>{same});
  EXPECT_EQ(behind.next, other);
}

TEST(CommandsUnderWay, OneCallerHasAtMostHalfOfThem) {
  CommandsUnderWay under_way(4);
  const auto first = *under_way.Add(Ask("c1"));
  ASSERT_TRUE(under_way.Add(Ask("c2")).ok());
  EXPECT_EQ(ReasonOf(under_way.Add(Ask("c3")).status()), "TOO_MANY_COMMANDS");
  ASSERT_TRUE(under_way.Add(Ask("c1", "", "bob")).ok());
  ASSERT_TRUE(under_way.Add(Ask("c1", "", "eve")).ok());
  EXPECT_EQ(ReasonOf(under_way.Add(Ask("c1", "", "kim")).status()), "TOO_MANY_COMMANDS");
  under_way.Remove(*first, false);
  EXPECT_TRUE(under_way.Add(Ask("c3")).ok());
}

TEST(CommandsUnderWay, ExpireInOrderOfArrivalWhereOnlyTheLogHoldsThemUp) {
  const absl::Time noon = absl::FromUnixSeconds(1'772'366'400);
  CommandsUnderWay under_way(1000);
  std::vector<CommandUnderWayPtr> expected;
  for (int i = 0; i < 50; ++i) {
    auto entry =
        *under_way.Add(Ask("c" + std::to_string(99 - i), "", "ann", i % 2 == 0 ? noon : noon + absl::Seconds(1)));
    entry->state = i % 3 == 0 ? State::kBehindEnd : State::kAppended;
    if (i % 2 == 0 && i % 3 != 0) expected.push_back(entry);
  }
  const auto behind = *under_way.Add(Ask("c99", "", "ann", noon));
  expected.push_back(behind);
  EXPECT_EQ(under_way.TakeExpired(noon), expected);
  EXPECT_EQ(under_way.Remove(*expected.front(), false).next, nullptr);
  EXPECT_EQ(under_way.Remove(*behind, false).next, nullptr) << "taken from behind the first of its name";
}

}  // namespace
}  // namespace throughline::runtime
