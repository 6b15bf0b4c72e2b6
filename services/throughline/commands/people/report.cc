// `throughline report`: numbers about cases.

#include "absl/strings/str_cat.h"
#include <fmt/format.h>

#include "libs/money/money.h"
#include "services/throughline/cli/verb.h"
#include "services/throughline/commands/commands.h"
#include "services/throughline/commands/numbers.h"
#include "services/throughline/output/table.h"
#include "services/throughline/output/times.h"
#include "services/throughline/output/words.h"
#include "throughline/ownership/v1/report.pb.h"

namespace throughline::tool {
namespace {

using ownership::v1::GetReportRequest;
using ownership::v1::GetReportResponse;
using ownership::v1::ReportNumbers;
using ownership::v1::ReportRow;

constexpr char kTotal[] = "TOTAL";

// `12`, and nothing for none, so that what happened stands out.
Cell Count(int64_t number) { return {number == 0 ? "" : absl::StrCat(number)}; }

// `3 (75 %)`.
Cell Share(int64_t part, int64_t whole) {
  if (part == 0 || whole == 0) return Count(part);
  return {fmt::format("{} ({:.0f} %)", part, 100.0 * static_cast<double>(part) / static_cast<double>(whole))};
}

Cell Mean(const ownership::v1::DurationNumbers& numbers) {
  if (numbers.count() == 0) return {""};
  return {ShowPeriod(absl::Microseconds(numbers.total_microseconds()) / numbers.count())};
}

// The rows of a report, and all together as a last one.
std::vector<ReportRow> WithTotal(const GetReportResponse& report) {
  std::vector<ReportRow> rows(report.rows().begin(), report.rows().end());
  if (!report.has_total() || (rows.size() == 1 && rows[0].value().empty() && rows[0].day().empty())) return rows;
  ReportRow& total = rows.emplace_back();
  total.set_value("all");
  *total.mutable_numbers() = report.total();
  return rows;
}

// One table of a report: what its rows are of, and columns of numbers.
class Sheet {
 public:
  Sheet(const std::string& title, const std::string& dimension, const std::vector<std::string>& columns)
      : title_(title), table_(Columns(dimension, columns)) {}

  // Nothing if there are no numbers.
  void Row(const ReportRow& row, std::vector<Cell> numbers) {
    bool none = true;
    for (const Cell& cell : numbers) none = none && cell.text.empty();
    if (none) return;
    std::vector<Cell> cells = {{row.value().empty() ? "-" : row.value(), Style::kBold}, {row.day()}};
    cells.insert(cells.end(), numbers.begin(), numbers.end());
    table_.Row(std::move(cells));
  }
  std::string Render(const Terminal& terminal) const {
    if (table_.empty()) return "";
    return absl::StrCat(Paint(terminal, Style::kBold, title_), "\n", table_.Render(terminal), "\n");
  }

 private:
  static std::vector<Column> Columns(const std::string& dimension, const std::vector<std::string>& names) {
    std::vector<Column> columns = {{dimension}, {"DAY"}};
    for (const std::string& name : names) columns.push_back({name, Column::kWhole, Column::kRight});
    return columns;
  }

  std::string title_;
  Table table_;
};

std::string Cases(const std::vector<ReportRow>& rows, const std::string& of, const Terminal& terminal) {
  Sheet sheet("Cases", of,
              {"OPENED", "CUSTOMERS", "CONFIRMED", "UNCONFIRMED", "UNSOLVED", "MERGED", "FIRST CONTACT",
               "OF THESE REOPENED", "REOPENED", "TAKEN BACK", "MEAN TIME TO CONFIRMED"});
  for (const ReportRow& row : rows) {
    const ReportNumbers& n = row.numbers();
    const int64_t closed = n.closed_confirmed() + n.closed_unconfirmed() + n.closed_unsolved();
    sheet.Row(row, {Count(n.cases_opened()), Count(n.customers()), Share(n.closed_confirmed(), closed),
                    Share(n.closed_unconfirmed(), closed), Share(n.closed_unsolved(), closed), Count(n.merged()),
                    Share(n.first_contact_resolutions(), n.closed_confirmed()),
                    Share(n.first_contact_reopened(), n.first_contact_resolutions()), Share(n.reopenings(), closed),
                    Count(n.confirmations_taken_back()), Mean(n.time_to_confirmed())});
  }
  return sheet.Render(terminal);
}

std::string HandOvers(const std::vector<ReportRow>& rows, const std::string& of, const Terminal& terminal) {
  Sheet sheet("Hand-overs", of, {"OFFERED", "ACCEPTED", "DECLINED", "EXPIRED", "REASSIGNED", "PING-PONG"});
  for (const ReportRow& row : rows) {
    const ReportNumbers& n = row.numbers();
    sheet.Row(row, {Count(n.handoffs_offered()), Count(n.handoffs_accepted()), Count(n.handoffs_declined()),
                    Count(n.handoffs_expired()), Count(n.reassignments()),
                    Share(n.ping_pongs(), n.handoffs_accepted() + n.reassignments())});
  }
  return sheet.Render(terminal);
}

std::string Commitments(const std::vector<ReportRow>& rows, const std::string& of, const Terminal& terminal) {
  Sheet sheet("Commitments", of, {"KIND", "MADE", "KEPT", "BROKEN", "RENEGOTIATED", "WITHDRAWN", "RETURNED"});
  for (const ReportRow& row : rows) {
    for (const auto& n : row.numbers().commitments()) {
      const int64_t ended = n.kept() + n.broken();
      sheet.Row(row, {{Word(n.kind())},
                      Count(n.made()),
                      Share(n.kept(), ended),
                      Share(n.broken(), ended),
                      Count(n.renegotiated()),
                      Count(n.withdrawn()),
                      Count(n.returned())});
    }
  }
  return sheet.Render(terminal);
}

std::string Escalations(const std::vector<ReportRow>& rows, const std::string& of, const Terminal& terminal) {
  Sheet sheet("Escalations", of, {"RAISED", "CLIMBED", "ACKNOWLEDGED", "SETTLED", "UP TO THE TOP"});
  for (const ReportRow& row : rows) {
    const ReportNumbers& n = row.numbers();
    sheet.Row(row, {Count(n.escalations()), Count(n.escalations_climbed()), Count(n.escalations_acknowledged()),
                    Count(n.escalations_settled()), Count(n.escalations_exhausted())});
  }
  return sheet.Render(terminal);
}

// `3: 60.00 USD`.
Cell Amount(int64_t number, int64_t minor_units, const std::string& currency) {
  if (number == 0) return {""};
  return {absl::StrCat(number, ": ", money::MoneyText(money::Of(currency, minor_units)))};
}

std::string Remedies(const std::vector<ReportRow>& rows, const std::string& of, const Terminal& terminal) {
  Sheet sheet("Remedies", of,
              {"KIND", "REQUESTED", "GRANTED", "APPROVED", "DECLINED", "COUNTERED", "GIVEN UP", "PAID", "FAILED"});
  for (const ReportRow& row : rows) {
    for (const auto& n : row.numbers().remedies()) {
      sheet.Row(row, {{Word(n.kind())},
                      Amount(n.requested(), n.requested_minor_units(), n.currency()),
                      Amount(n.granted(), n.granted_minor_units(), n.currency()),
                      Count(n.approved()),
                      Count(n.declined()),
                      Count(n.countered()),
                      Amount(n.given_up(), n.given_up_minor_units(), n.currency()),
                      Amount(n.paid(), n.paid_minor_units(), n.currency()),
                      Count(n.payments_failed())});
    }
  }
  return sheet.Render(terminal);
}

// How long something took: how many, the mean, and how many within each limit.
std::string Times(const std::string& title, const std::vector<ReportRow>& rows, const GetReportResponse& report,
                  const std::string& of, const Terminal& terminal,
                  const ownership::v1::DurationNumbers& (ReportNumbers::*numbers)() const) {
  std::vector<std::string> columns = {"HOW MANY", "MEAN"};
  for (const int64_t seconds : report.duration_limits_seconds()) {
    columns.push_back("TO " + ShowPeriod(absl::Seconds(seconds)));
  }
  columns.push_back("LONGER");
  Sheet sheet(title, of, columns);
  for (const ReportRow& row : rows) {
    const auto& n = (row.numbers().*numbers)();
    std::vector<Cell> cells = {Count(n.count()), Mean(n)};
    for (size_t i = cells.size(); i < columns.size(); ++i) {
      const auto at = static_cast<int>(i) - 2;
      cells.push_back(Count(at < n.counts_size() ? n.counts(at) : 0));
    }
    sheet.Row(row, std::move(cells));
  }
  return sheet.Render(terminal);
}

std::string RenderReport(const GetReportRequest& request, const GetReportResponse& report, const Terminal& terminal) {
  const std::vector<ReportRow> rows = WithTotal(report);
  const std::string of = SubjectOf(request, kTotal);
  const std::string sheets =
      Cases(rows, of, terminal) +
      Times("Time to the confirmation", rows, report, of, terminal, &ReportNumbers::time_to_confirmed) +
      HandOvers(rows, of, terminal) + Commitments(rows, of, terminal) + Escalations(rows, of, terminal) +
      Remedies(rows, of, terminal) +
      Times("Time to a supervisor's decision", rows, report, of, terminal, &ReportNumbers::time_to_decision);
  return DaysOf(report) + (sheets.empty() ? kNoNumbers : "\n" + sheets);
}

std::string CsvOf(const GetReportRequest& request, const GetReportResponse& report) {
  std::vector<std::string> places;
  for (const int64_t seconds : report.duration_limits_seconds()) places.push_back(absl::StrCat("to_", seconds, "s"));
  places.push_back("longer");
  return ToCsv(CsvRowsOf(request, report.rows(), kTotal), places);
}

}  // namespace

void AddReport(CLI::App& app, Tool& tool) {
  Verb<GetReportRequest, GetReportResponse> report(
      app, tool, "report",
      "Numbers about cases: what was opened, solved and reopened, what was promised and kept, who handed over.",
      "throughline --as sam report\nthroughline --as sam report --by team --from 2026-11-01 --to 2026-11-30\n"
      "throughline --as sam report --by rep --by-day --csv > reps.csv");
  const auto csv = AddNumbers(report, "A row for each", "Only of this person, team, component, vendor or carrier");
  report.Prints([csv](Tool& out, const auto& request, const auto& response) {
    out.Print(*csv ? CsvOf(request, response) : RenderReport(request, response, out.terminal()));
  });
}

}  // namespace throughline::tool
