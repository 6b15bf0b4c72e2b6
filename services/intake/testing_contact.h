#pragma once

// The fixture of the tests of contacts: what a customer says, and what is then shown.

#include "services/intake/testing.h"

namespace throughline::intake {

class Contact : public IntakeService {
 protected:
  v1::RecordInteractionResponse Say(const std::string& case_id, const std::string& text = "Again!",
                                    const std::string& more = "direction: DIRECTION_INBOUND") {
    auto request = FromText<v1::RecordInteractionRequest>("channel: CHANNEL_PHONE " + more);
    request.set_case_id(case_id);
    request.set_text(text);
    auto said = Give<v1::RecordInteractionResponse>(*api_, "RecordInteraction", request, "ana", ROLE_REP);
    EXPECT_TRUE(said.ok()) << said.status();
    return said.value_or(v1::RecordInteractionResponse());
  }
  v1::GetCaseResponse Get(const std::string& case_id) {
    v1::GetCaseRequest request;
    request.set_case_id(case_id);
    return Give<v1::GetCaseResponse>(*api_, "GetCase", request, "ana", ROLE_REP).value_or(v1::GetCaseResponse());
  }
  size_t Cases() { return List(R"pb(customer_id: "kim")pb").size(); }
};

}  // namespace throughline::intake
