#include "services/outage-notice/api/queries.h"

#include <map>

#include "absl/strings/str_cat.h"

#include "libs/runtime/refusal.h"
#include "libs/service/watcher.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/projections/read.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

using runtime::Streams;

// One client: what it has been sent of each active notice.
class NoticeWatcher : public service::Watcher<v1::WatchNoticesResponse> {
 public:
  NoticeWatcher(Streams& streams, std::shared_ptr<Writer> writer, std::vector<std::string> components)
      : Watcher(streams, std::move(writer)), components_(std::move(components)) {}

 private:
  void SendNew(Writer& writer) override {
    Follow(kAnyNotice);
    const std::string token = streams_.SeenToken();
    std::map<std::string, std::string> active;
    for (const v1::NoticeView& notice : ActiveNotices(streams_.reader(), components_)) {
      std::string bytes = notice.SerializeAsString();
      auto before = sent_.find(notice.notice_id());
      if (before == sent_.end() || before->second != bytes) Write(writer, notice, token);
      active.emplace(notice.notice_id(), std::move(bytes));
    }
    for (const auto& [id, bytes] : sent_) {
      if (active.contains(id)) continue;
      if (const auto over = kNotices.Get(streams_.reader(), id)) Write(writer, *over, token);
    }
    sent_ = std::move(active);
  }

  static void Write(Writer& writer, const v1::NoticeView& notice, const std::string& token) {
    v1::WatchNoticesResponse message;
    message.set_token(token);
    *message.mutable_notice() = notice;
    writer.WriteLatest(notice.notice_id(), message);
  }

  const std::vector<std::string> components_;
  std::map<std::string, std::string> sent_;  // SendNew's
};

void StartWatch(Streams& streams, int max_components, const server::Context& context,
                const v1::WatchNoticesRequest& request,
                std::shared_ptr<server::Writer<v1::WatchNoticesResponse>> writer) {
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
  auto watcher = std::make_shared<NoticeWatcher>(streams, std::move(writer), std::move(components));
  service::Watch<v1::WatchNoticesResponse>(std::move(watcher), streams, context, request.token());
}

}  // namespace

void ServeQueries(server::Api& api, Streams& streams, int max_components) {
  api.Unary<v1::CheckComponentRequest, v1::CheckComponentResponse>(
      "CheckComponent", [&streams](const server::Context& context, v1::CheckComponentRequest request, auto reply) {
        if (!IsComponentId(request.component_id())) {
          return reply(runtime::BadField("component_id", "is no id: give 1 to 64 of a-z 0-9 . _ -"));
        }
        service::Read<v1::CheckComponentResponse>(streams, context, request.token(), reply,
                                                  [&streams, id = request.component_id()] {
                                                    return CheckComponent(streams.reader(), id, streams.clock().Now());
                                                  });
      });
  api.Unary<v1::ListNoticesRequest, v1::ListNoticesResponse>(
      "ListNotices", [&streams](const server::Context& context, v1::ListNoticesRequest request, auto reply) {
        const std::string token = request.token();
        service::Read<v1::ListNoticesResponse>(
            streams, context, token, reply,
            [&streams, request = std::move(request)] { return ListNotices(streams.reader(), request); });
      });
  api.ServerStream<v1::WatchNoticesRequest, v1::WatchNoticesResponse>(
      "WatchNotices", [&streams, max_components](const server::Context& context, auto request, auto writer) {
        StartWatch(streams, max_components, context, request, std::move(writer));
      });
}

}  // namespace throughline::outage
