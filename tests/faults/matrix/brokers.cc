#include "tests/faults/matrix/row.h"

namespace throughline::faults {

absl::StatusOr<testing::KafkaProcess*> Brokers::WithNodes(int nodes) {
  auto found = clusters_.find(nodes);
  if (found != clusters_.end()) return found->second.get();
  auto cluster = std::make_unique<testing::KafkaProcess>();
  if (absl::Status status = cluster->Up({.nodes = nodes}); !status.ok()) return status;
  return clusters_.emplace(nodes, std::move(cluster)).first->second.get();
}

void Brokers::DownExcept(int nodes) {
  std::erase_if(clusters_, [nodes](const auto& cluster) { return cluster.first != nodes; });
}

}  // namespace throughline::faults
