#include "services/ownership/authority/policy_file.h"

#include <toml++/toml.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/calendar/due.h"
#include "libs/calendar/zone.h"
#include "libs/files/whole_file.h"
#include "libs/money/money.h"

namespace throughline::ownership {
namespace {

using common::v1::Money;

const std::map<std::string, v1::RemedyKind> kKinds = {{"refund", v1::REMEDY_KIND_REFUND},
                                                      {"credit", v1::REMEDY_KIND_CREDIT},
                                                      {"replacement", v1::REMEDY_KIND_REPLACEMENT},
                                                      {"waived-fee", v1::REMEDY_KIND_WAIVED_FEE}};

class FileReader {
 public:
  explicit FileReader(const calendar::Calendars& calendars) : calendars_(calendars) {}

  absl::StatusOr<AuthorityPolicy> Read(const toml::table& file) {
    Known(file, {"period", "zone", "decide-within", "answer-within", "calendar", "mistake", "authority", "customer"});
    ReadPeriod(file);
    ReadZone(file);
    policy_.calendar = TextOf(file, "calendar", "");
    if (calendars_.Find(policy_.calendar) == nullptr) {
      Wrong(file["calendar"].node()->source(),
            absl::StrCat("`", policy_.calendar,
                         "` is none of the server's calendars: ", absl::StrJoin(calendars_.Names(), ", ")));
    }
    policy_.decide_within = WordsOf(file, "decide-within", policy_.decide_within);
    policy_.answer_within = WordsOf(file, "answer-within", policy_.answer_within);
    ReadMistake(file);
    ForEach(file, "authority", [&](const toml::table& table) { ReadRule(table); });
    ForEach(file, "customer", [&](const toml::table& table) { ReadCustomer(table); });
    if (policy_.rules.empty() && problems_.empty()) {
      Wrong(file.source(), "nobody has any authority: begin a rule with [[authority]]");
    }
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    return std::move(policy_);
  }

 private:
  void Wrong(const toml::source_region& where, absl::string_view what) {
    problems_.push_back(absl::StrCat("line ", where.begin.line, ": ", what));
  }
  static toml::source_region WhereIs(const toml::table& table, const char* key) {
    const toml::node* node = table.get(key);
    return node != nullptr ? node->source() : table.source();
  }
  void Known(const toml::table& table, const std::vector<std::string>& known) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        Wrong(key.source(), absl::StrCat("`", name, "` is none of ", absl::StrJoin(known, ", ")));
      }
    }
  }
  std::string TextOf(const toml::table& table, const char* key, const std::string& by_default) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return by_default;
    if (const auto text = node->value<std::string>()) return *text;
    Wrong(node->source(), absl::StrCat("`", key, "` is a text in quotation marks"));
    return by_default;
  }
  std::string WordsOf(const toml::table& table, const char* key, const std::string& by_default) {
    std::string words = TextOf(table, key, by_default);
    if (const auto due = calendar::ParseDue(words); !due.ok()) {
      Wrong(WhereIs(table, key), absl::StrCat("`", key, "`: ", due.status().message()));
    } else if (due->kind != calendar::Due::kBusinessDays && due->kind != calendar::Due::kBusinessTime &&
               due->kind != calendar::Due::kElapsed) {
      Wrong(WhereIs(table, key), absl::StrCat("`", key, "` is a period, such as \"4 business hours\""));
    }
    return words;
  }
  void ForEach(const toml::table& file, const char* key, const std::function<void(const toml::table&)>& read) {
    const toml::node* node = file.get(key);
    if (node == nullptr) return;
    const toml::array* tables = node->as_array();
    if (tables == nullptr || !tables->is_array_of_tables()) {
      return Wrong(node->source(), absl::StrCat("begin each with [[", key, "]]"));
    }
    for (const toml::node& one : *tables) read(*one.as_table());
  }

  void ReadPeriod(const toml::table& file) {
    const std::string period = TextOf(file, "period", "month");
    if (period == "day") policy_.period = AuthorityPolicy::Period::kDay;
    if (period == "week") policy_.period = AuthorityPolicy::Period::kWeek;
    if (period != "day" && period != "week" && period != "month") {
      Wrong(WhereIs(file, "period"), "`period` is \"day\", \"week\" or \"month\"");
    }
  }
  void ReadZone(const toml::table& file) {
    const std::string zone = TextOf(file, "zone", "UTC");
    if (const auto found = calendar::FindZone(zone)) {
      policy_.zone = *found;
    } else {
      Wrong(WhereIs(file, "zone"), absl::StrCat("`", zone, "` is no time zone that this machine knows"));
    }
  }
  // None: it is missing, or wrong.
  std::optional<Money> LimitOf(const toml::node* node, absl::string_view name, const toml::source_region& where) {
    const auto text = node != nullptr ? node->value<std::string>() : std::nullopt;
    if (!text) {
      Wrong(node != nullptr ? node->source() : where, absl::StrCat("`", name, "` is an amount, such as \"50.00 EUR\""));
      return std::nullopt;
    }
    auto amount = money::ParseMoney(*text);
    if (amount.ok() && amount->minor_units() <= AuthorityPolicy::kMostMinorUnits) return *std::move(amount);
    Wrong(node->source(),
          amount.ok() ? absl::StrCat("`", name, "` is too high") : std::string(amount.status().message()));
    return std::nullopt;
  }
  void ReadMistake(const toml::table& file) {
    const toml::node* node = file.get("mistake");
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr) return Wrong(node->source(), "write [mistake]");
    Known(*table, {"percent", "add"});
    if (const toml::node* percent = table->get("percent")) {
      const auto value = percent->value_exact<int64_t>();
      if (!value || *value < 100 || *value > AuthorityPolicy::kMostPercent) {
        Wrong(percent->source(), absl::StrCat("`percent` is a number from 100 to ", AuthorityPolicy::kMostPercent));
      } else {
        policy_.mistake_percent = static_cast<int>(*value);
      }
    }
    const toml::node* adds = table->get("add");
    if (adds == nullptr) return;
    const toml::array* list = adds->as_array();
    if (list == nullptr) return Wrong(adds->source(), "`add` is a list of amounts, such as [\"10.00 EUR\"]");
    for (const toml::node& one : *list) {
      if (const auto amount = LimitOf(&one, "add", one.source())) {
        policy_.mistake_adds[amount->currency()] = amount->minor_units();
      }
    }
  }
  void ReadRule(const toml::table& table) {
    Known(table, {"role", "team", "skill", "kinds", "per-case", "per-period"});
    AuthorityRule rule;
    const std::string role = TextOf(table, "role", "");
    if (role == "rep") rule.role = v1::PERSON_KIND_REP;
    if (role == "supervisor") rule.role = v1::PERSON_KIND_SUPERVISOR;
    if (!role.empty() && rule.role == v1::PERSON_KIND_UNSPECIFIED) {
      Wrong(WhereIs(table, "role"), "`role` is \"rep\" or \"supervisor\"");
    }
    rule.team = TextOf(table, "team", "");
    rule.skill = TextOf(table, "skill", "");
    if (const toml::node* kinds = table.get("kinds")) ReadKinds(*kinds, rule);
    const auto per_case = LimitOf(table.get("per-case"), "per-case", table.source());
    const auto per_period = LimitOf(table.get("per-period"), "per-period", table.source());
    if (!per_case || !per_period) return;
    if (per_case->currency() != per_period->currency()) {
      return Wrong(table.source(), "`per-case` and `per-period` are of one currency: make a rule for each");
    }
    rule.currency = per_case->currency();
    rule.per_case = per_case->minor_units();
    rule.per_period = per_period->minor_units();
    policy_.rules.push_back(std::move(rule));
  }
  void ReadKinds(const toml::node& node, AuthorityRule& rule) {
    const toml::array* list = node.as_array();
    const size_t before = problems_.size();
    if (list != nullptr) {
      for (const toml::node& one : *list) {
        const auto kind = kKinds.find(one.value<std::string>().value_or(""));
        if (kind != kKinds.end()) rule.kinds.insert(kind->second);
        if (kind == kKinds.end()) Wrong(one.source(), "a kind is refund, credit, replacement or waived-fee");
      }
    }
    if (problems_.size() == before && rule.kinds.empty()) {
      Wrong(node.source(), "`kinds` is a list, such as [\"refund\", \"credit\"]; leave it out for all");
    }
  }
  void ReadCustomer(const toml::table& table) {
    Known(table, {"per-period"});
    const auto limit = LimitOf(table.get("per-period"), "per-period", table.source());
    if (!limit) return;
    if (!policy_.per_customer.emplace(limit->currency(), limit->minor_units()).second) {
      Wrong(table.source(), absl::StrCat("the limit in ", limit->currency(), " is given twice"));
    }
  }

  const calendar::Calendars& calendars_;
  AuthorityPolicy policy_;
  std::vector<std::string> problems_;
};

}  // namespace

absl::StatusOr<AuthorityPolicy> ParsePolicy(const std::string& text, const calendar::Calendars& calendars) {
  try {
    return FileReader(calendars).Read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", error.source().begin.line, ": ", std::string(error.description())));
  }
}

absl::StatusOr<AuthorityPolicy> ReadPolicy(const std::string& path, const calendar::Calendars& calendars) {
  const auto content = files::ReadFile(path);
  if (!content) return absl::NotFoundError(absl::StrCat(path, " cannot be read"));
  return ParsePolicy(*content, calendars);
}

}  // namespace throughline::ownership
