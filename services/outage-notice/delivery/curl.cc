#include "services/outage-notice/delivery/curl.h"

#include <array>
#include <cstring>
#include <curl/curl.h>
#include <mutex>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "services/outage-notice/delivery/targets.h"

namespace throughline::outage {
namespace {

using Outcome = SettleDelivery::Outcome;

constexpr long kAuthoritiesHold = 10;  // NOLINT(google-runtime-int): seconds until the system's are read again
constexpr size_t kMostSaid = 200;
constexpr absl::Duration kConnectWithin = absl::Seconds(10);

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using CurlPtr = std::unique_ptr<CURL, CurlDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using ListPtr = std::unique_ptr<curl_slist, ListDeleter>;

// A list keeps copies.
void Append(ListPtr& list, const std::string& line) { list.reset(curl_slist_append(list.release(), line.c_str())); }

// What the other side says may hold anything.
std::string Ascii(absl::string_view said) {
  std::string ascii;
  for (char c : said.substr(0, kMostSaid)) {
    ascii.push_back(absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?');
  }
  return ascii;
}

int IsGivenUp(void* give_up, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const GiveUp*>(give_up)->Now() ? 1 : 0;
}

size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

// What the file of a secret holds now; null: there is none.
std::shared_ptr<const std::string> NowIn(const std::shared_ptr<const files::Reloaded<std::string>>& secret) {
  return secret == nullptr ? nullptr : secret->Get();
}

// What both protocols have in common.
class Curl {
 public:
  Curl(absl::Duration timeout, const GiveUp& give_up) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    curl_.reset(curl_easy_init());
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_ERRORBUFFER, error_.data());
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(timeout)));  // NOLINT(google-runtime-int)
    Set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(absl::ToInt64Milliseconds(std::min(timeout, kConnectWithin))));  // NOLINT(google-runtime-int)
    Set(CURLOPT_NOPROGRESS, 0L);
    Set(CURLOPT_XFERINFOFUNCTION, IsGivenUp);
    Set(CURLOPT_XFERINFODATA, &give_up);
    Set(CURLOPT_WRITEFUNCTION, Discard);
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_CA_CACHE_TIMEOUT, kAuthoritiesHold);
  }

  // Trusts these authorities alone, PEM, in place of the system's.
  void Trust(const std::string& authorities) {
    curl_blob pem{const_cast<char*>(authorities.data()), authorities.size(), CURL_BLOB_COPY};  // NOLINT: it is copied
    Set(CURLOPT_CAINFO_BLOB, &pem);
    Set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  CURLcode Perform() {
    error_[0] = '\0';
    return curl_easy_perform(curl_.get());
  }
  long ResponseCode() const {  // NOLINT(google-runtime-int)
    long code = 0;             // NOLINT(google-runtime-int)
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
  }
  std::string Explain(CURLcode code) const {
    return Ascii(error_[0] != '\0' ? error_.data() : curl_easy_strerror(code));
  }

 private:
  CurlPtr curl_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

class Smtp final : public Transport {
 public:
  Smtp(const SmtpConfig& config, absl::Duration timeout, const GiveUp& give_up)
      : config_(config), timeout_(timeout), give_up_(give_up), from_(absl::StrCat("<", config.from, ">")) {
    Begin();
  }

  SendResult Send(const OutgoingMessage& message) override {
    if (NowIn(config_.password) != password_ || NowIn(config_.authorities) != authorities_) Begin();
    ListPtr to;
    Append(to, absl::StrCat("<", message.address, ">"));
    curl_->Set(CURLOPT_MAIL_RCPT, to.get());
    curl_->Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.content.size()));
    left_ = message.content;
    read_ = false;
    said_.clear();
    const CURLcode code = curl_->Perform();
    curl_->Set(CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
    if (code == CURLE_OK) return {};
    const long answer = curl_->ResponseCode();  // NOLINT(google-runtime-int)
    // Of the server, not of the address: its greeting, a login that is refused, TLS that it does not offer.
    const bool of_server = code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED ||
                           code == CURLE_REMOTE_ACCESS_DENIED || (code == CURLE_WEIRD_SERVER_REPLY && !read_);
    const bool refused = !of_server && answer >= 500 && answer < 600;
    std::string why = curl_->Explain(code);
    if (answer >= 400 && !said_.empty()) absl::StrAppend(&why, ": ", Ascii(said_));
    return {refused ? Outcome::kRefused : Outcome::kFailed, std::move(why)};
  }

 private:
  void Begin() {
    curl_.emplace(timeout_, give_up_);
    curl_->Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_->Set(CURLOPT_URL, (config_.helo.empty() ? config_.url : config_.url + "/" + config_.helo).c_str());
    if (config_.tls == "required") curl_->Set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));  // NOLINT
    if (config_.tls == "offered") curl_->Set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));   // NOLINT
    authorities_ = NowIn(config_.authorities);
    if (authorities_ != nullptr) curl_->Trust(*authorities_);
    password_ = NowIn(config_.password);
    if (password_ != nullptr) {
      curl_->Set(CURLOPT_USERNAME, config_.user.c_str());
      curl_->Set(CURLOPT_PASSWORD, password_->c_str());
      curl_->Set(CURLOPT_SASL_IR, 1L);
    }
    curl_->Set(CURLOPT_MAIL_FROM, from_.c_str());
    curl_->Set(CURLOPT_UPLOAD, 1L);
    curl_->Set(CURLOPT_READFUNCTION, Read);
    curl_->Set(CURLOPT_READDATA, this);
    curl_->Set(CURLOPT_HEADERFUNCTION, Hear);
    curl_->Set(CURLOPT_HEADERDATA, this);
  }
  static size_t Read(char* buffer, size_t size, size_t count, void* smtp) {
    static_cast<Smtp*>(smtp)->read_ = true;
    absl::string_view& left = static_cast<Smtp*>(smtp)->left_;
    const size_t taken = std::min(left.size(), size * count);
    std::memcpy(buffer, left.data(), taken);
    left.remove_prefix(taken);
    return taken;
  }
  // The server's answers, line by line: those that refuse something.
  static size_t Hear(char* line, size_t size, size_t count, void* smtp) {
    const absl::string_view said = absl::StripAsciiWhitespace(absl::string_view(line, size * count));
    if (!said.empty() && said[0] >= '4') static_cast<Smtp*>(smtp)->said_ = std::string(said);
    return size * count;
  }

  const SmtpConfig config_;
  const absl::Duration timeout_;
  const GiveUp& give_up_;
  const std::string from_;
  std::shared_ptr<const std::string> password_;     // of `curl_`; null: without authentication
  std::shared_ptr<const std::string> authorities_;  // likewise; null: the system's
  std::optional<Curl> curl_;
  absl::string_view left_;  // of the message, while it is sent
  bool read_ = false;       // whether the server has asked for the message
  std::string said_;        // the last line by which the server refused something
};

class WebhookCaller final : public Transport {
 public:
  WebhookCaller(const WebhookConfig& config, absl::Duration timeout, const GiveUp& give_up)
      : config_(config), timeout_(timeout), give_up_(give_up) {
    Begin();
  }

  SendResult Send(const OutgoingMessage& message) override {
    if (NowIn(config_.authorities) != authorities_) Begin();
    ListPtr headers;
    Append(headers, "Content-Type: application/json");
    Append(headers, "Expect:");
    for (const auto& [name, value] : message.headers) Append(headers, absl::StrCat(name, ": ", value));
    curl_->Set(CURLOPT_HTTPHEADER, headers.get());
    curl_->Set(CURLOPT_URL, message.address.c_str());
    curl_->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(message.content.size()));
    curl_->Set(CURLOPT_POSTFIELDS, message.content.data());
    not_public_ = false;
    const CURLcode code = curl_->Perform();
    curl_->Set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    if (not_public_ && code != CURLE_OK) {
      return {Outcome::kFailed, "the address that the host's name leads to is not public"};
    }
    if (code != CURLE_OK) return {Outcome::kFailed, curl_->Explain(code)};
    const long status = curl_->ResponseCode();  // NOLINT(google-runtime-int)
    if (status >= 200 && status < 300) return {};
    const bool redirects = status >= 300 && status < 400;
    return {status == 410 ? Outcome::kGone : Outcome::kFailed,
            absl::StrCat("answered ", status, redirects ? "; redirects are not followed" : "")};
  }

 private:
  void Begin() {
    curl_.emplace(timeout_, give_up_);
    curl_->Set(CURLOPT_PROTOCOLS_STR, config_.allow_http ? "http,https" : "https");
    curl_->Set(CURLOPT_FOLLOWLOCATION, 0L);
    curl_->Set(CURLOPT_NOPROXY, "*");
    curl_->Set(CURLOPT_USERAGENT, "throughline");
    authorities_ = NowIn(config_.authorities);
    if (authorities_ != nullptr) curl_->Trust(*authorities_);
    curl_->Set(CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
    curl_->Set(CURLOPT_OPENSOCKETDATA, this);
    curl_->Set(CURLOPT_POST, 1L);
  }
  static curl_socket_t OpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
    auto* caller = static_cast<WebhookCaller*>(self);
    if (!caller->config_.allow_private && !IsPublic(address->addr)) {
      caller->not_public_ = true;
      return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  const WebhookConfig config_;
  const absl::Duration timeout_;
  const GiveUp& give_up_;
  std::shared_ptr<const std::string> authorities_;  // of `curl_`; null: the system's
  std::optional<Curl> curl_;
  bool not_public_ = false;
};

}  // namespace

std::unique_ptr<Transport> MakeSmtp(const SmtpConfig& config, absl::Duration timeout, const GiveUp& give_up) {
  return std::make_unique<Smtp>(config, timeout, give_up);
}

std::unique_ptr<Transport> MakeWebhookCaller(const WebhookConfig& config, absl::Duration timeout,
                                             const GiveUp& give_up) {
  return std::make_unique<WebhookCaller>(config, timeout, give_up);
}

}  // namespace throughline::outage
