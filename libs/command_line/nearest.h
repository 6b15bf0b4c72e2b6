#pragma once

// Which of the known words was probably meant by one that is not known. Pure functions; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace throughline::command_line {

// How many letters are wrong, missing, too many, or changed places with their neighbour.
size_t Distance(std::string_view a, std::string_view b);

// The known word with the smallest distance, of several the first that begins alike. None if more than a third of the
// letters would have to change. Case does not count; a word that was begun and not ended (`--cust`) counts as near.
std::optional<std::string> Nearest(std::string_view word, const std::vector<std::string>& known);

// `; did you mean `phone`?`, to stand at the end of an error. Empty: no word is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& known);

}  // namespace throughline::command_line
