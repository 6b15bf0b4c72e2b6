#pragma once

// Finds the known word that was probably meant by an unknown one. Pure functions; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace throughline::command_line {

// The edit distance: how many letters are wrong, missing, extra, or swapped with their neighbour.
size_t Distance(std::string_view a, std::string_view b);

// The known word at the smallest distance; of several, the first with the same beginning. None if more than a third of
// the letters differ. Case is ignored; an unfinished word (`--cust`) counts as near.
std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& known);

// Up to `most` known words that are as near as Nearest's must be, the nearest first; of equally near ones in the order
// of `known`. Reads every known word, and each costs the product of the lengths.
std::vector<std::string> NearestFew(std::string_view word, const std::vector<std::string>& known, size_t most);

// `; did you mean `phone`?`, for the end of an error message. Empty: no word is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& known);

}  // namespace throughline::command_line
