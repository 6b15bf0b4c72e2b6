#include "tests/faults/endpoints.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"

#include "services/outage-notice/delivery/webhook.h"
#include "tests/support/eventually.h"
#include "throughline/outage/v1/subscriptions.pb.h"

namespace throughline::testing {

using outage::TestingServer;

Endpoints::Endpoints() : server_([this](TestingServer& server, int fd) { Serve(server, fd); }) {}

void Endpoints::Use(const std::string& certificate) {
  server_.Use(certificate);
  absl::MutexLock lock(&mu_);
  scheme_ = "https";
}

std::string Endpoints::Url(const std::string& name) const {
  absl::MutexLock lock(&mu_);
  return absl::StrCat(scheme_, "://127.0.0.1:", server_.port(), "/hook/", name);
}

void Endpoints::Accept(const std::string& name, const std::string& secret) {
  absl::MutexLock lock(&mu_);
  Owner& owner = owners_[name];
  owner.secrets.insert(secret);
  for (const Call& call : owner.unverified) Verify(name, owner, call);
  owner.unverified.clear();
}

void Endpoints::Refuse(const std::string& name, const std::string& secret) {
  absl::MutexLock lock(&mu_);
  owners_[name].secrets.erase(secret);
}

const Endpoints::Owner& Endpoints::OwnerOf(const std::string& name) const {
  static const Owner kNobody;
  const auto found = owners_.find(name);
  return found == owners_.end() ? kNobody : found->second;
}

std::string Endpoints::AwaitConfirmToken(const std::string& name) const {
  std::string token;
  Eventually(
      [&] {
        absl::MutexLock lock(&mu_);
        token = OwnerOf(name).confirm_token;
        return !token.empty();
      },
      absl::Seconds(60));
  return token;
}

std::string Endpoints::LeaveToken(const std::string& name) const {
  absl::MutexLock lock(&mu_);
  return OwnerOf(name).leave_token;
}

std::multiset<std::string> Endpoints::Told(const std::string& name) const {
  absl::MutexLock lock(&mu_);
  return OwnerOf(name).told;
}

bool Endpoints::SignedBy(const std::string& name, const std::string& secret) const {
  absl::MutexLock lock(&mu_);
  return Verifies(OwnerOf(name).last, secret);
}

size_t Endpoints::count() const {
  absl::MutexLock lock(&mu_);
  return count_;
}

std::vector<std::string> Endpoints::failures() const {
  absl::MutexLock lock(&mu_);
  return failures_;
}

bool Endpoints::Verifies(const Call& call, const std::string& secret) {
  const auto header = [&](const std::string& name) {
    const auto found = call.headers.find(name);
    return found == call.headers.end() ? std::string() : found->second;
  };
  std::string bytes;
  int64_t seconds = 0;
  if (!absl::Base64Unescape(absl::StripPrefix(secret, "whsec_"), &bytes) ||
      !absl::SimpleAtoi(header("webhook-timestamp"), &seconds)) {
    return false;
  }
  const auto expected = outage::SignWebhook(header("webhook-id"), absl::FromUnixSeconds(seconds), call.body, {bytes});
  return absl::c_linear_search(absl::StrSplit(header("webhook-signature"), ' '), expected.back().second);
}

void Endpoints::Verify(const std::string& name, const Owner& owner, const Call& call) {
  if (absl::c_none_of(owner.secrets, [&](const std::string& secret) { return Verifies(call, secret); })) {
    failures_.push_back(absl::StrCat(name, ": no secret of its owner verifies ", call.body));
  }
}

void Endpoints::Serve(TestingServer& server, int fd) {
  const std::string head = server.Hear(fd, "\r\n\r\n");
  if (head.empty()) return;
  Call call;
  const std::vector<std::string> lines = absl::StrSplit(head, "\r\n", absl::SkipEmpty());
  for (const std::string& line : lines) {
    const std::pair<std::string, std::string> header = absl::StrSplit(line, absl::MaxSplits(": ", 1));
    call.headers[absl::AsciiStrToLower(header.first)] = header.second;
  }
  int size = 0;
  if (!absl::SimpleAtoi(call.headers["content-length"], &size)) return;
  call.body = server.HearBytes(fd, static_cast<size_t>(size));
  const std::vector<std::string> request = absl::StrSplit(lines.front(), ' ');
  Take(std::string(absl::StripPrefix(request.at(1), "/hook/")), std::move(call));
  server.Say(fd, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

void Endpoints::Take(const std::string& name, Call call) {
  outage::v1::WebhookMessage message;
  const bool is_json = google::protobuf::util::JsonStringToMessage(call.body, &message).ok();
  absl::MutexLock lock(&mu_);
  if (!is_json) failures_.push_back(absl::StrCat(name, ": cannot read ", call.body));
  ++count_;
  Owner& owner = owners_[name];
  if (owner.secrets.empty()) {
    owner.unverified.push_back(call);
  } else {
    Verify(name, owner, call);
  }
  if (!message.confirm_token().empty()) owner.confirm_token = message.confirm_token();
  if (!message.leave_token().empty()) owner.leave_token = message.leave_token();
  if (message.has_data()) {
    owner.told.insert(absl::StrCat(message.data().notice_id(), " ", message.data().version()));
  }
  owner.last = std::move(call);
}

}  // namespace throughline::testing
