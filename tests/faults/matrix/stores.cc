#include "tests/faults/matrix/stores.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/fold/store_digest.h"
#include "libs/runtime/fold/verify.h"
#include "libs/store/memory_key_value.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/throughline/layouts.h"

namespace throughline::faults {
absl::StatusOr<std::unique_ptr<store::KeyValue>> OpenStore(log::Topic service, const std::string& path) {
  store::RocksKeyValue::Options options;
  options.path = path;
  options.layout = LayoutOf(service);
  options.cache_bytes = size_t{4} << 20;
  auto store = store::RocksKeyValue::OpenToRead(options);
  if (!store.ok()) return store.status();
  return std::unique_ptr<store::KeyValue>(*std::move(store));
}

std::string Difference(const store::KeyValue& a, const store::KeyValue& b) {
  return runtime::DigestOf(a)->sha256 == runtime::DigestOf(b)->sha256 ? "" : runtime::DifferenceOf(a, b);
}

std::vector<std::string> Verify(const Audit& audit, int32_t partitions, const std::string& brokers_name,
                                const std::map<log::Topic, std::string>& paths) {
  std::vector<std::string> wrong;
  std::vector<std::unique_ptr<store::KeyValue>> stores;
  runtime::Verifier::Stores by_topic;
  for (const auto& [service, path] : paths) {
    auto store = OpenStore(service, path);
    if (!store.ok()) {
      wrong.push_back(absl::StrCat(path, ": ", store.status().ToString()));
      continue;
    }
    by_topic[service] = store->get();
    stores.push_back(*std::move(store));
  }
  log::Identity identity{brokers_name, {}};
  for (log::Topic topic : log::kTopics) identity.topics.push_back({topic, "", partitions});
  store::MemoryKeyValue scratch;
  runtime::Verifier verifier(identity, AllStreamTypes(), std::move(by_topic), scratch);
  for (const log::Record& record : audit.records()) verifier.Add(record);
  const runtime::VerifyReport report = verifier.Finish();
  for (const std::string& problem : report.problems) wrong.push_back("verify: " + problem);
  if (wrong.size() > 5) wrong.resize(5);
  return wrong;
}

}  // namespace throughline::faults
