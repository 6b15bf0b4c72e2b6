// WatchWorklist: sends the first page of a worklist, and again whenever it changes: by a commit, or because time
// passes.

#include "absl/strings/escaping.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/watcher.h"
#include "services/ownership/api/api.h"
#include "services/ownership/projections/worklist_page.h"
#include "throughline/ownership/v1/queries.pb.h"

namespace throughline::ownership {
namespace {

// Who stands above whom changes with absences, too, and no commit says so.
constexpr absl::Duration kLookAgain = absl::Minutes(1);

class WorklistWatcher : public service::Watcher<v1::WatchWorklistResponse> {
 public:
  WorklistWatcher(runtime::Streams& streams, std::shared_ptr<ResponseStream> writer, const std::string& person,
                  const v1::WatchWorklistRequest& request, const std::string& last_resort)
      : Watcher(streams, std::move(writer)),
        person_(person),
        scope_(request.scope()),
        page_size_(service::PageSize(request)),
        last_resort_(last_resort) {}

 private:
  void SendNew(ResponseStream& writer) override {
    Follow(WorklistTopic(person_));
    if (scope_ == v1::WORKLIST_SCOPE_UNASSIGNED) Follow(kWaitingTopic);
    const absl::Time now = streams_.clock().Trusted();
    auto rows = streams_.View();
    auto parts = PartsOf(*rows, person_, scope_ == v1::WORKLIST_SCOPE_TEAM, now, last_resort_);
    bool more = false;  // a list that was not followed may have changed since the snapshot: read again
    for (const WorklistPart& part : parts) more |= Follow(WorklistTopic(part.person));
    if (more) rows = streams_.View();
    v1::WatchWorklistResponse response = Page(*rows, parts, now);
    AskForCall(*rows, response, parts.size() > 1, now);
    // The list as it was sent is a position, too: a watch that resumes gets it if it is another one by then.
    const std::string sent = absl::BytesToHexString(crypto::Sha256(response.SerializeAsString()).substr(0, 16));
    if (sent_.empty() && resume_from() != nullptr) sent_ = resume_from()->after;
    if (sent == sent_) return;
    sent_ = sent;
    response.set_consistency_token(PartialToken({}, streams_.SeenBy(*rows), sent));
    writer.WriteLatest("worklist", response);
  }

  v1::WatchWorklistResponse Page(const store::KeyValue& rows, const std::vector<WorklistPart>& parts, absl::Time now) {
    const WorklistQuery query{person_, false, page_size_, last_resort_};
    v1::ListWorklistResponse page = scope_ == v1::WORKLIST_SCOPE_UNASSIGNED ? UnassignedPage(rows, query, now)
                                                                            : WorklistPage(rows, parts, query, now);
    v1::WatchWorklistResponse response;
    response.mutable_items()->Swap(page.mutable_items());
    response.set_more(!page.next_page_token().empty());
    return response;
  }

  // When something becomes overdue or comes back.
  void AskForCall(const store::KeyValue& rows, const v1::WatchWorklistResponse& shown, bool of_others, absl::Time now) {
    absl::Time next = NextBack(rows, person_, now);
    for (const auto& item : shown.items()) {
      if (item.has_due() && !item.overdue()) {
        next = std::min(next, runtime::FromProto(item.due()) + absl::Microseconds(1));
      }
    }
    if (of_others) next = std::min(next, now + kLookAgain);
    if (next != absl::InfiniteFuture()) streams_.watches().NotifyAt(WorklistTopic(person_), next);
  }

  const std::string person_;
  const v1::WorklistScope scope_;
  const int page_size_;
  const std::string last_resort_;
  std::string sent_;  // a digest; used by SendNew only
};

}  // namespace

void AddWatchWorklist(server::Api& api, runtime::Streams& streams, const Config& config) {
  api.ServerStream<v1::WatchWorklistRequest, v1::WatchWorklistResponse>(
      "WatchWorklist", [&streams, last_resort = config.fallback_owner](const server::Context& context,
                                                                       v1::WatchWorklistRequest request, auto writer) {
        const bool team = request.scope() == v1::WORKLIST_SCOPE_TEAM;
        const auto person = WhoseWorklist(request.person(), request.scope(), team, context.caller());
        if (!person.ok()) return writer->Finish(person.status());
        request.set_person(*person);  // a position is valid however they are named
        service::Watch<v1::WatchWorklistResponse>(
            std::make_shared<WorklistWatcher>(streams, std::move(writer), *person, request, last_resort), streams,
            context, request);
      });
}

}  // namespace throughline::ownership
