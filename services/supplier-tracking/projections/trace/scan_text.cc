#include "services/supplier-tracking/projections/trace/scan_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "services/supplier-tracking/projections/trace/trace.h"

namespace throughline::supplier {
namespace {

std::string At(const v1::Place& place) {
  std::vector<std::string> parts;
  for (const std::string* part : {&place.facility(), &place.city(), &place.region(), &place.country()}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return parts.empty() ? "" : absl::StrCat(" at ", absl::StrJoin(parts, ", "));
}

// `, received by J DOE, left at the front door, with a signature`.
std::string ProofText(const v1::ProofOfDelivery& proof) {
  return absl::StrCat(proof.received_by().empty() ? "" : absl::StrCat(", received by ", proof.received_by()),
                      proof.place().empty() ? "" : absl::StrCat(", left at ", proof.place()),
                      proof.signature() ? ", with a signature" : "", proof.picture() ? ", with a picture" : "");
}

std::string NextText(const v1::HandedTo& next) {
  return absl::StrCat(next.carrier(), next.tracking_number().empty() ? "" : " ", next.tracking_number());
}

}  // namespace

std::string ScanText(const std::string& carrier, const v1::ScanView& scan) {
  return absl::StrCat(carrier, ": ", StateText(scan.state()),
                      scan.reason() == v1::TRACKING_REASON_UNSPECIFIED ? "" : ", " + ReasonText(scan.reason()),
                      At(scan.place()), scan.text().empty() ? "" : absl::StrCat(" (", scan.text(), ")"),
                      scan.has_proof() ? ProofText(scan.proof()) : "",
                      scan.has_handed_to() ? absl::StrCat(", to ", NextText(scan.handed_to())) : "",
                      scan.corrected() ? ", taken back by the carrier later" : "");
}

}  // namespace throughline::supplier
