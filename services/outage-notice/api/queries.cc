#include "services/outage-notice/api/queries.h"

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/refusal.h"
#include "libs/service/watcher.h"
#include "services/outage-notice/api/notice_board.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

using runtime::Streams;

// One client: what it was sent last. One that names components is woken by notices about these.
class NoticeWatcher : public service::Watcher<v1::WatchNoticesResponse> {
 public:
  NoticeWatcher(Streams& streams, std::shared_ptr<NoticeBoard> board, std::shared_ptr<ResponseStream> writer,
                std::vector<std::string> components)
      : Watcher(streams, std::move(writer)), board_(std::move(board)), components_(std::move(components)) {}

 private:
  void SendNew(ResponseStream& writer) override {
    if (components_.empty()) Follow(kAnyNotice);
    for (const std::string& component : components_) Follow(NoticesOf(component));
    const std::string token = streams_.SeenToken();
    const auto now = board_->Now();
    const NoticeBoard::News news = now->Since(*sent_, components_);
    for (const NoticeBoard::NoticePtr& notice : news.changed) Write(writer, *notice, token);
    for (const NoticeBoard::NoticePtr& notice : news.over) {
      if (const auto over = kNotices.Get(*streams_.View(), notice->notice_id())) Write(writer, *over, token);
    }
    sent_ = now;
  }

  static void Write(ResponseStream& writer, const v1::NoticeView& notice, const std::string& token) {
    v1::WatchNoticesResponse message;
    message.set_consistency_token(token);
    *message.mutable_notice() = notice;
    writer.WriteLatest(notice.notice_id(), message);
  }

  const std::shared_ptr<NoticeBoard> board_;
  const std::vector<std::string> components_;
  std::shared_ptr<const NoticeBoard::Notices> sent_ = std::make_shared<NoticeBoard::Notices>();  // SendNew's
};

void StartWatch(Streams& streams, std::shared_ptr<NoticeBoard> board, int max_components,
                const server::Context& context, const v1::WatchNoticesRequest& request,
                std::shared_ptr<server::ResponseStream<v1::WatchNoticesResponse>> writer) {
  runtime::FieldViolations bad;
  if (request.component_ids_size() > max_components) {
    bad.Add("component_ids", absl::StrCat("has over ", max_components, ": leave it out to watch all"));
  }
  for (int i = 0; i < std::min(request.component_ids_size(), max_components); ++i) {
    if (IsComponentId(request.component_ids(i))) continue;
    bad.Add(absl::StrCat("component_ids[", i, "]"), "is no id: give 1 to 64 of a-z 0-9 . _ -");
  }
  if (absl::Status status = bad.ToStatus(); !status.ok()) return writer->Finish(status);
  std::vector<std::string> components(request.component_ids().begin(), request.component_ids().end());
  auto watcher = std::make_shared<NoticeWatcher>(streams, std::move(board), std::move(writer), std::move(components));
  service::Watch<v1::WatchNoticesResponse>(std::move(watcher), streams, context, request.consistency_token());
}

}  // namespace

void ServeQueries(server::Api& api, Streams& streams, int max_components) {
  api.Unary<v1::CheckComponentRequest, v1::CheckComponentResponse>(
      "CheckComponent", [&streams](const server::Context& context, v1::CheckComponentRequest request, auto reply) {
        if (!IsComponentId(request.component_id())) {
          return reply(runtime::BadField("component_id", "is no id: give 1 to 64 of a-z 0-9 . _ -"));
        }
        service::Read<v1::CheckComponentResponse>(streams, context, request.consistency_token(), reply,
                                                  [&streams, id = request.component_id()](const store::KeyValue& rows) {
                                                    return CheckComponent(rows, id, streams.clock().Trusted());
                                                  });
      });
  api.Unary<v1::ListNoticesRequest, v1::ListNoticesResponse>(
      "ListNotices", [&streams](const server::Context& context, v1::ListNoticesRequest request, auto reply) {
        const std::string token = request.consistency_token();
        service::Read<v1::ListNoticesResponse>(
            streams, context, token, reply,
            [request = std::move(request)](const store::KeyValue& rows) { return ListNotices(rows, request); });
      });
  api.ServerStream<v1::WatchNoticesRequest, v1::WatchNoticesResponse>(
      "WatchNotices", [&streams, max_components, board = std::make_shared<NoticeBoard>(streams)](
                          const server::Context& context, auto request, auto writer) {
        StartWatch(streams, board, max_components, context, request, std::move(writer));
      });
}

}  // namespace throughline::outage
