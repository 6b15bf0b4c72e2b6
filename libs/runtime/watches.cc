#include "libs/runtime/watches.h"

#include <vector>

namespace throughline::runtime {

Watches::Handle Watches::Add(const std::string& what, Changed changed) {
  absl::MutexLock lock(&table_->mutex);
  const uint64_t id = table_->next++;
  table_->watched[what].emplace(id, std::make_shared<const Changed>(std::move(changed)));
  return Handle(nullptr, [table = table_, what, id](void*) {
    absl::MutexLock lock(&table->mutex);
    auto watched = table->watched.find(what);
    if (watched == table->watched.end()) return;
    watched->second.erase(id);
    if (watched->second.empty()) table->watched.erase(watched);
  });
}

void Watches::Notify(const absl::flat_hash_set<std::string>& notified) {
  std::vector<std::shared_ptr<const Changed>> call;
  {
    absl::MutexLock lock(&table_->mutex);
    if (table_->watched.empty()) return;
    for (const std::string& what : notified) {
      auto watched = table_->watched.find(what);
      if (watched == table_->watched.end()) continue;
      for (const auto& [id, changed] : watched->second) call.push_back(changed);
    }
  }
  for (const auto& changed : call) (*changed)();
}

}  // namespace throughline::runtime
