#pragma once

// The response to an act in a story. Success is expected: a refusal that the story does not examine fails the test.
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

  // The response; an empty one if the call was refused.
  const Response* operator->() const {
    Check();
    return &response_;
  }
  const Response& operator*() const { return *operator->(); }

  // The status; a caller that reads it handles refusals itself.
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

// The only element; with more or none, a test failure and an empty element.
template <class Some>
typename Some::value_type Only(const Some& some) {
  if (some.size() == 1) return *some.begin();
  ADD_FAILURE() << "there are " << some.size() << " where there is to be one";
  return {};
}

// Refused for this reason, with a message for people.
MATCHER_P(IsRefused, reason, "") {
  return runtime::ReasonOf(arg.status()) == std::string(reason) && !arg.status().message().empty();
}

// Refused because of this field.
MATCHER_P(Lacks, field, "") {
  return absl::IsInvalidArgument(arg.status()) &&
         absl::c_linear_search(runtime::BadFieldsOf(arg.status()), std::string(field));
}

// Refused because of the caller's role.
MATCHER(IsForbidden, "") { return absl::IsPermissionDenied(arg.status()); }

}  // namespace throughline::stories
