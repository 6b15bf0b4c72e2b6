#include "services/supplier-tracking/scorecards/scorecard_page.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/pages.h"
#include "services/supplier-tracking/lanes/history_tables.h"
#include "services/supplier-tracking/lanes/share.h"
#include "services/supplier-tracking/scorecards/numbers.h"

namespace throughline::supplier {
namespace {

constexpr int64_t kMostDays = 3'660;
constexpr int64_t kDaysByDefault = 30;
constexpr int64_t kAllDays = std::numeric_limits<int64_t>::max();  // after those of a value

std::string DayText(int64_t day) { return absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + day); }

absl::Status ReadDay(const std::string& field, const std::string& text, int64_t& day) {
  absl::CivilDay civil;
  if (text.size() != 10 || !absl::ParseCivilTime(text, &civil)) {
    return runtime::BadField(field, "is not a day: write it as 2026-11-24");
  }
  day = civil - absl::CivilDay(1970, 1, 1);
  return absl::OkStatus();
}

struct Days {
  int64_t from = 0;
  int64_t to = 0;
};

absl::StatusOr<Days> DaysOf(const v1::GetScorecardsRequest& request, absl::Time now) {
  Days days{0, DayOf(now)};
  if (!request.to_day().empty()) {
    if (absl::Status bad = ReadDay("to_day", request.to_day(), days.to); !bad.ok()) return bad;
  }
  days.from = days.to - kDaysByDefault + 1;
  if (!request.from_day().empty()) {
    if (absl::Status bad = ReadDay("from_day", request.from_day(), days.from); !bad.ok()) return bad;
  }
  if (days.from > days.to) return runtime::BadField("from_day", "is after the last day: exchange the two");
  if (days.to - days.from >= kMostDays) {
    return runtime::BadField("from_day",
                             absl::StrCat("is too early: scorecards are about at most ", kMostDays, " days"));
  }
  return days;
}

// Where a page goes on: after this day of this value.
struct Place {
  std::string value;
  int64_t day = kAllDays;
};

class Page {
 public:
  Page(const store::KeyValue& reader, const v1::GetScorecardsRequest& request, const Days& days)
      : reader_(reader),
        request_(request),
        days_(days),
        subject_(request.by() == v1::SCORECARD_SUBJECT_UNSPECIFIED ? v1::SCORECARD_SUBJECT_CARRIER : request.by()),
        question_(service::Question(request)) {}

  absl::StatusOr<v1::GetScorecardsResponse> Read() {
    const std::string prefix = kScorecards.KeyOf(subject_);
    absl::StatusOr<std::string> after = service::AfterPage(question_, prefix, request_.page_token());
    if (!after.ok()) return after.status();
    std::optional<Place> last = PlaceOf(*after, prefix);
    response_.set_from_day(DayText(days_.from));
    response_.set_to_day(DayText(days_.to));
    if (last && last->day != kAllDays) AddDays(last->value, last->day + 1);  // the page before ended within the value
    std::optional<std::string> value;
    if (last) value = last->value;
    while (!full_) {
      value = Next(value);
      if (!value) break;
      if (request_.value().empty() || *value == request_.value()) AddDays(*value, days_.from);
      if (!request_.value().empty() && *value >= request_.value()) break;
      if (looked_at_ > service::kMaxLookedAt && !full_) EndAfter({*value, kAllDays});
    }
    return std::move(response_);
  }

 private:
  static std::optional<Place> PlaceOf(std::string_view raw, const std::string& prefix) {
    if (raw.size() <= prefix.size()) return std::nullopt;
    raw.remove_prefix(prefix.size());
    Place place;
    if (!store::TakeKey(raw, place.value) || !store::TakeKey(raw, place.day)) return std::nullopt;
    return place;
  }

  // The first value after `value`; none: the first that is asked for.
  std::optional<std::string> Next(const std::optional<std::string>& value) const {
    const std::string prefix = kScorecards.KeyOf(subject_);
    const std::string from = value                      ? kScorecards.KeyOf(subject_, *value, kAllDays)
                             : request_.value().empty() ? prefix
                                                        : kScorecards.KeyOf(subject_, request_.value());
    std::optional<std::string> next;
    reader_.Scan(prefix, from, [&](std::string_view raw, std::string_view) {
      std::string_view rest = raw.substr(prefix.size());
      std::string found;
      if (!store::TakeKey(rest, found)) throw store::DamagedRow("a key of the store");
      if (value && found == *value) return true;
      next = std::move(found);
      return false;
    });
    return next;
  }

  // The scorecards of a value from this day on: one, or one for each day.
  void AddDays(const std::string& value, int64_t from) {
    const std::string prefix = kScorecards.KeyOf(subject_, value);
    std::optional<v1::ScorecardRow> sum;
    reader_.Scan(prefix, kScorecards.KeyOf(subject_, value, from), [&](std::string_view raw, std::string_view bytes) {
      std::string_view rest = raw.substr(prefix.size());
      int64_t day;
      if (!store::TakeKey(rest, day)) throw store::DamagedRow("a key of the store");
      if (day > days_.to) return false;
      ++looked_at_;
      const auto row = store::DecodeRow<v1::ScorecardRow>(bytes);
      if (request_.by_day()) {
        Add({value, day}, row);
        return !full_;
      }
      if (!sum) sum.emplace();
      AddTo(*sum, row);
      return true;
    });
    if (sum) Add({value, kAllDays}, *sum);
  }

  void Add(const Place& place, const v1::ScorecardRow& row) {
    v1::Scorecard& card = *response_.add_scorecards();
    card.set_value(place.value);
    if (place.day != kAllDays) card.set_day(DayText(place.day));
    *card.mutable_numbers() = NumbersOf(row);
    if (response_.scorecards_size() >= service::PageSize(request_)) EndAfter(place);
  }

  void EndAfter(const Place& place) {
    full_ = true;
    response_.set_next_page_token(service::PageToken(question_, kScorecards.KeyOf(subject_, place.value, place.day)));
  }

  const store::KeyValue& reader_;
  const v1::GetScorecardsRequest& request_;
  const Days days_;
  const int64_t subject_;
  const std::string question_;
  size_t looked_at_ = 0;
  bool full_ = false;
  v1::GetScorecardsResponse response_;
};

}  // namespace

absl::StatusOr<v1::GetScorecardsResponse> GetScorecards(const store::KeyValue& reader,
                                                        const v1::GetScorecardsRequest& request, absl::Time now) {
  const absl::StatusOr<Days> days = DaysOf(request, now);
  if (!days.ok()) return days.status();
  return Page(reader, request, *days).Read();
}

}  // namespace throughline::supplier
