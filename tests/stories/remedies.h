#pragma once

// What colleagues do about remedies in a story, and the paying system. Acts as in people.h.
//
//   const std::string r = Grants(ana, c, Dollars(20'00), "we said it was free")->remedy_id();
//   EXPECT_THAT(Grants(ana, c, Dollars(40'00), "and more"), IsRefused("ABOVE_AUTHORITY"));
//
// One thread.

#include <string>

#include "tests/stories/people.h"
#include "throughline/ownership/v1/remedy_commands.pb.h"

namespace throughline::stories {

common::v1::Money Dollars(int64_t cents);

ownership::v1::GetCaseOptionsResponse SeesOptions(const Colleague& who, const std::string& case_id);
// Up to how much they may grant of that, in dollars' cents.
int64_t MayRefund(const Colleague& who, const std::string& case_id);

Reply<ownership::v1::GrantRemedyResponse> Grants(const Colleague& who, const std::string& case_id,
                                                 const common::v1::Money& amount, const std::string& why);
Reply<ownership::v1::RequestRemedyResponse> AsksForRemedy(const Colleague& who, const std::string& case_id,
                                                          const common::v1::Money& amount, const std::string& why);
Reply<ownership::v1::ApproveRemedyResponse> Approves(const Colleague& who, const std::string& case_id,
                                                     const std::string& remedy_id);
Reply<ownership::v1::DeclineRemedyResponse> DeclinesRemedy(const Colleague& who, const std::string& case_id,
                                                           const std::string& remedy_id, const std::string& why);
Reply<ownership::v1::CounterRemedyResponse> Counters(const Colleague& who, const std::string& case_id,
                                                     const std::string& remedy_id, const common::v1::Money& amount,
                                                     const std::string& why);
Reply<ownership::v1::AnswerCounterOfferResponse> HearsAboutOffer(const Colleague& who, const std::string& case_id,
                                                                 const std::string& remedy_id, bool accepted);

// A system that pays: takes what is to be paid in the case, pays it, and says so. Returns how many it took.
int PaysIn(const Person& bank, const std::string& case_id);

ownership::v1::Remedy SeesRemedy(const Person& who, const std::string& case_id, const std::string& remedy_id);

}  // namespace throughline::stories
