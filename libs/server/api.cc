#include "libs/server/api.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/server/checks/field_rules.h"
#include "throughline/common/v1/access.pb.h"

namespace throughline::server {
namespace {

Api::Kind KindOf(const google::protobuf::MethodDescriptor& method) {
  if (!method.server_streaming()) return Api::Kind::kUnary;
  return method.client_streaming() ? Api::Kind::kBidiStream : Api::Kind::kServerStream;
}

}  // namespace

Api::Api(const std::string& service) : service_(nullptr) {
  service_ = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
  if (service_ == nullptr) {
    problem_ = absl::NotFoundError(absl::StrCat("no service ", service, " is linked into this program"));
    return;
  }
  methods_.resize(service_->method_count());
}

Api::Api(const google::protobuf::ServiceDescriptor& service) : service_(&service), methods_(service.method_count()) {}

Api::~Api() = default;

void Api::AllowLargerField(std::string_view full_field_name, size_t max_bytes) {
  larger_fields_.emplace_back(full_field_name, max_bytes);
}

Api::Method* Api::Find(std::string_view name, Kind kind, const google::protobuf::Descriptor& request,
                       const google::protobuf::Descriptor& response) {
  if (service_ == nullptr) return nullptr;
  const auto* method = service_->FindMethodByName(std::string(name));
  absl::string_view wrong;
  if (method == nullptr) {
    wrong = "is not a method of the service";
  } else if (KindOf(*method) != kind) {
    wrong = "is another kind of RPC than its handler";
  } else if (method->client_streaming() && !method->server_streaming()) {
    wrong = "streams from the client only, which is not supported";
  } else if (method->input_type() != &request || method->output_type() != &response) {
    wrong = "has other message types than its handler";
  } else if (methods_[method->index()].descriptor != nullptr) {
    wrong = "has two handlers";
  }
  if (!wrong.empty()) {
    problem_.Update(absl::InternalError(absl::StrCat(service_->full_name(), ".", std::string(name), " ", wrong)));
    return nullptr;
  }
  Method& slot = methods_[method->index()];
  slot.descriptor = method;
  slot.kind = kind;
  return &slot;
}

void Api::Add(std::string_view method, Kind kind, const google::protobuf::Descriptor& request,
              const google::protobuf::Descriptor& response, std::function<void(std::shared_ptr<internal::Call>)> run) {
  if (Method* slot = Find(method, kind, request, response)) slot->run = std::move(run);
}

void Api::AddBidi(std::string_view method, const google::protobuf::Descriptor& request,
                  const google::protobuf::Descriptor& response, int window,
                  std::function<std::unique_ptr<RawSession>(std::shared_ptr<internal::Call>)> open) {
  if (Method* slot = Find(method, Kind::kBidiStream, request, response)) {
    slot->open = std::move(open);
    slot->window = window;
  }
}

absl::Status Api::Check() const {
  if (!problem_.ok()) return problem_;
  std::vector<std::string> missing;
  std::vector<std::string> open;
  for (int i = 0; i < service_->method_count(); ++i) {
    const auto& method = *service_->method(i);
    if (methods_[i].descriptor == nullptr) missing.push_back(method.name());
    if (method.options().GetExtension(common::v1::access).roles().empty()) open.push_back(method.name());
  }
  if (!missing.empty()) {
    return absl::InternalError(
        absl::StrCat(service_->full_name(), " has no handler for ", absl::StrJoin(missing, ", ")));
  }
  if (!open.empty()) {
    return absl::InternalError(absl::StrCat(service_->full_name(),
                                            ": the option throughline.common.v1.access is missing on ",
                                            absl::StrJoin(open, ", "), ", so nobody knows who may call it"));
  }
  for (int i = 0; i < service_->method_count(); ++i) {
    const std::vector<std::string> unruled = FieldRules::Unruled(*service_->method(i)->input_type());
    if (unruled.empty()) continue;
    return absl::InternalError(absl::StrCat("the option throughline.common.v1.rule is missing or does not fit on ",
                                            absl::StrJoin(unruled, ", "), ", so nobody knows what they may hold"));
  }
  for (const auto& [name, max] : larger_fields_) {
    if (service_->file()->pool()->FindFieldByName(name) == nullptr) {
      return absl::InternalError(absl::StrCat("there is no field ", name, " that could be larger"));
    }
  }
  return absl::OkStatus();
}

}  // namespace throughline::server
