// Every answer that holds what customers said is recorded in the audit of reads, and says so in the contract. All texts
// of all responses are known here: a new one fails the test until it says whose words it holds.

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "libs/client/services.h"
#include "throughline/common/v1/audit.pb.h"

namespace throughline::people {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// What customers said, or sentences and evidence that quote it.
const std::set<std::string> kCustomersWords = {
    "intake.v1.CaseView.text",
    "intake.v1.Interaction.text",
    "intake.v1.SuggestionView.text",
    "ownership.v1.CaseHistoryEntry.text",
    "ownership.v1.FoundCase.excerpt",
    "ownership.v1.ResolutionView.evidence",
    "ownership.v1.ResolutionView.rejection_reason",
    "supplier.v1.TraceEntry.text",
};
// What we, or a carrier, wrote. (A subject is our line about the case.)
const std::set<std::string> kOurWords = {
    "intake.v1.CustomerPromise.text",
    "intake.v1.ImprovementView.Change.text",
    "intake.v1.ImprovementView.reason",
    "intake.v1.SuggestionView.reason",
    "outage.v1.ComponentView.group",
    "outage.v1.ComponentView.keywords",
    "outage.v1.ComponentView.regions",
    "outage.v1.FollowUpView.evidence",
    "outage.v1.FollowUpView.text",
    "outage.v1.NoticeCorrectionView.Change.field",
    "outage.v1.NoticeCorrectionView.Change.is",
    "outage.v1.NoticeCorrectionView.Change.was",
    "outage.v1.NoticeCorrectionView.reason",
    "outage.v1.NoticeScope.channels",
    "outage.v1.NoticeScope.customer_groups",
    "outage.v1.NoticeScope.products",
    "outage.v1.NoticeScope.regions",
    "outage.v1.NoticeUpdateView.text",
    "outage.v1.NoticeView.cause",
    "outage.v1.NoticeView.changed",
    "outage.v1.NoticeView.keywords",
    "outage.v1.NoticeView.reason",
    "outage.v1.PostmortemView.text",
    "outage.v1.SuspicionView.component_name",
    "ownership.v1.AbsenceView.reason",
    "ownership.v1.ClosingView.reason",
    "ownership.v1.Commitment.text",
    "ownership.v1.CommitmentView.evidence",
    "ownership.v1.CounterOffer.reason",
    "ownership.v1.EscalationView.reason",
    "ownership.v1.HandoffView.reason",
    "ownership.v1.PromiseView.text",
    "ownership.v1.Remedy.reason",
    "ownership.v1.ResolutionView.text",
    "ownership.v1.WorkNoteView.text",
    "ownership.v1.WorklistItem.text",
    "supplier.v1.CodeMapped.text",
    "supplier.v1.ProofOfDelivery.place",
    "supplier.v1.ProofOfDelivery.received_by",
    "supplier.v1.ProofOfDelivery.reference",
    "supplier.v1.PushError.message",
    "supplier.v1.PushError.reason",
    "supplier.v1.QuarantineView.reason",
    "supplier.v1.RawEventResult.warnings",
    "supplier.v1.RecordSerialResponse.mismatch",
    "supplier.v1.ScanView.text",
    "supplier.v1.SerialUnit.box",
    "supplier.v1.SerialUnit.device",
    "supplier.v1.StatusQuarantined.reason",
    "supplier.v1.SubstituteOffer.reason",
    "supplier.v1.VendorDocumentQuarantined.reason",
    "supplier.v1.DeliveryCheck.text",
    "supplier.v1.OrderConcern.about",
    "supplier.v1.OrderConcern.key",
    "supplier.v1.OrderConcern.text",
    "supplier.v1.OrderConcern.fault",
    "supplier.v1.OrderForecast.cause",
    "supplier.v1.OrderPage.contact",
    "supplier.v1.OrderPageNext.text",
    "supplier.v1.OrderPageStep.place",
    "supplier.v1.OrderPageStep.text",
    "supplier.v1.CommitLink.topic",
    "supplier.v1.LocalTime.time",
    "supplier.v1.NextStep.text",
    "supplier.v1.OrderView.contact",
    "supplier.v1.OwnerChange.after",
    "supplier.v1.OwnerChange.before",
    "supplier.v1.TraceEntry.caused_by",
};
// Fields of these names hold no sentences of customers, in whatever message.
const std::set<std::string> kNoWords = {
    "above",
    "acknowledged_by",
    "acknowledgement",
    "address",
    "answered_by",
    "api_version",
    "approver",
    "asked_by",
    "at_risk_cause",
    "body",
    "by",
    "carrier",
    "carrier_text",
    "carriers",
    "city",
    "code",
    "collect_at",
    "command_id",
    "confirmations_requested",
    "consistency_token",
    "content_type",
    "correction_of",
    "country",
    "currency",
    "current_text",
    "customer_calendar",
    "customer_key",
    "customer_options",
    "date",
    "day",
    "deactivation_reason",
    "decided_by",
    "decision_reason",
    "description",
    "destination",
    "destination_zone",
    "digest",
    "document",
    "eta_reason",
    "etag",
    "facility",
    "failure_reason",
    "fingerprint",
    "follows",
    "formats",
    "from",
    "from_day",
    "handed_off_to",
    "help_returned_by",
    "helper",
    "improvement_kind",
    "kind",
    "language",
    "languages",
    "last_alert",
    "last_raw",
    "last_shipment",
    "local_time",
    "location",
    "made_by",
    "mapped_by",
    "matched",
    "media_type",
    "mistake",
    "name",
    "near",
    "next_action",
    "next_page_token",
    "not_now",
    "opened_by",
    "options_offered",
    "origin",
    "owed_by",
    "owed_to",
    "owner",
    "part_of",
    "payment_reference",
    "period",
    "person",
    "person_key",
    "phrase",
    "postal_code",
    "problem",
    "published_by",
    "raised_by",
    "raw",
    "recorded_by",
    "region",
    "reports_to",
    "say_instead",
    "sent_number",
    "sentence",
    "serial_number",
    "serial_numbers",
    "service",
    "sha256",
    "shipment",
    "shipments",
    "skills",
    "sku",
    "source",
    "speaker",
    "sscc",
    "store",
    "stream",
    "subject",
    "substitutes",
    "supervisor",
    "team",
    "title",
    "to",
    "to_day",
    "tracking_number",
    "type",
    "value",
    "waiting_on",
    "webhook_secret",
    "why",
    "workaround",
    "zone",
};

bool NeedsAName(const std::string& name) {
  return !absl::EndsWith(name, "_id") && !absl::EndsWith(name, "_ids") && !kNoWords.contains(name);
}

// Adds the texts in a message and in those inside of it.
void AddTexts(const Descriptor& type, std::set<const Descriptor*>& seen, std::set<std::string>& texts) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.message_type() != nullptr) {
      if (absl::StartsWith(field.message_type()->full_name(), "throughline."))
        AddTexts(*field.message_type(), seen, texts);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && NeedsAName(field.name())) {
      texts.insert(field.full_name().substr(std::string("throughline.").size()));
    }
  }
}

TEST(CustomersWords, AreAuditedWhereverTheyAreShown) {
  std::set<std::string> met;
  for (const auto* service : client::AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      std::set<const Descriptor*> seen;
      std::set<std::string> texts;
      AddTexts(*method.output_type(), seen, texts);
      bool words = false;
      for (const std::string& text : texts) {
        met.insert(text);
        words = words || kCustomersWords.contains(text);
        EXPECT_TRUE(kCustomersWords.contains(text) || kOurWords.contains(text))
            << text << " in an answer of " << method.full_name() << ": say in this file whose words it holds";
      }
      EXPECT_EQ(words, method.options().GetExtension(common::v1::customers_words))
          << method.full_name() << ": the option throughline.common.v1.customers_words";
    }
  }
  for (const auto* known : {&kCustomersWords, &kOurWords}) {
    for (const std::string& text : *known) EXPECT_TRUE(met.contains(text)) << text << " is in no answer any more";
  }
}

}  // namespace
}  // namespace throughline::people
