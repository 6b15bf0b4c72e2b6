#pragma once

// Given / when / then, for the rules of a stream:
//
//   Given<Case>({R"pb(opened { case_id: "c1" owner: "ana" })pb"})
//       .When<v1::RecordInteractionRequest>(R"pb(text: "again")pb", By("ana", ROLE_REP))
//       .Then({R"pb(interaction_recorded { text: "again" by: "ana" })pb"});
//
// Text is protobuf text format. For a command that is a struct, give the struct instead of text.

#include "absl/status/statusor.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/caller.h"

namespace throughline::runtime::testing {

template <typename M>
M FromText(const std::string& text) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << "not a " << M::descriptor()->full_name() << ": " << text;
  return message;
}

// 2026-03-01T12:00:00Z, the time of every caller that does not say another.
inline absl::Time Noon() { return absl::FromUnixSeconds(1772366400); }

inline Caller By(std::string id, Role role, std::string party = "", absl::Time time = Noon()) {
  Caller caller;
  caller.id = std::move(id);
  caller.roles = {role};
  caller.party = std::move(party);
  caller.command_id = "command-1";
  caller.time = time;
  return caller;
}

template <typename S>
class Outcome {
 public:
  Outcome(typename S::State state, typename S::Decision decision)
      : state_(std::move(state)), decision_(std::move(decision)) {
    if (decision_.ok()) ExpectReadable();
  }

  // Exactly these events, in order. None: nothing to do.
  Outcome& Then(const std::vector<std::string>& expected) {
    if (!decision_.ok()) {
      ADD_FAILURE() << "refused: " << decision_.status();
      return *this;
    }
    EXPECT_EQ(decision_->size(), expected.size());
    for (size_t i = 0; i < decision_->size(); ++i) {
      const std::string actual = (*decision_)[i].ShortDebugString();
      if (i >= expected.size()) {
        ADD_FAILURE() << "unexpected event: " << actual;
        continue;
      }
      auto event = FromText<typename S::Event>(expected[i]);
      EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals((*decision_)[i], event))
          << "expected: " << event.ShortDebugString() << "\n  actual: " << actual;
    }
    return *this;
  }

  // `text`, if given, is part of the message.
  Outcome& ThenRefused(absl::StatusCode code, const std::string& text = "") {
    if (decision_.ok()) {
      ADD_FAILURE() << "not refused";
      return *this;
    }
    EXPECT_EQ(decision_.status().code(), code) << decision_.status();
    EXPECT_NE(std::string(decision_.status().message()).find(text), std::string::npos) << decision_.status();
    return *this;
  }

  // The state after the events; `check` looks at it.
  Outcome& AndState(const std::function<void(const typename S::State&)>& check) {
    typename S::State state = state_;
    if (decision_.ok()) {
      for (const auto& event : *decision_) S::Evolve(state, event);
    }
    check(state);
    return *this;
  }

 private:
  // What is decided, and the state that follows, reads back from its bytes as what it was.
  void ExpectReadable() const {
    typename S::State state = state_;
    for (const auto& event : *decision_) {
      ExpectReadable(event);
      S::Evolve(state, event);
    }
    ExpectReadable(state);
  }
  static void ExpectReadable(const google::protobuf::Message& message) {
    const std::unique_ptr<google::protobuf::Message> read(message.New());
    EXPECT_TRUE(read->ParseFromString(message.SerializeAsString()) &&
                google::protobuf::util::MessageDifferencer::Equals(*read, message))
        << "does not read back: " << message.ShortDebugString();
  }

  typename S::State state_;
  typename S::Decision decision_;
};

template <typename S>
class Given {
 public:
  explicit Given(const std::vector<std::string>& events = {}) {
    for (const std::string& text : events) S::Evolve(state_, FromText<typename S::Event>(text));
  }

  template <typename C>
  Outcome<S> When(const std::string& command, const Caller& caller) const {
    return Outcome<S>(state_, S::Decide(state_, FromText<C>(command), caller));
  }
  template <typename C>
  Outcome<S> When(const C& command, const Caller& caller) const {
    return Outcome<S>(state_, S::Decide(state_, command, caller));
  }

  const typename S::State& state() const { return state_; }

 private:
  typename S::State state_;
};

}  // namespace throughline::runtime::testing
