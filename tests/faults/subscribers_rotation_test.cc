// The secrets of what is sent to subscribers are exchanged in a running suite while endpoints subscribe, confirm, hear
// and leave all the time: nothing is lost, every owner can verify every call, and what was replaced is used no more.

#include <atomic>
#include <iostream>
#include <thread>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/delivery/subscriber_key.h"
#include "tests/faults/endpoints.h"
#include "tests/faults/mail_server.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/eventually.h"
#include "tests/support/http_get.h"
#include "tests/support/suite_process.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::testing {
namespace {

namespace v1 = outage::v1;
using ::testing::Each;
using ::testing::IsEmpty;

constexpr int kStayers = 4;
constexpr absl::Duration kPatience = absl::Seconds(60);

std::string Stayer(int i) { return absl::StrCat("stayer-", i); }

class SubscribersRotation : public ::testing::Test {
 protected:
  ~SubscribersRotation() override { EndLoad(); }

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  void Put(const std::string& name, const std::string& content) const {
    ASSERT_FALSE(files::ReplaceFile(Path(name), content, 0600));
  }
  static void Await(const std::string& what, const std::function<bool()>& holds) {
    EXPECT_TRUE(Eventually(holds, kPatience)) << what;
  }
  void AwaitLog(const std::string& line) const {
    Await("the log says: " + line, [&] { return absl::StrContains(*files::ReadFile(Path("log")), line); });
  }
  void Failed(const std::string& what) {
    absl::MutexLock lock(&mu_);
    failures_.push_back(what);
  }
  std::vector<std::string> failures() {
    absl::MutexLock lock(&mu_);
    return failures_;
  }

  void Start(const std::vector<std::string>& more = {}) {
    suite_.LogTo(Path("log"));
    std::vector<std::string> arguments = {"--subscribers-key",
                                          Path("lasting"),
                                          "--subscribers-signing-keys",
                                          Path("signing-keys"),
                                          "--subscribers-retry-after",
                                          "1s",
                                          "--webhooks-allow-private",
                                          "--webhooks-allow-http",
                                          "--log-level",
                                          "info"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ASSERT_EQ(suite_.Start(arguments), absl::OkStatus());
    sam_ = std::make_unique<client::Client>(suite_.OptionsFor("sam"));
    shop_ = std::make_unique<client::Client>(suite_.OptionsFor("webshop"));
    v1::DefineComponentRequest define;
    define.set_component_id("checkout");
    define.set_name("Paying");
    ASSERT_EQ(sam_->Call<v1::DefineComponentResponse>(define).status(), absl::OkStatus());
  }

  // One of those that give commands all the time: what fails is kept.
  template <typename Response>
  Response Do(const google::protobuf::Message& request) {
    auto response = shop_->Call<Response>(request);
    if (!response.ok()) Failed(absl::StrCat(request.GetTypeName(), ": ", response.status().ToString()));
    return response.ok() ? *std::move(response) : Response();
  }
  v1::SubscribeResponse Subscribe(v1::SubscriberChannel channel, const std::string& address) {
    v1::SubscribeRequest subscribe;
    subscribe.set_channel(channel);
    subscribe.set_address(address);
    subscribe.add_component_ids("checkout");
    return Do<v1::SubscribeResponse>(subscribe);
  }
  v1::SubscribeResponse Subscribe(const std::string& name) {
    return Subscribe(v1::SUBSCRIBER_CHANNEL_WEBHOOK, endpoints_.Url(name));
  }
  void Confirm(const std::string& token) {
    v1::ConfirmSubscriptionRequest confirm;
    confirm.set_token(token);
    Do<v1::ConfirmSubscriptionResponse>(confirm);
  }
  // Returns the secret.
  std::string Join(const std::string& name) {
    const v1::SubscribeResponse asked = Subscribe(name);
    endpoints_.Accept(name, asked.webhook_secret());
    Confirm(endpoints_.AwaitConfirmToken(name));
    return asked.webhook_secret();
  }
  void JoinByMail(const std::string& address) {
    Subscribe(v1::SUBSCRIBER_CHANNEL_MAIL, address);
    Confirm(mails_.AwaitConfirmToken(address));
    addresses_.push_back(address);
  }
  absl::Status Leave(const std::string& token) const {
    v1::LeaveRequest leave;
    leave.set_token(token);
    return shop_->Call<v1::LeaveResponse>(leave).status();
  }

  // Joins, hears, leaves, and again under another name.
  void Churn(const std::string& who, std::atomic<int64_t>& rounds) {
    while (!stop_) {
      const std::string name = absl::StrCat(who, "-", rounds.load());
      Join(name);
      if (!Eventually([&] { return stop_ || !endpoints_.LeaveToken(name).empty(); }, kPatience)) {
        Failed(name + " hears nothing");
      }
      if (stop_) return;
      if (const absl::Status left = Leave(endpoints_.LeaveToken(name)); !left.ok()) {
        Failed(absl::StrCat(name, " leaves: ", left.ToString()));
      }
      ++rounds;
    }
  }
  // Tells something, waits until all stayers have heard it, and tells the next thing.
  void Tell() {
    v1::PublishNoticeRequest publish;
    publish.set_kind(v1::NOTICE_KIND_OUTAGE);
    publish.add_component_ids("checkout");
    publish.set_title("Paying fails");
    publish.set_description("The page stays white.");
    publish.set_expected_end_unknown(true);
    *publish.mutable_next_update_due() = runtime::ToProto(absl::Now() + absl::Hours(1));
    const auto published = sam_->Call<v1::PublishNoticeResponse>(publish);
    if (!published.ok()) return Failed(published.status().ToString());
    for (int64_t version = 1;; ++version) {
      const bool heard = Eventually([&] { return stop_ || StayersHeard(version); }, kPatience);
      if (!heard) return Failed(absl::StrCat("not all have heard version ", version));
      if (stop_) return;
      told_ = version;
      v1::UpdateNoticeRequest update;
      update.set_notice_id(published->notice_id());
      update.set_text("We still look.");
      update.set_expected_end_unknown(true);
      *update.mutable_next_update_due() = runtime::ToProto(absl::Now() + absl::Hours(1));
      const absl::Status updated = sam_->Call<v1::UpdateNoticeResponse>(update).status();
      if (!updated.ok()) return Failed(updated.ToString());
    }
  }
  bool StayersHeard(int64_t version) const {
    for (int i = 0; i < kStayers; ++i) {
      if (endpoints_.Told(Stayer(i)).size() < static_cast<size_t>(version)) return false;
    }
    return absl::c_all_of(addresses_, [&](const std::string& address) {
      return mails_.Told(address).size() >= static_cast<size_t>(version);
    });
  }

  void BeginLoad() {
    threads_.emplace_back([this] { Tell(); });
    for (auto& rounds : rounds_) {
      threads_.emplace_back([this, &rounds] { Churn(absl::StrCat("churner-", &rounds - rounds_), rounds); });
    }
  }
  // Until all that goes on has been done some times more.
  void GoOn() const {
    const int64_t told = told_ + 5;
    const int64_t rounds[] = {rounds_[0] + 3, rounds_[1] + 3};
    Await("the load goes on", [&] { return told_ >= told && rounds_[0] >= rounds[0] && rounds_[1] >= rounds[1]; });
  }
  void EndLoad() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  // After the load: each thing that was told came once.
  void ExpectAllWasHeardOnce() {
    EXPECT_THAT(failures(), IsEmpty());
    EXPECT_THAT(endpoints_.failures(), IsEmpty());
    std::vector<std::multiset<std::string>> heard;
    for (int i = 0; i < kStayers; ++i) heard.push_back(endpoints_.Told(Stayer(i)));
    for (const std::string& address : addresses_) heard.push_back(mails_.Told(address));
    for (const auto& told : heard) {
      EXPECT_GE(told.size(), static_cast<size_t>(told_));
      EXPECT_EQ(std::set<std::string>(told.begin(), told.end()).size(), told.size()) << "each thing once";
    }
    std::cout << told_ << " updates were heard by all, " << rounds_[0] + rounds_[1]
              << " endpoints have joined and left\n";
  }

  // What the metrics say of a key; -1: nothing.
  double SecretsOf(const outage::SubscriberKey& key) const {
    return Metric(absl::StrCat("throughline_webhook_secrets{key=\"", key.Id(), "\"} "));
  }
  double Metric(const std::string& begin) const {
    const auto page = HttpGet(suite_.metrics_address(), "/outage-notice/metrics");
    const size_t at = page.ok() ? page->find(begin) : std::string::npos;
    return at == std::string::npos ? -1 : std::stod(page->substr(at + begin.size()));
  }

  const TestDirectory directory_;
  SuiteProcess suite_{Path("data")};
  Endpoints endpoints_;
  MailServer mails_;
  std::vector<std::string> addresses_;  // of those who stay, by mail
  std::unique_ptr<client::Client> sam_, shop_;
  absl::Mutex mu_;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mu_);
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> told_{0};
  std::atomic<int64_t> rounds_[2] = {};
  std::vector<std::thread> threads_;
};

TEST_F(SubscribersRotation, OfTheSigningKeysUnderLoad) {
  const std::string old_bytes(32, 'o'), new_bytes(32, 'n');
  const auto old_key = *outage::SubscriberKey::Of(old_bytes), new_key = *outage::SubscriberKey::Of(new_bytes);
  const std::string signs_old = absl::StrCat("key ", old_key->Id(), " signs");
  const std::string signs_new = absl::StrCat("key ", new_key->Id(), " signs");
  Put("lasting", old_bytes);
  Put("signing-keys", old_bytes + "\n");
  Start();
  std::vector<std::string> secrets;
  for (int i = 0; i < kStayers; ++i) secrets.push_back(Join(Stayer(i)));
  Join("leaver");
  BeginLoad();
  GoOn();
  const std::string old_token = endpoints_.LeaveToken(Stayer(0)), leavers_token = endpoints_.LeaveToken("leaver");
  Await("the secrets are counted", [&] { return SecretsOf(*old_key) >= kStayers + 1; });

  v1::SubscribeRequest asks;
  asks.set_command_id("subscribes-once");
  asks.set_channel(v1::SUBSCRIBER_CHANNEL_WEBHOOK);
  asks.set_address(endpoints_.Url("retrier"));
  asks.add_component_ids("checkout");
  const std::string asked = Do<v1::SubscribeResponse>(asks).webhook_secret();
  endpoints_.Accept("retrier", asked);
  Confirm(endpoints_.AwaitConfirmToken("retrier"));
  Await("the retrier hears", [&] { return !endpoints_.LeaveToken("retrier").empty(); });
  v1::RotateWebhookSecretRequest rotates;
  rotates.set_command_id("rotates-once");
  rotates.set_token(endpoints_.LeaveToken("retrier"));
  const std::string rotated = Do<v1::RotateWebhookSecretResponse>(rotates).webhook_secret();

  std::cout << "the new key is accepted\n";
  Put("signing-keys", old_bytes + "\n" + new_bytes + "\n");
  AwaitLog(absl::StrCat(signs_old, ", key ", new_key->Id(), " is accepted, too"));
  GoOn();

  std::cout << "the new key signs\n";
  Put("signing-keys", new_bytes + "\n" + old_bytes + "\n");
  AwaitLog(absl::StrCat(signs_new, ", key ", old_key->Id(), " is accepted, too"));
  GoOn();
  EXPECT_EQ(new_key->ReadLeaveToken(endpoints_.LeaveToken(Stayer(0))), old_key->ReadLeaveToken(old_token));
  EXPECT_EQ(Leave(leavers_token), absl::OkStatus()) << "a link of the old key";
  EXPECT_EQ(Do<v1::SubscribeResponse>(asks).webhook_secret(), asked) << "a retry is answered as before";
  EXPECT_EQ(Do<v1::RotateWebhookSecretResponse>(rotates).webhook_secret(), rotated);
  EXPECT_EQ(Leave(endpoints_.LeaveToken("retrier")), absl::OkStatus());
  EXPECT_GE(SecretsOf(*old_key), kStayers) << "whose owners have not fetched another secret";

  std::cout << "files that are bad change nothing\n";
  Put("signing-keys", new_bytes + "\n" + old_bytes + "\n" + std::string(32, 't') + "\n");
  AwaitLog("holds more than two keys");
  Put("signing-keys", "");
  AwaitLog("holds no key; what was read last stays in force");
  GoOn();
  for (int i = 0; i < kStayers; ++i) EXPECT_TRUE(endpoints_.SignedBy(Stayer(i), secrets[i])) << i;
  Put("signing-keys", new_bytes + "\n" + old_bytes + "\n");

  std::cout << "owners fetch another secret\n";
  std::vector<std::string> new_secrets;
  for (int i = 0; i < kStayers; ++i) {
    v1::RotateWebhookSecretRequest rotate;
    rotate.set_token(endpoints_.LeaveToken(Stayer(i)));
    new_secrets.push_back(Do<v1::RotateWebhookSecretResponse>(rotate).webhook_secret());
    endpoints_.Accept(Stayer(i), new_secrets[i]);
  }
  for (int i = 0; i < kStayers; ++i) {
    Await("it signs", [&] { return endpoints_.SignedBy(Stayer(i), new_secrets[i]); });
    endpoints_.Refuse(Stayer(i), secrets[i]);
  }
  GoOn();
  Await("nobody relies on the old key", [&] { return SecretsOf(*old_key) == 0 && SecretsOf(*new_key) >= kStayers; });

  std::cout << "the old key is removed\n";
  Put("signing-keys", new_bytes + "\n");
  Await("the new key alone", [&] { return runtime::ReasonOf(Leave(leavers_token)) == "TOKEN_INVALID"; });
  EXPECT_EQ(runtime::ReasonOf(Leave(old_token)), "TOKEN_INVALID");
  GoOn();
  for (int i = 0; i < kStayers; ++i) {
    EXPECT_TRUE(endpoints_.SignedBy(Stayer(i), new_secrets[i])) << i;
    EXPECT_FALSE(endpoints_.SignedBy(Stayer(i), secrets[i])) << i;
  }

  EndLoad();
  ExpectAllWasHeardOnce();
  EXPECT_EQ(Subscribe(Stayer(0)).subscriber_id(), old_key->ReadLeaveToken(old_token)) << "ids are lasting";
  EXPECT_EQ(suite_.Terminate(), 0);
}

TEST_F(SubscribersRotation, OfAuthoritiesAndThePasswordUnderLoad) {
  const CertificateAuthority first(directory_.path(), "first"), second(directory_.path(), "second");
  for (const char* who : {"hooks", "mails"}) {
    first.Sign(absl::StrCat(who, "-old"), "/CN=server", "IP:127.0.0.1");
    second.Sign(absl::StrCat(who, "-new"), "/CN=server", "IP:127.0.0.1");
  }
  const std::string trusts_old = *files::ReadFile(first.path()), trusts_new = *files::ReadFile(second.path());
  Put("lasting", std::string(32, 'o'));
  Put("signing-keys", std::string(32, 's'));
  Put("hooks-ca", trusts_old);
  Put("mails-ca", trusts_old);
  Put("password", "of-before\n");
  endpoints_.Use(Path("hooks-old"));
  mails_.Use(Path("mails-old"));
  mails_.Accept("of-before");
  Start({"--webhooks-ca", Path("hooks-ca"), "--smtp-url", mails_.Url(), "--smtp-from", "status@example.com",
         "--smtp-ca", Path("mails-ca"), "--smtp-user", "status", "--smtp-password-file", Path("password"),
         "--subscribers-site", "https://status.example.com"});
  for (int i = 0; i < kStayers; ++i) Join(Stayer(i));
  for (const char* address : {"kim@example.org", "ana@example.org"}) JoinByMail(address);
  BeginLoad();
  GoOn();

  const auto failed = [&] { return Metric("\nthroughline_deliveries_failed_total "); };
  const auto exchange = [&](const std::string& who, const std::function<void(const std::string&)>& use,
                            const std::function<size_t()>& arrived) {
    std::cout << "the authority of " << who << "\n";
    Put(who + "-ca", trusts_old + trusts_new);
    use(Path(who + "-new"));
    GoOn();
    Put(who + "-ca", "");
    AwaitLog(Path(who + "-ca") + " holds no certificate");
    GoOn();
    Put(who + "-ca", trusts_new);
    GoOn();
    const double before = failed();
    use(Path(who + "-old"));
    Await("a certificate of the authority of before is refused", [&] { return failed() > before; });
    const size_t then = arrived();
    Await("each time", [&] { return failed() >= before + 3; });
    EXPECT_EQ(arrived(), then) << "nothing goes to who shows it";
    use(Path(who + "-new"));
    GoOn();
  };
  exchange(
      "hooks", [&](const std::string& certificate) { endpoints_.Use(certificate); },
      [&] { return endpoints_.count(); });
  exchange(
      "mails", [&](const std::string& certificate) { mails_.Use(certificate); }, [&] { return mails_.count(); });

  std::cout << "the password of the mail server\n";
  EXPECT_THAT(mails_.TakeLogins(), Each("of-before"));
  Put("password", "of-after\n");
  Await("it is used", [&] { return absl::c_linear_search(mails_.TakeLogins(), "of-after"); });
  mails_.Accept("of-after");
  GoOn();
  mails_.TakeLogins();
  GoOn();
  EXPECT_THAT(mails_.TakeLogins(), Each("of-after"));

  EndLoad();
  ExpectAllWasHeardOnce();
  EXPECT_EQ(suite_.Terminate(), 0);
}

}  // namespace
}  // namespace throughline::testing
