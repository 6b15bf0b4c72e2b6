#include "libs/client/services.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

#include "throughline/intake/v1/intake_service.pb.h"
#include "throughline/outage/v1/outage_notice_service.pb.h"
#include "throughline/ownership/v1/ownership_service.pb.h"
#include "throughline/supplier/v1/supplier_tracking_service.pb.h"

namespace throughline::client {
namespace {

// A generated file that declares only a service has no other symbol than this table. Without a reference to it the
// linker drops the file from the archive, and the service is missing from the descriptor pool.
const google::protobuf::internal::DescriptorTable* const kLinked[] = {
    &descriptor_table_throughline_2fintake_2fv1_2fintake_5fservice_2eproto,
    &descriptor_table_throughline_2fownership_2fv1_2fownership_5fservice_2eproto,
    &descriptor_table_throughline_2foutage_2fv1_2foutage_5fnotice_5fservice_2eproto,
    &descriptor_table_throughline_2fsupplier_2fv1_2fsupplier_5ftracking_5fservice_2eproto,
};

}  // namespace

std::vector<const google::protobuf::ServiceDescriptor*> AllServices() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const auto* table : kLinked) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(table->filename);
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

std::vector<std::string> ServiceNames() { return {"intake", "ownership", "outage-notice", "supplier-tracking"}; }

std::string ServiceName(const google::protobuf::ServiceDescriptor& service) {
  const auto services = AllServices();
  const auto found = std::find(services.begin(), services.end(), &service);
  return found == services.end() ? service.full_name() : ServiceNames()[static_cast<size_t>(found - services.begin())];
}

const google::protobuf::MethodDescriptor* MethodFor(const google::protobuf::Descriptor& request) {
  static const auto& methods = *[] {
    auto* by_request =
        new absl::flat_hash_map<const google::protobuf::Descriptor*, const google::protobuf::MethodDescriptor*>();
    for (const auto* service : AllServices()) {
      for (int i = 0; i < service->method_count(); ++i) {
        by_request->emplace(service->method(i)->input_type(), service->method(i));
      }
    }
    return by_request;
  }();
  const auto found = methods.find(&request);
  return found == methods.end() ? nullptr : found->second;
}

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

}  // namespace throughline::client
