#include "services/ownership/history/history.h"

#include <vector>

#include "absl/strings/str_format.h"

#include "libs/runtime/domain/time.h"
#include "libs/service/pages.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/history/case_text.h"
#include "services/ownership/history/commitment_text.h"

namespace throughline::ownership {
namespace {

constexpr char kCaseKind[] = "case";  // intake's streams of cases

// The commitment that the event is about, as it was made. Keeps kOwed.
v1::Commitment FollowCommitments(const std::string& case_id, const v1::OwnershipEvent& event, store::Batch& batch) {
  v1::Commitment about;
  for (const CommitmentChange& change : CommitmentsIn(event)) {
    const std::string& id = change.commitment.commitment_id();
    about = change.commitment;
    if (change.what == CommitmentChange::kMade) {
      kOwed.Put(batch, case_id, id, about);
    } else {
      if (auto made = kOwed.Get(batch, case_id, id)) about = *std::move(made);
      if (change.what == CommitmentChange::kEnded) kOwed.Delete(batch, case_id, id);
    }
  }
  return about;
}

void Put(const runtime::AcceptedCommit& commit, size_t index, const v1::HistoryRow& row, store::Batch& batch) {
  const std::string& case_id = commit.stream.key;
  const auto topic = static_cast<int64_t>(commit.position.partition.topic);
  const auto version = static_cast<int64_t>(commit.version);
  kHistory.Put(batch, case_id, commit.time, topic, version, index, row);
  kHistoryBack.Put(batch, case_id, store::Descending{commit.time}, ~topic, ~version, ~static_cast<int64_t>(index), "");
}

v1::CaseHistoryEntry EntryOf(const HistoryTable::Key& key, const v1::HistoryRow& row) {
  const auto& [case_id, time, topic, version, index] = key;
  v1::CaseHistoryEntry entry;
  entry.set_entry_id(absl::StrFormat("%d-%010d-%03d", topic, version, index));
  *entry.mutable_time() = runtime::ToProto(time);
  entry.set_by(row.by());
  entry.set_version(static_cast<uint64_t>(version));
  entry.set_service(std::string(log::ServiceName(static_cast<log::Topic>(topic))));
  if (row.has_case_event()) {
    const auto event = store::DecodeRow<intake::v1::CaseEvent>(row.case_event());
    entry.set_kind(KindOf(event));
    entry.set_text(TextOf(event));
    entry.set_stream(runtime::StreamId{kCaseKind, case_id}.ToString());
    entry.mutable_event()->PackFrom(event);
  } else {
    entry.set_kind(KindOf(row.ownership_event()));
    entry.set_text(TextOf(row.ownership_event(), row.about()));
    entry.set_stream(runtime::StreamId{Ownership::kKind, case_id}.ToString());
    entry.mutable_event()->PackFrom(row.ownership_event());
  }
  return entry;
}

// Fills one page.
class Page {
 public:
  Page(const v1::GetCaseHistoryRequest& request, const std::string& question)
      : most_(service::PageSize(request)), question_(question) {}

  bool full() const {
    return response_.entries_size() == most_ || (response_.entries_size() > 0 && bytes_ >= kMostHistoryBytes);
  }
  void Add(const HistoryTable::Key& key, const v1::HistoryRow& row, std::string_view raw) {
    v1::CaseHistoryEntry& entry = *response_.add_entries();
    entry = EntryOf(key, row);
    bytes_ += entry.ByteSizeLong();
    last_ = raw;
  }
  v1::GetCaseHistoryResponse Take(bool more) {
    if (more) response_.set_next_page_token(service::PageToken(question_, last_));
    return std::move(response_);
  }

 private:
  const int most_;
  const std::string question_;
  size_t bytes_ = 0;
  std::string last_;
  v1::GetCaseHistoryResponse response_;
};

}  // namespace

void CaseHistory::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const bool own = commit.stream.kind == Ownership::kKind;
  if (!own && commit.stream.kind != kCaseKind) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    v1::HistoryRow row;
    row.set_by(commit.header->actor().id());
    std::string text;  // events without one say nothing new
    if (own) {
      const auto& event = commit.EventAt<v1::OwnershipEvent>(i);
      if (v1::Commitment about = FollowCommitments(commit.stream.key, event, batch); !about.commitment_id().empty()) {
        *row.mutable_about() = std::move(about);
      }
      text = TextOf(event, row.about());
      *row.mutable_ownership_event() = event;
    } else {
      const auto& event = commit.EventAt<intake::v1::CaseEvent>(i);
      text = TextOf(event);
      row.set_case_event(event.SerializeAsString());
    }
    if (!text.empty()) Put(commit, i, row, batch);
  }
}

v1::GetCaseHistoryResponse HistoryPage(const store::KeyValue& reader, const v1::GetCaseHistoryRequest& request,
                                       const std::string& question, const std::string& after) {
  Page page(request, question);
  bool more = false;
  if (!request.newest_first()) {
    kHistory.Scan(
        reader, after,
        [&](std::string_view raw, const HistoryTable::Key& key, const v1::HistoryRow& row) {
          if (more = page.full(); more) return false;
          page.Add(key, row, raw);
          return true;
        },
        request.case_id());
    return page.Take(more);
  }
  std::vector<std::pair<std::string, HistoryIndex::Key>> keys;  // first: a visitor must not read
  const auto most = static_cast<size_t>(service::PageSize(request));
  kHistoryBack.Scan(
      reader, after,
      [&](std::string_view raw, const HistoryIndex::Key& key, const std::string&) {
        keys.emplace_back(raw, key);
        return keys.size() <= most;
      },
      request.case_id());
  for (const auto& [raw, back] : keys) {
    if (more = page.full(); more) break;
    const auto& [case_id, time, topic, version, index] = back;
    const HistoryTable::Key key{case_id, time.time, ~topic, ~version, ~index};
    if (auto row = std::apply([&](const auto&... part) { return kHistory.Get(reader, part...); }, key)) {
      page.Add(key, *row, raw);
    }
  }
  return page.Take(more);
}

std::string HistoryPrefix(const v1::GetCaseHistoryRequest& request) {
  return request.newest_first() ? kHistoryBack.KeyOf(request.case_id()) : kHistory.KeyOf(request.case_id());
}

}  // namespace throughline::ownership
