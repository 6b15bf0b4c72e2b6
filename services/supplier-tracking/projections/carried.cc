#include "services/supplier-tracking/projections/carried.h"

#include <algorithm>
#include <deque>

#include "absl/container/flat_hash_map.h"

#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

constexpr int kInVain = 32;          // turns between two entries that are read through, rather than sought past
constexpr size_t kTurnsAtOnce = 16;  // turns of cases; doubled each time

std::string RawTurn(const std::string& order_id, TurnKind kind, const TraceKey& at) {
  return kTurns.KeyOf(order_id, int64_t{kind}, store::Descending{absl::FromUnixMicros(at.micros)}, ~at.topic,
                      ~at.partition, ~at.offset, ~at.index);
}

// Newest first, from the raw key `from` on. `visit(raw, turn)` answers false to stop.
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

// For each key, ascending, the newest turn of the kind at or before it; an empty one if there is none.
std::vector<v1::TurnRow> TurnsAt(const store::KeyValue& reader, const std::string& order_id, TurnKind kind,
                                 const std::vector<TraceKey>& keys) {
  std::vector<v1::TurnRow> found(keys.size());
  size_t left = keys.size();
  for (bool more = true; more && left > 0;) {
    more = false;
    int in_vain = 0;
    ScanTurns(reader, order_id, kind, RawTurn(order_id, kind, keys[left - 1]), [&](std::string_view, const Turn& turn) {
      more = turn.at > keys[left - 1] && ++in_vain > kInVain;
      if (more) return false;
      for (; left > 0 && turn.at <= keys[left - 1]; in_vain = 0) found[--left] = turn.to;
      return left > 0;
    });
  }
  return found;
}

// Who answers: the owner of the case that was opened last of those that are open, else whom the order names.
class Answerable {
 public:
  // From what was stored up to `last`; none given: of nothing.
  Answerable(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& last)
      : reader_(reader),
        order_(order),
        from_(last ? RawTurn(order.view().order_id(), kCaseTurn, *last) : ""),
        all_read_(!last) {}

  // A later turn of a case, before the others that are added.
  void Add(const Turn& turn) { turns_.push_back(turn); }

  // Just after `key`, which is not after the one that was asked for before.
  const std::string& At(const TraceKey& key) {
    const size_t before = next_;
    while (Has(next_) && turns_[next_].at > key) ++next_;
    if (next_ != before || answer_ == nullptr) answer_ = &Find();
    return *answer_;
  }

 private:
  struct Case {
    const v1::TurnRow *owner = nullptr, *open = nullptr;  // the newest that say so
    size_t oldest = 0;                                    // of its turns
    bool Answers() const {
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
      if (opening && about.Answers()) return about.owner->case_owner();
    }
    // Of cases whose opening is not known yet, as it comes from another topic: the one that was heard of last.
    const Case* last = nullptr;
    for (const auto& [id, about] : cases) {
      if (about.Answers() && (last == nullptr || about.oldest < last->oldest)) last = &about;
    }
    if (last != nullptr) return last->owner->case_owner();
    return order_.owner();
  }

  // Whether there is a turn with this number; reads it if need be.
  bool Has(size_t i) {
    if (i < turns_.size() || all_read_) return i < turns_.size();
    const size_t most = turns_.size() + at_once_;
    at_once_ *= 2;
    all_read_ = true;
    std::string last = from_;
    ScanTurns(reader_, order_.view().order_id(), kCaseTurn, from_, [&](std::string_view raw, Turn turn) {
      if (!turns_.empty() && turn.at == turns_.back().at) return true;  // the last one read before
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
  std::deque<Turn> turns_;  // newest first; they stay where they are
  bool all_read_;
  size_t at_once_ = kTurnsAtOnce;
  size_t next_ = 0;  // the newest turn at or before the key
  const std::string* answer_ = nullptr;
};

}  // namespace

void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries) {
  if (keys.empty()) return;
  const std::string& order_id = order.view().order_id();
  const std::vector<v1::TurnRow> etas = TurnsAt(reader, order_id, kEtaTurn, keys);
  const std::vector<v1::TurnRow> risks = TurnsAt(reader, order_id, kRiskTurn, keys);
  Answerable answerable(reader, order, keys.back());
  for (size_t i = keys.size(); i-- > 0;) {
    v1::TraceEntry& entry = entries[i];
    entry.set_owner(answerable.At(keys[i]));
    *entry.mutable_promised_by() = order.view().promised_by();
    if (etas[i].eta().has_latest()) *entry.mutable_eta() = etas[i].eta();
    entry.set_at_risk(risks[i].at_risk());
  }
}

void FillCarried(const store::KeyValue& reader, const v1::OrderRow& order, const std::optional<TraceKey>& after,
                 const std::vector<Turn>& turns, const std::vector<TraceKey>& keys,
                 std::vector<v1::TraceEntry>& entries) {
  const std::string& order_id = order.view().order_id();
  v1::TurnRow eta, risk;
  if (after) {
    eta = TurnsAt(reader, order_id, kEtaTurn, {*after})[0];
    risk = TurnsAt(reader, order_id, kRiskTurn, {*after})[0];
  }
  auto turn = turns.begin();
  for (size_t i = 0; i < keys.size(); ++i) {
    for (; turn != turns.end() && turn->at <= keys[i]; ++turn) {
      if (turn->kind == kEtaTurn) eta = turn->to;
      if (turn->kind == kRiskTurn) risk = turn->to;
    }
    v1::TraceEntry& entry = entries[i];
    *entry.mutable_promised_by() = order.view().promised_by();
    if (eta.eta().has_latest()) *entry.mutable_eta() = eta.eta();
    entry.set_at_risk(risk.at_risk());
  }
  Answerable answerable(reader, order, after);
  for (auto newest = turns.rbegin(); newest != turns.rend(); ++newest) {
    if (newest->kind == kCaseTurn) answerable.Add(*newest);
  }
  for (size_t i = keys.size(); i-- > 0;) entries[i].set_owner(answerable.At(keys[i]));
}

}  // namespace throughline::supplier
