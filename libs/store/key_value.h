#pragma once

// The ordered key-value store under a service's states and read models. It is disposable: everything in it is a fold of
// the log and moves together with the position it was folded to, so a damaged or outdated store is thrown away and
// rebuilt.
//
// That is why reads and writes here cannot fail for the caller: a store that cannot be read or written stops the
// process with a message that says what to do (see fatal.h), and nothing is half done. A row that is there and cannot
// be decoded is another matter: see damaged_row.h.
//
// Any thread may read; one thread writes.

#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace throughline::store {

struct Change {
  std::string key;
  std::optional<std::string> value;  // nullopt: delete
};

class KeyValue {
 public:
  // Return false to stop. The views live only for the call.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  virtual ~KeyValue() = default;

  // False if there is no such key; `value` is then unspecified.
  virtual bool Get(std::string_view key, std::string* value) const = 0;

  // Keys that begin with `prefix` (a byte or more), ascending, from the first that is not less than `from` (`from`
  // itself begins with `prefix`, or is empty: from the first). One consistent view.
  virtual void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const = 0;

  // The rows as they are now, whatever is written later: for whoever reads several that must fit together. For the time
  // of one read, as it keeps what is deleted meanwhile; the store must outlive it. Const, so that nobody writes to it.
  virtual std::unique_ptr<const KeyValue> View() const = 0;

  // All or nothing. Not synced: the log is what is durable.
  virtual void Write(const std::vector<Change>& changes) = 0;
};

// What views have in common.
class KeyValueView : public KeyValue {
 public:
  std::unique_ptr<const KeyValue> View() const override { std::abort(); }  // it is one
  void Write(const std::vector<Change>&) override { std::abort(); }        // it is const wherever it is given
};

}  // namespace throughline::store
