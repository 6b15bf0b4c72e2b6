#include "services/edge/orders/orders.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

#include "libs/crypto/random_bytes.h"
#include "libs/server/checks/utf8.h"
#include "services/edge/connect/codes.h"
#include "services/edge/connect/error.h"
#include "services/edge/connect/headers.h"
#include "services/edge/orders/page.h"
#include "services/edge/pages/layout.h"
#include "throughline/intake/v1/commands.pb.h"
#include "throughline/ownership/v1/commands.pb.h"
#include "throughline/ownership/v1/queries.pb.h"
#include "throughline/supplier/v1/order_page.pb.h"

namespace throughline::edge::orders {
namespace {

constexpr char kForm[] = "application/x-www-form-urlencoded";
constexpr size_t kMostWords = 4000;       // of what a customer writes, in bytes
constexpr int kMostProposals = 3;         // that are shown
constexpr size_t kMostOrderBytes = 64;    // of an order's id
constexpr size_t kMostSecretBytes = 128;  // of a link's secret
constexpr size_t kMostTokenBytes = 4096;

const char kGetOrderPage[] = "throughline.supplier.v1.SupplierTrackingService.GetOrderPage";
const char kGetOwnership[] = "throughline.ownership.v1.OwnershipService.GetOwnership";
const char kAnswerResolution[] = "throughline.ownership.v1.OwnershipService.AnswerResolution";
const char kOpenCase[] = "throughline.intake.v1.IntakeService.OpenCase";

bool IsWord(const std::string& text, size_t most) {
  return !text.empty() && text.size() <= most && absl::c_all_of(text, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

std::string ValueOf(const std::vector<std::pair<std::string, std::string>>& pairs, absl::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace

struct OrderPages::Visit {
  std::shared_ptr<http::Exchange> exchange;
  std::string order_id, secret;
  std::string said;   // what they have just done
  std::string token;  // what they read covers that
};

struct OrderPages::Form {
  std::string action, command, words, case_id, read;
};

// The page, and the proposals that are still being read. Any thread.
class OrderPages::Reading {
 public:
  Reading(std::shared_ptr<OrderPages> pages, std::shared_ptr<Visit> visit, supplier::v1::GetOrderPageResponse order,
          int cases)
      : pages_(std::move(pages)), visit_(std::move(visit)), proposals_(cases), left_(cases) {
    parts_.site = pages_->options_.site;
    parts_.secret = visit_->secret;
    parts_.said = visit_->said;
    parts_.command = absl::BytesToHexString(crypto::RandomBytes(16));
    parts_.order = std::move(order);
  }

  // A case that cannot be read is left out: the rest of the page is worth reading.
  void Set(int index, const ownership::v1::OwnershipView& ownership) {
    {
      absl::MutexLock lock(&mutex_);
      if (ownership.status() == ownership::v1::CASE_STATUS_RESOLUTION_PROPOSED) {
        proposals_[index] = {ownership.case_id(), ownership.resolution().text()};
      }
      if (--left_ > 0) return;
      for (Proposal& proposal : proposals_) {
        if (!proposal.case_id.empty()) parts_.proposals.push_back(std::move(proposal));
      }
    }
    Answer();
  }
  void Answer() {
    http::Response response;
    response.headers.Add("content-type", pages::kHtml);
    response.headers.Add("cache-control", "no-store");
    pages::AddSecurity(response.headers, {.has_forms = true});
    response.body = OrderHtml(parts_);
    visit_->exchange->Answer(std::move(response));
  }

 private:
  const std::shared_ptr<OrderPages> pages_;
  const std::shared_ptr<Visit> visit_;
  absl::Mutex mutex_;
  PageParts parts_;  // guarded by mutex_ until the last case is there
  std::vector<Proposal> proposals_ ABSL_GUARDED_BY(mutex_);
  int left_ ABSL_GUARDED_BY(mutex_);
};

bool OrderPages::Handle(const std::shared_ptr<http::Exchange>& exchange) {
  const http::Request& request = exchange->request();
  if (!absl::StartsWith(request.path, kPrefix)) return false;
  exchange->SetRoute(kRoute);
  const std::vector<std::string> path = absl::StrSplit(request.path.substr(sizeof(kPrefix) - 1), '/');
  auto visit = std::make_shared<Visit>();
  visit->exchange = exchange;
  visit->order_id = path[0];
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!IsWord(path[0], kMostOrderBytes) || path.size() > 2 ||
      (path.size() == 2 && !IsWord(path[1], kMostSecretBytes))) {
    Say(*visit, 404, "There is no such page", "Open the link that we sent you, as it stands there.");
  } else if (path.size() == 2 && reads) {
    visit->secret = path[1];
    if (const auto query = http::ParseQuery(request.query)) {
      visit->said = ValueOf(*query, "said");
      visit->token = ValueOf(*query, "after");
      if (!IsWord(visit->token, kMostTokenBytes)) visit->token.clear();
    }
    Show(visit);
  } else if (path.size() == 1 && request.method == "POST") {
    const std::string* type = request.headers.Find("content-type");
    const auto fields = http::ParseQuery(request.body);
    if (type == nullptr || !absl::StartsWithIgnoreCase(*type, kForm) || !fields) {
      Say(*visit, 415, "That could not be read", "Use the form of the page.");
      return true;
    }
    visit->secret = ValueOf(*fields, "secret");
    const Form form = {.action = ValueOf(*fields, "do"),
                       .command = ValueOf(*fields, "command"),
                       .words = server::CleanUtf8(ValueOf(*fields, "words"), kMostWords),
                       .case_id = ValueOf(*fields, "case"),
                       .read = ValueOf(*fields, "read")};
    const bool known = form.action == "confirm" || form.action == "reject" || form.action == "missing";
    if (!IsWord(visit->secret, kMostSecretBytes) || !IsWord(form.command, kMostSecretBytes) || !known) {
      Say(*visit, 400, "That could not be read", "Use the form of the page.");
    } else {
      Take(visit, form);
    }
  } else {
    http::Response refusal = pages::Message({.site = options_.site}, 405, "That is not possible here", "");
    refusal.headers.Add("allow", path.size() == 2 ? "GET, HEAD" : "POST");
    exchange->Answer(std::move(refusal));
  }
  return true;
}

template <typename Request, typename Done>
void OrderPages::Call(const Visit& visit, const char* method, const Request& request, bool repeatable, Done done) {
  absl::StatusOr<client::Metadata> metadata =
      connect::Inward(visit.exchange->request().headers, {.in = {"x-correlation-id", "traceparent", "tracestate"}});
  client::Metadata sent = metadata.ok() ? *std::move(metadata) : client::Metadata();
  sent.emplace_back("authorization", credential_.Bearer());
  forwarder_.Call({.method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method),
                   .request = request.SerializeAsString(),
                   .metadata = std::move(sent),
                   .deadline = absl::Now() + options_.deadline,
                   .repeatable = repeatable},
                  std::move(done));
}

template <typename Then>
void OrderPages::Read(const std::shared_ptr<Visit>& visit, Then then) {
  supplier::v1::GetOrderPageRequest request;
  request.set_order_id(visit->order_id);
  request.set_secret(visit->secret);
  Call(*visit, kGetOrderPage, request, true, [self = shared_from_this(), visit, then](const client::Reply& reply) {
    supplier::v1::GetOrderPageResponse order;
    if (reply.code == connect::kOk && order.ParseFromString(reply.response)) return then(std::move(order));
    if (reply.code == connect::kNotFound || reply.code == connect::kInvalidArgument) {
      return self->Say(
          *visit, 404, "There is no such page",
          "Open the link that we sent you, as it stands there. If it is an old one, ask us for a new one.");
    }
    if (reply.code == connect::kFailedPrecondition) {
      return self->Say(*visit, 410, "This link has expired", "Ask us for a new one: we are glad to send it.");
    }
    self->Say(*visit, 503, "Just a moment", "We cannot show your order at present. Please try again in a minute.");
  });
}

void OrderPages::Show(const std::shared_ptr<Visit>& visit) {
  Read(visit, [self = shared_from_this(), visit](supplier::v1::GetOrderPageResponse order) {
    const int cases = std::min(kMostProposals, order.open_case_ids_size());
    const std::vector<std::string> ids(order.open_case_ids().end() - cases, order.open_case_ids().end());
    auto reading = std::make_shared<Reading>(self, visit, std::move(order), cases);
    if (cases == 0) return reading->Answer();
    for (int i = 0; i < cases; ++i) {
      ownership::v1::GetOwnershipRequest request;
      request.set_case_id(ids[i]);
      request.set_consistency_token(visit->token);
      self->Call(*visit, kGetOwnership, request, true, [reading, i](const client::Reply& reply) {
        ownership::v1::GetOwnershipResponse response;
        if (reply.code != connect::kOk || !response.ParseFromString(reply.response)) response.Clear();
        reading->Set(i, response.ownership());
      });
    }
  });
}

void OrderPages::Take(const std::shared_ptr<Visit>& visit, const Form& form) {
  Read(visit, [self = shared_from_this(), visit, form](const supplier::v1::GetOrderPageResponse& order) {
    const auto done = [self, visit](const std::string& said) {
      return [self, visit, said](const client::Reply& reply) {
        // Both responses have it under the same number.
        intake::v1::OpenCaseResponse response;
        const bool read = reply.code == connect::kOk && response.ParseFromString(reply.response);
        if (reply.code == connect::kOk) return self->Redirect(*visit, said, read ? response.consistency_token() : "");
        if (reply.code == connect::kFailedPrecondition || reply.code == connect::kNotFound ||
            reply.code == connect::kInvalidArgument) {
          return self->Redirect(*visit, "changed", "");
        }
        self->Say(*visit, 503, "Just a moment", "We could not record that. Please go back and try again in a minute.");
      };
    };
    const std::string command = absl::StrCat("page-", form.command, "-", form.action);
    if (form.action == "missing") {
      intake::v1::OpenCaseRequest request;
      request.set_command_id(command);
      request.set_customer_id(order.customer_id());
      request.set_order_id(visit->order_id);
      request.set_channel(intake::v1::CHANNEL_WEB);
      request.set_subject(absl::StrCat("Order ", visit->order_id, " is not here, says the customer"));
      request.set_text(form.words.empty() ? "It is not here." : absl::StrCat("It is not here. ", form.words));
      return self->Call(*visit, kOpenCase, request, true, done("missing"));
    }
    if (!absl::c_linear_search(order.open_case_ids(), form.case_id)) return self->Redirect(*visit, "changed", "");
    const bool confirmed = form.action == "confirm";
    ownership::v1::AnswerResolutionRequest request;
    request.set_command_id(command);
    request.set_case_id(form.case_id);
    request.set_confirmed(confirmed);
    request.set_words(!confirmed && form.words.empty() ? "It is not solved." : form.words);
    request.set_known_by(absl::StrCat("the page of order ", visit->order_id, ", link ", order.link_id()));
    request.set_proposal_sha256(absl::HexStringToBytes(form.read));
    self->Call(*visit, kAnswerResolution, request, true, done(confirmed ? "confirmed" : "rejected"));
  });
}

void OrderPages::Redirect(const Visit& visit, const std::string& said, const std::string& token) const {
  http::Response response{.status = 303};
  response.headers.Add("location", absl::StrCat(kPrefix, visit.order_id, "/", visit.secret, "?said=", said,
                                                IsWord(token, kMostTokenBytes) ? "&after=" + token : ""));
  response.headers.Add("cache-control", "no-store");
  pages::AddSecurity(response.headers, {});
  visit.exchange->Answer(std::move(response));
}

void OrderPages::Say(const Visit& visit, int status, const char* heading, const char* text) const {
  http::Response response = pages::Message({.site = options_.site}, status, heading, text);
  if (status == 503) response.headers.Add("retry-after", "5");
  visit.exchange->Answer(std::move(response));
}

}  // namespace throughline::edge::orders
