#pragma once

// The fixture of the search's tests: cases that are opened and spoken about, and what is found.

#include "absl/strings/str_cat.h"

#include "services/ownership/testing.h"
#include "throughline/ownership/v1/search.pb.h"

namespace throughline::ownership {

class SearchTest : public OwnershipService {
 protected:
  absl::StatusOr<v1::SearchCasesResponse> Ask(const std::string& request) {
    return Give<v1::SearchCasesResponse>("SearchCases", FromText<v1::SearchCasesRequest>(request));
  }
  // The ids of what is found, on all pages.
  Strings Find(const std::string& request) {
    Strings found;
    std::string token;
    do {
      const auto page = Ask(request + (token.empty() ? "" : " page_token: \"" + token + "\""));
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return found;
      for (const auto& one : page->cases()) found.push_back(one.case_id());
      token = page->next_page_token();
    } while (!token.empty());
    return found;
  }
  Strings Words(const std::string& words) {
    v1::SearchCasesRequest request;
    request.set_words(words);
    return Find(request.ShortDebugString());
  }
  void Open(const std::string& id, const std::string& subject, const std::string& text = "",
            const std::string& customer = "lee", const std::string& owner = "ana") {
    world_.clock.Pass(absl::Seconds(1));
    OpenInThisMoment(id, subject, text, customer, owner);
  }
  void OpenInThisMoment(const std::string& id, const std::string& subject, const std::string& text = "",
                        const std::string& customer = "lee", const std::string& owner = "ana") {
    intake::v1::CaseEvent event;
    auto& opened = *event.mutable_opened();
    opened.set_case_id(id);
    opened.set_customer_id(customer);
    opened.set_subject(subject);
    opened.set_text(text);
    opened.set_owner(owner);
    world_.Write(Topic::kIntake, "case/" + id, event);
  }
  void Say(const std::string& id, const std::string& text) {
    intake::v1::CaseEvent event;
    auto& said = *event.mutable_interaction_recorded();
    said.set_interaction_id(absl::StrCat("i", ++said_));
    said.set_direction(intake::v1::DIRECTION_INBOUND);
    said.set_text(text);
    world_.Write(Topic::kIntake, "case/" + id, event);
  }
  template <typename Response, typename Request>
  void Do(const std::string& method, const std::string& request, const std::string& who = "ana",
          runtime::Role role = ROLE_REP) {
    const auto done = Give<Response>(method, FromText<Request>(request), who, role);
    EXPECT_TRUE(done.ok()) << done.status();
  }

  int said_ = 0;
};

}  // namespace throughline::ownership
