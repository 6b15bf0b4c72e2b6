#include "services/outage-notice/delivery/curl.h"

#include <map>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/files/whole_file.h"
#include "services/outage-notice/delivery/testing_server.h"
#include "tests/support/eventually.h"
#include "tests/support/test_directory.h"

namespace throughline::outage {
namespace {

using Outcome = SettleDelivery::Outcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kTimeout = absl::Seconds(5);
constexpr char kContent[] = "Subject: x\r\n\r\n.begins with a dot\r\n";

// A mail server that answers each verb as told, else as one that takes everything.
class MailServer {
 public:
  explicit MailServer(std::map<std::string, std::string> answers = {})
      : answers_(std::move(answers)), server_([this](TestingServer& server, int fd) { Serve(server, fd); }) {
    PutPassword("secret");
  }

  SendResult Take(const std::string& tls = "none", const std::string& user = "") {
    SmtpConfig config;
    config.url = absl::StrCat("smtp://127.0.0.1:", server_.port());
    config.from = "status@example.com";
    config.tls = tls;
    config.user = user;
    if (!user.empty()) config.password = *ReadPassword(password_file());
    config.helo = "status.example.com";
    if (smtp_ == nullptr) smtp_ = MakeSmtp(config, kTimeout, give_up_);
    return smtp_->Send({"kim@example.org", kContent});
  }
  // Takes no login from here on but one with this password.
  void Accept(const std::string& password) {
    absl::MutexLock lock(&mutex_);
    accepted_ = password;
  }
  void PutPassword(const std::string& password) const {
    EXPECT_FALSE(files::ReplaceFile(password_file(), password, 0600));
  }
  std::string password_file() const { return directory_.path() + "/password"; }
  std::vector<std::string> heard() { return server_.heard(); }

 private:
  std::string Answer(const std::string& verb, const std::string& usual) const {
    const auto found = answers_.find(verb);
    return (found == answers_.end() ? usual : found->second) + "\r\n";
  }
  void Serve(TestingServer& server, int fd) {
    server.Say(fd, Answer("HELLO", "220 mail.example.org"));
    for (std::string line; !(line = server.Hear(fd, "\r\n")).empty();) {
      const std::string verb = line.substr(0, line.find_first_of(" \r"));
      if (verb == "EHLO") {
        server.Say(fd, Answer(verb, "250-mail.example.org\r\n250 AUTH PLAIN LOGIN"));
      } else if (verb == "AUTH") {
        server.Say(fd, Answer(verb, Welcomes(line) ? "235 welcome" : "535 5.7.8 no"));
      } else if (verb == "DATA") {
        const std::string go_on = Answer(verb, "354 go on");
        server.Say(fd, go_on);
        if (go_on[0] != '3') continue;
        if (server.Hear(fd, "\r\n.\r\n").empty()) return;
        const std::string end = Answer("END", "250 taken");
        if (end == "CLOSE\r\n") return;
        server.Say(fd, end);
      } else if (verb == "QUIT") {
        return server.Say(fd, "221 bye\r\n");
      } else {
        server.Say(fd, Answer(verb, "250 ok"));
      }
    }
  }

  bool Welcomes(const std::string& login) const {
    absl::MutexLock lock(&mutex_);
    if (!accepted_) return true;
    const std::string expected = absl::StrCat(std::string(1, '\0'), "kim", std::string(1, '\0'), *accepted_);
    return absl::StrContains(login, "PLAIN " + absl::Base64Escape(expected));
  }

  const TestDirectory directory_;
  const std::map<std::string, std::string> answers_;
  mutable absl::Mutex mutex_;
  std::optional<std::string> accepted_ ABSL_GUARDED_BY(mutex_);
  GiveUp give_up_;
  TestingServer server_;
  std::unique_ptr<Transport> smtp_;
};

TEST(Smtp, SaysWhoWeAreAndForWhomItIsAndEscapesDots) {
  MailServer server;
  const SendResult result = server.Take();
  EXPECT_EQ(result.outcome, Outcome::kSent) << result.why;
  EXPECT_THAT(server.heard(), ElementsAre("EHLO status.example.com\r\n", HasSubstr("MAIL FROM:<status@example.com>"),
                                          HasSubstr("RCPT TO:<kim@example.org>"), "DATA\r\n",
                                          "Subject: x\r\n\r\n..begins with a dot\r\n.\r\n"));
}

TEST(Smtp, SendsSeveralMailsOverOneConnection) {
  MailServer server;
  EXPECT_EQ(server.Take().outcome, Outcome::kSent);
  EXPECT_EQ(server.Take().outcome, Outcome::kSent);
  int greetings = 0;
  for (const std::string& line : server.heard()) greetings += absl::StartsWith(line, "EHLO");
  EXPECT_EQ(greetings, 1);
}

TEST(Smtp, WhatTheServerRefusesForGoodIsRefusedAndTheRestHasFailed) {
  const struct {
    const char* verb;
    const char* answer;
    Outcome outcome;
  } kCases[] = {{"RCPT", "550 5.1.1 no such mailbox", Outcome::kRefused},
                {"RCPT", "450 4.2.1 later", Outcome::kFailed},
                {"RCPT", "452 4.2.2 full", Outcome::kFailed},
                {"MAIL", "451 4.3.0 later", Outcome::kFailed},
                {"END", "554 5.7.1 spam", Outcome::kRefused},
                {"END", "451 4.7.0 later", Outcome::kFailed},
                {"DATA", "421 4.3.2 closing", Outcome::kFailed},
                {"HELLO", "554 no service", Outcome::kFailed},
                {"END", "CLOSE", Outcome::kFailed}};
  for (const auto& [verb, answer, outcome] : kCases) {
    MailServer server({{verb, answer}});
    const SendResult result = server.Take();
    EXPECT_EQ(result.outcome, outcome) << verb << " " << answer << ": " << result.why;
    EXPECT_FALSE(result.why.empty()) << verb << " " << answer;
    if (outcome == Outcome::kRefused) EXPECT_THAT(result.why, HasSubstr(answer));
  }
}

TEST(Smtp, ALoginThatIsRefusedIsNotTheAddresssFault) {
  MailServer server({{"AUTH", "535 5.7.8 no"}});
  EXPECT_EQ(server.Take("none", "kim").outcome, Outcome::kFailed);
}

TEST(Smtp, LogsInByPlainAndByLogin) {
  MailServer plain({{"EHLO", "250-mail\r\n250 AUTH PLAIN"}});
  EXPECT_EQ(plain.Take("none", "kim").outcome, Outcome::kSent);
  EXPECT_THAT(plain.heard(), Contains(HasSubstr("AUTH PLAIN")));
  MailServer login({{"EHLO", "250-mail\r\n250 AUTH LOGIN"}});
  login.Take("none", "kim");
  EXPECT_THAT(login.heard(), Contains(HasSubstr("AUTH LOGIN")));
}

TEST(Smtp, LogsInWithWhatTheFileOfThePasswordHoldsNow) {
  MailServer server({{"EHLO", "250-mail\r\n250 AUTH PLAIN"}});
  server.Accept("secret");
  EXPECT_EQ(server.Take("none", "kim").outcome, Outcome::kSent);
  // The file first, then the server: mails wait between the two, and none is given up.
  server.PutPassword("renewed\n");
  EXPECT_TRUE(Eventually([&] {
    const Outcome outcome = server.Take("none", "kim").outcome;
    EXPECT_NE(outcome, Outcome::kRefused);
    return outcome == Outcome::kFailed;
  }));
  server.Accept("renewed");
  EXPECT_EQ(server.Take("none", "kim").outcome, Outcome::kSent);
}

TEST(Smtp, SendsNothingWithoutTlsWhereItIsRequired) {
  MailServer server;
  EXPECT_EQ(server.Take("required").outcome, Outcome::kFailed);
  EXPECT_THAT(server.heard(), Not(Contains(HasSubstr("MAIL"))));
}

TEST(Smtp, AServerThatIsNotThereMayComeBack) {
  SmtpConfig config;
  config.url = "smtp://127.0.0.1:1";
  config.from = "status@example.com";
  const GiveUp give_up;
  EXPECT_EQ(MakeSmtp(config, kTimeout, give_up)->Send({"kim@example.org", kContent}).outcome, Outcome::kFailed);
}

// An endpoint that answers each call so.
class Endpoint {
 public:
  explicit Endpoint(std::string answer)
      : server_([answer = std::move(answer)](TestingServer& server, int fd) {
          if (server.Hear(fd, "\r\n\r\n").empty()) return;
          server.Hear(fd, "}");
          if (!answer.empty()) server.Say(fd, "HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n");
          if (answer.empty()) server.Hear(fd, "never");
        }) {}

  SendResult Call(bool allow_private = true, const std::string& host = "127.0.0.1", absl::Duration timeout = kTimeout) {
    WebhookConfig config;
    config.allow_private = allow_private;
    config.allow_http = true;
    return MakeWebhookCaller(config, timeout, give_up_)
        ->Send({absl::StrCat("http://", host, ":", server_.port(), "/hook?a=b"), "{}", {{"webhook-id", "msg_1"}}});
  }
  std::vector<std::string> heard() { return server_.heard(); }

 private:
  GiveUp give_up_;
  TestingServer server_;
};

TEST(WebhookCaller, PostsTheBodyWithItsHeaders) {
  Endpoint endpoint("204 No Content");
  EXPECT_EQ(endpoint.Call().outcome, Outcome::kSent);
  ASSERT_EQ(endpoint.heard().size(), 2u);
  EXPECT_THAT(endpoint.heard()[0],
              testing::AllOf(HasSubstr("POST /hook?a=b HTTP/1.1\r\n"), HasSubstr("webhook-id: msg_1\r\n"),
                             HasSubstr("Content-Type: application/json\r\n")));
  EXPECT_EQ(endpoint.heard()[1], "{}");
}

TEST(WebhookCaller, OnlyTwoHundredsAreTakenAndGoneIsForEver) {
  for (const char* answer : {"302 Found\r\nLocation: http://127.0.0.1/", "400 Bad Request", "404 Not Found",
                             "429 Too Many", "500 Oh", "503 Later"}) {
    Endpoint endpoint(answer);
    EXPECT_EQ(endpoint.Call().outcome, Outcome::kFailed) << answer;
    EXPECT_EQ(endpoint.heard().size(), 2u) << "no redirect is followed: " << answer;
  }
  EXPECT_EQ(Endpoint("200 OK").Call().outcome, Outcome::kSent);
  EXPECT_EQ(Endpoint("410 Gone").Call().outcome, Outcome::kGone);
}

// However it is written: what counts is the address that is connected to.
TEST(WebhookCaller, CallsNoPrivateTargetsUnlessItMay) {
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "0.0.0.0", "[::ffff:127.0.0.1]"}) {
    Endpoint endpoint("200 OK");
    const SendResult result = endpoint.Call(false, host);
    EXPECT_EQ(result.outcome, Outcome::kFailed) << host;
    EXPECT_THAT(result.why, HasSubstr("not public")) << host;
    EXPECT_TRUE(endpoint.heard().empty()) << host;
  }
}

TEST(WebhookCaller, WaitsOnlySoLong) {
  Endpoint endpoint("");
  EXPECT_EQ(endpoint.Call(true, "127.0.0.1", absl::Milliseconds(200)).outcome, Outcome::kFailed);
}

TEST(WebhookCaller, GivesUpWhenTheSenderEnds) {
  Endpoint endpoint("");
  WebhookConfig config;
  config.allow_private = config.allow_http = true;
  GiveUp give_up;
  give_up.At(absl::InfinitePast());
  const absl::Time begun = absl::Now();
  const auto caller = MakeWebhookCaller(config, absl::Minutes(1), give_up);
  EXPECT_EQ(caller->Send({"http://127.0.0.1:1/", "{}"}).outcome, Outcome::kFailed);
  EXPECT_LT(absl::Now() - begun, absl::Seconds(10));
}

}  // namespace
}  // namespace throughline::outage
