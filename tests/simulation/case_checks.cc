#include "tests/simulation/case_checks.h"

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/projection.h"
#include "services/intake/projections/cases.h"
#include "services/intake/projections/tables.h"
#include "services/ownership/domain/commitments/commitment.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/projections/tables.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::simulation {
namespace {

namespace ov1 = ownership::v1;

// What the log says about one case.
struct Known {
  intake::v1::CaseOpened opened;
  ov1::OwnershipState state;
  uint64_t version = 0;
  std::string owner() const { return version == 0 ? opened.owner() : state.owner(); }
  bool closed() const { return ownership::IsClosed(state.status()); }
};

class CaseChecks {
 public:
  explicit CaseChecks(World& world) : world_(world) {}

  void Read(const History& history) {
    for (const auto& [stream, commits] : history.streams) {
      if (stream.starts_with("case/")) ReadCase(stream.substr(5), commits);
    }
    for (const auto& [stream, commits] : history.streams) {
      if (stream.starts_with("ownership/")) ReadOwnership(stream.substr(10), commits);
    }
    for (const auto& [id, known] : cases_) {
      int updates = 0;
      for (const auto& open : known.state.ledger().open()) {
        if (open.kind() == ov1::COMMITMENT_KIND_PROMISE) {
          world_.Violation(id + ": a promise is past due and neither kept nor broken");
        }
        if (open.kind() == ov1::COMMITMENT_KIND_NEXT_UPDATE) ++updates;
      }
      if (known.version > 0 && updates != (known.closed() ? 0 : 1)) {
        world_.Violation(id + ": has " + std::to_string(updates) + " next updates");
      }
      if (known.state.has_handoff()) world_.Violation(id + ": an offer has run out and stands open");
    }
  }

  void CompareIntake(const Store& store) {
    int64_t open = 0;
    std::map<std::string, int64_t> loads;
    for (const auto& [id, known] : cases_) {
      if (!known.closed()) ++open, ++loads[known.owner()];
      const auto row = intake::kStandings.Get(store, id);
      if (row && row->owner() != known.owner()) world_.Violation(id + ": intake says " + row->owner() + " owns it");
      if (!intake::kCases.Has(store, id)) world_.Violation(id + " is not among intake's cases");
    }
    Compare("open cases", runtime::Counted(store, intake::kOpenCases), open);
    Compare("cases without owner", intake::CasesWithoutOwner(store), 0);
    std::map<std::string, int64_t> seen;
    intake::kLoads.Scan(store, "", [&](std::string_view, const auto& key, int64_t load) {
      if (load != 0) seen[std::get<0>(key)] = load;
      return true;
    });
    if (seen != loads) world_.Violation("intake's loads are not a recount");
  }

  void CompareOwnership(const Store& store) {
    for (const auto& [id, known] : cases_) {
      const auto view = ownership::kViews.Get(store, id);
      if (known.version == 0) continue;
      if (!view || view->owner() != known.owner() || view->version() != known.version ||
          view->status() != known.state.status()) {
        world_.Violation(id + ": ownership's view is not what happened");
      }
    }
    Compare("promises open", runtime::Counted(store, ownership::kPromisesOpen), 0);
    Compare("promises kept", runtime::Counted(store, ownership::kPromisesKept), kept_);
    Compare("promises broken", runtime::Counted(store, ownership::kPromisesBroken), broken_);
    Compare("handoffs open", runtime::Counted(store, ownership::kHandoffsOpen), 0);
  }

 private:
  void ReadCase(const std::string& id, const std::vector<Accepted>& commits) {
    Known& known = cases_[id];
    for (const Accepted& accepted : commits) {
      for (const auto& committed : accepted.commit.events()) {
        intake::v1::CaseEvent event;
        if (!event.ParseFromString(committed.data())) world_.Violation(id + ": an event cannot be read");
        if (event.has_opened() != (accepted.commit.version() == 1)) world_.Violation(id + " is opened again, or late");
        if (event.has_opened()) known.opened = event.opened();
      }
    }
    if (known.opened.owner().empty()) world_.Violation(id + " is opened without an owner");
  }

  void ReadOwnership(const std::string& id, const std::vector<Accepted>& commits) {
    auto found = cases_.find(id);
    if (found == cases_.end()) return world_.Violation(id + " has an owner and was never opened");
    Known& known = found->second;
    for (const Accepted& accepted : commits) {
      const std::string at = id + "@" + std::to_string(++known.version);
      const absl::Time time = runtime::FromProto(accepted.commit.event_time());
      for (const auto& committed : accepted.commit.events()) {
        ov1::OwnershipEvent event;
        if (!event.ParseFromString(committed.data())) world_.Violation(at + ": an event cannot be read");
        CheckEvent(at, event, time, known);
        const std::string before = known.owner();
        ownership::Ownership::Evolve(known.state, event);
        if (known.state.owner().empty()) world_.Violation(at + " has no owner");
        const bool changes_owner = event.has_started() || event.has_handoff_accepted() || event.has_reassigned();
        if (!changes_owner && known.state.owner() != before) {
          world_.Violation(at + " changes the owner without a hand-over");
        }
      }
    }
  }

  void CheckEvent(const std::string& at, const ov1::OwnershipEvent& event, absl::Time time, const Known& known) {
    if (event.has_started() != (known.state.status() == ov1::CASE_STATUS_UNSPECIFIED)) {
      world_.Violation(at + ": the stream begins twice, or not");
    }
    if (event.has_started() && event.started().owner() != known.opened.owner()) {
      world_.Violation(at + ": begins with another owner than the case");
    }
    if (event.has_handoff_accepted() && event.handoff_accepted().from() != known.state.owner()) {
      world_.Violation(at + ": taken over from somebody who does not own it");
    }
    if (event.has_reassigned() && event.reassigned().from() != known.state.owner()) {
      world_.Violation(at + ": reassigned from somebody who does not own it");
    }
    if (event.has_handoff_expired() && time < runtime::FromProto(known.state.handoff().expires_at())) {
      world_.Violation(at + ": an offer runs out early");
    }
    if (event.has_commitment_settled()) CheckSettled(at, event.commitment_settled(), time, known);
  }

  void CheckSettled(const std::string& at, const ov1::CommitmentSettled& settled, absl::Time time, const Known& known) {
    const bool promise = settled.kind() == ov1::COMMITMENT_KIND_PROMISE;
    const bool kept = settled.outcome() == ov1::COMMITMENT_OUTCOME_KEPT;
    const bool broken = settled.outcome() == ov1::COMMITMENT_OUTCOME_BROKEN;
    if (promise && kept) ++kept_;
    if (promise && broken) ++broken_;
    const ov1::Commitment* open = ownership::FindOpen(known.state.ledger(), settled.commitment_id());
    if (open == nullptr) return world_.Violation(at + ": a commitment is settled that is not open");
    const absl::Time due = runtime::FromProto(open->due());
    if (broken && time < due) world_.Violation(at + ": a commitment is broken early");
    // What we said to a customer keeps what was owed then, whenever the reaction to it comes.
    if (promise && kept && time > due) world_.Violation(at + ": a promise is kept too late");
  }

  void Compare(const std::string& what, int64_t counted, int64_t expected) {
    if (counted != expected)
      world_.Violation(what + ": counted " + std::to_string(counted) + ", are " + std::to_string(expected));
  }

  World& world_;
  std::map<std::string, Known> cases_;
  int64_t kept_ = 0;
  int64_t broken_ = 0;
};

}  // namespace

void CheckCases(World& world, const History& history, size_t intake, size_t ownership) {
  CaseChecks checks(world);
  checks.Read(history);
  checks.CompareIntake(world.node(0).services[intake].store);
  checks.CompareOwnership(world.node(0).services[ownership].store);
}

}  // namespace throughline::simulation
