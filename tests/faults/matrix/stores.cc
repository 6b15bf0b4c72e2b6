#include "tests/faults/matrix/stores.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/fold/verify.h"
#include "libs/store/rocks/rocks_key_value.h"
#include "services/throughline/layouts.h"

namespace throughline::faults {
namespace {

absl::StatusOr<std::unique_ptr<store::RocksKeyValue>> OpenStore(log::Topic service, const std::string& path) {
  store::RocksKeyValue::Options options;
  options.path = path;
  options.layout = LayoutOf(service);
  options.cache_bytes = size_t{4} << 20;
  return store::RocksKeyValue::OpenToRead(options);
}

std::string Shown(const std::string& key) { return absl::CHexEscape(key.substr(0, 80)); }

}  // namespace

absl::StatusOr<Rows> ReadRows(log::Topic service, const std::string& path) {
  auto store = OpenStore(service, path);
  if (!store.ok()) return store.status();
  Rows rows;
  for (int first = 0; first < 256; ++first) {
    (*store)->Scan(std::string(1, static_cast<char>(first)), "", [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    });
  }
  return rows;
}

std::string Difference(const Rows& a, const Rows& b) {
  int count = 0;
  std::string first;
  auto differs = [&](const std::string& key) {
    if (count++ == 0) first = Shown(key);
  };
  auto at_a = a.begin(), at_b = b.begin();
  while (at_a != a.end() || at_b != b.end()) {
    if (at_b == b.end() || (at_a != a.end() && at_a->first < at_b->first)) {
      differs((at_a++)->first);
    } else if (at_a == a.end() || at_b->first < at_a->first) {
      differs((at_b++)->first);
    } else {
      if (at_a->second != at_b->second) differs(at_a->first);
      ++at_a;
      ++at_b;
    }
  }
  return count == 0 ? ""
                    : absl::StrCat(count, " of ", std::max(a.size(), b.size()), " rows differ, the first: ", first);
}

std::vector<std::string> Verify(const Audit& audit, int32_t partitions, const std::string& brokers_name,
                                const std::map<log::Topic, std::string>& paths) {
  std::vector<std::string> wrong;
  std::vector<std::unique_ptr<store::RocksKeyValue>> stores;
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
  runtime::Verifier verifier(identity, AllStreamTypes(), std::move(by_topic));
  for (const log::Record& record : audit.records()) verifier.Add(record);
  const runtime::VerifyReport report = verifier.Finish();
  for (const std::string& problem : report.problems) wrong.push_back("verify: " + problem);
  if (wrong.size() > 5) wrong.resize(5);
  return wrong;
}

}  // namespace throughline::faults
