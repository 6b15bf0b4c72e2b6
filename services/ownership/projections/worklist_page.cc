#include "services/ownership/projections/worklist_page.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "libs/service/pages.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/outage_items.h"
#include "services/ownership/projections/view/view.h"
#include "services/ownership/projections/worklist.h"
#include "services/ownership/projections/worklist_source.h"

namespace throughline::ownership {
namespace {

using Range = WorklistSource::Range;

// How many rows of each of so many sources to read at first: each read of a source costs a seek, which is more than
// some rows too many.
size_t ProbableShare(int page_size, size_t sources) {
  const auto size = static_cast<size_t>(page_size);
  return std::min(size + 1, std::max<size_t>(4, 2 * size / std::max<size_t>(sources, 1)));
}

bool ComesBefore(const WorklistSource& a, const WorklistSource& b) { return a.order() < b.order(); }

// `share`: how many rows the part probably has in the page.
void AddSources(const store::KeyValue& reader, const WorklistPart& part, const std::string& after, absl::Time now,
                size_t share, std::vector<WorklistSource>& sources) {
  constexpr size_t kRaised = 4;  // most have none
  const auto add = [&](const Range& range) {
    WorklistSource source(reader, part.person, range, after, part.raised_only ? kRaised : share);
    if (!source.empty()) sources.push_back(std::move(source));
  };
  if (!part.raised_only) return add({});
  add({RankOf(v1::WORKLIST_REASON_PROMISE_BROKEN)});
  add({RankOf(v1::WORKLIST_REASON_COMMITMENT_BROKEN)});
  add({RankOf(v1::WORKLIST_REASON_NOTICE_UPDATE), now});
  add({RankOf(v1::WORKLIST_REASON_SUGGESTION), now});
  add({RankOf(v1::WORKLIST_REASON_IMPROVEMENT), now});
  add({RankOf(v1::WORKLIST_REASON_SUSPECTED_OUTAGE), now});
}

// What its row is kept under.
const std::string& ThingOf(const v1::WorklistItem& item) {
  if (item.has_suggestion_id()) return item.suggestion_id();
  if (item.has_improvement_kind()) return item.improvement_kind();
  if (item.has_component_id()) return item.component_id();
  return item.case_id().empty() ? item.notice_id() : item.case_id();
}

// Sets what follows from the reader and the time.
class ItemReader {
 public:
  // `last_resort`: see Above.
  ItemReader(const store::KeyValue& reader, const std::string& viewer, const std::string& last_resort, absl::Time now)
      : reader_(reader), viewer_(viewer), last_resort_(last_resort), now_(now) {
    kSetAside.Scan(
        reader, "", [&](std::string_view, const auto&, int64_t) { return !(any_aside_ = true); }, viewer);
  }

  void Complete(v1::WorklistItem& item, const std::string& about) {
    item.set_item_id(ItemId({item.reason(), ThingOf(item), about}));
    item.set_rank(static_cast<int32_t>(RankOf(item.reason())));
    item.set_overdue(item.has_due() && runtime::FromProto(item.due()) < now_);
    auto [above, added] = above_.try_emplace(item.owner());
    if (added) above->second = Above(reader_, item.owner(), now_, last_resort_);
    if (above->second) item.set_supervisor(*above->second);
    const auto until = any_aside_ ? kSetAside.Get(reader_, viewer_, item.item_id()) : std::nullopt;
    if (until == kAcknowledged) {
      item.set_acknowledged(true);
    } else if (until && absl::FromUnixMicros(*until) > now_) {
      *item.mutable_snoozed_until() = runtime::ToProto(absl::FromUnixMicros(*until));
    }
  }

 private:
  const store::KeyValue& reader_;
  const std::string viewer_;
  const std::string last_resort_;
  const absl::Time now_;
  bool any_aside_ = false;
  std::map<std::string, std::optional<std::string>> above_;
};

// The kind of the commitments that items of this reason are about.
v1::CommitmentKind CommitmentKindOf(v1::WorklistReason reason) {
  switch (reason) {
    case v1::WORKLIST_REASON_PROMISE_OPEN:
      return v1::COMMITMENT_KIND_PROMISE;
    case v1::WORKLIST_REASON_NEXT_ACTION:
      return v1::COMMITMENT_KIND_NEXT_ACTION;
    case v1::WORKLIST_REASON_HELP:
      return v1::COMMITMENT_KIND_HELP;
    case v1::WORKLIST_REASON_APPROVAL:
      return v1::COMMITMENT_KIND_APPROVAL;
    case v1::WORKLIST_REASON_COUNTER_OFFER:
      return v1::COMMITMENT_KIND_COUNTER_OFFER_ANSWER;
    case v1::WORKLIST_REASON_NEXT_UPDATE:
      return v1::COMMITMENT_KIND_NEXT_UPDATE;
    case v1::WORKLIST_REASON_CUSTOMER_WAITS:
      return v1::COMMITMENT_KIND_REPLY;
    case v1::WORKLIST_REASON_ESCALATED:
      return v1::COMMITMENT_KIND_ESCALATION;
    case v1::WORKLIST_REASON_ESCALATION_DECISION:
      return v1::COMMITMENT_KIND_ESCALATION_DECISION;
    case v1::WORKLIST_REASON_SUGGESTION:
      return v1::COMMITMENT_KIND_SUGGESTION_ANSWER;
    case v1::WORKLIST_REASON_IMPROVEMENT:
      return v1::COMMITMENT_KIND_IMPROVEMENT;
    case v1::WORKLIST_REASON_FOLLOW_UP:
      return v1::COMMITMENT_KIND_FOLLOW_UP;
    default:
      return v1::COMMITMENT_KIND_UNSPECIFIED;
  }
}

// The commitment that the item is about.
v1::CommitmentView CommitmentOf(v1::WorklistRow row) {
  if (row.has_commitment()) return std::move(*row.mutable_commitment());
  const v1::WorklistItem& item = row.item();
  // A next action from before there were commitments, or a reply whose time has passed.
  v1::CommitmentView result;
  auto& commitment = *result.mutable_commitment();
  commitment.set_kind(CommitmentKindOf(item.reason()));
  commitment.set_text(item.text());
  commitment.set_owed_to(item.customer_id());
  if (item.case_id().empty() || item.has_suggestion_id()) commitment.set_owed_by(item.owner());
  *commitment.mutable_due() = item.due();
  *result.mutable_made_at() = item.since();
  return result;
}

}  // namespace

std::vector<WorklistPart> PartsOf(const store::KeyValue& reader, const std::string& person, bool team, absl::Time now,
                                  const std::string& last_resort) {
  std::vector<WorklistPart> parts{{person}};
  const auto self = kPersons.Get(reader, person);
  const bool supervisor = self && self->profile().kind() == v1::PERSON_KIND_SUPERVISOR;
  if (!supervisor && (!self || person != last_resort)) return parts;
  std::vector<std::string> mates;
  std::vector<v1::PersonView> others;
  kPersons.Scan(reader, "", [&](std::string_view, const auto&, const v1::PersonView& other) {
    if (other.person() == person || other.deactivated()) return true;
    const bool mate = supervisor && !self->profile().team().empty() && other.profile().team() == self->profile().team();
    if (team && mate) {
      mates.push_back(other.person());
    } else {
      others.push_back(other);
    }
    return true;
  });
  // One answer holds for all reps of a team who report to nobody.
  std::map<std::string, bool> of_team;
  const auto stands_above = [&](const v1::PersonView& other) {
    const auto look = [&] { return Above(reader, other.person(), now, last_resort) == person; };
    const bool alike = other.profile().kind() == v1::PERSON_KIND_REP && other.profile().reports_to().empty() &&
                       other.person() != last_resort;
    if (!alike) return look();
    const auto [known, added] = of_team.try_emplace(other.profile().team());
    if (added) known->second = look();
    return known->second;
  };
  for (const std::string& mate : mates) parts.push_back({mate});
  for (const v1::PersonView& other : others) {
    if (stands_above(other)) parts.push_back({other.person(), !team});
  }
  return parts;
}

v1::ListWorklistResponse WorklistPage(const store::KeyValue& reader, const std::vector<WorklistPart>& parts,
                                      const WorklistQuery& query, absl::Time now) {
  const std::string begin = WorklistSource::OrderOf(query.after);
  std::vector<WorklistSource> sources;
  const auto whole = static_cast<size_t>(absl::c_count_if(parts, [](const auto& part) { return !part.raised_only; }));
  const size_t share = ProbableShare(query.page_size, whole);
  for (const WorklistPart& part : parts) AddSources(reader, part, begin, now, share, sources);
  ItemReader items(reader, query.viewer, query.last_resort, now);
  v1::ListWorklistResponse response;
  std::string last;
  for (size_t looked_at = 0;; ++looked_at) {
    WorklistSource* next = FirstOf(sources, ComesBefore);
    if (next == nullptr) return response;
    if (response.items_size() == query.page_size || looked_at == service::kMaxLookedAt) {
      response.set_next_page_token(service::PageToken(query.question, last));
      return response;
    }
    const std::string about = std::get<4>(next->key());
    WorklistSource::Row row = next->Take();
    // Help that was not given has a row at the owner and at whoever was asked: a page shows it once.
    if (WorklistSource::OrderOf(row.key) == WorklistSource::OrderOf(last)) continue;
    auto item = std::move(*store::DecodeRow<v1::WorklistRow>(row.bytes).mutable_item());
    last = std::move(row.key);
    items.Complete(item, about);
    const bool aside = item.acknowledged() || item.has_snoozed_until();
    if (query.include_set_aside || !aside) *response.add_items() = std::move(item);
  }
}

v1::ListWorklistResponse UnassignedPage(const store::KeyValue& reader, const WorklistQuery& query, absl::Time now) {
  ItemReader items(reader, query.viewer, query.last_resort, now);
  v1::ListWorklistResponse response;
  response.set_next_page_token(
      service::FillPage(reader, kWaitingCases, query.after, query.question, [&](const std::string& case_id) {
        if (response.items_size() == query.page_size) return false;
        if (const auto view = FindView(reader, case_id)) {
          v1::WorklistItem& item = *response.add_items();
          item = OwnedItemOf(*view);
          *item.mutable_since() = view->opened_at();
          items.Complete(item, "");
        }
        return true;
      }));
  return response;
}

std::optional<v1::WorklistItem> FindWorkItem(const store::KeyValue& reader, const std::string& person,
                                             const std::string& item_id, absl::Time now,
                                             const std::string& last_resort) {
  const std::optional<ItemName> name = ParseItemId(item_id);
  if (!name) return std::nullopt;
  WorklistRows rows;
  if (name->reason == v1::WORKLIST_REASON_NOTICE_UPDATE) {
    if (const auto notice = kNotices.Get(reader, name->thing)) rows = WorklistRowsOf(name->thing, *notice);
  } else if (name->reason == v1::WORKLIST_REASON_SUGGESTION || name->reason == v1::WORKLIST_REASON_IMPROVEMENT) {
    const auto& table = name->reason == v1::WORKLIST_REASON_SUGGESTION ? kSuggestions : kImprovements;
    if (const auto row = table.Get(reader, name->thing)) rows = WorklistRowsOf(name->reason, name->thing, *row);
  } else if (name->reason == v1::WORKLIST_REASON_SUSPECTED_OUTAGE || name->reason == v1::WORKLIST_REASON_FOLLOW_UP) {
    rows = FindOutageItem(reader, *name);
  } else if (const auto view = FindView(reader, name->thing)) {
    rows = WorklistRowsOf(*view);
  } else if (name->reason == v1::WORKLIST_REASON_COMMITMENT_BROKEN) {
    rows = FindOutageItem(reader, *name);
  }
  for (const auto& [raw, bytes] : rows) {
    std::string_view rest = std::string_view(raw).substr(1);
    WorklistTable::Key key;
    std::apply([&](auto&... part) { (store::TakeKey(rest, part) && ...); }, key);
    if (std::get<1>(key) != RankOf(name->reason) || std::get<4>(key) != name->about) continue;
    const auto parts = PartsOf(reader, person, /*team=*/true, now, last_resort);
    if (absl::c_none_of(parts, [&](const WorklistPart& part) { return part.person == std::get<0>(key); })) continue;
    auto item = std::move(*store::DecodeRow<v1::WorklistRow>(bytes).mutable_item());
    ItemReader(reader, person, last_resort, now).Complete(item, name->about);
    return item;
  }
  return std::nullopt;
}

absl::Time NextBack(const store::KeyValue& reader, const std::string& person, absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  kSetAside.Scan(
      reader, "",
      [&](std::string_view, const auto&, int64_t until) {
        const absl::Time back = absl::FromUnixMicros(until);
        if (until != kAcknowledged && back > now) next = std::min(next, back);
        return true;
      },
      person);
  return next;
}

v1::ListCommitmentsResponse CommitmentsPage(const store::KeyValue& reader, const std::string& person,
                                            v1::CommitmentKind kind, const WorklistQuery& query, absl::Time now) {
  // The rows of each rank are in the order of their due times: merge them by these.
  const auto order = [](const WorklistSource& source) { return source.order().substr(sizeof(int64_t)); };
  const auto before = [&](const WorklistSource& a, const WorklistSource& b) {
    return std::pair(order(a), a.order()) < std::pair(order(b), b.order());
  };
  const std::string begin = WorklistSource::OrderOf(query.after);
  constexpr size_t kRanks = 12;
  const size_t share = ProbableShare(query.page_size, kRanks);
  std::vector<WorklistSource> sources;
  for (const auto reason :
       {v1::WORKLIST_REASON_CUSTOMER_WAITS, v1::WORKLIST_REASON_ESCALATED, v1::WORKLIST_REASON_ESCALATION_DECISION,
        v1::WORKLIST_REASON_APPROVAL, v1::WORKLIST_REASON_HELP, v1::WORKLIST_REASON_COUNTER_OFFER,
        v1::WORKLIST_REASON_NEXT_ACTION, v1::WORKLIST_REASON_PROMISE_OPEN, v1::WORKLIST_REASON_NEXT_UPDATE,
        v1::WORKLIST_REASON_SUGGESTION, v1::WORKLIST_REASON_IMPROVEMENT, v1::WORKLIST_REASON_FOLLOW_UP}) {
    if (kind != v1::COMMITMENT_KIND_UNSPECIFIED && kind != CommitmentKindOf(reason)) continue;
    // The row before the page, as if it were of this rank: no two rows agree in all but the rank.
    std::string after;
    if (begin.size() > sizeof(int64_t)) {
      store::AppendKey(after, RankOf(reason));
      after.append(begin, sizeof(int64_t));
    }
    sources.emplace_back(reader, person, Range{RankOf(reason)}, after, share);
  }
  v1::ListCommitmentsResponse response;
  std::string last;
  while (WorklistSource* next = FirstOf(sources, before)) {
    if (response.commitments_size() == query.page_size) {
      response.set_next_page_token(service::PageToken(query.question, last));
      break;
    }
    WorklistSource::Row row = next->Take();
    last = std::move(row.key);
    auto decoded = store::DecodeRow<v1::WorklistRow>(row.bytes);
    const v1::WorklistItem& item = decoded.item();
    v1::CaseCommitment& owed = *response.add_commitments();
    owed.set_case_id(item.case_id());
    owed.set_subject(item.subject());
    owed.set_customer_id(item.customer_id());
    owed.set_owner(item.owner());
    owed.set_overdue(runtime::FromProto(item.due()) < now);
    *owed.mutable_commitment() = CommitmentOf(std::move(decoded));
  }
  return response;
}

size_t ItemsOf(const store::KeyValue& reader, const std::string& person) {
  size_t items = 0;
  reader.Scan(kWorklist.KeyOf(person), "",
              [&](std::string_view, std::string_view) { return ++items < Load::kMostCounted; });
  return items;
}

Load LoadOf(const store::KeyValue& reader, const std::string& person, absl::Time now) {
  Load load;
  // Keys only: there may be thousands of rows.
  const auto count = [&](v1::WorklistReason reason, uint32_t& counted, bool overdue_only) {
    const std::string prefix = kWorklist.KeyOf(person, RankOf(reason));
    reader.Scan(prefix, "", [&](std::string_view raw, std::string_view) {
      std::string_view rest = raw.substr(prefix.size());
      absl::Time due;
      if (!store::TakeKey(rest, due) || (overdue_only && due >= now)) return false;
      return ++counted < Load::kMostCounted;
    });
  };
  // An open case has one row of these two.
  for (const auto reason : {v1::WORKLIST_REASON_OWNED, v1::WORKLIST_REASON_CONFIRMED}) {
    if (load.open_cases < Load::kMostCounted) count(reason, load.open_cases, false);
  }
  for (int reason = v1::WorklistReason_MIN + 1; reason <= v1::WorklistReason_MAX; ++reason) {
    if (load.overdue_items == Load::kMostCounted) break;
    count(static_cast<v1::WorklistReason>(reason), load.overdue_items, true);
  }
  return load;
}

}  // namespace throughline::ownership
