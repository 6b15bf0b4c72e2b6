#pragma once

// A store that was built beside the one that serves, and how it takes its place. It does so when the store is opened,
// never under a service that runs, by renaming directories:
//
//   <path>            serves
//   <path>.next       is built beside it; its file REBUILT says that it is complete, CHOSEN that it shall serve
//   <path>.previous   served before
//   <path>.replaced   on its way from <path> to <path>.previous
//   <path>.removed    is being deleted
//
// A kill between any two steps leaves the old store or the new one whole, and the next opening goes on from there. A
// store without REBUILT never serves: its builder goes on with it or deletes it.
//
// One process at a time opens a store or changes what stands beside it. Reading: any process.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace throughline::store {

std::string NextPath(const std::string& path);
std::string PreviousPath(const std::string& path);

// The file REBUILT of a complete store.
struct Rebuilt {
  std::string layout;
  absl::Time built;
  int64_t records = 0;  // of the log, folded
};

// Of `<path>.next`; nullopt: there is none, or it is not complete.
std::optional<Rebuilt> ReadRebuilt(const std::string& path);
// Says that `<path>.next`, which must be closed, is complete. Survives a power loss.
absl::Status MarkRebuilt(const std::string& path, const Rebuilt& rebuilt);
// To be called before `<path>.next` is opened to be written.
absl::Status UnmarkRebuilt(const std::string& path);

// Says that `<path>.next` shall serve from the next opening on. FAILED_PRECONDITION: it is not complete.
absl::Status ChooseRebuilt(const std::string& path);
// Whether a service with this layout would take `<path>.next` in place of the store that it has.
bool IsChosen(const std::string& path, const std::string& layout);

// The builder of `<path>.next` asks the process that runs on `path` to flush, to compare both as of now.
void AskToFlush(const std::string& path);
// Whether nobody has taken the request yet.
bool FlushAsked(const std::string& path);
// By that process: whether it is asked.
bool TakeFlushRequest(const std::string& path);

// Deletes `<path>.next` or `<path>.previous`, as one step to a reader. NOT_FOUND: it does not exist.
// FAILED_PRECONDITION: it is in use, or cannot be deleted.
absl::Status RemoveStore(const std::string& beside);

// For rocks_open.cc, before it opens `path`: finishes what a kill interrupted, and lets a chosen store take its place,
// or a complete one that of a store that is not there. FAILED_PRECONDITION: a directory cannot be renamed, or another
// process uses the store.
absl::Status SettleReplacement(const std::string& path, const std::string& layout);
// For rocks_open.cc, when the store has the layout `found`: replaces it by one with `wanted` if that stands beside it.
// Otherwise the store becomes `<path>.previous`, or is deleted if the disk has no room for another, and nothing stands
// at `path`. Says in the log what it did; `otherwise`: how the store is made again in that case.
absl::Status ReplaceOtherLayout(const std::string& path, const std::string& found, const std::string& wanted,
                                const std::string& otherwise);

}  // namespace throughline::store
