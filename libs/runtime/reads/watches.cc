#include "libs/runtime/reads/watches.h"

namespace throughline::runtime {
namespace {

constexpr int kAtOnce = 64;  // calls, before others have their turn on the executor

}  // namespace

Watches::Handle Watches::Add(const std::string& what, Changed changed) {
  absl::MutexLock lock(&table_->mutex);
  const uint64_t id = ++table_->last_id;
  table_->watched[what].by_id.emplace(id, std::make_shared<const Changed>(std::move(changed)));
  return Handle(nullptr, [table = table_, what, id](void*) {
    absl::MutexLock lock(&table->mutex);
    auto watched = table->watched.find(what);
    if (watched == table->watched.end()) return;
    watched->second.by_id.erase(id);
    if (watched->second.by_id.empty()) table->watched.erase(watched);
  });
}

void Watches::Notify(const absl::flat_hash_set<std::string>& notified) {
  {
    absl::MutexLock lock(&table_->mutex);
    if (table_->watched.empty()) return;
    for (const std::string& what : notified) {
      auto watched = table_->watched.find(what);
      if (watched == table_->watched.end() || std::exchange(watched->second.due, true)) continue;
      table_->due.push_back(what);
    }
    if (table_->due.empty() || std::exchange(table_->calling, true)) return;
  }
  table_->executor.Run([table = table_] { Table::CallSome(table); });
}

void Watches::NotifyAt(const std::string& what, absl::Time time) {
  absl::MutexLock lock(&table_->mutex);
  auto [kept, added] = table_->timed.try_emplace(what, time);
  if (!added) {
    if (kept->second <= time) return;
    table_->by_time.erase({kept->second, what});
    kept->second = time;
  }
  table_->by_time.emplace(time, what);
}

void Watches::NotifyDue(absl::Time now) {
  absl::flat_hash_set<std::string> due;
  {
    absl::MutexLock lock(&table_->mutex);
    auto& by_time = table_->by_time;
    while (!by_time.empty() && by_time.begin()->first <= now) {
      table_->timed.erase(by_time.begin()->second);
      due.insert(by_time.begin()->second);
      by_time.erase(by_time.begin());
    }
  }
  if (!due.empty()) Notify(due);
}

void Watches::Table::CallSome(const std::shared_ptr<Table>& table) {
  for (int calls = 0; calls < kAtOnce; ++calls) {
    std::shared_ptr<const Changed> changed;
    {
      absl::MutexLock lock(&table->mutex);
      changed = table->Next();
      if (changed == nullptr) table->calling = false;
    }
    if (changed == nullptr) return;
    (*changed)();
    table->probe.WatchCalled();
  }
  table->executor.Run([table] { CallSome(table); });
}

std::shared_ptr<const Watches::Changed> Watches::Table::Next() {
  while (true) {
    if (auto of = watched.find(calling_for); of != watched.end() && last_called < last_to_call) {
      auto next = of->second.by_id.upper_bound(last_called);
      if (next != of->second.by_id.end() && next->first <= last_to_call) {
        last_called = next->first;
        return next->second;
      }
    }
    if (due.empty()) {
      last_to_call = last_called;
      return nullptr;
    }
    calling_for = std::move(due.front());
    due.pop_front();
    last_called = 0;
    last_to_call = last_id;
    // Cleared before anybody is called: a change from now on causes another call.
    if (auto of = watched.find(calling_for); of != watched.end()) of->second.due = false;
  }
}

}  // namespace throughline::runtime
