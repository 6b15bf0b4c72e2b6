#include "services/outage-notice/feeds/feed.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"

#include "libs/crypto/sha256.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/delivery/content.h"
#include "services/outage-notice/projections/tables.h"

namespace throughline::outage {
namespace {

constexpr size_t kEntries = 50;

struct Feed {
  std::string title;
  std::string id;                             // urn:…
  std::string site;                           // may be empty
  std::vector<v1::NoticeUpdateMessage> told;  // newest first
};

std::string Tag(absl::string_view name, const std::string& text) {
  return absl::StrCat("<", name, ">", EscapeXml(text), "</", name, ">\n");
}

std::string IdOf(const v1::NoticeUpdateMessage& told) {
  return absl::StrCat("urn:throughline:notice:", told.notice_id(), ":", told.version());
}

std::string LinkOf(const Feed& feed, const v1::NoticeUpdateMessage& told) {
  return absl::StrCat(feed.site, "/notices/", told.notice_id());
}

std::string Rfc3339(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", runtime::FromProto(time), absl::UTCTimeZone());
}

std::string Rfc822(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", runtime::FromProto(time), absl::UTCTimeZone());
}

// RFC 4287. A feed about which nothing was told yet is as old as time.
std::string Atom(const Feed& feed) {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n";
  absl::StrAppend(&out, Tag("id", feed.id), Tag("title", feed.title),
                  Tag("updated", feed.told.empty() ? "1970-01-01T00:00:00Z" : Rfc3339(feed.told.front().at())),
                  "<author><name>Throughline</name></author>\n");
  if (!feed.site.empty()) absl::StrAppend(&out, "<link rel=\"alternate\" href=\"", EscapeXml(feed.site), "\"/>\n");
  for (const v1::NoticeUpdateMessage& told : feed.told) {
    absl::StrAppend(&out, "<entry>\n", Tag("id", IdOf(told)), Tag("title", Headline(told)),
                    Tag("updated", Rfc3339(told.at())));
    if (!feed.site.empty()) {
      absl::StrAppend(&out, "<link rel=\"alternate\" href=\"", EscapeXml(LinkOf(feed, told)), "\"/>\n");
    }
    for (const std::string& component : told.component_ids()) {
      absl::StrAppend(&out, "<category term=\"", EscapeXml(component), "\"/>\n");
    }
    absl::StrAppend(&out, "<content type=\"text\">", EscapeXml(Body(told)), "</content>\n</entry>\n");
  }
  return out + "</feed>\n";
}

// RSS 2.0. Its channel needs a link, also where there is no site.
std::string Rss(const Feed& feed) {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\">\n<channel>\n";
  absl::StrAppend(&out, Tag("title", feed.title), Tag("link", feed.site.empty() ? feed.id : feed.site),
                  Tag("description", "What customers are told about what is broken, and when it ends."));
  if (!feed.told.empty()) absl::StrAppend(&out, Tag("lastBuildDate", Rfc822(feed.told.front().at())));
  for (const v1::NoticeUpdateMessage& told : feed.told) {
    absl::StrAppend(&out, "<item>\n", Tag("title", Headline(told)));
    if (!feed.site.empty()) absl::StrAppend(&out, Tag("link", LinkOf(feed, told)));
    absl::StrAppend(&out, "<guid isPermaLink=\"false\">", EscapeXml(IdOf(told)), "</guid>\n",
                    Tag("pubDate", Rfc822(told.at())));
    for (const std::string& component : told.component_ids()) absl::StrAppend(&out, Tag("category", component));
    // A reader takes it for HTML.
    const std::string html = absl::StrReplaceAll(EscapeXml(Body(told)), {{"\n", "<br/>\n"}});
    absl::StrAppend(&out, Tag("description", html), "</item>\n");
  }
  return out + "</channel>\n</rss>\n";
}

}  // namespace

std::string EscapeXml(const std::string& text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+FFFE and U+FFFF.
    if (byte == 0xef && i + 2 < text.size() && text.compare(i, 2, "\xef\xbf") == 0 &&
        static_cast<unsigned char>(text[i + 2]) >= 0xbe) {
      i += 2;
      continue;
    }
    if (byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') continue;
    switch (text[i]) {
      case '&':
        out.append("&amp;");
        break;
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '"':
        out.append("&quot;");
        break;
      default:
        out.push_back(text[i]);
    }
  }
  return out;
}

absl::StatusOr<v1::GetNoticeFeedResponse> NoticeFeed(const store::KeyValue& reader,
                                                     const v1::GetNoticeFeedRequest& request, const std::string& site) {
  const std::string& component_id = request.component_id();
  Feed feed{"Notices", "urn:throughline:notices", site, {}};
  if (!component_id.empty()) {
    const auto component = kComponents.Get(reader, component_id);
    if (!component) {
      return runtime::Refuse(absl::StatusCode::kNotFound, "COMPONENT_UNKNOWN",
                             absl::StrCat("component ", component_id, " is not defined: check the id"));
    }
    feed.title = absl::StrCat("Notices: ", component->name());
    feed.id = absl::StrCat("urn:throughline:notices:", component_id);
  }
  std::vector<std::pair<std::string, int64_t>> keys;
  kNewsOf.Scan(
      reader, "",
      [&](std::string_view, const auto& key, const std::string&) {
        keys.emplace_back(std::get<2>(key), std::get<3>(key));
        return keys.size() < kEntries;
      },
      component_id);
  for (const auto& [notice, version] : keys) {
    if (auto told = kNews.Get(reader, notice, version)) feed.told.push_back(*std::move(told));
  }
  const bool rss = request.format() == v1::FEED_FORMAT_RSS;
  v1::GetNoticeFeedResponse response;
  response.set_document(rss ? Rss(feed) : Atom(feed));
  response.set_content_type(rss ? "application/rss+xml; charset=utf-8" : "application/atom+xml; charset=utf-8");
  response.set_etag(absl::WebSafeBase64Escape(crypto::Sha256(response.document()).substr(0, 15)));
  if (!feed.told.empty()) *response.mutable_updated_at() = feed.told.front().at();
  return response;
}

}  // namespace throughline::outage
