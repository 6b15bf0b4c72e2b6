#include "tests/simulation/accounts.h"

#include <set>

#include "libs/runtime/domain/time.h"
#include "libs/runtime/testing/account.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/client.h"

namespace throughline::simulation {
namespace {

namespace v1 = runtime::testing::v1;
using runtime::testing::Account;
using runtime::testing::Ledger;

constexpr int kClients = 4;
constexpr int kAccounts = 4;
constexpr int kLedgers = 2;

template <typename C>
Entry EntryFor(const std::string& key, C command, std::string command_id, bool may_be_nothing = false) {
  Entry entry;
  entry.stream = std::string(Account::kKind) + "/" + key;
  entry.command_id = std::move(command_id);
  entry.what = C::descriptor()->name() + "{" + command.ShortDebugString() + "}";
  entry.may_be_nothing = may_be_nothing;
  entry.send = [key, command](Node& node, runtime::Caller caller, absl::Time deadline, OnReply reply) {
    runtime::Streams& streams = node.services[0].replica->streams();
    streams.Execute<Account>({Account::kKind, key}, command, std::move(caller), deadline,
                             [reply](absl::StatusOr<runtime::Outcome<Account>> outcome) {
                               if (!outcome.ok()) return reply({outcome.status(), 0});
                               reply({absl::OkStatus(), outcome->version, outcome->token});
                             });
  };
  return entry;
}

class Accounts {
 public:
  Accounts(uint64_t seed, bool trace) : world_(seed, {runtime::testing::DefineAccounts}, trace) {
    for (int i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<Client>(world_, "client-" + std::to_string(i)));
      clients_.back()->on_acknowledged = [this](const Entry& entry, const std::string& token) {
        ReadBack(entry, token);
      };
      Busy(*clients_.back());
    }
    WatchReleases();
  }

  std::vector<std::string> Run() {
    RunToTheEnd(world_, clients_, over_);
    if (world_.violations().empty()) Check();
    return world_.violations();
  }

 private:
  void Busy(Client& client) {
    if (over_) return;
    const std::string id = client.name() + "/" + std::to_string(client.ledger().size());
    client.Give(Command(id));
    // Half of the commands follow at once, so that many are in flight.
    const absl::Duration pause = absl::Milliseconds(random().Chance(0.5) ? random().Below(3) : random().Below(600));
    world_.After(pause, [this, &client] { Busy(client); });
  }

  Entry Command(const std::string& id) {
    const std::string account = "a" + std::to_string(random().Chance(0.5) ? 0 : random().Below(kAccounts));
    const auto amount = static_cast<int64_t>(1 + random().Below(100));
    const uint64_t dice = random().Below(100);
    if (dice < 35) {
      v1::Deposit deposit;
      deposit.set_amount(amount);
      return EntryFor(account, deposit, id);
    }
    if (dice < 70) {
      v1::Withdraw withdraw;
      withdraw.set_amount(amount);
      withdraw.set_ledger("l" + std::to_string(random().Below(kLedgers)));
      return EntryFor(account, withdraw, id);
    }
    if (dice < 83) {
      v1::PlaceHold hold;
      hold.set_amount(amount);
      *hold.mutable_until() = runtime::ToProto(world_.now() + absl::Milliseconds(random().Below(5000)));
      return EntryFor(account, hold, id);
    }
    if (dice < 98) {
      v1::Rename rename;
      // Sometimes cut inside a UTF-8 character: protobuf serializes it, and refuses to parse it.
      rename.set_name(random().Chance(0.1) ? "Zo\xC3" : random().Chance(0.5) ? "Ann" : "Bob");
      return EntryFor(account, rename, id, true);
    }
    return EntryFor(account, v1::Close(), id, true);
  }

  // Sometimes reads an acknowledged write with its token, on any node.
  void ReadBack(const Entry& entry, const std::string& token) {
    if (!random().Chance(0.2)) return;
    Node& node = world_.node(static_cast<size_t>(random().Below(World::kNodes)));
    if (!node.up()) return;
    const std::string stream = entry.stream;
    node.services[0].replica->streams().AfterToken(
        token, node.clock.Now() + absl::Seconds(1),
        [this, &node, stream, version = entry.version](const absl::Status& status) {
          if (absl::IsInvalidArgument(status)) world_.Violation("a good token was refused: " + status.ToString());
          if (!status.ok()) return;
          auto row = runtime::kStreamRows.Get(node.services[0].store, stream);
          if ((row ? row->version() : 0) < version) {
            world_.Violation("node " + std::to_string(node.id) + " does not show " + stream +
                             " at the version of a token");
          }
        });
  }

  // Checks records written since the last call, whatever the nodes' clocks say.
  void WatchReleases() {
    for (const log::Partition& partition : world_.log().Partitions({log::Topic::kIntake})) {
      const std::vector<log::RecordPtr>& records = world_.log().Records(partition);
      for (size_t& seen = watched_[partition]; seen < records.size(); ++seen) {
        throughline::log::v1::Commit commit;
        if (!records[seen]->key.starts_with(Account::kKind) || !commit.ParseFromString(records[seen]->value)) continue;
        for (const auto& committed : commit.events()) {
          v1::AccountEvent event;
          if (!event.ParseFromString(committed.data()) || !event.has_hold_released()) continue;
          if (runtime::FromProto(event.hold_released().until()) > world_.now()) {
            world_.Violation(commit.stream() + ": a hold is released before its time");
          }
        }
      }
    }
    world_.After(absl::Milliseconds(20), [this] { WatchReleases(); });
  }

  void Check() {
    const History history = ReadHistory(world_.log(), {log::Topic::kIntake});
    CheckReplicas(world_, history);
    for (auto& client : clients_) client->Check(history);
    CheckProjection(history);
    CheckRules(history);
    CheckBookings(history);
  }

  // The projection has seen every accepted commit exactly once.
  void CheckProjection(const History& history) {
    std::map<std::pair<std::string, int64_t>, std::string> expected;
    int64_t events = 0;
    for (const auto& [stream, commits] : history.streams) {
      for (size_t i = 0; i < commits.size(); ++i) {
        events += commits[i].commit.events_size();
        expected[{stream, static_cast<int64_t>(i + 1)}] =
            std::to_string(commits[i].position.partition.index) + "@" + std::to_string(commits[i].position.offset);
      }
    }
    const Store& store = world_.node(0).services[0].store;
    std::map<std::pair<std::string, int64_t>, std::string> seen;
    runtime::testing::kHistoryRows.Scan(store, "", [&](std::string_view, const auto& key, const std::string& at) {
      seen[{std::get<0>(key), std::get<1>(key)}] = at;
      return true;
    });
    if (seen != expected) world_.Violation("the projection has not seen just what was accepted");
    if (runtime::Counted(store, runtime::testing::kEventCounter) != events) {
      world_.Violation("the projection counted " +
                       std::to_string(runtime::Counted(store, runtime::testing::kEventCounter)) + " events of " +
                       std::to_string(events));
    }
  }

  // Each account obeys its rules at every version; each hold was released once, and not early.
  void CheckRules(const History& history) {
    for (const auto& [stream, commits] : history.streams) {
      if (!stream.starts_with(Account::kKind)) continue;
      v1::AccountState state;
      for (const Accepted& accepted : commits) {
        const std::string at = stream + "@" + std::to_string(accepted.commit.version());
        if (state.is_closed()) world_.Violation(at + " changes a closed account");
        for (const auto& committed : accepted.commit.events()) {
          v1::AccountEvent event;
          if (!event.ParseFromString(committed.data())) world_.Violation(at + " is not an event");
          if (event.has_renamed() && event.renamed().name() == state.name()) world_.Violation(at + " changes nothing");
          if (event.has_hold_released() &&
              accepted.commit.event_time().seconds() < event.hold_released().until().seconds()) {
            world_.Violation(at + " releases a hold early");
          }
          const int holds = state.holds_size();
          Account::Evolve(state, event);
          if (event.has_hold_released() && state.holds_size() != holds - 1) world_.Violation(at + " releases no hold");
        }
        if (Account::Available(state) < 0) world_.Violation(at + " takes what is not there");
      }
      if (state.holds_size() > 0) world_.Violation(stream + " has a hold that no timer released");
    }
  }

  // Each withdrawal is booked once, and nothing else is.
  void CheckBookings(const History& history) {
    std::multiset<std::string> due;
    std::multiset<std::string> booked;
    for (const auto& [stream, commits] : history.streams) {
      for (const Accepted& accepted : commits) {
        for (const auto& committed : accepted.commit.events()) {
          v1::AccountEvent account;
          v1::LedgerEvent ledger;
          if (stream.starts_with(Account::kKind)) {
            if (account.ParseFromString(committed.data()) && account.has_withdrawn()) {
              due.insert(stream + "@" + std::to_string(accepted.commit.version()));
            }
          } else if (ledger.ParseFromString(committed.data())) {
            booked.insert(ledger.booked().cause());
          }
        }
      }
    }
    for (const std::string& cause : due) {
      if (booked.count(cause) != 1)
        world_.Violation(cause + " was booked " + std::to_string(booked.count(cause)) + " times");
    }
    for (const std::string& cause : booked) {
      if (!due.contains(cause)) world_.Violation(cause + " was booked and is no withdrawal");
    }
  }

  log::Random& random() { return world_.random(); }

  std::vector<std::unique_ptr<Client>> clients_;  // the world's destructor may still call them
  World world_;
  std::map<log::Partition, size_t> watched_;
  bool over_ = false;
};

}  // namespace

std::vector<std::string> SimulateAccounts(uint64_t seed, bool trace) { return Accounts(seed, trace).Run(); }

}  // namespace throughline::simulation
