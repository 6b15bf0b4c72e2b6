#include <algorithm>

#include "tests/faults/matrix/row.h"

namespace throughline::faults {

const std::vector<Row>& AllRows() {
  static const auto& all = *[] {
    auto* rows = new std::vector<Row>();
    for (const auto& some :
         {KillRows(),   ReplicaRows(),     BrokerRows(),  ProducerRows(),  ReactionRows(),   PartnerRows(),
          RecordRows(), IdentityRows(),    ServiceRows(), TransportRows(), CredentialRows(), PoisonRows(),
          AwayRows(),   TransactionRows(), UpgradeRows(), BackupRows(),    WatcherRows(),    RebuildRows(),
          ScaleRows(),  RolloutRows(),     OneCaseRows(), RaceRows(),      RemedyRows()}) {
      rows->insert(rows->end(), some.begin(), some.end());
    }
    std::sort(rows->begin(), rows->end(), [](const Row& a, const Row& b) { return a.number < b.number; });
    return rows;
  }();
  return all;
}

}  // namespace throughline::faults
