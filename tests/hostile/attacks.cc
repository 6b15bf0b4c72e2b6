#include "tests/hostile/attacks.h"

#include <cstdio>
#include <cstdlib>
#include <limits>

#include "absl/strings/str_cat.h"
#include "google/protobuf/timestamp.pb.h"

#include "throughline/common/v1/field_rule.pb.h"

namespace throughline::hostile {
namespace {

using common::v1::FieldFormat;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using Way = std::vector<const FieldDescriptor*>;

using namespace std::string_literals;  // NOLINT: some contain NUL

const std::vector<std::string> kNotUtf8 = {"a\xff"s, "a\xc3"s, "\xed\xa0\x80"s, "\xc0\xaf"s, "\xf4\x90\x80\x80"s};
// Forbidden in every text.
const std::vector<std::string> kNowhere = {"a\0b"s,          "a\x1b[2J"s,      "a\x7f"s,        "a\xc2\x9b"s,
                                           "a\xe2\x80\xae"s, "a\xe2\x81\xa6"s, "a\xef\xbb\xbf"s};
// Forbidden in a single-line text.
const std::vector<std::string> kInNoLine = {"a\nb"s, "a\tb"s, "a\rb"s, "a\xe2\x80\x8b"s, "a\xe2\x80\xa8"s};
// Forbidden in ids, and in our own lines.
const std::vector<std::string> kInNoName = {
    "a\xc2\xa0"s
    "b"s,
    " a"s, "a "s,
    "a\xc2\xad"s
    "b"s,
    "\xe3\x80\x80"s
    "a"s};

struct Bad {
  std::string what;
  std::function<void(Message& parent, const FieldDescriptor* field)> set;
};

Message& Reach(Message& root, const Way& way) {
  Message* at = &root;
  for (size_t i = 0; i + 1 < way.size(); ++i) {
    const auto& reflection = *at->GetReflection();
    at = !way[i]->is_repeated()                   ? reflection.MutableMessage(at, way[i])
         : reflection.FieldSize(*at, way[i]) == 0 ? reflection.AddMessage(at, way[i])
                                                  : reflection.MutableRepeatedMessage(at, way[i], 0);
  }
  return *at;
}

void Add(std::vector<Bad>& bad, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    bad.push_back(
        {absl::StrCat("a text of ", text.size(), " bytes"), [text](Message& parent, const FieldDescriptor* field) {
           const auto& reflection = *parent.GetReflection();
           if (!field->is_repeated()) return reflection.SetString(&parent, field, text);
           if (reflection.FieldSize(parent, field) == 0) return reflection.AddString(&parent, field, text);
           reflection.SetRepeatedString(&parent, field, 0, text);
         }});
  }
}

void AddTimes(std::vector<Bad>& bad, const std::vector<std::pair<int64_t, int32_t>>& times) {
  for (const auto& [seconds, nanos] : times) {
    bad.push_back({absl::StrCat(seconds, " s ", nanos, " ns"),
                   [seconds = seconds, nanos = nanos](Message& parent, const FieldDescriptor* field) {
                     auto& time = static_cast<Timestamp&>(*parent.GetReflection()->MutableMessage(&parent, field));
                     time.set_seconds(seconds);
                     time.set_nanos(nanos);
                   }});
  }
}

std::vector<Bad> BadTexts(FieldFormat format) {
  std::vector<Bad> bad;
  Add(bad, kNotUtf8);
  Add(bad, kNowhere);
  Add(bad, {std::string(70'000, 'x')});
  switch (format) {
    case common::v1::FIELD_FORMAT_ID:
    case common::v1::FIELD_FORMAT_LINE:
      Add(bad, kInNoLine);
      Add(bad, kInNoName);
      break;
    case common::v1::FIELD_FORMAT_TEXT:
      break;
    case common::v1::FIELD_FORMAT_WORDS:
      Add(bad, kInNoLine);
      break;
    case common::v1::FIELD_FORMAT_OPAQUE:
      Add(bad, kInNoLine);
      Add(bad, kInNoName);
      Add(bad, {"caf\xc3\xa9"});
      break;
    case common::v1::FIELD_FORMAT_TRACKING_NUMBER:
      Add(bad, kInNoLine);
      Add(bad, {"1Z_9", "1Z/9", "\xd9\xa1\xd9\xa2", std::string(65, '9')});
      break;
    case common::v1::FIELD_FORMAT_ZONE:
      Add(bad, kInNoLine);
      Add(bad,
          {"Europe/Atlantis", "/etc/hostname", "../zoneinfo/UTC", ":UTC", "EST5EDT,M3.2.0", "america/new york", " "});
      break;
    default:
      std::fprintf(stderr, "tests/hostile/attacks.cc: nothing is known against format %d: add it\n", format);
      std::abort();
  }
  return bad;
}

std::vector<Bad> BadTimes(FieldFormat format, int64_t now) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  std::vector<Bad> bad;
  AddTimes(bad, {{0, 0},
                 {-1, 0},
                 {946'684'799, 999'999'999},
                 {4'102'444'800, 0},
                 {kMost, 0},
                 {kLeast, 0},
                 {now, -1},
                 {now, 1'000'000'000},
                 {now, std::numeric_limits<int32_t>::min()},
                 {kMost, 999'999'999},
                 {253'402'300'800, 0},
                 {-62'135'596'801, 0}});
  if (format == common::v1::FIELD_FORMAT_DUE) AddTimes(bad, {{now + 732 * 86'400, 0}, {now + 10'000 * 86'400, 0}});
  return bad;
}

std::vector<Bad> BadEnums() {
  std::vector<Bad> bad;
  for (const int value : {99, -1, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    bad.push_back({absl::StrCat("value ", value), [value](Message& parent, const FieldDescriptor* field) {
                     const auto& reflection = *parent.GetReflection();
                     if (!field->is_repeated()) return reflection.SetEnumValue(&parent, field, value);
                     reflection.ClearField(&parent, field);
                     reflection.AddEnumValue(&parent, field, value);
                   }});
  }
  return bad;
}

Bad TooMany(int count) {
  return {absl::StrCat(count, " of them"), [count](Message& parent, const FieldDescriptor* field) {
            const auto& reflection = *parent.GetReflection();
            while (reflection.FieldSize(parent, field) < count) {
              switch (field->cpp_type()) {
                case FieldDescriptor::CPPTYPE_MESSAGE:
                  reflection.AddMessage(&parent, field);
                  break;
                case FieldDescriptor::CPPTYPE_ENUM:
                  reflection.AddEnumValue(&parent, field, 1);
                  break;
                default:
                  reflection.AddString(&parent, field, "a");
              }
            }
          }};
}

void Collect(const Descriptor& type, const Way& before, const std::string& prefix, int64_t now,
             std::vector<Attack>& attacks) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const auto& rule = field->options().GetExtension(common::v1::rule);
    Way way = before;
    way.push_back(field);
    const std::string path = prefix + field->name();
    const std::string first = field->is_repeated() ? path + "[0]" : path;
    const auto add = [&](const std::string& named, const std::vector<Bad>& bad) {
      for (const Bad& one : bad) {
        attacks.push_back({named, one.what, [way, set = one.set](Message& m) { set(Reach(m, way), way.back()); }});
      }
    };
    if (field->is_repeated() && rule.max_items() > 0) add(path, {TooMany(static_cast<int>(rule.max_items()) + 1)});
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      add(first, BadTexts(rule.format()));
    } else if (field->type() == FieldDescriptor::TYPE_ENUM) {
      add(first, BadEnums());
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE && field->message_type() == Timestamp::descriptor()) {
      add(first, BadTimes(rule.format(), now));
    } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      Collect(*field->message_type(), way, first + ".", now, attacks);
    }
  }
}

}  // namespace

std::vector<Attack> AttacksOn(const Descriptor& type, int64_t now_seconds) {
  std::vector<Attack> attacks;
  Collect(type, {}, "", now_seconds, attacks);
  return attacks;
}

}  // namespace throughline::hostile
