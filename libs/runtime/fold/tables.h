#pragma once

// The runtime's own tables in each service's store. A changed table means another kLayout.

#include "libs/store/table.h"
#include "throughline/log/v1/rows.pb.h"

namespace throughline::runtime {

inline constexpr char kLayout[] = "runtime-4";

// Stream id -> its last accepted commit and its state.
inline constexpr store::Table<throughline::log::v1::StreamRow, std::string> kStreamRows{1};
// CommandKey -> the accepted command.
inline constexpr store::Table<throughline::log::v1::CommandRow, std::string> kCommandRows{2};
// Topic -> how far each partition is folded, see ReadFoldedPositions.
inline constexpr store::Table<std::string, int64_t> kPositionRows{3};
// Topic, partition, offset of every void commit. There are few: what is neither here nor quarantined was accepted.
inline constexpr store::Table<std::string, int64_t, int64_t, int64_t> kVoidRows{4};
// Topic, partition, offset of every record that is no commit.
inline constexpr store::Table<throughline::log::v1::QuarantinedRow, int64_t, int64_t, int64_t> kQuarantinedRows{5};
// Due time, stream, name -> what becomes due.
inline constexpr store::Table<throughline::log::v1::TimerRow, absl::Time, std::string, std::string> kTimerRows{6};
// Name -> a number that projections count.
inline constexpr store::Table<int64_t, std::string> kCounterRows{7};
// "log" -> the identity of the log that was folded.
inline constexpr store::Table<std::string, std::string> kIdentityRows{8};
// Topic, partition, first offset -> the last: a gap in the log that an operator accepted.
inline constexpr store::Table<int64_t, int64_t, int64_t, int64_t> kGapRows{9};

// The first number that a service may use for its own tables.
inline constexpr int kFirstServiceTable = 16;

}  // namespace throughline::runtime
