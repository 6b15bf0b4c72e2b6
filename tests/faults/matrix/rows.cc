#include <algorithm>

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

const std::vector<Row>& AllRows() {
  static const auto& all = *[] {
    auto* rows = new std::vector<Row>();
    for (const auto& some : {KillRows(), ReplicaRows(), BrokerRows(), ProducerRows(), ReactionRows(), PartnerRows(),
                             RecordRows(), IdentityRows(), ServiceRows()}) {
      rows->insert(rows->end(), some.begin(), some.end());
    }
    std::sort(rows->begin(), rows->end(), [](const Row& a, const Row& b) { return a.number < b.number; });
    return rows;
  }();
  return all;
}

}  // namespace throughline::faults
