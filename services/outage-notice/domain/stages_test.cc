#include "services/outage-notice/domain/stages.h"

#include "gtest/gtest.h"

namespace throughline::outage {
namespace {

// Every kind, begun or not: it has a first stage, which is an open one of it; no stage belongs to two kinds but those
// of faults; it ends in a stage that is not open.
TEST(Stages, EveryKindBeginsAndEnds) {
  for (int number = v1::NoticeKind_MIN + 1; number <= v1::NoticeKind_MAX; ++number) {
    const auto kind = static_cast<v1::NoticeKind>(number);
    for (const bool begun : {false, true}) {
      const v1::NoticeStage first = FirstStage(kind, begun);
      EXPECT_TRUE(IsOpenStage(kind, begun, first)) << v1::NoticeKind_Name(kind) << begun;
      EXPECT_EQ(IsAhead(first), IsAnnounced(kind) && !begun);
      const v1::NoticeStage last = LastStage(kind, first);
      EXPECT_FALSE(IsOpenStage(kind, begun, last)) << v1::NoticeKind_Name(kind) << begun;
    }
  }
}

TEST(Stages, WhatHasNotBegunIsWithdrawnAndWhatHasIsCompleted) {
  EXPECT_EQ(LastStage(v1::NOTICE_KIND_MAINTENANCE, v1::NOTICE_STAGE_SCHEDULED), v1::NOTICE_STAGE_WITHDRAWN);
  EXPECT_EQ(LastStage(v1::NOTICE_KIND_MAINTENANCE, v1::NOTICE_STAGE_VERIFYING), v1::NOTICE_STAGE_COMPLETED);
  EXPECT_EQ(LastStage(v1::NOTICE_KIND_CHANGE, v1::NOTICE_STAGE_IN_FORCE), v1::NOTICE_STAGE_WITHDRAWN);
  EXPECT_EQ(LastStage(v1::NOTICE_KIND_OUTAGE, v1::NOTICE_STAGE_MONITORING), v1::NOTICE_STAGE_RESOLVED);
}

TEST(Stages, AKindHasOnlyItsOwn) {
  int of_faults = 0;
  for (int number = v1::NoticeStage_MIN + 1; number <= v1::NoticeStage_MAX; ++number) {
    const auto stage = static_cast<v1::NoticeStage>(number);
    of_faults += IsOpenStage(v1::NOTICE_KIND_OUTAGE, true, stage);
    EXPECT_EQ(IsOpenStage(v1::NOTICE_KIND_OUTAGE, true, stage), IsOpenStage(v1::NOTICE_KIND_DEGRADATION, true, stage));
    EXPECT_FALSE(IsOpenStage(v1::NOTICE_KIND_MAINTENANCE, true, stage) &&
                 IsOpenStage(v1::NOTICE_KIND_MAINTENANCE, false, stage));
  }
  EXPECT_EQ(of_faults, 3);
}

}  // namespace
}  // namespace throughline::outage
