// WatchCase: the view as it stands, then again whenever the case, its ownership or one of its notices changes.

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

#include "libs/service/calls.h"
#include "services/intake/api/api.h"
#include "services/intake/projections/case_view.h"
#include "throughline/intake/v1/queries.pb.h"

namespace throughline::intake {
namespace {

using server::Context;
using Writer = server::Writer<v1::WatchCaseResponse>;

// One watched case. Any thread. Lives until the call is over: the call's hook holds it.
class CaseWatch : public std::enable_shared_from_this<CaseWatch> {
 public:
  CaseWatch(runtime::Streams& streams, std::string case_id, std::shared_ptr<Writer> writer)
      : streams_(streams), case_id_(std::move(case_id)), writer_(std::move(writer)) {}

  // Follows before it reads, so that nothing is missed between.
  void Begin() {
    Follow("case/" + case_id_);
    Send();
  }

  void End() {
    absl::MutexLock lock(&handles_mutex_);
    over_ = true;
    handles_.clear();
  }

 private:
  void Follow(const std::string& what) {
    absl::MutexLock lock(&handles_mutex_);
    if (over_ || handles_.contains(what)) return;
    handles_[what] = streams_.watches().Add(what, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Send();
    });
  }

  // One at a time, so that an older view never follows a newer one.
  void Send() {
    absl::MutexLock lock(&send_mutex_);
    v1::WatchCaseResponse response;
    response.set_token(streams_.SeenToken());
    auto view = FindCaseView(streams_.reader(), case_id_, streams_.clock().Now());
    if (!view) return;
    bool more = false;
    for (const auto& notice : view->notices()) more |= Follows(notice.notice_id());
    if (more) view = FindCaseView(streams_.reader(), case_id_, streams_.clock().Now());
    *response.mutable_case_() = *std::move(view);
    writer_->WriteLatest("case", response);
  }

  // True if the notice is followed only from now on, so that it must be read again.
  bool Follows(const std::string& notice_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(send_mutex_) {
    if (!followed_.insert(notice_id).second) return false;
    Follow("notice/" + notice_id);
    return true;
  }

  runtime::Streams& streams_;
  const std::string case_id_;
  const std::shared_ptr<Writer> writer_;
  absl::Mutex send_mutex_;
  absl::flat_hash_set<std::string> followed_ ABSL_GUARDED_BY(send_mutex_);
  absl::Mutex handles_mutex_;
  bool over_ ABSL_GUARDED_BY(handles_mutex_) = false;
  absl::flat_hash_map<std::string, runtime::Watches::Handle> handles_ ABSL_GUARDED_BY(handles_mutex_);
};

}  // namespace

void AddWatch(server::Api& api, runtime::Streams& streams) {
  api.ServerStream<v1::WatchCaseRequest, v1::WatchCaseResponse>(
      "WatchCase", [&streams](const Context& context, v1::WatchCaseRequest request, std::shared_ptr<Writer> writer) {
        const absl::Time deadline = context.deadline();
        streams.AfterToken(request.token(), deadline,
                           [&streams, deadline, writer, id = request.case_id()](const absl::Status& status) {
                             if (!status.ok()) return writer->Finish(status);
                             const auto find = [&streams, id]() -> absl::StatusOr<bool> {
                               if (kCases.Has(streams.reader(), id)) return true;
                               return CaseUnknown(id);
                             };
                             service::Find<bool>(streams, deadline, find,
                                                 [&streams, writer, id](absl::StatusOr<bool> found) {
                                                   if (!found.ok()) return writer->Finish(found.status());
                                                   auto watch = std::make_shared<CaseWatch>(streams, id, writer);
                                                   writer->context().OnOver([watch] { watch->End(); });
                                                   watch->Begin();
                                                 });
                           });
      });
}

}  // namespace throughline::intake
