// A trace goes from a command to its commit, to the reactions on that, and to the timers of their streams.

#include "libs/runtime/testing/bench.h"
#include "libs/tracing/trace_context.h"

namespace throughline::runtime::testing {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class KeepingExporter final : public tracing::Exporter {
 public:
  explicit KeepingExporter(std::vector<tracing::Span>& kept) : kept_(kept) {}
  absl::Status Export(const std::vector<tracing::Span>& spans) override {
    kept_.insert(kept_.end(), spans.begin(), spans.end());
    return absl::OkStatus();
  }

 private:
  std::vector<tracing::Span>& kept_;
};

throughline::log::v1::Commit LastOf(const Book& book, const std::string& stream) {
  throughline::log::v1::Commit last;
  for (const auto& record : book.records.at(PartitionOf(book, stream))) {
    throughline::log::v1::Commit commit;
    EXPECT_TRUE(commit.ParseFromString(record->value));
    if (commit.stream() == stream) last = commit;
  }
  return last;
}

void GiveTraced(Bench& bench, const v1::Withdraw& command, const std::string& traceparent) {
  Caller caller = By("ann", common::v1::ROLE_REP);
  caller.command_id = "c2";
  caller.time = bench.clock.Trusted();
  caller.traceparent = traceparent;
  caller.tracestate = "vendor=1";
  bench.replica->Send<Account>("a", command, caller, bench.clock.Now() + absl::Seconds(10));
  bench.Run();
}

TEST(Tracing, ACommitWithoutATraceHasTheBytesItAlwaysHad) {
  Book book(1);
  Bench bench(book);
  bench.Give("a", Deposit(5), "c1");
  throughline::log::v1::Commit commit = LastOf(book, "account/a");
  EXPECT_EQ(commit.traceparent(), "");
  const std::string bytes = book.records[PartitionOf(book, "account/a")].back()->value;
  commit.clear_traceparent();
  commit.clear_tracestate();
  EXPECT_EQ(commit.SerializeAsString(), bytes);
}

TEST(Tracing, WithoutATracerTheContextIsPassedOnAsItCame) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  GiveTraced(bench, Withdraw(2, "l"), kParent);
  EXPECT_EQ(LastOf(book, "account/a").traceparent(), kParent);
  EXPECT_EQ(LastOf(book, "account/a").tracestate(), "vendor=1");
  EXPECT_EQ(LastOf(book, "ledger/l").traceparent(), kParent) << "the reaction";
  EXPECT_EQ(LastOf(book, "ledger/l").tracestate(), "vendor=1");
  const auto& headers = bench.feed.published.back().headers;
  EXPECT_NE(std::find(headers.begin(), headers.end(), std::pair<std::string, std::string>("ce_traceparent", kParent)),
            headers.end());
}

TEST(Tracing, CommitAndReactionAreSpansOfOneTrace) {
  std::vector<tracing::Span> spans;
  prometheus::Registry registry;
  {
    tracing::Tracer tracer({}, std::make_unique<KeepingExporter>(spans), registry);
    Book book(1);
    Bench bench(book, {}, &tracer);
    bench.HoldAll();
    bench.Give("a", Deposit(5), "c1");
    GiveTraced(bench, Withdraw(2, "l"), kParent);
    // Another replica that reacts, too, reports the same span, and its commit is void.
    EXPECT_EQ(tracing::TraceContext::Parse(LastOf(book, "account/a").traceparent())->trace_id, kTrace);
    EXPECT_EQ(tracing::TraceContext::Parse(LastOf(book, "ledger/l").traceparent())->trace_id, kTrace);
  }
  ASSERT_EQ(spans.size(), 3u) << "the deposit belongs to no trace";
  const auto find = [&](const std::string& name) {
    const auto found = std::find_if(spans.begin(), spans.end(), [&](const auto& span) { return span.name == name; });
    EXPECT_NE(found, spans.end()) << name;
    return found == spans.end() ? tracing::Span{} : *found;
  };
  const tracing::Span commit = find("commit account"), reaction = find("react on ledger"),
                      booked = find("commit ledger");
  EXPECT_EQ(commit.parent_id, "00f067aa0ba902b7");
  EXPECT_EQ(reaction.parent_id, commit.context.span_id);
  EXPECT_EQ(booked.parent_id, reaction.context.span_id);
  EXPECT_EQ(reaction.context.span_id, tracing::SpanIdOf(booked.attributes[2].second)) << "follows from the command id";
  for (const tracing::Span& span : spans) {
    EXPECT_EQ(span.context.trace_id, kTrace);
    EXPECT_EQ(span.service, "intake");
    EXPECT_EQ(span.tracestate, "vendor=1");
    EXPECT_EQ(span.failure, "");
  }
}

TEST(Tracing, WhatIsNotSampledIsCarriedAndNotRecorded) {
  std::vector<tracing::Span> spans;
  prometheus::Registry registry;
  Book book(1);
  {
    tracing::Tracer tracer({}, std::make_unique<KeepingExporter>(spans), registry);
    Bench bench(book, {}, &tracer);
    bench.HoldAll();
    bench.Give("a", Deposit(5), "c1");
    GiveTraced(bench, Withdraw(2, "l"), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
  }
  EXPECT_TRUE(spans.empty());
  const auto carried = tracing::TraceContext::Parse(LastOf(book, "ledger/l").traceparent());
  ASSERT_TRUE(carried);
  EXPECT_EQ(carried->trace_id, kTrace);
  EXPECT_FALSE(carried->sampled);
}

TEST(Tracing, ATimerBelongsToTheTraceOfWhatLastHappenedOnItsStream) {
  Book book(1);
  Bench bench(book);
  bench.HoldAll();
  bench.Give("a", Deposit(5), "c1");
  Caller caller = By("ann", common::v1::ROLE_REP);
  caller.command_id = "c2";
  caller.time = bench.clock.Trusted();
  caller.traceparent = kParent;
  v1::PlaceHold hold;
  hold.set_amount(2);
  *hold.mutable_until() = ToProto(bench.clock.Now() + absl::Minutes(1));
  bench.replica->Send<Account>("a", hold, caller, bench.clock.Now() + absl::Seconds(10));
  bench.Run();
  const uint64_t held = LastOf(book, "account/a").version();
  bench.Pass(absl::Minutes(2));
  const throughline::log::v1::Commit released = LastOf(book, "account/a");
  EXPECT_EQ(released.version(), held + 1);
  EXPECT_EQ(released.traceparent(), kParent);
}

}  // namespace
}  // namespace throughline::runtime::testing
