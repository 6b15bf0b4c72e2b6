#pragma once

// The name of a stream: `kind/key`, for instance `case/7ZQ4…` or `shipment/ups/1Z…/1`. The key may contain slashes.

#include <optional>
#include <string>
#include <string_view>

namespace throughline::runtime {

struct StreamId {
  std::string kind;
  std::string key;

  std::string ToString() const { return kind + "/" + key; }
  bool operator==(const StreamId&) const = default;

  // nullopt unless both parts are there.
  static std::optional<StreamId> Parse(std::string_view text) {
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
    return StreamId{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
  }
};

}  // namespace throughline::runtime
