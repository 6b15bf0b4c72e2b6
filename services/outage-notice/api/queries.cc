#include "services/outage-notice/api/queries.h"

#include <map>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "libs/service/watcher.h"
#include "services/outage-notice/api/notice_board.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/status_page.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

using runtime::Streams;

// The watch of one client. If it names components, only notices about these wake it.
class NoticeWatcher : public service::Watcher<v1::WatchNoticesResponse> {
 public:
  NoticeWatcher(Streams& streams, std::shared_ptr<NoticeBoard> board, std::shared_ptr<ResponseStream> writer,
                std::vector<std::string> components)
      : Watcher(streams, std::move(writer)), board_(std::move(board)), components_(std::move(components)) {}

 private:
  // By key of kByTime: newest first.
  using News = std::map<std::string, NoticeBoard::NoticePtr>;

  void SendNew(ResponseStream& writer) override {
    if (components_.empty()) Follow(kAnyNotice);
    for (const std::string& component : components_) Follow(NoticesOf(component));
    const auto [now, rows] = board_->Now();
    if (const bool first = std::exchange(first_, false); first && resume_from() != nullptr) {
      Resume(writer, *now, *rows, *resume_from());
    } else {
      News news;
      const NoticeBoard::News since = now->Since(*sent_, components_);
      for (const NoticeBoard::NoticePtr& notice : since.changed) Add(notice, news);
      for (const NoticeBoard::NoticePtr& notice : since.over) Add(Find(*now, *rows, notice->notice_id()), news);
      WriteAll(writer, sent_->seen, now->seen, news);
    }
    sent_ = now;
  }

  // First sends what the earlier watch had still to send and what has not changed since, then what has changed since.
  void Resume(ResponseStream& writer, const NoticeBoard::Notices& now, const store::KeyValue& rows,
              const runtime::WatchPosition& at) const {
    const std::set<std::string> changed = NoticesChangedSince(rows, at.told);
    News left, news;
    if (!at.after.empty()) {
      std::set<std::string> ids;
      if (at.from.empty()) {  // it was still sending the active notices that it started with
        for (const NoticeBoard::NoticePtr& notice : now.all) ids.insert(notice->notice_id());
      } else {
        ids = NoticesChangedSince(rows, at.from);
      }
      for (const std::string& id : ids) {
        if (!changed.contains(id)) Add(Find(now, rows, id), left);
      }
      left.erase(left.begin(), left.upper_bound(at.after));
    }
    for (const std::string& id : changed) Add(Find(now, rows, id), news);
    WriteAll(writer, at.from, at.told, left);
    WriteAll(writer, at.told, now.seen, news);
  }

  static NoticeBoard::NoticePtr Find(const NoticeBoard::Notices& now, const store::KeyValue& rows,
                                     const std::string& id) {
    if (const auto active = now.by_id.find(id); active != now.by_id.end()) return active->second;
    auto over = kNotices.Get(rows, id);
    return over ? std::make_shared<const v1::NoticeView>(*std::move(over)) : nullptr;
  }
  // Skips notices that are not watched, and rows without a notice: a case's link may be folded before its notice.
  void Add(const NoticeBoard::NoticePtr& notice, News& news) const {
    if (notice == nullptr || notice->notice_id().empty()) return;
    const auto watched = [this](const std::string& component) { return absl::c_linear_search(components_, component); };
    if (!components_.empty() && !absl::c_any_of(notice->component_ids(), watched)) return;
    const store::Descending at{runtime::FromProto(notice->published_at())};
    news.emplace(kByTime.KeyOf(at, notice->notice_id()), notice);
  }
  void WriteAll(ResponseStream& writer, const runtime::Seen& from, const runtime::Seen& until, const News& news) const {
    for (auto one = news.begin(); one != news.end(); ++one) {
      v1::WatchNoticesResponse message;
      message.set_consistency_token(std::next(one) == news.end() ? TokenOf(until)
                                                                 : PartialToken(from, until, one->first));
      *message.mutable_notice() = *one->second;
      writer.WriteLatest(one->second->notice_id(), message);
    }
  }

  const std::shared_ptr<NoticeBoard> board_;
  const std::vector<std::string> components_;
  // Used by SendNew only.
  bool first_ = true;
  std::shared_ptr<const NoticeBoard::Notices> sent_ = std::make_shared<NoticeBoard::Notices>();
};

void StartWatch(Streams& streams, std::shared_ptr<NoticeBoard> board, int max_components,
                const server::Context& context, const v1::WatchNoticesRequest& request,
                std::shared_ptr<server::ResponseStream<v1::WatchNoticesResponse>> writer) {
  runtime::FieldViolations bad;
  if (request.component_ids_size() > max_components) {
    bad.Add("component_ids", absl::StrCat("has more than ", max_components, ": leave it out to watch all"));
  }
  for (int i = 0; i < std::min(request.component_ids_size(), max_components); ++i) {
    if (IsComponentId(request.component_ids(i))) continue;
    bad.Add(absl::StrCat("component_ids[", i, "]"), kNotAComponentId);
  }
  if (absl::Status status = bad.ToStatus(); !status.ok()) return writer->Finish(status);
  std::vector<std::string> components(request.component_ids().begin(), request.component_ids().end());
  auto watcher = std::make_shared<NoticeWatcher>(streams, std::move(board), std::move(writer), std::move(components));
  service::Watch<v1::WatchNoticesResponse>(std::move(watcher), streams, context, request);
}

}  // namespace

void ServeQueries(server::Api& api, Streams& streams, int max_components) {
  api.Unary<v1::CheckComponentRequest, v1::CheckComponentResponse>(
      "CheckComponent", [&streams](const server::Context& context, v1::CheckComponentRequest request, auto reply) {
        if (!IsComponentId(request.component_id())) {
          return reply(runtime::BadField("component_id", kNotAComponentId));
        }
        const std::string token = request.consistency_token();
        service::Read<v1::CheckComponentResponse>(
            streams, context, token, reply, [&streams, request = std::move(request)](const store::KeyValue& rows) {
              return CheckComponent(rows, request, streams.clock().Trusted());
            });
      });
  api.Unary<v1::GetNoticeRequest, v1::GetNoticeResponse>(
      "GetNotice", [&streams](const server::Context& context, v1::GetNoticeRequest request, auto reply) {
        if (request.notice_id().empty()) return reply(runtime::BadField("notice_id", "is empty: name the notice"));
        service::Read<v1::GetNoticeResponse>(
            streams, context, request.consistency_token(), reply,
            [id = request.notice_id()](const store::KeyValue& rows) -> absl::StatusOr<v1::GetNoticeResponse> {
              auto notice = kNotices.Get(rows, id);
              if (!notice || notice->notice_id().empty()) return NoticeUnknown(id);
              v1::GetNoticeResponse response;
              *response.mutable_notice() = *std::move(notice);
              return response;
            });
      });
  api.Unary<v1::ListNoticesRequest, v1::ListNoticesResponse>(
      "ListNotices", [&streams](const server::Context& context, v1::ListNoticesRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListNoticesResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListNotices(rows, request); });
      });
  api.Unary<v1::ListSuspicionsRequest, v1::ListSuspicionsResponse>(
      "ListSuspicions", [&streams](const server::Context& context, v1::ListSuspicionsRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListSuspicionsResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListSuspicions(rows, request); });
      });
  api.Unary<v1::GetStatusPageRequest, v1::GetStatusPageResponse>(
      "GetStatusPage", [&streams](const server::Context& context, v1::GetStatusPageRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::GetStatusPageResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return GetStatusPage(rows, request); });
      });
  api.ServerStream<v1::WatchNoticesRequest, v1::WatchNoticesResponse>(
      "WatchNotices", [&streams, max_components, board = std::make_shared<NoticeBoard>(streams)](
                          const server::Context& context, auto request, auto writer) {
        StartWatch(streams, board, max_components, context, request, std::move(writer));
      });
}

}  // namespace throughline::outage
