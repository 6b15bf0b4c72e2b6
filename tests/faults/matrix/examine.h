#pragma once

// The check at the end of every row, once the fault is over and every replica runs again. Settles unknown outcomes,
// compares the ledger with the topics, the reads of the replicas with each other, and every replica's store with one
// that was folded from offset 0.

#include "tests/faults/matrix/audit.h"
#include "tests/faults/matrix/ledger.h"
#include "tests/faults/matrix/row.h"
#include "tests/support/failover.h"
#include "tests/support/kafka/kafka_suite.h"

namespace throughline::faults {

struct Examination {
  bool rebuild = true;              // also fold everything from the start
  bool stop = true;                 // stop the replicas with SIGTERM and compare their stores
  int reads = 300;                  // cases read one by one on every replica; every replica lists all
  std::vector<log::Gap> gaps = {};  // accepted by an operator
};

// Fills in the figures and problems. Stops the suite, unless told otherwise.
void Examine(const Context& context, testing::KafkaSuite& suite, Ledger& ledger, Outcome& outcome,
             const Examination& options);
inline void Examine(const Context& context, testing::KafkaSuite& suite, Ledger& ledger, Outcome& outcome) {
  Examine(context, suite, ledger, outcome, Examination());
}

// Waits until the replica has folded its topics to their present ends: it reads a missing id, which waits for that.
absl::Status AwaitPresent(const client::Client& client, log::Topic service);

// Parts of Examine, for rows in which not all of them can hold.
void Settle(const testing::KafkaSuite& suite, Ledger& ledger, uint64_t seed, Outcome& outcome);
void SettleWith(const testing::Failover& client, Ledger& ledger, uint64_t seed, Outcome& outcome);
void HoldAgainst(const Audit& audit, const Ledger& ledger, Outcome& outcome);
void CompareReads(const testing::KafkaSuite& suite, const Ledger& ledger, int reads, Outcome& outcome);
void CompareStores(const testing::KafkaSuite& suite, const Audit& audit, Outcome& outcome);
// Reads until every delayed order has its case, or a time limit is over.
void AwaitReactions(Audit& audit, const Ledger& ledger, Outcome& outcome);

}  // namespace throughline::faults
