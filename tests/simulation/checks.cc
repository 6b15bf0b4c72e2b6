#include "tests/simulation/checks.h"

#include "libs/runtime/fold/tables.h"

namespace throughline::simulation {
namespace {

using Rows = std::map<std::string, std::string, std::less<>>;

std::string Difference(const Rows& a, const Rows& b) {
  for (const auto& [key, value] : a) {
    auto other = b.find(key);
    const std::string table = "a row of table " + std::to_string(static_cast<int>(static_cast<uint8_t>(key[0])));
    if (other == b.end()) return table + " is missing";
    if (other->second != value) return table + " differs";
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key))
      return "a row of table " + std::to_string(static_cast<int>(static_cast<uint8_t>(key[0]))) + " is extra";
  }
  return "";
}

void CheckStreams(World& world, const Store& store, const History& history, const std::string& who) {
  size_t streams = 0;
  runtime::kStreamRows.Scan(store, "", [&](std::string_view, const auto& key, const auto& row) {
    const std::string& name = std::get<0>(key);
    ++streams;
    auto known = history.streams.find(name);
    const uint64_t versions = known == history.streams.end() ? 0 : known->second.size();
    if (row.version() != versions) {
      world.Violation(who + " has " + name + " at version " + std::to_string(row.version()) + ", the log at " +
                      std::to_string(versions));
    }
    return true;
  });
  if (streams != history.streams.size()) {
    world.Violation(who + " knows " + std::to_string(streams) + " streams, the log " +
                    std::to_string(history.streams.size()));
  }
}

}  // namespace

void CheckReplicas(World& world, const History& history) {
  for (const auto& [name, commits] : history.streams) {
    for (size_t i = 0; i < commits.size(); ++i) {
      if (commits[i].commit.version() != i + 1) {
        world.Violation(name + ": commit " + std::to_string(i + 1) + " says that it is version " +
                        std::to_string(commits[i].commit.version()));
      }
    }
  }
  for (size_t s = 0; s < world.services(); ++s) {
    const Rows rebuilt = world.Rebuild(s);
    for (size_t n = 0; n < World::kNodes; ++n) {
      Service& service = world.node(n).services[s];
      const std::string who = "node " + std::to_string(n) + "'s service " + std::to_string(s);
      if (!service.replica->engine().Ready()) world.Violation(who + " is not ready");
      for (const log::Partition& partition : service.replica->engine().positions().All()) {
        if (service.replica->engine().positions().Next(partition) !=
            static_cast<int64_t>(world.log().Records(partition).size())) {
          world.Violation(who + " has not folded all of the log");
        }
      }
      const std::string difference = Difference(rebuilt, service.store.Snapshot());
      if (!difference.empty()) world.Violation(who + " has not stored what a rebuild stores: " + difference);
      CheckStreams(world, service.store, history, who);
    }
  }
}

}  // namespace throughline::simulation
