#pragma once

// The ordered key-value store of a service's states and read models. It is disposable: its rows are a fold of the log
// and are written together with the folded position, so a damaged or outdated store is deleted and rebuilt.
//
// Therefore reads and writes do not fail for the caller. A store that cannot be read or written stops the process with
// a message that says what to do (fatal.h). A row that cannot be decoded fails the call that read it (damaged_row.h).
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

  // False: there is no such key, and `value` is unspecified.
  virtual bool Get(std::string_view key, std::string* value) const = 0;

  // Visits the keys that begin with `prefix` (at least one byte) in ascending order, from the first that is not less
  // than `from`. `from` begins with `prefix`, or is empty: from the first. Sees one consistent view.
  virtual void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const = 0;

  // A consistent view of the present rows, for a read of several rows that must fit together. Keep it only for one
  // read: it holds deleted rows. The store must outlive it. Const, so that nobody writes to it.
  virtual std::unique_ptr<const KeyValue> View() const = 0;

  // Atomic. Not synced: the log is durable, and the store can be rebuilt.
  virtual void Write(const std::vector<Change>& changes) = 0;
};

// A base for views.
class KeyValueView : public KeyValue {
 public:
  std::unique_ptr<const KeyValue> View() const override { std::abort(); }  // a view of a view is never needed
  void Write(const std::vector<Change>&) override { std::abort(); }        // views are const
};

}  // namespace throughline::store
