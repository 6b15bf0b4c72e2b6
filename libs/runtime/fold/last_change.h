#pragma once

// The last commits that changed a row, so that a watch that goes on from a position sends exactly what changed since
// then. A row keeps one for each partition whose commits change it, because replicas fold two partitions in different
// orders. Record every related commit, even if the row stays equal: another fold order may change it.

#include "google/protobuf/repeated_field.h"

#include "libs/log/event_log.h"
#include "libs/runtime/fold/seen.h"
#include "throughline/log/v1/rows.pb.h"

namespace throughline::runtime {

inline throughline::log::v1::LastChange LastChangeAt(const log::Position& position) {
  throughline::log::v1::LastChange change;
  change.set_topic(static_cast<uint32_t>(position.partition.topic));
  change.set_partition(position.partition.index);
  change.set_offset(position.offset);
  return change;
}

inline bool ChangedSince(const throughline::log::v1::LastChange& change, const Seen& seen) {
  return !seen.Has({static_cast<log::Topic>(change.topic()), change.partition()}, change.offset());
}

using LastChanges = google::protobuf::RepeatedPtrField<throughline::log::v1::LastChange>;

// Keeps them in ascending order of topic and partition.
inline void NoteChange(const log::Position& position, LastChanges& changes) {
  const throughline::log::v1::LastChange change = LastChangeAt(position);
  const auto before = [](const auto& a, const auto& b) {
    return std::make_pair(a.topic(), a.partition()) < std::make_pair(b.topic(), b.partition());
  };
  int at = 0;
  while (at < changes.size() && before(changes[at], change)) ++at;
  if (at == changes.size() || before(change, changes[at])) {
    *changes.Add() = change;
    for (int i = changes.size() - 1; i > at; --i) changes.SwapElements(i, i - 1);
  }
  changes[at] = change;
}

inline bool ChangedSince(const LastChanges& changes, const Seen& seen) {
  return std::any_of(changes.begin(), changes.end(), [&](const auto& change) { return ChangedSince(change, seen); });
}

}  // namespace throughline::runtime
