#pragma once

// Gives vendors' documents to their orders, and keeps those that are not taken. What is kept is read again when the
// order that it waits for is placed, when the service starts, and when somebody asks for it. The order gets a document
// from this service, whoever brought it: the real caller is in the commits of the document's stream, and named as the
// cause in the order's. Any thread.
//
//   auto documents = std::make_shared<VendorDocuments>(streams, carriers, deadline);
//   documents->Follow();

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#include "libs/runtime/streams.h"
#include "services/supplier-tracking/api/live_carriers.h"
#include "throughline/supplier/v1/vendor_document.pb.h"

namespace throughline::supplier {

// The id of the command that gives a document to its order: the same for whoever brings it, and whenever.
std::string CommandIdOf(const std::string& vendor_id, const std::string& document_id);

class VendorDocuments : public std::enable_shared_from_this<VendorDocuments> {
 public:
  using Done = std::function<void(v1::PushVendorDocumentsResponse)>;

  // `streams` must outlive it. `within`: for how long a document that is read again is tried.
  VendorDocuments(runtime::Streams& streams, std::shared_ptr<const LiveCarriers> carriers, absl::Duration within)
      : streams_(streams), carriers_(std::move(carriers)), within_(within) {}

  // Gives the document to its order, or keeps it. `done` gets the result, without `item_id`. The ids of vendor and
  // document must be checked. `again`: it is in quarantine, and stays there if the order refuses it.
  void Take(v1::VendorDocumentQuarantined document, runtime::Caller caller, absl::Time deadline, bool again, Done done);

  // Reads all that is kept again. If that is under way, once more after it, however often it is asked for.
  void ReadAgain();

  // From now on, whenever an order is placed that documents wait for, reads those again.
  void Follow();

 private:
  class Reading;
  enum class Which : size_t { kAll = 0, kOfPlacedOrders = 1 };
  struct Turn {
    bool under_way = false;
    bool wanted = false;  // once more after it
  };

  void Read(Which which);
  void Ended(Which which, bool finished);

  runtime::Streams& streams_;
  const std::shared_ptr<const LiveCarriers> carriers_;
  const absl::Duration within_;
  absl::Mutex mutex_;
  runtime::Watches::Handle watch_ ABSL_GUARDED_BY(mutex_);
  std::array<Turn, 2> turns_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace throughline::supplier
