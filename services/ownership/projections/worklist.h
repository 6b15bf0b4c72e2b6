#pragma once

// The worklist items of one case, notice, suggestion or improvement: one row for each thing that a person must look at.
//
// Pure functions, except WriteWorklist, which is for the fold's thread; any thread.

#include <map>
#include <optional>
#include <string>

#include "libs/store/batch.h"
#include "services/ownership/projections/tables.h"

namespace throughline::ownership {

// How urgent an item is by its reason alone: 1 is the most urgent.
int64_t RankOf(v1::WorklistReason reason);

// Encoded rows of kWorklist by their keys.
using WorklistRows = std::map<std::string, std::string>;
WorklistRows WorklistRowsOf(const v1::OwnershipView& view);
WorklistRows WorklistRowsOf(const std::string& notice_id, const v1::NoticeRow& notice);
// `reason`: SUGGESTION or IMPROVEMENT, which is the `thing`.
WorklistRows WorklistRowsOf(v1::WorklistReason reason, const std::string& thing, const v1::LearningRow& learning);
// The item of the case itself.
v1::WorklistItem OwnedItemOf(const v1::OwnershipView& view);

// Writes the difference, and wakes the watches of the persons whose worklists change.
void WriteWorklist(const WorklistRows& before, WorklistRows after, store::Batch& batch);

// What an item is about, whoever looks at it. `thing`: the case, notice, suggestion or improvement. `about`: what it is
// about within that.
struct ItemName {
  v1::WorklistReason reason = v1::WORKLIST_REASON_UNSPECIFIED;
  std::string thing;
  std::string about;
};
// The id of an item, and back. None: it is no such id.
std::string ItemId(const ItemName& name);
std::optional<ItemName> ParseItemId(const std::string& item_id);

}  // namespace throughline::ownership
