#include "services/edge/notices/article.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "services/edge/notices/words.h"

namespace throughline::edge::notices {
namespace {

using outage::v1::NoticeView;
using pages::Values;

std::string NamesOf(const Known& known, const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) names.push_back(known.NameOf(id));
  return absl::StrJoin(names, ", ");
}

// Empty: everybody.
std::string WhoIsHit(const outage::v1::NoticeScope& scope) {
  std::vector<std::string> parts;
  const auto add = [&](const char* what, const google::protobuf::RepeatedPtrField<std::string>& hit) {
    if (!hit.empty()) parts.push_back(absl::StrCat(what, " ", absl::StrJoin(hit, ", ")));
  };
  add("in", scope.regions());
  add("on", scope.channels());
  add("with", scope.products());
  add("of the group", scope.customer_groups());
  return absl::StrJoin(parts, "; ");
}

// A fact whose text is a time.
void AddTime(Values& values, std::string_view fact, absl::Time time) { SetTime(values.Add(fact), "TIME", time); }

void FillEnd(const Known& known, const NoticeView& notice, Values& values) {
  if (notice.status() != outage::v1::NOTICE_STATUS_ACTIVE) {
    if (notice.has_resolved_at()) AddTime(values, "OVER_SINCE", TimeOf(notice.resolved_at()));
    return;
  }
  if (notice.kind() == outage::v1::NOTICE_KIND_CHANGE) {
    if (notice.has_valid_until()) AddTime(values, "VALID_UNTIL", TimeOf(notice.valid_until()));
    return;
  }
  if (!notice.has_expected_end()) {
    values.Add("END_UNKNOWN");
    return;
  }
  const absl::Time end = TimeOf(notice.expected_end());
  AddTime(values, end < known.at ? "END_PASSED" : "END", end);
}

void FillNextUpdate(const Known& known, const NoticeView& notice, Values& values) {
  if (!notice.has_next_update_due()) return;
  AddTime(values, IsOverdue(notice, known.at) ? "OVERDUE" : "NEXT_UPDATE", TimeOf(notice.next_update_due()));
}

void FillEnds(const NoticeView& notice, Values& values) {
  if (notice.expected_ends_size() < 2) return;
  Values& ends = values.Add("EXPECTED_ENDS");
  for (const auto& expected : notice.expected_ends()) {
    Values& said = ends.Add("SAID");
    SetTime(said, "SAID_TIME", TimeOf(expected.at()));
    if (expected.has_expected_end()) {
      AddTime(said, "SAID_END", TimeOf(expected.expected_end()));
    } else {
      said.Add("SAID_UNKNOWN");
    }
  }
}

std::string_view FieldForPeople(std::string_view field) {
  if (field == "title") return "Title";
  if (field == "description") return "First text";
  if (field == "current_text") return "Text";
  if (field == "workaround") return "Until then";
  if (field == "component_ids") return "Affected";
  if (field == "scope") return "For whom";
  if (field == "since") return "Since";
  return field;
}

std::string ComponentsOf(const Known& known, const std::string& ids) {
  std::vector<std::string> names = absl::StrSplit(ids, ", ", absl::SkipEmpty());
  for (std::string& name : names) name = known.NameOf(name);
  return absl::StrJoin(names, ", ");
}

void FillCorrections(const Known& known, const NoticeView& notice, size_t bytes, Values& values) {
  if (notice.corrections().empty()) return;
  Values& corrections = values.Add("CORRECTIONS");
  for (auto correction = notice.corrections().rbegin(); correction != notice.corrections().rend(); ++correction) {
    Values& item = corrections.Add("CORRECTION");
    SetTime(item, "CORRECTED", TimeOf(correction->at()));
    item.Set("WHY", Shortened(correction->reason(), bytes));
    for (const auto& change : correction->changes()) {
      const bool ids = change.field() == "component_ids";
      Values& changed = item.Add("CHANGE").Set("FIELD", FieldForPeople(change.field()));
      changed.SetIfAny("WAS", Shortened(ids ? ComponentsOf(known, change.was()) : change.was(), bytes));
      changed.SetIfAny("IS", Shortened(ids ? ComponentsOf(known, change.is()) : change.is(), bytes));
    }
  }
}

// Everything that was said, newest first; the first text is the last.
void FillUpdates(const NoticeView& notice, const Detail& detail, Values& values) {
  struct Said {
    absl::Time at;
    std::string text;
    outage::v1::NoticeStage stage;
  };
  std::vector<Said> all = {{TimeOf(notice.published_at()), notice.description(), notice.published_stage()}};
  for (const auto& update : notice.updates()) all.push_back({TimeOf(update.at()), update.text(), update.stage()});
  // The last one stands above.
  const size_t shown = detail.alone ? all.size() : all.size() - 1;
  if (shown == 0 || detail.updates == 0 || (detail.alone && all.size() == 1)) return;
  Values& updates = values.Add(detail.alone ? "ALL_UPDATES" : "UPDATES");
  int count = 0;
  for (size_t i = shown; i-- > 0 && count < detail.updates; ++count) {
    Values& update = updates.Add("UPDATE").Set("UPDATE_TEXT", Shortened(all[i].text, detail.text_bytes));
    update.Set("UPDATE_STAGE", StageForPeople(all[i].stage));
    SetTime(update, "UPDATE_TIME", all[i].at);
  }
}

void FillPostmortem(const NoticeView& notice, const Detail& detail, Values& values) {
  if (!notice.has_postmortem()) return;
  if (!detail.alone) {
    values.Add("HAS_POSTMORTEM");
    return;
  }
  Values& postmortem = values.Add("POSTMORTEM").Set("LEARNED", notice.postmortem().text());
  SetTime(postmortem, "LEARNED_TIME", TimeOf(notice.postmortem().at()));
  if (notice.postmortem().follow_ups().empty()) return;
  Values& list = postmortem.Add("FOLLOW_UPS");
  for (const auto& follow_up : notice.postmortem().follow_ups()) {
    Values& item = list.Add("FOLLOW_UP").Set("WHAT", follow_up.text());
    SetTime(item, "DUE", TimeOf(follow_up.due()));
    switch (follow_up.outcome()) {
      case ownership::v1::COMMITMENT_OUTCOME_KEPT:
        item.Add("DONE").SetIfAny("EVIDENCE", follow_up.evidence());
        break;
      case ownership::v1::COMMITMENT_OUTCOME_UNSPECIFIED:
        item.Add("OPEN");
        break;
      default:
        item.Add("LATE");
    }
  }
}

// How good the first expected end was.
std::string ScoreOf(const NoticeView& notice) {
  if (!notice.has_expected_end_score() || notice.status() == outage::v1::NOTICE_STATUS_ACTIVE) return "";
  const absl::Duration error = absl::Seconds(notice.expected_end_score().first_error().seconds());
  if (absl::AbsDuration(error) < absl::Minutes(1)) return "It was over when we had first said.";
  return absl::StrCat("It was over ", ForPeople(absl::AbsDuration(error)),
                      error > absl::ZeroDuration() ? " later" : " earlier", " than we had first said.");
}

}  // namespace

void SetTime(Values& values, std::string_view name, absl::Time time) {
  const std::string label(name);
  values.Set(label, ForPeople(time)).Set(label + "_AT", ForPrograms(time));
}

std::string Shortened(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(absl::string_view(text.data(), end), "…");
}

std::string PathOf(const NoticeView& notice) { return absl::StrCat("/notices/", notice.notice_id()); }

void FillArticle(const Known& known, const NoticeView& notice, const Detail& detail, Values& values) {
  const size_t bytes = detail.text_bytes;
  values.Set("ID", notice.notice_id()).Set("PATH", PathOf(notice)).Set("TONE", ToneOf(notice));
  values.Set("KIND", KindForPeople(notice.kind())).Set("STAGE", StageForPeople(notice.stage()));
  values.Add(detail.alone ? "ALONE" : "LISTED").Set("TITLE", Shortened(notice.title(), std::min<size_t>(bytes, 512)));
  FillNextUpdate(known, notice, values);
  values.Set("TEXT", Shortened(notice.current_text(), bytes));
  if (notice.current_text().size() > bytes) values.Add("MORE");
  values.SetIfAny("AFFECTED", Shortened(NamesOf(known, notice.component_ids()), bytes));
  values.SetIfAny("HIT", Shortened(WhoIsHit(notice.scope()), bytes));
  if (notice.status() == outage::v1::NOTICE_STATUS_ACTIVE) values.SetIfAny("IMPACT", ImpactForPeople(notice.impact()));
  AddTime(values, IsToCome(notice) ? "FROM" : "SINCE", TimeOf(notice.since()));
  FillEnd(known, notice, values);
  if (notice.status() == outage::v1::NOTICE_STATUS_ACTIVE) {
    values.SetIfAny("WORKAROUND", Shortened(notice.workaround(), bytes));
  }
  values.SetIfAny("REASON", Shortened(notice.reason(), bytes));
  if (!notice.customer_options().empty()) {
    Values& options = values.Add("OPTIONS");
    for (const std::string& option : notice.customer_options())
      options.Add("OPTION").Set("CAN", Shortened(option, bytes));
  }
  values.SetIfAny("CAUSE", Shortened(notice.cause(), bytes));
  values.SetIfAny("CHANGED", Shortened(notice.changed(), bytes));
  if (detail.records) {
    FillCorrections(known, notice, bytes, values);
    FillEnds(notice, values);
    values.SetIfAny("SCORE", ScoreOf(notice));
  } else if (!notice.corrections().empty()) {
    values.Add("WAS_CORRECTED");
  }
  FillUpdates(notice, detail, values);
  FillPostmortem(notice, detail, values);
}

}  // namespace throughline::edge::notices
