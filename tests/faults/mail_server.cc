#include "tests/faults/mail_server.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "tests/support/eventually.h"

namespace throughline::testing {
namespace {

// What stands between the two; empty: nothing.
std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t at = text.find(begin);
  if (at == std::string::npos) return "";
  return text.substr(at + begin.size(), text.find(end, at + begin.size()) - at - begin.size());
}

}  // namespace

using outage::TestingServer;

MailServer::MailServer() : server_([this](TestingServer& server, int fd) { Serve(server, fd); }) {}

std::string MailServer::Url() const { return absl::StrCat("smtps://127.0.0.1:", server_.port()); }

void MailServer::Accept(const std::string& password) {
  absl::MutexLock lock(&mu_);
  accepted_ = password;
}

std::string MailServer::AwaitConfirmToken(const std::string& address) const {
  std::string token;
  Eventually(
      [&] {
        absl::MutexLock lock(&mu_);
        const auto found = confirm_tokens_.find(address);
        if (found != confirm_tokens_.end()) token = found->second;
        return !token.empty();
      },
      absl::Seconds(60));
  return token;
}

std::multiset<std::string> MailServer::Told(const std::string& address) const {
  absl::MutexLock lock(&mu_);
  const auto found = told_.find(address);
  return found == told_.end() ? std::multiset<std::string>() : found->second;
}

size_t MailServer::count() const {
  absl::MutexLock lock(&mu_);
  return count_;
}

std::vector<std::string> MailServer::TakeLogins() {
  absl::MutexLock lock(&mu_);
  return std::exchange(logins_, {});
}

// One mail for each connection, so that nobody waits long for theirs.
void MailServer::Serve(TestingServer& server, int fd) {
  server.Say(fd, "220 mail.example.org\r\n");
  std::string address;
  for (std::string line; !(line = server.Hear(fd, "\r\n")).empty();) {
    if (absl::StartsWith(line, "EHLO")) {
      server.Say(fd, "250-mail.example.org\r\n250 AUTH PLAIN\r\n");
    } else if (absl::StartsWith(line, "AUTH PLAIN ")) {
      server.Say(fd, Welcomes(line) ? "235 welcome\r\n" : "535 5.7.8 no\r\n");
    } else if (absl::StartsWith(line, "RCPT TO:")) {
      address = Between(line, "<", ">");
      server.Say(fd, "250 ok\r\n");
    } else if (absl::StartsWith(line, "DATA")) {
      server.Say(fd, "354 go on\r\n");
      const std::string mail = server.Hear(fd, "\r\n.\r\n");
      if (mail.empty()) return;
      Take(address, mail);
      return server.Say(fd, "250 taken\r\n");
    } else if (absl::StartsWith(line, "QUIT")) {
      return;
    } else {
      server.Say(fd, "250 ok\r\n");
    }
  }
}

bool MailServer::Welcomes(const std::string& login) {
  std::string said;
  absl::Base64Unescape(Between(login, "PLAIN ", "\r\n"), &said);
  const std::vector<std::string> parts = absl::StrSplit(said, '\0');  // nobody, user, password
  const std::string password = parts.size() == 3 ? parts[2] : "";
  absl::MutexLock lock(&mu_);
  logins_.push_back(password);
  return password == accepted_;
}

void MailServer::Take(const std::string& address, const std::string& mail) {
  const std::string plain = absl::StrReplaceAll(mail, {{"=\r\n", ""}, {"=3D", "="}});
  const std::string token = Between(plain, "confirm?token=", "\r\n");
  absl::MutexLock lock(&mu_);
  ++count_;
  if (token.empty()) {
    told_[address].insert(Between(plain, "Message-ID: <", ">"));
  } else {
    confirm_tokens_[address] = token;
  }
}

}  // namespace throughline::testing
