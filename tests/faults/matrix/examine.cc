#include "tests/faults/matrix/examine.h"

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "tests/faults/matrix/stores.h"
#include "throughline/intake/v1/queries.pb.h"
#include "throughline/outage/v1/queries.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/queries.pb.h"

namespace throughline::faults {
namespace {

using testing::Failover;
using testing::KafkaSuite;
using testing::Replica;

constexpr size_t kRetried = 2000;  // acknowledged commands that are sent once more

// Runs the work for every item, on a few threads.
template <typename Item>
void ForEach(const std::vector<Item>& items, const std::function<void(const Item&)>& each) {
  std::atomic<size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (size_t at = next.fetch_add(1); at < items.size(); at = next.fetch_add(1)) each(items[at]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class Complaints {
 public:
  explicit Complaints(Outcome& outcome) : outcome_(outcome) {}
  void Add(std::string what) {
    absl::MutexLock lock(&mutex_);
    if (count_++ < 5) outcome_.Problem(std::move(what));
  }
  ~Complaints() {
    if (count_ > 5) outcome_.Problem(absl::StrCat("and ", count_ - 5, " more of that kind"));
  }

 private:
  Outcome& outcome_;
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Every case as one replica lists it: serialized, by id.
absl::StatusOr<std::map<std::string, std::string>> ListCases(const client::Client& client) {
  std::map<std::string, std::string> cases;
  intake::v1::ListCasesRequest request;
  request.set_page_size(1000);
  do {
    auto page = client.Call<intake::v1::ListCasesResponse>(request);
    if (!page.ok()) return page.status();
    for (const auto& view : page->cases()) {
      if (view.owner().empty()) return absl::DataLossError("nobody owns " + view.case_id());
      if (!cases.emplace(view.case_id(), view.SerializeAsString()).second)
        return absl::DataLossError(view.case_id() + " is listed twice");
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return cases;
}

// The texts of the case's interactions, or what is wrong.
absl::StatusOr<std::map<std::string, int>> ReadCase(const client::Client& client, const std::string& case_id) {
  std::map<std::string, int> texts;
  intake::v1::GetCaseRequest request;
  request.set_case_id(case_id);
  request.set_page_size(1000);
  do {
    auto got = client.Call<intake::v1::GetCaseResponse>(request);
    if (!got.ok()) return got.status();
    for (const auto& interaction : got->interactions()) ++texts[interaction.text()];
    request.set_page_token(got->next_page_token());
  } while (!request.page_token().empty());
  return texts;
}

}  // namespace

absl::Status AwaitPresent(const client::Client& client, log::Topic service) {
  const auto ask = [&]() -> absl::Status {
    switch (service) {
      case log::Topic::kIntake: {
        intake::v1::GetCaseRequest request;
        request.set_case_id("00000000000000000000000000");
        return client.Call<intake::v1::GetCaseResponse>(request).status();
      }
      case log::Topic::kOwnership: {
        ownership::v1::GetOwnershipRequest request;
        request.set_case_id("00000000000000000000000000");
        return client.Call<ownership::v1::GetOwnershipResponse>(request).status();
      }
      case log::Topic::kOutageNotice: {
        outage::v1::CheckComponentRequest request;
        request.set_component_id("no-such-component");
        return client.Call<outage::v1::CheckComponentResponse>(request).status();
      }
      case log::Topic::kSupplierTracking: {
        supplier::v1::GetShipmentRequest request;
        request.set_shipment("shipment/ups/NOBODY/1");
        return client.Call<supplier::v1::GetShipmentResponse>(request).status();
      }
    }
    return absl::OkStatus();
  };
  const absl::Status told = ask();
  return absl::IsNotFound(told) ? absl::OkStatus()
                                : absl::InternalError("asked for what is not there, it says " + told.ToString());
}

void Settle(const KafkaSuite& suite, Ledger& ledger, uint64_t seed, Outcome& outcome) {
  SettleWith(Failover(suite, kPerson, {.patience = absl::Seconds(60), .of_a_try = absl::Seconds(10)}), ledger, seed,
             outcome);
}

void SettleWith(const Failover& client, Ledger& ledger, uint64_t seed, Outcome& outcome) {
  std::vector<Ledger::Entry*> open, known;
  for (Ledger::Entry& entry : ledger.entries()) {
    if (entry.answer == Ledger::Answer::kNone) open.push_back(&entry);
    if (entry.answer == Ledger::Answer::kAcknowledged) known.push_back(&entry);
  }
  Complaints complaints(outcome);
  ForEach<Ledger::Entry*>(open, [&](Ledger::Entry* const& entry) {
    const absl::Status status = client.CallInto(*entry->request, *entry->response);
    ledger.Note(*entry, status);
    if (testing::OutcomeUnknown(status))
      complaints.Add(entry->id + " is not settled by trying again: " + status.ToString());
  });
  std::mt19937_64 random(seed);
  std::shuffle(known.begin(), known.end(), random);
  if (known.size() > kRetried) known.resize(kRetried);
  ForEach<Ledger::Entry*>(known, [&](Ledger::Entry* const& entry) {
    const std::string before = entry->subject;
    const absl::Status again = client.CallInto(*entry->request, *entry->response);
    ledger.Note(*entry, again);
    if (!again.ok() || entry->subject != before)
      complaints.Add(entry->id + ": a retry is answered otherwise: " + again.ToString());
  });
}

void AwaitReactions(Audit& audit, const Ledger& ledger, Outcome& outcome) {
  const absl::Time begun = absl::Now();
  while (true) {
    if (!outcome.Holds(audit.ReadUntilQuiet(), "reading the topics")) return;
    int missing = 0;
    for (const std::string& order : ledger.delayed_orders()) {
      auto risk = audit.risks().find(order);
      missing += risk == audit.risks().end() || risk->second == 0;
    }
    if (missing == 0) return;
    if (absl::Now() - begun > absl::Seconds(60))
      return outcome.Problem(absl::StrCat(missing, " delayed orders have no case: a reaction was lost"));
    absl::SleepFor(absl::Milliseconds(500));
  }
}

void HoldAgainst(const Audit& audit, const Ledger& ledger, Outcome& outcome) {
  const Ledger::Totals totals = ledger.totals();
  outcome.sent = totals.sent;
  outcome.acknowledged = totals.acknowledged;
  outcome.unknown = totals.unknown;
  outcome.refused = totals.refused;
  outcome.void_commits = audit.voided();
  Complaints complaints(outcome);
  std::set<std::string> ids;
  for (const Ledger::Entry& entry : ledger.entries()) {
    ids.insert(entry.id);
    const int effects = audit.effects(kPerson, entry.id);
    if (entry.kind == Ledger::Kind::kDoomed && entry.answer == Ledger::Answer::kAcknowledged) {
      complaints.Add(absl::StrCat(entry.id, " places order ", entry.subject, ", which another command had placed"));
    } else if (entry.kind != Ledger::Kind::kDoomed && entry.answer == Ledger::Answer::kRefused &&
               !absl::StartsWith(entry.refusal, "ABORTED") && !absl::StartsWith(entry.refusal, "RESOURCE_EXHAUSTED")) {
      complaints.Add(absl::StrCat(entry.id, " was refused without a reason to: ", entry.refusal));
    } else if (entry.answer == Ledger::Answer::kAcknowledged && effects == 0) {
      ++outcome.lost;
      complaints.Add(absl::StrCat(entry.id, " was acknowledged and is lost (", entry.subject, ")"));
    } else if (effects > 1) {
      ++outcome.doubled;
      complaints.Add(absl::StrCat(entry.id, " has ", effects, " effects"));
    }
    if (entry.answer == Ledger::Answer::kRefused && effects > 0) {
      complaints.Add(absl::StrCat(entry.id, " was refused and took effect: ", entry.refusal));
    }
  }
  for (const std::string& command : audit.commands_of(kPerson)) {
    if (!ids.contains(command)) complaints.Add("nobody sent the command " + command);
  }
  for (const auto& [order, cases] : audit.risks()) {
    if (cases > 1) {
      ++outcome.doubled;
      complaints.Add(absl::StrCat("order ", order, " at risk has ", cases, " cases"));
    }
  }
  for (const std::string& problem : audit.problems()) outcome.Problem("the topics: " + problem);
}

void CompareReads(const KafkaSuite& suite, const Ledger& ledger, int reads, Outcome& outcome) {
  std::map<std::string, std::map<std::string, int>> expected;  // case -> text -> count
  std::set<std::string> opened;
  for (const Ledger::Entry& entry : ledger.entries()) {
    const bool there = entry.answer == Ledger::Answer::kAcknowledged;
    if (entry.kind == Ledger::Kind::kOpen && there) opened.insert(entry.subject);
    if (entry.kind == Ledger::Kind::kInteraction && entry.answer != Ledger::Answer::kNone)
      expected[entry.subject]["interaction " + entry.id] = there;
  }
  Complaints complaints(outcome);
  std::map<std::string, std::string> first;
  for (const Replica& replica : suite.replicas(log::Topic::kIntake)) {
    if (!suite.running(replica)) continue;
    client::Options options = suite.OptionsFor(replica, kPerson);
    options.timeout = absl::Seconds(30);
    const client::Client client(options);
    auto cases = ListCases(client);
    if (!cases.ok()) {
      complaints.Add(NameOf(replica) + ": ListCases: " + cases.status().ToString());
      continue;
    }
    for (const std::string& case_id : opened) {
      if (!cases->contains(case_id)) complaints.Add(NameOf(replica) + " does not list " + case_id);
    }
    if (first.empty()) first = *cases;
    if (first != *cases) complaints.Add(NameOf(replica) + " lists the cases otherwise than another replica");
    std::vector<std::string> some;
    for (const auto& [case_id, texts] : expected) {
      if (static_cast<int>(some.size()) < reads) some.push_back(case_id);
    }
    ForEach<std::string>(some, [&](const std::string& case_id) {
      auto texts = ReadCase(client, case_id);
      if (!texts.ok()) return complaints.Add(NameOf(replica) + ": " + case_id + ": " + texts.status().ToString());
      for (const auto& [text, times] : expected.at(case_id)) {
        if ((*texts)[text] != times)
          complaints.Add(absl::StrCat(NameOf(replica), ": ", case_id, ": '", text, "' stands there ", (*texts)[text],
                                      " times instead of ", times));
      }
    });
  }
  for (const Replica& replica : suite.replicas(log::Topic::kOwnership)) {
    if (!suite.running(replica)) continue;
    const client::Client client(suite.OptionsFor(replica, kPerson));
    int left = reads;
    std::vector<std::string> some;
    for (const std::string& case_id : opened) {
      if (left-- > 0) some.push_back(case_id);
    }
    ForEach<std::string>(some, [&](const std::string& case_id) {
      ownership::v1::GetOwnershipRequest request;
      request.set_case_id(case_id);
      auto got = client.Call<ownership::v1::GetOwnershipResponse>(request);
      if (!got.ok()) return complaints.Add(NameOf(replica) + ": " + case_id + ": " + got.status().ToString());
      if (got->ownership().owner().empty()) complaints.Add(NameOf(replica) + ": nobody owns " + case_id);
    });
  }
}

void CompareStores(const KafkaSuite& suite, const Audit& audit, Outcome& outcome) {
  std::map<int, std::map<log::Topic, std::string>> sets;  // replica number -> the stores of all services
  for (log::Topic service : suite.options().services) {
    std::string first_name;
    std::unique_ptr<store::KeyValue> first;
    for (const Replica& replica : suite.replicas(service)) {
      sets[replica.number][service] = suite.store(replica);
      auto store = OpenStore(service, suite.store(replica));
      if (!outcome.Holds(store.status(), "the store of " + NameOf(replica))) continue;
      if (first_name.empty()) {
        first_name = NameOf(replica);
        first = *std::move(store);
      } else if (const std::string how = Difference(*first, **store); !how.empty()) {
        outcome.Problem(absl::StrCat("the stores of ", first_name, " and ", NameOf(replica), ": ", how));
      }
    }
  }
  for (const auto& [number, stores] : sets) {
    for (std::string& wrong : Verify(audit, suite.options().partitions, "kafka", stores))
      outcome.Problem(std::move(wrong));
  }
}

void Examine(const Context& context, KafkaSuite& suite, Ledger& ledger, Outcome& outcome, const Examination& options) {
  if (!outcome.Holds(suite.RestartAll(), "starting what was down")) return;
  Settle(suite, ledger, context.seed(), outcome);
  Audit audit(suite.options().brokers, suite.prefix(), suite.options().partitions);
  audit.Expect(options.gaps);
  AwaitReactions(audit, ledger, outcome);
  HoldAgainst(audit, ledger, outcome);
  if (options.rebuild) {
    for (log::Topic service : suite.options().services) {
      const absl::Time begun = absl::Now();
      const auto added = suite.Add(service, {"THROUGHLINE_BACKUP_RESTORE=false"});
      if (!outcome.Holds(added.status(), "folding from offset 0")) return;
      if (service == log::Topic::kIntake) {
        outcome.Note(absl::StrCat("intake folds ", audit.accepted(), " commits from offset 0 and is ready after ",
                                  absl::ToInt64Milliseconds(absl::Now() - begun), " ms"));
      }
    }
  }
  for (const Replica& replica : suite.replicas()) {
    client::Options way = suite.OptionsFor(replica, kPerson);
    way.timeout = absl::Seconds(30);
    outcome.Holds(AwaitPresent(client::Client(way), replica.service), NameOf(replica));
  }
  CompareReads(suite, ledger, options.reads, outcome);
  if (!options.stop) return;
  for (std::string& complaint : suite.TerminateAll()) outcome.Problem(std::move(complaint));
  const int64_t before = audit.accepted();
  if (outcome.Holds(audit.ReadUntilQuiet(), "reading the topics") && audit.accepted() != before)
    outcome.Note(absl::StrCat(audit.accepted() - before, " commits came after all was settled"));
  CompareStores(suite, audit, outcome);
}

}  // namespace throughline::faults
