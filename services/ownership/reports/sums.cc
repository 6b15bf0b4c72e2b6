#include "services/ownership/reports/sums.h"

#include <algorithm>
#include <string>

#include "absl/algorithm/container.h"

namespace throughline::ownership {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field that says what the elements of a list are about: all that is neither a count nor a message.
bool IsAbout(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

std::string AboutOf(const Message& element) {
  std::string about;
  const auto& reflection = *element.GetReflection();
  for (int i = 0; i < element.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *element.GetDescriptor()->field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      about.append({static_cast<char>(reflection.GetEnumValue(element, &field)), '\0'});
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      about.append(reflection.GetString(element, &field)).push_back('\0');
    }
  }
  return about;
}

void Add(Message& sum, const Message& more);

void AddList(Message& sum, const Message& more, const FieldDescriptor& field) {
  const auto& reflection = *more.GetReflection();
  for (int i = 0; i < reflection.FieldSize(more, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      const int64_t count = reflection.GetRepeatedInt64(more, &field, i);
      if (i == reflection.FieldSize(sum, &field)) {
        reflection.AddInt64(&sum, &field, count);
      } else {
        reflection.SetRepeatedInt64(&sum, &field, i, reflection.GetRepeatedInt64(sum, &field, i) + count);
      }
      continue;
    }
    const Message& element = reflection.GetRepeatedMessage(more, &field, i);
    const std::string about = AboutOf(element);
    int at = 0;
    const int size = reflection.FieldSize(sum, &field);
    while (at < size && AboutOf(reflection.GetRepeatedMessage(sum, &field, at)) < about) ++at;
    if (at < size && AboutOf(reflection.GetRepeatedMessage(sum, &field, at)) == about) {
      Add(*reflection.MutableRepeatedMessage(&sum, &field, at), element);
      continue;
    }
    reflection.AddMessage(&sum, &field)->CopyFrom(element);
    for (int last = size; last > at; --last) reflection.SwapElements(&sum, &field, last, last - 1);
  }
}

void Add(Message& sum, const Message& more) {
  const auto& reflection = *more.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(more, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      AddList(sum, more, *field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Add(*reflection.MutableMessage(&sum, field), reflection.GetMessage(more, field));
    } else if (!IsAbout(*field)) {
      reflection.SetInt64(&sum, field, reflection.GetInt64(sum, field) + reflection.GetInt64(more, field));
    }
  }
}

}  // namespace

const std::vector<int64_t>& DurationLimitsSeconds() {
  constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  static const auto& limits = *new std::vector<int64_t>{5 * kMinute, 15 * kMinute, kHour,    4 * kHour, 8 * kHour, kDay,
                                                        2 * kDay,    3 * kDay,     7 * kDay, 14 * kDay, 30 * kDay};
  return limits;
}

void AddDuration(absl::Duration duration, v1::DurationNumbers& numbers) {
  const std::vector<int64_t>& limits = DurationLimitsSeconds();
  duration = std::max(duration, absl::ZeroDuration());  // times of two services' clocks
  numbers.set_count(numbers.count() + 1);
  numbers.set_total_microseconds(numbers.total_microseconds() + absl::ToInt64Microseconds(duration));
  while (numbers.counts_size() <= static_cast<int>(limits.size())) numbers.add_counts(0);
  const auto at = absl::c_find_if(limits, [&](int64_t limit) { return duration <= absl::Seconds(limit); });
  const auto index = static_cast<int>(at - limits.begin());
  numbers.set_counts(index, numbers.counts(index) + 1);
}

void AddTo(v1::ReportNumbers& sum, const v1::ReportNumbers& more) { Add(sum, more); }

}  // namespace throughline::ownership
