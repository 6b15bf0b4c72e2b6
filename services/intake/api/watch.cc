// WatchCase: sends the case's view, and again whenever the case, its ownership or one of its notices changes, or one of
// its components is defined.

#include "libs/service/watcher.h"
#include "services/intake/api/api.h"
#include "services/intake/domain/case.h"
#include "services/intake/projections/case_view.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::intake {
namespace {

class CaseWatcher : public service::Watcher<v1::WatchCaseResponse> {
 public:
  CaseWatcher(runtime::Streams& streams, std::shared_ptr<ResponseStream> writer, std::string case_id,
              ownership::ReadScope scope)
      : Watcher(streams, std::move(writer)), case_id_(std::move(case_id)), scope_(std::move(scope)) {}

 private:
  void SendNew(ResponseStream& writer) override {
    Follow("case/" + case_id_);
    auto rows = streams_.View();
    auto view = FindCaseView(*rows, case_id_, streams_.clock().Trusted());
    if (!view) return;
    bool more = false;  // a notice that was not followed may have changed since the snapshot: read again
    for (const auto& notice : view->notices()) more |= Follow("notice/" + notice.notice_id());
    for (const auto& component : view->unknown_component_ids()) more |= Follow("component/" + component);
    if (more) {
      rows = streams_.View();
      view = FindCaseView(*rows, case_id_, streams_.clock().Trusted());
    }
    // The case may go to another team.
    if (absl::Status status = scope_.Check(*rows, view->owner(), "the case"); !status.ok()) {
      return writer.Finish(status);
    }
    if (!sent_ && resume_from() != nullptr) sent_ = resume_from()->told;
    if (sent_ && !CaseChangedSince(*rows, case_id_, *sent_)) return;
    sent_ = streams_.SeenBy(*rows);
    // A commit about the case may change nothing that the view shows.
    std::string bytes = view->SerializeAsString();
    if (bytes == view_) return;
    view_ = std::move(bytes);
    v1::WatchCaseResponse response;
    response.set_consistency_token(TokenOf(*sent_));
    *response.mutable_case_() = *std::move(view);
    writer.WriteLatest("case", response);
  }

  // Used by SendNew only.
  std::optional<runtime::Seen> sent_;
  std::string view_;
  const std::string case_id_;
  const ownership::ReadScope scope_;
};

}  // namespace

void AddWatch(server::Api& api, runtime::Streams& streams, const Config& config) {
  api.ServerStream<v1::WatchCaseRequest, v1::WatchCaseResponse>(
      "WatchCase", [&streams, reps_read = config.reps_read](const server::Context& context,
                                                            v1::WatchCaseRequest request, auto writer) {
        service::Watch<v1::WatchCaseResponse>(
            std::make_shared<CaseWatcher>(streams, std::move(writer), request.case_id(),
                                          ownership::ReadScope(reps_read, context.caller())),
            streams, context, request, [&streams, id = request.case_id()]() -> absl::StatusOr<bool> {
              if (kCases.Has(*streams.View(), id)) return true;
              return CaseUnknown(id);
            });
      });
}

}  // namespace throughline::intake
