// Fields and messages that are missing, too long, or not text, in every RPC.

#include <set>
#include <string>

#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"
#include "tests/hostile/messages.h"
#include "tests/hostile/world.h"

namespace throughline::hostile {
namespace {

using absl::StatusCode;
using ::testing::Optional;

class Fields : public ::testing::Test {
 protected:
  World& world_ = World::Shared();
};

// The other tests depend on it.
TEST_F(Fields, SamplesAreWellFormed) {
  for (const Sample& sample : world_.samples()) {
    const RawAnswer answer = world_.Send(sample, *sample.request);
    // An absence can be ended once, nothing is in quarantine, nobody was asked for help, there is one remedy, and
    // nobody can guess a token or a link.
    static const std::set<std::string> kOfState = {
        "ABSENCE_UNKNOWN",   "FOLLOW_UP_UNKNOWN", "LINK_UNKNOWN",       "NOT_ASKED",         "NOT_IN_QUARANTINE",
        "NOTICE_NOT_LINKED", "REMEDY_UNKNOWN",    "SUBSCRIBER_UNKNOWN", "SUSPICION_UNKNOWN", "TOKEN_INVALID"};
    EXPECT_TRUE(answer.status.ok() || answer.status.code() == StatusCode::kFailedPrecondition ||
                answer.status.code() == StatusCode::kAlreadyExists ||
                kOfState.contains(runtime::ReasonOf(answer.status).value_or("")))
        << sample.path << ": " << answer.status;
  }
}

TEST_F(Fields, RequiredOnesAreNamedWhenMissing) {
  for (const Sample& sample : world_.samples()) {
    for (const std::string& field : sample.required) {
      auto request = sample.Copy();
      Clear(*request, field);
      const std::string oneof = field == "acknowledged" ? "update" : field;
      EXPECT_TRUE(IsBadField(world_.Refusal(sample, *request), oneof)) << sample.path << " without " << field;
    }
  }
}

TEST_F(Fields, BlankCountsAsMissing) {
  for (const Sample& sample : world_.samples()) {
    for (const std::string& field : sample.required) {
      const auto* descriptor = sample.method->input_type()->FindFieldByName(field);
      if (descriptor->is_repeated() || descriptor->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
      auto request = sample.Copy();
      SetString(*request, field, " \t\n");
      EXPECT_TRUE(IsBadField(world_.Refusal(sample, *request), field)) << sample.path << " with a blank " << field;
    }
  }
}

// An empty message is refused, unless the RPC needs no field (a list, one's own availability).
TEST_F(Fields, EmptyMessagesAreAnsweredEverywhere) {
  for (const Sample& sample : world_.samples()) {
    const RawAnswer answer = world_.Send(sample, std::string());
    if (answer.status.ok()) continue;
    if (answer.status.code() == StatusCode::kDeadlineExceeded) {
      EXPECT_EQ(sample.method->name(), "WatchNotices") << answer.status;
      continue;
    }
    EXPECT_TRUE(IsRefusal(answer.status, {StatusCode::kInvalidArgument, StatusCode::kNotFound})) << sample.path;
  }
}

TEST_F(Fields, OversizedOnesAreNamed) {
  const std::string huge(70'000, 'x');
  for (const Sample& sample : world_.samples()) {
    for (const std::string& path : StringFields(*sample.request)) {
      auto request = sample.Copy();
      SetString(*request, path, huge);
      EXPECT_TRUE(IsBadField(world_.Refusal(sample, *request), path)) << sample.path << " with a huge " << path;
    }
  }
}

// Less than the limit of a message, and more than any of these fields may hold.
TEST_F(Fields, RequiredOnesHaveLimitsOfTheirOwn) {
  const std::string large(20'000, 'x');
  for (const Sample& sample : world_.samples()) {
    for (const std::string& field : sample.required) {
      const auto* descriptor = sample.method->input_type()->FindFieldByName(field);
      if (descriptor->is_repeated() || descriptor->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
      auto request = sample.Copy();
      SetString(*request, field, large);
      EXPECT_TRUE(IsBadField(world_.Refusal(sample, *request), field)) << sample.path << " with a large " << field;
    }
  }
}

TEST_F(Fields, NotUtf8IsNamed) {
  const std::string marker = "<marker>";
  for (const Sample& sample : world_.samples()) {
    for (const std::string& path : StringFields(*sample.request)) {
      for (const char* bad : {"<mar\xff\xfe>>", "<m\xed\xa0\x80>>>", "<m\xc0\xaf>>>>", "<marker\xe2"}) {
        auto request = sample.Copy();
        SetString(*request, path, marker);
        const std::string bytes = absl::StrReplaceAll(request->SerializeAsString(), {{marker, bad}});
        const absl::Status status = world_.Refusal(sample, bytes);
        ASSERT_TRUE(IsBadField(status, path)) << sample.path << " with a broken " << path;
        EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("UTF-8"));
      }
    }
  }
}

TEST_F(Fields, MessagesTooLargeAreRefusedWhole) {
  for (const Sample& sample : world_.samples()) {
    // Carriers' payloads may have up to 5 MiB, vendors' documents 256 KiB, beyond what every message may have.
    const size_t above = sample.path.ends_with("/PushRawEvents")         ? 6'500'000
                         : sample.path.ends_with("/PushVendorDocuments") ? 1'400'000
                                                                         : 1'100'000;
    // Unknown fields: only the size is wrong. Field 4000, as bytes.
    for (const size_t size : {above, size_t{26'000'000}}) {
      std::string bytes = sample.request->SerializeAsString() + "\x82\xfa\x01";
      for (size_t left = size;; left >>= 7) {
        bytes.push_back(static_cast<char>(left < 128 ? left : (left & 127) | 128));
        if (left < 128) break;
      }
      bytes.append(size, 'x');
      const absl::Status status = world_.Send(sample, bytes).status;
      // Above gRPC's own limit the answer has no details; below it, it says what to do.
      if (size == above) {
        EXPECT_TRUE(IsRefusal(status, StatusCode::kInvalidArgument)) << sample.path;
      } else {
        EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << sample.path << ": " << status;
      }
    }
  }
}

TEST_F(Fields, GarbageIsRefused) {
  for (const Sample& sample : world_.samples()) {
    for (const std::string& bytes : {std::string("\xff\xff\xff\xff\xff"), std::string("\x0a\xff\xff\xff\xff\x0f"),
                                     std::string("\x0a\x80", 2), std::string("\x0b\x0b\x0b")}) {
      const absl::Status status = world_.Send(sample, bytes).status;
      EXPECT_TRUE(IsRefusal(status, StatusCode::kInvalidArgument)) << sample.path;
      EXPECT_THAT(runtime::ReasonOf(status), Optional(std::string("MALFORMED_MESSAGE"))) << sample.path;
    }
  }
}

TEST_F(Fields, CommandIdsAreShortAndPlain) {
  for (const Sample& sample : world_.samples()) {
    if (!HasField(*sample.request, "command_id")) continue;
    for (const std::string& id :
         {std::string(129, 'a'), std::string("a\nb"), std::string("a\0b", 3), std::string("\x7f")}) {
      auto request = sample.Copy();
      SetString(*request, "command_id", id);
      EXPECT_TRUE(IsBadField(world_.Refusal(sample, *request), "command_id")) << sample.path;
    }
  }
}

}  // namespace
}  // namespace throughline::hostile
