#include "services/ownership/projections/worklist_page.h"

#include <deque>
#include <utility>

#include "libs/runtime/domain/time.h"
#include "libs/service/pages.h"
#include "services/ownership/people/people.h"

namespace throughline::ownership {
namespace {

// The rows of one part, read a few at a time.
class Source {
 public:
  // `after`: the key after the person's component, of the row before the page; empty: from the first.
  Source(const store::KeyValue& reader, const WorklistPart& part, const std::string& after)
      : reader_(reader), part_(part), person_key_size_(kWorklist.KeyOf(part.person).size()) {
    if (!after.empty()) last_ = kWorklist.KeyOf(part.person) + after;
    Refill();
  }

  bool empty() const { return rows_.empty(); }
  // The key after the person's component: it gives the order.
  std::string_view order() const { return std::string_view(rows_.front().first).substr(person_key_size_); }

  std::pair<std::string, v1::WorklistItem> Take() {
    auto row = std::move(rows_.front());
    rows_.pop_front();
    if (rows_.empty()) Refill();
    return row;
  }

 private:
  static constexpr size_t kAtOnce = 16;

  void Refill() {
    if (ended_) return;
    const auto visit = [this](std::string_view raw, const auto&, const v1::WorklistItem& item) {
      rows_.emplace_back(std::string(raw), item);
      return rows_.size() < kAtOnce;
    };
    if (part_.broken_only) {
      const int64_t urgency = UrgencyOf(v1::WORKLIST_REASON_PROMISE_BROKEN);
      // A page may begin after the last broken promise.
      if (last_ > kWorklist.KeyOf(part_.person, urgency + 1)) return End();
      kWorklist.Scan(reader_, last_, visit, part_.person, urgency);
    } else {
      kWorklist.Scan(reader_, last_, visit, part_.person);
    }
    if (rows_.size() < kAtOnce) End();
    if (!rows_.empty()) last_ = rows_.back().first;
  }
  void End() { ended_ = true; }

  const store::KeyValue& reader_;
  const WorklistPart part_;
  const size_t person_key_size_;
  std::string last_;
  bool ended_ = false;
  std::deque<std::pair<std::string, v1::WorklistItem>> rows_;
};

// The part of a raw key after the table and the person.
std::string OrderOf(std::string_view raw) {
  if (raw.empty()) return "";
  std::string_view rest = raw.substr(1);
  std::string person;
  return store::TakeKey(rest, person) ? std::string(rest) : std::string();
}

}  // namespace

std::vector<WorklistPart> PartsOf(const store::KeyValue& reader, const std::string& person, bool team, absl::Time now,
                                  const std::string& last_resort) {
  std::vector<WorklistPart> parts{{person}};
  const auto self = kPersons.Get(reader, person);
  const bool supervisor = self && self->profile().kind() == v1::PERSON_KIND_SUPERVISOR;
  if (!supervisor && (!self || person != last_resort)) return parts;
  std::vector<std::string> mates, others;
  kPersons.Scan(reader, "", [&](std::string_view, const auto&, const v1::PersonView& other) {
    if (other.person() == person || other.deactivated()) return true;
    const bool mate = supervisor && !self->profile().team().empty() && other.profile().team() == self->profile().team();
    (team && mate ? mates : others).push_back(other.person());
    return true;
  });
  for (const std::string& mate : mates) parts.push_back({mate});
  for (const std::string& other : others) {
    if (Above(reader, other, now, last_resort) == person) parts.push_back({other, !team});
  }
  return parts;
}

v1::ListWorklistResponse WorklistPage(const store::KeyValue& reader, const std::vector<WorklistPart>& parts,
                                      int page_size, const std::string& question, const std::string& after,
                                      absl::Time now, const std::string& last_resort) {
  const std::string begin = OrderOf(after);
  std::vector<Source> sources;
  sources.reserve(parts.size());
  for (const WorklistPart& part : parts) {
    Source source(reader, part, begin);
    if (!source.empty()) sources.push_back(std::move(source));
  }
  v1::ListWorklistResponse response;
  std::string last;
  for (;;) {
    Source* next = nullptr;
    for (Source& source : sources) {
      if (!source.empty() && (next == nullptr || source.order() < next->order())) next = &source;
    }
    if (next == nullptr) return response;
    if (response.items_size() == page_size) {
      response.set_next_page_token(service::PageToken(question, last));
      return response;
    }
    auto [raw, row] = next->Take();
    v1::WorklistItem& item = *response.add_items();
    item = std::move(row);
    item.set_overdue(item.has_due() && runtime::FromProto(item.due()) < now);
    if (auto above = Above(reader, item.owner(), now, last_resort)) item.set_supervisor(*std::move(above));
    last = std::move(raw);
  }
}

Load LoadOf(const store::KeyValue& reader, const std::string& person, absl::Time now) {
  Load load;
  // An open case has one row of these two.
  for (const auto reason : {v1::WORKLIST_REASON_OWNED, v1::WORKLIST_REASON_CONFIRMED}) {
    kWorklist.Scan(
        reader, "",
        [&](std::string_view, const auto&, const v1::WorklistItem&) { return ++load.open_cases < Load::kMostCounted; },
        person, UrgencyOf(reason));
  }
  for (int reason = v1::WorklistReason_MIN + 1; reason <= v1::WorklistReason_MAX; ++reason) {
    kWorklist.Scan(
        reader, "",
        [&](std::string_view, const auto& key, const v1::WorklistItem&) {
          if (std::get<2>(key) >= now) return false;
          return ++load.overdue_items < Load::kMostCounted;
        },
        person, UrgencyOf(static_cast<v1::WorklistReason>(reason)));
  }
  return load;
}

}  // namespace throughline::ownership
