#include "tests/hostile/samples.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/text_format.h"

#include "libs/client/services.h"

namespace throughline::hostile {
namespace {

struct Row {
  const char* method;
  const char* as;
  const char* request;
  const char* required;
  const char* ids;
};

constexpr Row kRows[] = {
    {"OpenCase", "ana",
     R"(customer_id: "c-1" subject: "No parcel" text: "Where is it?" channel: CHANNEL_PHONE order_id: "SO-1"
        component_id: "checkout" further_component_ids: "app" language: "de" skills: "parcels" separate: true
        next_update_due { seconds: {future} }
        attachments { name: "a.jpg" media_type: "image/jpeg" size_bytes: 9 location: "https://files/a.jpg"
                      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" })",
     "customer_id subject text channel", ""},
    {"RecordInteraction", "ana",
     R"(case_id: "{case}" channel: CHANNEL_PHONE direction: DIRECTION_OUTBOUND text: "It is on its way"
        speaker: "Ben" said_at { seconds: 1760076000 } next_update_due { seconds: {future} }
        attachments { name: "a.jpg" media_type: "image/jpeg" size_bytes: 9 location: "https://files/a.jpg"
                      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" })",
     "case_id channel direction text", "case_id"},
    {"SplitCase", "ana",
     R"(case_id: "{case}" subject: "Scratched" text: "And it is scratched" reason: "two things" order_id: "SO-2"
        component_id: "checkout")",
     "case_id subject text reason", "case_id"},
    {"UnlinkNotice", "ana", R"(case_id: "{case}" notice_id: "{notice}" reason: "they mean the app")",
     "case_id notice_id reason", "case_id notice_id"},
    {"MarkMistake", "ana", R"(case_id: "{case}" interaction_id: "{case}" reason: "wrong day")",
     "case_id interaction_id reason", "case_id interaction_id"},
    {"GetCustomer", "ana", R"(customer_id: "c-1")", "customer_id", ""},
    {"RecordSuggestion", "ana",
     R"(text: "Say it on the form" case_id: "{case}" team: "care" answer_due { seconds: {future} }
        acknowledgement: "They answer by Friday")",
     "text", "case_id"},
    {"RouteSuggestion", "ana", R"(suggestion_id: "{suggestion}" team: "care" reason: "theirs")",
     "suggestion_id team reason", "suggestion_id"},
    {"AcknowledgeSuggestion", "ana", R"(suggestion_id: "{suggestion}" words: "We have it")", "suggestion_id words",
     "suggestion_id"},
    {"AnswerSuggestion", "ana",
     R"(suggestion_id: "{suggestion}" decision: SUGGESTION_DECISION_DECLINED reason: "too dear")",
     "suggestion_id decision reason", "suggestion_id"},
    {"GetSuggestion", "ana", R"(suggestion_id: "{suggestion}")", "", "suggestion_id"},
    {"ListSuggestions", "ana", R"(customer_id: "c-1" case_id: "{case}")", "", ""},
    {"RaiseImprovement", "sam", R"(kind: "component/checkout" reason: "every Monday" evidence_ids: "{case}")",
     "kind reason", ""},
    {"RecordImprovementChange", "ana", R"(kind: "component/checkout" text: "it retries")", "kind text", "kind"},
    {"RouteImprovement", "ana", R"(kind: "component/checkout" team: "care" reason: "theirs")", "kind team reason",
     "kind"},
    {"GetImprovement", "ana", R"(kind: "component/checkout")", "", "kind"},
    {"ListImprovements", "ana", R"(team: "care" include_closed: true)", "", ""},
    {"CheckMessage", "ana", R"(text: "You need to contact UPS.")", "text", ""},
    {"GetCase", "ana", R"(case_id: "{case}")", "", "case_id"},
    {"ListCases", "ana", R"(customer_id: "c-1")", "", ""},
    {"WatchCase", "ana", R"(case_id: "{case}")", "", "case_id"},

    {"GetOwnership", "ana", R"(case_id: "{case}")", "", "case_id"},
    {"GetCaseHistory", "ana", R"(case_id: "{case}" newest_first: true)", "", "case_id"},
    {"SearchCases", "ana", R"(words: "kettle" customer_id: "c-1")", "", ""},
    {"GetReport", "sam", R"(by: REPORT_DIMENSION_REP)", "", ""},
    {"ListWorklist", "sam", R"(person: "ana")", "", ""},
    {"WatchWorklist", "sam", R"(person: "ana")", "", ""},
    {"ListCommitments", "ana", R"(kind: COMMITMENT_KIND_PROMISE)", "", ""},
    {"AcknowledgeWorkItem", "ana", R"(item_id: "{item}")", "item_id", "item_id"},
    {"SnoozeWorkItem", "ana", R"(item_id: "{item}" until { seconds: {future} })", "item_id until", "item_id"},
    {"OfferHandoff", "ana", R"(case_id: "{case}" to: "ben" reason: "shift ends")", "case_id to reason", "case_id to"},
    {"AcceptHandoff", "ana", R"(case_id: "{case}" handoff_id: "{handoff}")", "case_id", "case_id handoff_id"},
    {"DeclineHandoff", "ana", R"(case_id: "{case}" handoff_id: "{handoff}" reason: "no")", "case_id reason",
     "case_id handoff_id"},
    {"MakePromise", "ana", R"(case_id: "{case}" to: "c-1" text: "We ring" due { seconds: {future} })",
     "case_id text due", "case_id"},
    {"KeepPromise", "ana", R"(case_id: "{case}" promise_id: "{promise}" evidence: "We rang")", "case_id evidence",
     "case_id promise_id"},
    {"RenegotiatePromise", "ana",
     R"(case_id: "{case}" promise_id: "{promise}" new_due { seconds: {future} } reason: "asked for")",
     "case_id new_due reason", "case_id promise_id"},
    {"KeepCommitment", "ana", R"(case_id: "{case}" commitment_id: "{promise}" evidence: "We rang")", "case_id evidence",
     "case_id commitment_id"},
    {"RenegotiateCommitment", "ana",
     R"(case_id: "{case}" commitment_id: "{promise}" new_due { seconds: {future} } reason: "asked for")",
     "case_id new_due reason", "case_id commitment_id"},
    {"WithdrawCommitment", "ana", R"(case_id: "{case}" commitment_id: "{promise}" reason: "not needed")",
     "case_id reason", "case_id commitment_id"},
    {"RequestHelp", "ana", R"(case_id: "{case}" to: "ben" text: "What does it cost?" due { seconds: {future} })",
     "case_id text due", "case_id to"},
    {"HandBackHelp", "ana", R"(case_id: "{case}" commitment_id: "{promise}" reason: "not mine")", "case_id reason",
     "case_id commitment_id"},
    {"GetCaseOptions", "ana", R"(case_id: "{case}")", "", "case_id"},
    {"GrantRemedy", "ana",
     R"(case_id: "{case}" kind: REMEDY_KIND_REFUND amount { currency: "USD" minor_units: 100 } reason: "our mistake")",
     "case_id kind amount reason", "case_id"},
    {"RequestRemedy", "ana",
     R"(case_id: "{case}" kind: REMEDY_KIND_CREDIT amount { currency: "USD" minor_units: 9000 } reason: "our mistake")",
     "case_id kind amount reason", "case_id"},
    {"ApproveRemedy", "sam", R"(case_id: "{case}" remedy_id: "{promise}" amount { currency: "USD" minor_units: 100 })",
     "case_id", "case_id remedy_id"},
    {"DeclineRemedy", "sam", R"(case_id: "{case}" remedy_id: "{promise}" reason: "no")", "case_id reason",
     "case_id remedy_id"},
    {"CounterRemedy", "sam",
     R"(case_id: "{case}" remedy_id: "{promise}" kind: REMEDY_KIND_CREDIT amount { currency: "USD" minor_units: 100 }
        reason: "quicker")",
     "case_id kind amount reason", "case_id remedy_id"},
    {"AnswerCounterOffer", "ana", R"(case_id: "{case}" remedy_id: "{promise}" accepted: true reason: "thanks")",
     "case_id", "case_id remedy_id"},
    {"WithdrawRemedy", "ana", R"(case_id: "{case}" remedy_id: "{promise}" reason: "no need")", "case_id reason",
     "case_id remedy_id"},
    {"RetryRemedy", "ana", R"(case_id: "{case}" remedy_id: "{promise}" reason: "right account")", "case_id reason",
     "case_id remedy_id"},
    {"ListRemediesToPay", "webshop", R"(include_handed_off: true)", "", ""},
    {"HandOffRemedy", "webshop", R"(case_id: "{case}" remedy_id: "{promise}" payment_id: "{promise}")",
     "case_id remedy_id payment_id", "case_id remedy_id"},
    {"RecordRemedyOutcome", "webshop",
     R"(case_id: "{case}" remedy_id: "{promise}" payment_id: "{promise}" outcome: PAYMENT_OUTCOME_PAID
        reference: "T-1" reason: "paid")",
     "case_id remedy_id payment_id outcome", "case_id remedy_id"},
    {"EscalateCase", "ana", R"(case_id: "{case}" reason: "the part is lost")", "case_id reason", "case_id"},
    {"AcknowledgeEscalation", "sam", R"(case_id: "{case}")", "case_id", "case_id"},
    {"SettleEscalation", "sam", R"(case_id: "{case}" decision: "we buy another")", "case_id decision", "case_id"},
    {"AnswerResolution", "webshop", R"(case_id: "{case}" code: "7Q2M9KXW4T5R81ZC" confirmed: true words: "It works")",
     "case_id code", "case_id"},
    {"MergeCases", "ana", R"(case_id: "{case}" other_case_id: "{other case}" reason: "the same parcel")",
     "case_id other_case_id reason", "case_id other_case_id"},
    {"AddWorkNote", "ana",
     R"(case_id: "{case}" text: "Asked UPS" next_action: "Ask again" next_action_due { seconds: {future} })",
     "case_id text", "case_id"},
    {"ProposeResolution", "ana",
     R"(case_id: "{case}" text: "A new one was sent" code_sha256: "0123456789abcdef0123456789abcdef")", "case_id text",
     "case_id"},
    {"ConfirmResolution", "ana", R"(case_id: "{case}" evidence: "She said so" last_interaction_seen: "{case}")",
     "case_id evidence", "case_id"},
    {"RejectResolution", "ana", R"(case_id: "{case}" reason: "It never came")", "case_id reason", "case_id"},
    {"CloseCase", "ana",
     R"(case_id: "{case}" reason: "No answer for weeks" options_offered: "a refund" last_interaction_seen: "{case}")",
     "case_id", "case_id"},
    {"ReopenCase", "ana", R"(case_id: "{case}" reason: "It broke again")", "case_id reason", "case_id"},
    {"SetAvailability", "ana", R"(available: true)", "", ""},
    {"WithdrawHandoff", "ana", R"(case_id: "{case}" handoff_id: "{handoff}" reason: "solved")", "case_id reason",
     "case_id handoff_id"},
    {"ReassignCase", "sam", R"(case_id: "{case}" to: "ana" reason: "knows it")", "case_id to reason", "case_id to"},
    {"GetPerson", "ana", R"(person: "ben")", "", "person"},
    {"ListPersons", "ana", R"(team: "care")", "", ""},
    {"ChangePerson", "sam", R"(person: "ben" kind: PERSON_KIND_REP reason: "as before")", "person", ""},
    {"PlanAbsence", "sam", R"(person: "cleo" until { seconds: {future} } reason: "training")", "until", "person"},
    {"EndAbsence", "sam", R"(person: "cleo" absence_id: "{absence}")", "absence_id", "absence_id person"},
    {"DeactivatePerson", "sam", R"(person: "cleo" reason: "left")", "person reason", "person"},
    {"ReactivatePerson", "sam", R"(person: "cleo" reason: "back")", "person reason", "person"},

    {"DefineComponent", "sam", R"(component_id: "checkout" name: "Checkout" description: "Paying")",
     "component_id name", ""},
    {"PublishNotice", "sam",
     R"(kind: NOTICE_KIND_OUTAGE component_ids: "checkout" title: "No paying" description: "Cards are refused"
        next_update_due { seconds: {future} } expected_end_unknown: true)",
     "kind component_ids title description next_update_due", "component_ids"},
    {"UpdateNotice", "sam",
     R"(notice_id: "{notice}" text: "Still down" next_update_due { seconds: {future} } expected_end_unknown: true)",
     "text next_update_due", "notice_id"},
    {"CorrectNotice", "sam", R"(notice_id: "{notice}" reason: "Only cards" title: "No paying by card")", "reason title",
     "notice_id"},
    {"CompleteFollowUp", "sam", R"(notice_id: "{notice}" follow_up_id: "{unknown}" evidence: "done")",
     "follow_up_id evidence", "notice_id follow_up_id"},
    {"GetNotice", "ana", R"(notice_id: "{notice}")", "notice_id", "notice_id"},
    {"ResolveNotice", "sam",
     R"(notice_id: "{notice}" text: "Works again" cause: "A disk was full" changed: "Old logs go")",
     "text cause changed", "notice_id"},
    {"PublishPostmortem", "sam",
     R"(notice_id: "{notice}" text: "Nobody looked" follow_ups { text: "x" team: "desk" due { seconds: {future} } })",
     "text", "notice_id"},
    {"WithdrawNotice", "sam", R"(notice_id: "{notice}" text: "It was a false alarm")", "text", "notice_id"},
    {"ReassignNotice", "sam", R"(notice_id: "{notice}" to: "ana" reason: "end of shift")", "to reason", "notice_id to"},
    {"ListSuspicions", "ana", "", "", ""},
    {"GetStatusPage", "ana", "", "", ""},
    {"DismissSuspicion", "sam", R"(component_id: "checkout" suspicion_id: "{unknown}" reason: "a letter went out")",
     "component_id suspicion_id reason", "component_id suspicion_id"},
    {"CheckComponent", "ana", R"(component_id: "checkout")", "", "component_id"},
    {"ListNotices", "ana", R"(component_id: "checkout")", "", ""},
    {"WatchNotices", "ana", R"(component_ids: "checkout")", "", ""},
    {"Subscribe", "webshop",
     R"(channel: SUBSCRIBER_CHANNEL_WEBHOOK address: "https://hook.invalid/x" component_ids: "checkout")",
     "channel address", "component_ids"},
    {"ConfirmSubscription", "webshop", R"(token: "{unknown}.r.x")", "token", ""},
    {"Leave", "webshop", R"(token: "{unknown}.x")", "token", ""},
    {"RotateWebhookSecret", "webshop", R"(token: "{unknown}.x")", "token", ""},
    {"ListSubscribers", "admin", R"(component_id: "checkout")", "", ""},
    {"ListDeadLetters", "admin", "", "", ""},
    {"ResendDeadLetter", "admin", R"(subscriber_id: "{unknown}" delivery_id: "{unknown}")", "subscriber_id delivery_id",
     "subscriber_id delivery_id"},
    {"GetNoticeFeed", "ana", R"(format: FEED_FORMAT_RSS component_id: "checkout")", "", "component_id"},

    {"PlaceOrder", "webshop",
     R"(order_id: "SO-2" customer_id: "c-1" promised_time { seconds: {future} } owner: "sam"
        lines { line_id: "1" sku: "S-1" description: "A lamp" quantity: 1 vendor_id: "acme" })",
     "customer_id promised_time lines", ""},
    {"RecordVendorUpdate", "acme",
     R"(order_id: "SO-1" vendor_id: "acme" line_ids: "1" acknowledged { vendor_reference: "A-77" })",
     "vendor_id acknowledged", "order_id line_ids"},
    {"AddShipment", "webshop", R"(order_id: "SO-1" carrier: "ups" tracking_number: "1Z999AA10123456784" line_ids: "1")",
     "carrier tracking_number", "order_id line_ids"},
    {"CreateOrderLink", "webshop", R"(order_id: "SO-1" secret_sha256: "01234567890123456789012345678901")", "order_id",
     "order_id"},
    {"RevokeOrderLink", "ana", R"(order_id: "SO-1" reason: "sent to the wrong person")", "order_id", "order_id"},
    {"GetOrderPage", "webshop", R"(order_id: "SO-1" secret: "0123456789012345678901234567890123456789012")", "order_id",
     "order_id"},
    {"AmendOrder", "webshop", R"(order_id: "SO-1" destination_zone: "Europe/Berlin" reason: "the customer has moved")",
     "reason", "order_id"},
    {"CancelLines", "webshop", R"(order_id: "SO-1" line_ids: "1" reason: "ordered twice")", "reason",
     "order_id line_ids"},
    {"ReassignOrder", "sam", R"(order_id: "SO-1" to: "ana" reason: "end of shift")", "to reason", "order_id to"},
    {"PushStatusEvents", "ups",
     R"(item_id: "1" event {
          carrier: "ups" tracking_number: "1Z999AA10123456784" status { state: TRACKING_STATE_IN_TRANSIT }
          text: "Departed" place { city: "Kiel" country: "DE" }
          time { carrier_text: "20251010 080000 +02:00" local_time: "2025-10-10T08:00:00" offset_minutes: 120
                 offset_source: OFFSET_SOURCE_EXPLICIT instant { seconds: 1760076000 } } })",
     "", ""},
    {"ListQuarantinedMessages", "ana", R"(carrier: "ups")", "", ""},
    {"ReplayQuarantine", "admin", "", "", ""},
    {"MapCarrierCode", "admin",
     R"(carrier: "ups" code { type: "I" code: "Q9" } state: TRACKING_STATE_IN_TRANSIT source: "a call")",
     "carrier code source", ""},
    {"ListMappedCodes", "ana", R"(carrier: "ups")", "", ""},
    {"DiscardQuarantined", "admin",
     R"(shipment: "shipment/ups/1Z999AA10123456784/1" fingerprint: "01234567890123456789012345678901" reason: "a test")",
     "shipment reason", ""},
    {"PushRawEvents", "ups", R"(item_id: "1" format: "ups-track-alert" body: "{}" content_type: "application/json")",
     "", ""},
    {"PushVendorDocuments", "acme", R"(item_id: "1" vendor_id: "acme" document_id: "asn-1" body: "{}")",
     "vendor_id document_id", ""},
    {"ListVendorDocuments", "ana", R"(vendor_id: "acme" document_id: "asn-1")", "", ""},
    {"DiscardVendorDocument", "admin", R"(vendor_id: "acme" document_id: "asn-1" reason: "a test")",
     "vendor_id document_id reason", ""},
    {"RecordSerial", "ana", R"(order_id: "SO-1" line_id: "1" place: SERIAL_PLACE_BOX serial_number: "SN-1")",
     "order_id line_id place serial_number", "order_id"},
    {"DisputeDelivery", "ana", R"(order_id: "SO-1" text: "Nothing came")", "order_id text", "order_id"},
    {"VerifyDelivery", "ana", R"(order_id: "SO-1" text: "The neighbour has it")", "order_id text", "order_id"},
    {"RecordCollection", "webshop", R"(order_id: "SO-1" store: "store-12" line_ids: "1")", "order_id store",
     "order_id line_ids"},
    {"GetShipment", "ups", R"(shipment: "shipment/ups/1Z999AA10123456784/1")", "", "shipment"},
    {"TraceOrder", "ana", R"(order_id: "SO-1")", "order_id", "order_id"},
    {"WatchOrder", "ana", R"(order_id: "SO-1")", "", "order_id"},
    {"ListOrders", "ana", R"(customer_id: "c-1")", "", ""},
    {"ListQuarantine", "ana", R"(carrier: "ups")", "", ""},
    {"ListLanes", "ana", R"(carrier: "ups" origin: "US" destination: "America/New_York")", "", ""},
    {"GetScorecards", "ana", R"(by: SCORECARD_SUBJECT_VENDOR value: "acme")", "", ""},
};

std::vector<std::string> Words(const char* text) { return absl::StrSplit(text, ' ', absl::SkipEmpty()); }

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "tests/hostile/samples.cc: %s\n", why.c_str());
  std::abort();
}

// The item of the case in its owner's worklist: its reason, OWNED, and the case as a row's key holds it.
std::string ItemOf(const std::string& case_id) {
  return absl::WebSafeBase64Escape(absl::StrCat("\1", case_id, std::string("\0\1", 2)));
}

Sample Make(const google::protobuf::MethodDescriptor& method, const Row& row, const Names& names) {
  const auto& prototype = *google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type());
  std::shared_ptr<google::protobuf::Message> request(prototype.New());
  const std::string text = absl::StrReplaceAll(row.request, {{"{case}", names.case_id},
                                                             {"{other case}", names.other_case_id},
                                                             {"{promise}", names.promise_id},
                                                             {"{handoff}", names.handoff_id},
                                                             {"{notice}", names.notice_id},
                                                             {"{absence}", names.absence_id},
                                                             {"{suggestion}", names.suggestion_id},
                                                             {"{item}", ItemOf(names.case_id)},
                                                             {"{future}", absl::StrCat(names.future_seconds)}});
  if (!google::protobuf::TextFormat::ParseFromString(text, request.get())) Stop("not a request: " + text);
  Sample sample{&method, client::PathOf(method), row.as, std::move(request), Words(row.required), Words(row.ids)};
  for (const auto* names_of : {&sample.required, &sample.ids}) {
    for (const std::string& path : *names_of) {
      const std::string name = path.substr(0, path.find_first_of(".["));
      if (method.input_type()->FindFieldByName(name) == nullptr &&
          method.input_type()->FindOneofByName(name) == nullptr)
        Stop(method.input_type()->full_name() + " has no " + name);
    }
  }
  return sample;
}

}  // namespace

std::vector<Sample> Samples(const Names& names) {
  std::vector<Sample> samples;
  for (const auto* service : client::AllServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      const Row* found = nullptr;
      for (const Row& row : kRows) {
        if (row.method == method.name()) found = &row;
      }
      if (found == nullptr) Stop("there is no sample for " + method.full_name());
      samples.push_back(Make(method, *found, names));
    }
  }
  return samples;
}

}  // namespace throughline::hostile
