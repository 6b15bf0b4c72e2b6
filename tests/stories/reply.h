#pragma once

// The answer to what somebody in a story did. It is expected to be yes: a refusal that nobody asks about fails the
// test.
//
//   const std::string c = ana.TakesCall("mira", "It is down.")->case_id();
//   EXPECT_THAT(ben.Closes(c), IsRefused("NOT_OWNER"));
//   EXPECT_THAT(sam.Publishes(hasty), Lacks("next_update_due"));
//
// One thread.

#include <ostream>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "gmock/gmock.h"
#include <gtest/gtest.h>

#include "libs/runtime/domain/refusal.h"

namespace throughline::stories {

template <class Response>
class Reply {
 public:
  Reply(std::string what, absl::Status status, Response response)
      : what_(std::move(what)), status_(std::move(status)), response_(std::move(response)) {}
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() { Check(); }

  // The empty response if it was refused.
  const Response* operator->() const {
    Check();
    return &response_;
  }
  const Response& operator*() const { return *operator->(); }

  // Whoever asks for it deals with a refusal.
  const absl::Status& status() const {
    settled_ = true;
    return status_;
  }

  friend std::ostream& operator<<(std::ostream& out, const Reply& reply) {
    return out << reply.what_ << " -> " << reply.status_;
  }

 private:
  void Check() const {
    if (std::exchange(settled_, true) || status_.ok()) return;
    ADD_FAILURE() << what_ << " was refused: " << status_;
  }

  const std::string what_;
  const absl::Status status_;
  const Response response_;
  mutable bool settled_ = false;
};

// The only one there is; an empty one, and a failure, if there are more or none.
template <class Some>
typename Some::value_type Only(const Some& some) {
  if (some.size() == 1) return *some.begin();
  ADD_FAILURE() << "there are " << some.size() << " where there is to be one";
  return {};
}

// Refused for this reason, with a text for people.
MATCHER_P(IsRefused, reason, "") {
  return runtime::ReasonOf(arg.status()) == std::string(reason) && !arg.status().message().empty();
}

// Refused because of this field.
MATCHER_P(Lacks, field, "") {
  return absl::IsInvalidArgument(arg.status()) &&
         absl::c_linear_search(runtime::BadFieldsOf(arg.status()), std::string(field));
}

// Refused to anybody in the caller's role.
MATCHER(IsForbidden, "") { return absl::IsPermissionDenied(arg.status()); }

}  // namespace throughline::stories
