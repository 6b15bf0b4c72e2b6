#include "services/supplier-tracking/projections/documents/vendor_documents.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/pages.h"
#include "services/supplier-tracking/domain/documents/vendor_document.h"
#include "services/supplier-tracking/domain/order.h"
#include "services/supplier-tracking/projections/tables.h"

namespace throughline::supplier {
namespace {

std::string CounterOf(const std::string& vendor_id) { return absl::StrCat(kVendorDocumentsNow, "/", vendor_id); }

void ReadThoseOf(store::Batch& batch, const std::string& order_id) {
  kVendorDocumentsOf.Put(batch, kWaitedEnough, order_id, "", "", 1);
  batch.Notify(kVendorDocumentsWait);
}

void Await(store::Batch& batch, const v1::VendorDocumentQuarantined& document) {
  const std::string& order_id = document.order_id();
  const int64_t count = kVendorDocumentsOf.Get(batch, kHowManyWait, order_id, "", "").value_or(0);
  kVendorDocumentsOf.Put(batch, kHowManyWait, order_id, "", "", count + 1);
  kVendorDocumentsOf.Put(batch, kWaits, order_id, document.vendor_id(), document.document_id(), 1);
  // The order is on another partition, and may be there by now.
  if (kOrders.Has(batch, order_id)) ReadThoseOf(batch, order_id);
}

void AwaitNoMore(store::Batch& batch, const v1::VendorDocumentQuarantined& document) {
  const std::string& order_id = document.order_id();
  kVendorDocumentsOf.Delete(batch, kWaits, order_id, document.vendor_id(), document.document_id());
  const int64_t count = kVendorDocumentsOf.Get(batch, kHowManyWait, order_id, "", "").value_or(0) - 1;
  if (count > 0) return kVendorDocumentsOf.Put(batch, kHowManyWait, order_id, "", "", count);
  kVendorDocumentsOf.Delete(batch, kHowManyWait, order_id, "", "");
  kVendorDocumentsOf.Delete(batch, kWaitedEnough, order_id, "", "");
}

void Remove(store::Batch& batch, const std::string& vendor_id, const std::string& document_id) {
  const auto known = kVendorDocuments.Get(batch, vendor_id, document_id);
  if (!known) return;
  if (known->awaits_order()) AwaitNoMore(batch, *known);
  kVendorDocuments.Delete(batch, vendor_id, document_id);
  runtime::Count(batch, kVendorDocumentsNow, -1);
  runtime::Count(batch, CounterOf(vendor_id), -1);
}

void Keep(store::Batch& batch, const v1::VendorDocumentQuarantined& document) {
  Remove(batch, document.vendor_id(), document.document_id());
  kVendorDocuments.Put(batch, document.vendor_id(), document.document_id(), document);
  runtime::Count(batch, kVendorDocumentsNow, 1);
  runtime::Count(batch, CounterOf(document.vendor_id()), 1);
  if (document.awaits_order()) Await(batch, document);
}

void ApplyToOrder(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.events.empty() || !commit.EventAt<v1::OrderEvent>(0).has_placed()) return;
  if (kVendorDocumentsOf.Has(batch, kHowManyWait, commit.stream.key, "", "")) ReadThoseOf(batch, commit.stream.key);
}

}  // namespace

void VendorDocumentsProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind == Order::kKind) return ApplyToOrder(commit, batch);
  if (commit.stream.kind != VendorDocument::kKind) return;
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::VendorDocumentEvent>(i);
    switch (event.event_case()) {
      case v1::VendorDocumentEvent::kQuarantined:
        Keep(batch, event.quarantined());
        break;
      case v1::VendorDocumentEvent::kTaken:
        Remove(batch, event.taken().vendor_id(), event.taken().document_id());
        break;
      case v1::VendorDocumentEvent::kDiscarded:
        Remove(batch, event.discarded().vendor_id(), event.discarded().document_id());
        break;
      case v1::VendorDocumentEvent::EVENT_NOT_SET:
        break;
    }
  }
}

int64_t VendorDocumentsOf(const store::KeyValue& reader, const std::string& vendor_id) {
  return runtime::Counted(reader, CounterOf(vendor_id));
}

std::vector<DocumentName> DocumentsOfPlacedOrders(const store::KeyValue& reader) {
  std::vector<std::string> orders;
  kVendorDocumentsOf.Scan(
      reader, "",
      [&](std::string_view, const auto& key, int64_t) {
        orders.push_back(std::get<1>(key));
        return true;
      },
      kWaitedEnough);
  std::vector<DocumentName> names;
  for (const std::string& order : orders) {
    kVendorDocumentsOf.Scan(
        reader, "",
        [&](std::string_view, const auto& key, int64_t) {
          names.push_back({std::get<2>(key), std::get<3>(key)});
          return true;
        },
        kWaits, order);
  }
  return names;
}

absl::StatusOr<v1::ListVendorDocumentsResponse> ListVendorDocuments(const store::KeyValue& reader,
                                                                    const v1::ListVendorDocumentsRequest& request) {
  constexpr size_t kListedBytes = 1024;           // of a body, in a list
  constexpr size_t kPageBytes = size_t{2} << 20;  // of all bodies
  const bool one = !request.document_id().empty();
  if (one && request.vendor_id().empty()) {
    return runtime::BadField("vendor_id", "is empty: say whose document it is");
  }
  const std::string question = service::Question(request);
  const std::string prefix =
      request.vendor_id().empty() ? kVendorDocuments.KeyOf() : kVendorDocuments.KeyOf(request.vendor_id());
  absl::StatusOr<std::string> after = service::AfterPage(question, prefix, request.page_token());
  if (!after.ok()) return after.status();
  v1::ListVendorDocumentsResponse response;
  size_t bytes = 0;
  const auto visit = [&](std::string_view raw, const auto&, v1::VendorDocumentQuarantined document) {
    v1::VendorDocumentView& view = *response.add_documents();
    view.set_body_size(document.body().size());
    if (!one && document.body().size() > kListedBytes) document.mutable_body()->resize(kListedBytes);
    bytes += document.body().size();
    *view.mutable_quarantined() = std::move(document);
    if (response.documents_size() < service::PageSize(request) && bytes < kPageBytes) return true;
    response.set_next_page_token(service::PageToken(question, raw));
    return false;
  };
  if (one) {
    if (auto known = kVendorDocuments.Get(reader, request.vendor_id(), request.document_id())) {
      visit("", 0, *std::move(known));
    }
    response.clear_next_page_token();
  } else if (request.vendor_id().empty()) {
    kVendorDocuments.Scan(reader, *after, visit);
  } else {
    kVendorDocuments.Scan(reader, *after, visit, request.vendor_id());
  }
  return response;
}

}  // namespace throughline::supplier
