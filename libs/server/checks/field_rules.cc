#include "libs/server/checks/field_rules.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

#include "libs/calendar/zone.h"
#include "libs/server/checks/characters.h"
#include "throughline/common/v1/field_rule.pb.h"

namespace throughline::server {
namespace {

using common::v1::FieldRule;
using google::protobuf::Descriptor;
using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using runtime::FieldViolations;

constexpr int64_t kFirstSecond = 946'684'800;  // 2000-01-01
constexpr int64_t kAfterLast = 4'102'444'800;  // 2100-01-01
constexpr int32_t kNanosPerSecond = 1'000'000'000;
constexpr size_t kMaxTrackingNumber = 64;

bool IsTime(const FieldDescriptor& field) { return field.message_type() == Timestamp::descriptor(); }
bool IsPeriod(const FieldDescriptor& field) { return field.message_type() == Duration::descriptor(); }

bool Fits(const FieldDescriptor& field, common::v1::FieldFormat format) {
  switch (format) {
    case common::v1::FIELD_FORMAT_TIME:
    case common::v1::FIELD_FORMAT_DUE:
      return IsTime(field);
    case common::v1::FIELD_FORMAT_PERIOD:
      return IsPeriod(field);
    case common::v1::FIELD_FORMAT_UNSPECIFIED:
      return false;
    default:
      return field.type() == FieldDescriptor::TYPE_STRING;
  }
}

size_t MostBytes(const FieldRule& rule) {
  if (rule.max_bytes() > 0) return rule.max_bytes();
  switch (rule.format()) {
    case common::v1::FIELD_FORMAT_LINE:
    case common::v1::FIELD_FORMAT_WORDS:
      return 512;
    case common::v1::FIELD_FORMAT_TEXT:
    case common::v1::FIELD_FORMAT_OPAQUE:
      return 16 << 10;
    case common::v1::FIELD_FORMAT_ZONE:
      return 64;
    default:
      return 128;
  }
}

TextKind KindOf(common::v1::FieldFormat format) {
  switch (format) {
    case common::v1::FIELD_FORMAT_LINE:
      return TextKind::kLine;
    case common::v1::FIELD_FORMAT_TEXT:
      return TextKind::kText;
    case common::v1::FIELD_FORMAT_WORDS:
      return TextKind::kWords;
    case common::v1::FIELD_FORMAT_OPAQUE:
      return TextKind::kOpaque;
    default:
      return TextKind::kId;
  }
}

bool IsTrackingNumber(std::string_view text) {
  return text.size() <= kMaxTrackingNumber && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

// The violation, if any.
std::optional<std::string> WrongWith(std::string_view text, const FieldRule& rule, const FieldLimits& limits) {
  if (const size_t most = std::min(MostBytes(rule), limits.max_field_bytes); text.size() > most) {
    return absl::StrCat("has ", text.size(), " bytes, at most ", most, " are taken: shorten it");
  }
  if (const auto bad = FindForbidden(text, KindOf(rule.format()))) {
    if (bad->name == "not UTF-8") return absl::StrCat("is not valid UTF-8 (byte ", bad->at, "): encode text as UTF-8");
    return absl::StrCat("contains ", bad->name, " (byte ", bad->at,
                        rule.format() == common::v1::FIELD_FORMAT_OPAQUE
                            ? "), so it was not given by this server: leave it out"
                            : "), a control, invisible or formatting character: leave it out");
  }
  switch (rule.format()) {
    case common::v1::FIELD_FORMAT_ID:
    case common::v1::FIELD_FORMAT_LINE:
      if (HasOuterBlank(text)) return "begins or ends with a blank: leave it out";
      return std::nullopt;
    case common::v1::FIELD_FORMAT_TRACKING_NUMBER:
      if (!IsTrackingNumber(text)) return "is not a tracking number: give 1 to 64 of A-Z 0-9 -";
      return std::nullopt;
    case common::v1::FIELD_FORMAT_ZONE:
      if (!text.empty() && !IsTimeZone(std::string(text))) {
        return "is not an IANA time zone that this server knows: write it as America/New_York";
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<std::string> WrongWith(const Timestamp& time, const FieldRule& rule, const FieldLimits& limits) {
  if (time.nanos() < 0 || time.nanos() >= kNanosPerSecond) {
    return absl::StrCat("has ", time.nanos(), " nanoseconds: give 0 to 999,999,999");
  }
  if (time.seconds() < kFirstSecond || time.seconds() >= kAfterLast) {
    return "is outside of the years 2000 to 2100: give the intended time";
  }
  const absl::Time at = absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  if (rule.format() == common::v1::FIELD_FORMAT_DUE && at > limits.now + limits.furthest_due) {
    return absl::StrCat("is more than ", absl::ToInt64Hours(limits.furthest_due) / 24,
                        " days ahead: give an earlier time");
  }
  return std::nullopt;
}

std::optional<std::string> WrongWith(const Duration& period, const FieldLimits& limits) {
  if (period.nanos() < 0 || period.nanos() >= kNanosPerSecond || period.seconds() < 0) {
    return "is negative or has nanoseconds outside 0 to 999,999,999: give a period from 0 on";
  }
  if (period.seconds() > absl::ToInt64Seconds(limits.furthest_due)) {
    return absl::StrCat("is longer than ", absl::ToInt64Hours(limits.furthest_due) / 24, " days: shorten it");
  }
  return std::nullopt;
}

template <typename Known>
Known Copied(const Message& message) {
  Known known;
  known.CopyFrom(message);  // also from a dynamic message
  return known;
}

void CollectUnruled(const Descriptor& type, std::set<const Descriptor*>& seen, std::vector<std::string>& names) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool message = field.type() == FieldDescriptor::TYPE_MESSAGE;
    const bool ruled = message ? IsTime(field) || IsPeriod(field) : field.type() == FieldDescriptor::TYPE_STRING;
    if (ruled && !Fits(field, field.options().GetExtension(common::v1::rule).format())) {
      names.push_back(field.full_name());
    }
    if (message && !ruled) CollectUnruled(*field.message_type(), seen, names);
  }
}

}  // namespace

struct FieldRules::Plan {
  struct Step {
    const FieldDescriptor* field;
    FieldRule rule;
    const Plan* inside = nullptr;  // of a message
    size_t max_bytes = 0;          // for bytes and strings without a format; 0: the general limit
  };
  std::vector<Step> steps;

  void Check(Message& message, const std::string& path, const FieldLimits& limits, FieldViolations& bad) const;
  static void CheckOne(Message& message, const Step& step, int index, const std::string& name,
                       const FieldLimits& limits, FieldViolations& bad);
};

void FieldRules::Plan::CheckOne(Message& message, const Step& step, int index, const std::string& name,
                                const FieldLimits& limits, FieldViolations& bad) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* field = step.field;
  const bool repeated = field->is_repeated();
  std::optional<std::string> wrong;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    Message& part = repeated ? *reflection.MutableRepeatedMessage(&message, field, index)
                             : *reflection.MutableMessage(&message, field);
    if (step.inside != nullptr) return step.inside->Check(part, name, limits, bad);
    if (IsTime(*field)) {
      wrong = WrongWith(Copied<Timestamp>(part), step.rule, limits);
    } else {
      wrong = WrongWith(Copied<Duration>(part), limits);
    }
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const int value =
        repeated ? reflection.GetRepeatedEnumValue(message, field, index) : reflection.GetEnumValue(message, field);
    if (field->enum_type()->FindValueByNumber(value) != nullptr) return;
    wrong = absl::StrCat("is ", value, ", which the contract does not know: give one of its values");
  } else {
    std::string scratch;
    const std::string& value = repeated ? reflection.GetRepeatedStringReference(message, field, index, &scratch)
                                        : reflection.GetStringReference(message, field, &scratch);
    if (step.rule.format() == common::v1::FIELD_FORMAT_UNSPECIFIED) {
      const size_t most = step.max_bytes > 0 ? step.max_bytes : limits.max_field_bytes;
      if (value.size() <= most) return;
      wrong = absl::StrCat("has ", value.size(), " bytes, at most ", most, " are taken: shorten it");
    } else if (step.rule.format() == common::v1::FIELD_FORMAT_TRACKING_NUMBER) {
      const std::string normal = NormalTrackingNumber(value);
      wrong = WrongWith(normal, step.rule, limits);
      if (normal != value) {
        repeated ? reflection.SetRepeatedString(&message, field, index, normal)
                 : reflection.SetString(&message, field, normal);
      }
    } else {
      wrong = WrongWith(value, step.rule, limits);
    }
  }
  if (wrong) bad.Add(name, *wrong);
}

void FieldRules::Plan::Check(Message& message, const std::string& path, const FieldLimits& limits,
                             FieldViolations& bad) const {
  const Reflection& reflection = *message.GetReflection();
  for (const Step& step : steps) {
    const FieldDescriptor* field = step.field;
    if (field->is_repeated()) {
      const int count = reflection.FieldSize(message, field);
      if (count == 0) continue;
      const std::string name = path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
      const int most = step.rule.max_items() > 0 ? static_cast<int>(step.rule.max_items()) : count;
      if (count > most)
        bad.Add(name, absl::StrCat("has ", count, " entries, at most ", most, " are taken: shorten it"));
      for (int i = 0; i < std::min(count, most); ++i) {
        CheckOne(message, step, i, absl::StrCat(name, "[", i, "]"), limits, bad);
      }
    } else if (reflection.HasField(message, field)) {
      CheckOne(message, step, -1, path.empty() ? field->name() : absl::StrCat(path, ".", field->name()), limits, bad);
    }
  }
}

FieldRules::FieldRules(const Descriptor& type, const LargerFields& larger) : whole_(&PlanOf(type, larger)) {}
FieldRules::~FieldRules() = default;

void FieldRules::Check(Message& message, const std::string& path, const FieldLimits& limits,
                       FieldViolations& bad) const {
  whole_->Check(message, path, limits, bad);
}

std::vector<std::string> FieldRules::Unruled(const Descriptor& type) {
  std::set<const Descriptor*> seen;
  std::vector<std::string> names;
  CollectUnruled(type, seen, names);
  return names;
}

const FieldRules::Plan& FieldRules::PlanOf(const Descriptor& type, const LargerFields& larger) {
  auto& slot = plans_[&type];
  if (slot != nullptr) return *slot;  // a type may contain itself
  slot = std::make_unique<Plan>();
  Plan& plan = *slot;  // `slot` is invalid after the next insertion
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    Plan::Step step{field, field->options().GetExtension(common::v1::rule)};
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        if (const auto it = larger.find(field); it != larger.end()) step.max_bytes = it->second;
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (!IsTime(*field) && !IsPeriod(*field)) step.inside = &PlanOf(*field->message_type(), larger);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        break;
      default:
        continue;
    }
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

size_t MostBytes(const google::protobuf::FieldDescriptor& field) {
  return MostBytes(field.options().GetExtension(common::v1::rule));
}

std::string NormalTrackingNumber(std::string_view text) {
  std::string number;
  number.reserve(text.size());
  for (const char c : text) {
    if (c != ' ') number.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  return number;
}

bool IsTimeZone(const std::string& name) { return calendar::FindZone(name).has_value(); }

}  // namespace throughline::server
