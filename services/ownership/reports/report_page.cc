#include "services/ownership/reports/report_page.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/pages.h"
#include "services/ownership/reports/report_projection.h"
#include "services/ownership/reports/report_tables.h"
#include "services/ownership/reports/sums.h"

namespace throughline::ownership {
namespace {

constexpr int64_t kMostDays = 3'660;
constexpr int64_t kDaysByDefault = 30;
constexpr int64_t kAllDays = INT64_MAX;  // of a row that is not of one day

// What a row is of: value, day.
using RowKey = std::pair<std::string, int64_t>;

// What has been added up for a row.
struct Sum {
  v1::ReportNumbers numbers;
  absl::flat_hash_set<std::string> customers;
};

v1::ReportDimension DimensionOf(const v1::GetReportRequest& request) {
  return request.by() == v1::REPORT_DIMENSION_UNSPECIFIED ? v1::REPORT_DIMENSION_TOTAL : request.by();
}

std::string DayText(int64_t day) { return absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + day); }

class Reader {
 public:
  Reader(const store::KeyValue& rows, v1::ReportDimension dimension, const ReportDays& days)
      : rows_(rows), dimension_(dimension), days_(days) {}

  // The first value after `value`; none: the first of all.
  std::optional<std::string> Next(const std::optional<std::string>& value) const {
    const std::string prefix = kNumbers.KeyOf(dimension_);
    const std::string from = value ? kNumbers.KeyOf(dimension_, *value, kAllDays) : prefix;
    std::optional<std::string> next;
    rows_.Scan(prefix, from, [&](std::string_view raw, std::string_view) {
      std::string_view rest = raw.substr(prefix.size());
      std::string found;
      if (!store::TakeKey(rest, found)) throw store::DamagedRow("a key of the store");
      if (value && found == *value) return true;
      next = std::move(found);
      return false;
    });
    return next;
  }

  // Calls `take(day, numbers)` and `met(day, customer)` for the days of the value.
  template <typename Take, typename Met>
  void Days(const std::string& value, const Take& take, const Met& met) const {
    Scan(kNumbers, value, [&](int64_t day, std::string_view, std::string_view bytes) {
      take(day, store::DecodeRow<v1::ReportNumbers>(bytes));
    });
    Scan(kReportCustomers, value, [&](int64_t day, std::string_view rest, std::string_view) {
      std::string customer;
      if (!store::TakeKey(rest, customer)) throw store::DamagedRow("a key of the store");
      met(day, std::move(customer));
    });
  }

 private:
  template <typename Table, typename Visit>
  void Scan(const Table& table, const std::string& value, const Visit& visit) const {
    const std::string prefix = table.KeyOf(dimension_, value);
    rows_.Scan(prefix, table.KeyOf(dimension_, value, days_.from), [&](std::string_view raw, std::string_view bytes) {
      std::string_view rest = raw.substr(prefix.size());
      int64_t day;
      if (!store::TakeKey(rest, day)) throw store::DamagedRow("a key of the store");
      if (day > days_.to) return false;
      visit(day, rest, bytes);
      return true;
    });
  }

  const store::KeyValue& rows_;
  const int64_t dimension_;
  const ReportDays days_;
};

// Adds the days of a value up, in one row or in one for each day.
void AddUp(const Reader& reader, const std::string& value, bool by_day, std::map<RowKey, Sum>& sums,
           const std::function<std::string(int64_t day)>& called) {
  const auto row = [&](int64_t day) -> Sum& { return sums[{called(day), by_day ? day : kAllDays}]; };
  reader.Days(
      value, [&](int64_t day, const v1::ReportNumbers& numbers) { AddTo(row(day).numbers, numbers); },
      [&](int64_t day, std::string customer) { row(day).customers.insert(std::move(customer)); });
}

v1::ReportNumbers NumbersOf(Sum sum) {
  sum.numbers.set_customers(static_cast<int64_t>(sum.customers.size()));
  return std::move(sum.numbers);
}

// The team on a day, at its end.
std::string TeamOn(const v1::TeamsRow& teams, int64_t day) {
  std::string team;
  for (const auto& period : teams.periods()) {
    if (period.day() <= day) team = period.team();
  }
  return team;
}

class Page {
 public:
  Page(const v1::GetReportRequest& request, v1::ReportDimension dimension, const std::string& question)
      : most_(service::PageSize(request)), dimension_(dimension), question_(question) {}

  // False: the page was full before.
  bool Add(const RowKey& key, Sum sum) {
    if (response_.rows_size() == most_) {
      response_.set_next_page_token(service::PageToken(question_, last_));
      return false;
    }
    v1::ReportRow& row = *response_.add_rows();
    row.set_value(key.first);
    if (key.second != kAllDays) row.set_day(DayText(key.second));
    *row.mutable_numbers() = NumbersOf(std::move(sum));
    last_ = kNumbers.KeyOf(int64_t{dimension_}, key.first, key.second);
    return true;
  }
  v1::GetReportResponse Take() { return std::move(response_); }

 private:
  const int most_;
  const v1::ReportDimension dimension_;
  const std::string question_;
  std::string last_;
  v1::GetReportResponse response_;
};

// The row that a raw key names.
std::optional<RowKey> RowOf(const std::string& raw, const std::string& prefix) {
  if (raw.size() <= prefix.size()) return std::nullopt;
  std::string_view rest = std::string_view(raw).substr(prefix.size());
  RowKey key;
  if (!store::TakeKey(rest, key.first) || !store::TakeKey(rest, key.second)) return std::nullopt;
  return key;
}

// Of teams: the rows of all persons, by the team of each on each day.
std::map<RowKey, Sum> TeamSums(const store::KeyValue& rows, const v1::GetReportRequest& request,
                               const ReportDays& days) {
  const Reader persons(rows, v1::REPORT_DIMENSION_REP, days);
  std::map<RowKey, Sum> sums;
  for (auto person = persons.Next(std::nullopt); person; person = persons.Next(person)) {
    const v1::TeamsRow teams = kTeamsByDay.Get(rows, *person).value_or(v1::TeamsRow());
    AddUp(persons, *person, request.by_day(), sums, [&](int64_t day) { return TeamOn(teams, day); });
  }
  return sums;
}

}  // namespace

absl::StatusOr<ReportDays> DaysOf(const v1::GetReportRequest& request, absl::Time now) {
  ReportDays days{0, DayOf(now)};
  const auto read = [](const std::string& field, const std::string& text, int64_t& day) -> absl::Status {
    absl::CivilDay civil;
    if (text.size() != 10 || !absl::ParseCivilTime(text, &civil)) {
      return runtime::BadField(field, "is not a day: write it as 2026-11-24");
    }
    day = civil - absl::CivilDay(1970, 1, 1);
    return absl::OkStatus();
  };
  if (!request.to_day().empty()) {
    if (absl::Status bad = read("to_day", request.to_day(), days.to); !bad.ok()) return bad;
  }
  days.from = days.to - kDaysByDefault + 1;
  if (!request.from_day().empty()) {
    if (absl::Status bad = read("from_day", request.from_day(), days.from); !bad.ok()) return bad;
  }
  if (days.from > days.to) return runtime::BadField("from_day", "is after the last day: exchange the two");
  if (days.to - days.from >= kMostDays) {
    return runtime::BadField("from_day", absl::StrCat("is too early: a report is about at most ", kMostDays, " days"));
  }
  return days;
}

std::string ReportPrefix(const v1::GetReportRequest& request) { return kNumbers.KeyOf(int64_t{DimensionOf(request)}); }

v1::GetReportResponse ReportPage(const store::KeyValue& rows, const v1::GetReportRequest& request,
                                 const ReportDays& days, const std::string& question, const std::string& after) {
  const v1::ReportDimension dimension = DimensionOf(request);
  Page page(request, dimension, question);
  const std::optional<RowKey> last = RowOf(after, ReportPrefix(request));
  // Whether the page goes on.
  const auto add = [&](std::map<RowKey, Sum> sums) {
    for (auto& [key, sum] : sums) {
      if (last && key <= *last) continue;
      if (!request.value().empty() && key.first != request.value()) continue;
      if (!page.Add(key, std::move(sum))) return false;
    }
    return true;
  };
  const auto of = [&](const Reader& reader, const std::string& value) {
    std::map<RowKey, Sum> sums;
    AddUp(reader, value, request.by_day(), sums, [&](int64_t) { return value; });
    return sums;
  };
  const Reader reader(rows, dimension, days);
  if (dimension == v1::REPORT_DIMENSION_TEAM) {
    add(TeamSums(rows, request, days));
  } else if (!request.value().empty()) {
    add(of(reader, request.value()));
  } else {
    auto value = last && last->second != kAllDays ? std::optional(last->first)
                                                  : reader.Next(last ? std::optional(last->first) : std::nullopt);
    while (value && add(of(reader, *value))) value = reader.Next(value);
  }
  v1::GetReportResponse response = page.Take();
  response.set_from_day(DayText(days.from));
  response.set_to_day(DayText(days.to));
  if (request.value().empty()) {
    auto total = of(Reader(rows, v1::REPORT_DIMENSION_TOTAL, days), "");
    v1::ReportNumbers& all = *response.mutable_total();
    absl::flat_hash_set<std::string> customers;
    for (auto& [key, sum] : total) {
      AddTo(all, sum.numbers);
      customers.merge(sum.customers);
    }
    all.set_customers(static_cast<int64_t>(customers.size()));
  }
  for (const int64_t limit : DurationLimitsSeconds()) response.add_duration_limits_seconds(limit);
  return response;
}

}  // namespace throughline::ownership
