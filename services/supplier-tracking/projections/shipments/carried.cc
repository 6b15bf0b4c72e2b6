#include "services/supplier-tracking/projections/shipments/carried.h"

#include <algorithm>
#include <deque>

#include "absl/container/flat_hash_map.h"

#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr int kMaxSkipped = 32;      // turns that are read over before a new seek
constexpr size_t kTurnsAtOnce = 16;  // turns of cases that are read at first; doubled each time

std::string RawTurn(const std::string& order_id, TurnKind kind, const TraceKey& at) {
  return kTurns.KeyOf(order_id, int64_t{kind}, store::Descending{absl::FromUnixMicros(at.micros)}, ~at.topic,
                      ~at.partition, ~at.offset, ~at.index);
}

// Visits turns, newest first, after the raw key `from`. `visit(raw, turn)` returns false to stop.
template <typename Visit>
void ScanTurns(const store::KeyValue& reader, const std::string& order_id, TurnKind kind, const std::string& from,
               const Visit& visit) {
  reader.Scan(kTurns.KeyOf(order_id, int64_t{kind}), from, [&](std::string_view raw, std::string_view bytes) {
    std::string_view rest = raw.substr(kTurns.KeyOf(order_id, int64_t{kind}).size());
    int64_t parts[5];
    for (int64_t& part : parts) {
      if (!store::TakeKey(rest, part)) throw store::DamagedRow("a key of the store");
      part = ~part;
    }
    return visit(raw,
                 Turn{{parts[0], parts[1], parts[2], parts[3], parts[4]}, kind, store::DecodeRow<v1::TurnRow>(bytes)});
  });
}

// For each of the ascending keys: the newest turn of the kind at or before it; an empty one if there is none.
std::vector<v1::TurnRow> TurnsAt(const store::KeyValue& reader, const std::string& order_id, TurnKind kind,
                                 const std::vector<TraceKey>& keys) {
  std::vector<v1::TurnRow> found(keys.size());
  size_t left = keys.size();
  for (bool more = true; more && left > 0;) {
    more = false;
    int skipped = 0;
    ScanTurns(reader, order_id, kind, RawTurn(order_id, kind, keys[left - 1]), [&](std::string_view, const Turn& turn) {
      more = turn.at > keys[left - 1] && ++skipped > kMaxSkipped;
      if (more) return false;
      for (; left > 0 && turn.at <= keys[left - 1]; skipped = 0) found[--left] = turn.to;
      return left > 0;
    });
  }
  return found;
}

// The owner just after an entry: that of the open case that was opened last, else the order's.
// Just before an entry.
TraceKey Before(TraceKey key) {
  --key.index;
  return key;
}

class OwnerLookup {
 public:
  // Uses the stored turns up to `last`; none if that is not given.
  OwnerLookup(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& last)
      : reader_(reader),
        order_(order),
        from_(last ? RawTurn(order.view().order_id(), kCaseTurn, *last) : ""),
        all_read_(!last) {}

  // Adds a turn of a case that is later than the stored ones. To be called newest first.
  void Add(const Turn& turn) { turns_.push_back(turn); }

  // The owner just after `key`. Each call's key must not be after that of the call before.
  const std::string& At(const TraceKey& key) {
    const size_t before = next_;
    while (Has(next_) && turns_[next_].at > key) ++next_;
    if (next_ != before || owner_ == nullptr) owner_ = &Find();
    return *owner_;
  }

 private:
  struct Case {
    const v1::TurnRow *owner = nullptr, *open = nullptr;  // the newest turn that sets each
    size_t oldest = 0;                                    // the number of its oldest turn
    bool IsOpenAndOwned() const {
      return owner != nullptr && !owner->case_owner().empty() && open != nullptr && open->case_open();
    }
  };

  const std::string& Find() {
    absl::flat_hash_map<std::string_view, Case> cases;
    for (size_t i = next_; Has(i); ++i) {
      const v1::TurnRow& to = turns_[i].to;
      Case& about = cases[to.case_id()];
      about.oldest = i;
      if (about.owner == nullptr && to.has_case_owner()) about.owner = &to;
      if (about.open == nullptr && to.has_case_open()) about.open = &to;
      const bool opening = to.has_case_owner() && to.has_case_open();
      if (opening && about.IsOpenAndOwned()) return about.owner->case_owner();
    }
    // The openings come from another topic and may not be folded yet: take the case whose first turn is the latest.
    const Case* last = nullptr;
    for (const auto& [id, about] : cases) {
      if (about.IsOpenAndOwned() && (last == nullptr || about.oldest < last->oldest)) last = &about;
    }
    if (last != nullptr) return last->owner->case_owner();
    const auto own = cases.find("");
    return own != cases.end() ? own->second.owner->case_owner() : order_.first_owner();
  }

  // Whether there is a turn with this number. Reads more turns if necessary.
  bool Has(size_t i) {
    if (i < turns_.size() || all_read_) return i < turns_.size();
    const size_t most = turns_.size() + at_once_;
    at_once_ *= 2;
    all_read_ = true;
    std::string last = from_;
    ScanTurns(reader_, order_.view().order_id(), kCaseTurn, from_, [&](std::string_view raw, Turn turn) {
      if (!turns_.empty() && turn.at == turns_.back().at) return true;  // already read
      turns_.push_back(std::move(turn));
      last = std::string(raw);
      all_read_ = turns_.size() < most;
      return all_read_;
    });
    from_ = std::move(last);
    return i < turns_.size();
  }

  const store::KeyValue& reader_;
  const v1::OrderRow& order_;
  std::string from_;
  std::deque<Turn> turns_;  // newest first; a deque keeps references valid
  bool all_read_;
  size_t at_once_ = kTurnsAtOnce;
  size_t next_ = 0;  // the newest turn at or before the key
  const std::string* owner_ = nullptr;
};

// The owner just after the entry, and who it was before, if it was another.
void FillOwner(OwnerLookup& owners, const TraceKey& key, v1::TraceEntry& entry) {
  entry.set_owner(owners.At(key));
  const std::string& before = owners.At(Before(key));
  if (before == entry.owner() || entry.kind() == "OrderPlaced") return;
  v1::OwnerChange& change = *entry.mutable_effect()->mutable_owner();
  change.set_before(before);
  change.set_after(entry.owner());
}

// The promise after the newest turn of it: until there is one, the first.
const google::protobuf::Timestamp& PromiseAt(const v1::TurnRow& turn, const v1::OrderRow& order) {
  return turn.has_promised_time() ? turn.promised_time() : order.view().first_promised_time();
}

}  // namespace

void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries) {
  if (keys.empty()) return;
  const std::string& order_id = order.view().order_id();
  const std::vector<v1::TurnRow> etas = TurnsAt(reader, order_id, kEtaTurn, keys);
  const std::vector<v1::TurnRow> risks = TurnsAt(reader, order_id, kRiskTurn, keys);
  const std::vector<v1::TurnRow> promises = TurnsAt(reader, order_id, kPromiseTurn, keys);
  OwnerLookup owners(reader, order, keys.back());
  for (size_t i = keys.size(); i-- > 0;) {
    v1::TraceEntry& entry = entries[i];
    FillOwner(owners, keys[i], entry);
    *entry.mutable_promised_time() = PromiseAt(promises[i], order);
    if (etas[i].eta().has_latest()) *entry.mutable_eta() = etas[i].eta();
    entry.set_at_risk(risks[i].at_risk());
  }
}

void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& after,
                 const std::vector<Turn>& turns, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries) {
  const std::string& order_id = order.view().order_id();
  v1::TurnRow eta, risk, promise;
  if (after) {
    eta = TurnsAt(reader, order_id, kEtaTurn, {*after})[0];
    risk = TurnsAt(reader, order_id, kRiskTurn, {*after})[0];
    promise = TurnsAt(reader, order_id, kPromiseTurn, {*after})[0];
  }
  auto turn = turns.begin();
  for (size_t i = 0; i < keys.size(); ++i) {
    for (; turn != turns.end() && turn->at <= keys[i]; ++turn) {
      if (turn->kind == kEtaTurn) eta = turn->to;
      if (turn->kind == kRiskTurn) risk = turn->to;
      if (turn->kind == kPromiseTurn) promise = turn->to;
    }
    v1::TraceEntry& entry = entries[i];
    *entry.mutable_promised_time() = PromiseAt(promise, order);
    if (eta.eta().has_latest()) *entry.mutable_eta() = eta.eta();
    entry.set_at_risk(risk.at_risk());
  }
  OwnerLookup owners(reader, order, after);
  for (auto newest = turns.rbegin(); newest != turns.rend(); ++newest) {
    if (newest->kind == kCaseTurn) owners.Add(*newest);
  }
  for (size_t i = keys.size(); i-- > 0;) FillOwner(owners, keys[i], entries[i]);
}

}  // namespace throughline::supplier
