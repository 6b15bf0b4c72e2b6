#pragma once

// The fixture of all stories: a company for each test file, and its people.
//
//   class Outage : public Story<Outage> {};   // may define Begin()
//   TEST_F(Outage, IsSaidBeforeTheCustomerTypes) { ... ana.TakesCall(...) ... }

#include <memory>

#include "tests/stories/dashboard.h"
#include "tests/stories/outsiders.h"
#include "tests/support/kafka/kafka_process.h"

namespace throughline::stories {

template <class Name>
class Story : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    company_ = std::make_unique<Company>();
    opened_ = company_->Opens(Name::OwnershipFlags());
    if (opened_.ok()) Colleague(*company_, "sam").IsOnDuty();
  }

  // After every story its log must verify.
  static void TearDownTestSuite() {
    if (opened_.ok()) {
      const absl::Status closed = company_->Closes();
      EXPECT_TRUE(closed.ok()) << closed;
    }
    company_.reset();
  }

 protected:
  void SetUp() final {
    if (company_->needs_kafka()) {
      SKIP_WITHOUT_KAFKA(opened_);
    }
    ASSERT_TRUE(opened_.ok()) << opened_;
    Begin();
  }
  // Setup for every story of a file. Not in the constructor: the company may have failed to start.
  virtual void Begin() {}
  // Hidden by stories about other settings of ownership's rules than the defaults.
  static std::vector<std::string> OwnershipFlags() { return {}; }
  static Company& company() { return *company_; }

  const Colleague ana{company(), "ana"};
  const Colleague ben{company(), "ben"};
  const Colleague sam{company(), "sam"};  // their supervisor
  const Dashboard dashboard{company(), "dashboard"};
  const Website webshop{company(), "webshop"};
  const Vendor acme{company(), "acme"};
  const Vendor globex{company(), "globex"};
  const Carrier ups{company(), "ups", "ups-track-alert"};
  const Carrier usps{company(), "usps", "usps-tracking-v3"};

 private:
  static inline std::unique_ptr<Company> company_;
  static inline absl::Status opened_;
};

}  // namespace throughline::stories
