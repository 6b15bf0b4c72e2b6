// Reads that wait for what they were promised to see.

#include "libs/runtime/reads/token.h"

#include "absl/strings/escaping.h"

#include "libs/runtime/testing/bench.h"

namespace throughline::runtime::testing {
namespace {

// What a read with `consistency_token` is told: "open" until then.
std::shared_ptr<std::string> Read(Bench& bench, const std::string& token, absl::Duration patience = absl::Seconds(1)) {
  auto told = std::make_shared<std::string>("open");
  bench.replica->streams().AfterToken(token, bench.clock.Now() + patience, [told](const absl::Status& status) {
    EXPECT_EQ(*told, "open") << "answered twice";
    *told = status.ok() ? "ok" : absl::StatusCodeToString(status.code());
  });
  bench.Run();
  return told;
}

std::string TokenOf(const Answer<Account>& answer) { return (**answer)->token; }

TEST(Token, LetsAReaderOnAnyReplicaSeeWhatWasWritten) {
  Book book(2);
  Bench commands(book);
  Bench reader(book);
  reader.log->delivers = false;
  const std::string token = TokenOf(commands.Give("a", Deposit(1), "c1"));
  EXPECT_EQ(*Read(commands, token), "ok");
  auto told = Read(reader, token);
  EXPECT_EQ(*told, "open");
  reader.log->delivers = true;
  reader.Run();
  EXPECT_EQ(*told, "ok");
  EXPECT_EQ(BalanceOf(reader, "a"), 1);
}

TEST(Token, CostsNothingWhenThereIsNone) {
  Book book(1);
  Bench bench(book);
  bench.log->delivers = false;
  EXPECT_EQ(*Read(bench, ""), "ok");
}

TEST(Token, IsWaitedForUntilTheDeadline) {
  Book book(1);
  Bench commands(book);
  Bench reader(book);
  reader.log->delivers = false;
  auto told = Read(reader, TokenOf(commands.Give("a", Deposit(1), "c1")), absl::Seconds(1));
  reader.Pass(absl::Milliseconds(900));
  EXPECT_EQ(*told, "open");
  reader.Pass(absl::Milliseconds(200));
  EXPECT_EQ(*told, "DEADLINE_EXCEEDED");
}

TEST(Token, AheadOfTheLogIsRefused) {
  Book book(1);
  Bench bench(book);
  const std::string token = bench.replica->engine().TokenFor({PartitionOf(book, "account/a"), 7});
  auto told = Read(bench, token, absl::Seconds(10));
  EXPECT_EQ(*told, "open") << "it may name what is about to come";
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(*told, "INVALID_ARGUMENT");
}

TEST(Token, IsNotHeldAgainstALogThatSaysNothing) {
  Book book(1);
  Bench bench(book);
  const std::string token = bench.replica->engine().TokenFor({PartitionOf(book, "account/a"), 1});
  bench.log->answers_ends = false;
  auto told = Read(bench, token, absl::Seconds(10));
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(*told, "open");
  bench.Give("a", Deposit(1), "c1");
  EXPECT_EQ(*told, "ok");
}

TEST(Token, IsHeldAgainstTheLogAgainAfterItDidNotAnswer) {
  Book book(1);
  Bench bench(book);
  bench.Run();
  const std::string token = bench.replica->engine().TokenFor({PartitionOf(book, "account/a"), 7});
  bench.log->answers_ends = false;
  auto told = Read(bench, token, absl::Seconds(10));
  bench.Pass(absl::Seconds(1));
  bench.log->FailEnds();
  bench.log->answers_ends = true;
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(*told, "INVALID_ARGUMENT");
}

TEST(Token, OfAnotherInstallationIsRefused) {
  Book book(1);
  Book other_book(1);
  other_book.cluster_id = "another";
  Bench bench(book);
  Bench other(other_book);
  bench.Give("a", Deposit(1), "c1");
  EXPECT_EQ(*Read(bench, TokenOf(other.Give("a", Deposit(1), "c1"))), "INVALID_ARGUMENT");
}

TEST(Token, GarbageIsRefused) {
  Book book(1);
  Bench bench(book);
  const std::string good = TokenOf(bench.Give("a", Deposit(1), "c1"));
  for (const std::string& bad : {std::string("x"), std::string("not base64!"), std::string(5000, 'A'), good + "x",
                                 good.substr(0, good.size() / 2), absl::WebSafeBase64Escape("\xff\xff\xff")}) {
    EXPECT_EQ(*Read(bench, bad), "INVALID_ARGUMENT") << bad.substr(0, 40);
  }
  throughline::log::v1::Token token;
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(good, &bytes) && token.ParseFromString(bytes));
  for (auto [topic, partition, offset] : {std::tuple{9, 0, 1}, {0, 1, 1}, {0, -1, 1}, {0, 0, -1}}) {
    auto changed = token;
    changed.mutable_places(0)->set_topic(static_cast<uint32_t>(topic));
    changed.mutable_places(0)->set_partition(partition);
    changed.mutable_places(0)->set_offset(offset);
    EXPECT_EQ(*Read(bench, absl::WebSafeBase64Escape(changed.SerializeAsString())), "INVALID_ARGUMENT")
        << changed.ShortDebugString();
  }
}

TEST(Token, OfAWatchSaysWhereItGoesOn) {
  Book book(2);
  Bench bench(book);
  const std::string plain = TokenOf(bench.Give("a", Deposit(1), "c1"));
  const Streams& streams = bench.replica->streams();
  const runtime::Seen now = streams.SeenBy(bench.store);
  EXPECT_EQ(now, runtime::Seen({{PartitionOf(book, "account/a"), 1}}));
  for (const WatchPosition& position :
       {WatchPosition{"case c1", now}, WatchPosition{"case c1", now, runtime::Seen(), std::string("k\0x", 3)},
        WatchPosition{"case c1", now, now, "k"}}) {
    const std::string token = streams.MakeToken(position);
    const auto read = streams.ReadWatchPosition(token, "case c1", "resume_from");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, position);
    EXPECT_EQ(*Read(bench, token), "ok") << "it is a token like any other";
    for (const std::string& bad : {token + "x", token.substr(1), plain}) {
      EXPECT_EQ(BadFieldsOf(streams.ReadWatchPosition(bad, "case c1", "resume_from").status()),
                std::vector<std::string>{"resume_from"});
    }
    EXPECT_EQ(BadFieldsOf(streams.ReadWatchPosition(token, "case c2", "resume_from").status()),
              std::vector<std::string>{"resume_from"});
  }
}

TEST(Token, ThatIsRefusedLateIsRefusedByItsFieldToo) {
  Book book(1);
  Bench bench(book);
  const std::string token = bench.replica->engine().TokenFor({PartitionOf(book, "account/a"), 7});
  absl::Status told;
  bench.replica->streams().AfterToken(
      token, bench.clock.Now() + absl::Seconds(10), [&told](const absl::Status& status) { told = status; },
      "resume_from");
  bench.Run();
  bench.Pass(absl::Seconds(1));
  EXPECT_EQ(BadFieldsOf(told), std::vector<std::string>{"resume_from"}) << told;
}

TEST(Token, OfThePresentWaitsForWhatStoodInTheLog) {
  Book book(1);
  Bench commands(book);
  Bench reader(book);
  reader.Run();
  reader.log->delivers = false;
  commands.Give("a", Deposit(1), "c1");
  std::vector<std::string> told;
  const auto read = [&] {
    reader.replica->streams().AfterPresent(reader.clock.Now() + absl::Seconds(1), [&](const absl::Status& status) {
      told.push_back(absl::StatusCodeToString(status.code()));
    });
    reader.Run();
  };
  read();
  EXPECT_TRUE(told.empty());
  reader.Pass(absl::Seconds(2));
  EXPECT_EQ(told, std::vector<std::string>{"DEADLINE_EXCEEDED"});
  read();
  reader.log->delivers = true;
  reader.Run();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1], "OK");
}

}  // namespace
}  // namespace throughline::runtime::testing
