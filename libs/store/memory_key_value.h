#pragma once

// A KeyValue in memory, for tests and simulations. Writes by one thread; not for production.

#include <map>
#include <memory>

#include "absl/synchronization/mutex.h"

#include "libs/store/key_value.h"

namespace throughline::store {

class MemoryKeyValue : public KeyValue {
 public:
  bool Get(std::string_view key, std::string* value) const override;
  void Scan(std::string_view prefix, std::string_view from, const Visit& visit) const override;
  std::unique_ptr<const KeyValue> View() const override;
  void Write(const std::vector<Change>& changes) override;

  // For tests of crashes, after which a store may be as it was some writes ago.
  std::map<std::string, std::string, std::less<>> Snapshot() const;
  void Restore(std::map<std::string, std::string, std::less<>> rows);

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  class OneView;

  mutable absl::Mutex mutex_;
  std::shared_ptr<Rows> rows_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<Rows>();  // copied on a write if a view shares them
};

}  // namespace throughline::store
