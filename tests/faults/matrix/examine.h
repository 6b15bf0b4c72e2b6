#pragma once

// What every row ends with, once its fault is over and every replica runs again: settles what is unknown, then holds
// the ledger against the topics, the reads of every replica against each other, and every replica's store against that
// of one that began at offset 0.

#include "tests/faults/matrix/audit.h"
#include "tests/faults/matrix/ledger.h"
#include "tests/faults/matrix/row.h"
#include "tests/support/failover.h"
#include "tests/support/kafka_suite.h"

namespace throughline::faults {

struct Examination {
  bool rebuild = true;              // also fold everything anew
  bool stop = true;                 // the replicas, with SIGTERM, and compare their stores
  int reads = 300;                  // cases that are read one by one on every replica; all are listed on every replica
  std::vector<log::Gap> gaps = {};  // that an operator accepted
};

// Fills in the numbers and the problems. The suite has stopped afterwards, unless told otherwise.
void Examine(const Context& context, testing::KafkaSuite& suite, Ledger& ledger, Outcome& outcome,
             const Examination& options);
inline void Examine(const Context& context, testing::KafkaSuite& suite, Ledger& ledger, Outcome& outcome) {
  Examine(context, suite, ledger, outcome, Examination());
}

// Until the replica has folded all that stands in its topics now: asks for what is not there, which it says only then.
absl::Status AwaitPresent(const client::Client& client, log::Topic service);

// Its parts, for rows in which not all of them can hold.
void Settle(const testing::KafkaSuite& suite, Ledger& ledger, uint64_t seed, Outcome& outcome);
void SettleWith(const testing::Failover& client, Ledger& ledger, uint64_t seed, Outcome& outcome);
void HoldAgainst(const Audit& audit, const Ledger& ledger, Outcome& outcome);
void CompareReads(const testing::KafkaSuite& suite, const Ledger& ledger, int reads, Outcome& outcome);
void CompareStores(const testing::KafkaSuite& suite, const Audit& audit, Outcome& outcome);
// Reads until every delayed order has its case, or a while is over.
void AwaitReactions(Audit& audit, const Ledger& ledger, Outcome& outcome);

}  // namespace throughline::faults
