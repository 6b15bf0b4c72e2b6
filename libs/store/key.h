#pragma once

// Row keys: a table's number, followed by components whose bytes sort as their values do.
//
//   strings       bytes with 00 written as 00 FF, ended by 00 01: no string's encoding is a prefix of another's
//   integers      8 bytes, big endian, sign bit flipped
//   absl::Time    microseconds as an integer; Descending{time}: the same, inverted, so that the newest comes first

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace throughline::store {

struct Descending {
  absl::Time time;
};

// A prefix of a string component. Last in a key: matches the keys of all strings with that prefix.
struct Beginning {
  std::string_view text;
};

void AppendKey(std::string& key, std::string_view part);
void AppendKey(std::string& key, Beginning part);
void AppendKey(std::string& key, int64_t part);
void AppendKey(std::string& key, absl::Time part);
void AppendKey(std::string& key, Descending part);

// Each removes a component from the front of `key`. False: there is no such component.
bool TakeKey(std::string_view& key, std::string& part);
bool TakeKey(std::string_view& key, int64_t& part);
bool TakeKey(std::string_view& key, absl::Time& part);
bool TakeKey(std::string_view& key, Descending& part);

}  // namespace throughline::store
