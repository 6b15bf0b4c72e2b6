#include "libs/tracing/trace_context.h"

#include "gtest/gtest.h"

namespace throughline::tracing {
namespace {

constexpr char kHeader[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsAndWritesTheHeader) {
  const auto context = TraceContext::Parse(kHeader);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id, "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->ToHeader(), kHeader);
}

TEST(TraceContext, OnlyTheLowestFlagSaysThatItIsSampled) {
  const std::string ids = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";
  EXPECT_FALSE(TraceContext::Parse(ids + "00")->sampled);
  EXPECT_FALSE(TraceContext::Parse(ids + "02")->sampled);
  EXPECT_TRUE(TraceContext::Parse(ids + "03")->sampled);
  EXPECT_TRUE(TraceContext::Parse(ids + "0b")->sampled);
}

TEST(TraceContext, ANewerVersionIsReadAsFarAsItIsKnown) {
  EXPECT_TRUE(TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes"));
  EXPECT_TRUE(TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what"));
}

TEST(TraceContext, WhatIsNoTraceparentIsNone) {
  for (const char* text : {
           "",
           "00",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
           "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
       }) {
    EXPECT_FALSE(TraceContext::Parse(text)) << text;
  }
}

TEST(TraceContext, NewIdsCanBeRead) {
  const TraceContext fresh = NewTrace(true);
  EXPECT_TRUE(TraceContext::Parse(fresh.ToHeader()));
  EXPECT_NE(fresh.trace_id, NewTrace(true).trace_id);
  EXPECT_EQ(SpanIdOf("order/SO-1@3"), SpanIdOf("order/SO-1@3"));
  EXPECT_TRUE(TraceContext::Parse(fresh.Child(SpanIdOf("order/SO-1@3")).ToHeader()));
}

TEST(TraceContext, AStateThatNoHeaderMayHaveIsDropped) {
  EXPECT_EQ(PassableState("vendor=a:1,other=2"), "vendor=a:1,other=2");
  EXPECT_EQ(PassableState("a=1\r\nx: y"), "");
  EXPECT_EQ(PassableState(std::string(513, 'a')), "");
}

}  // namespace
}  // namespace throughline::tracing
