"""Feeds, read by feedparser."""

import feedparser
from suite import Suite


def run(work, tools):
    suite = Suite(work, ["--subscribers-site", "https://status.example.com"])
    try:
        trial(suite)
        suite.stop()
    finally:
        suite.kill()


def trial(suite):
    suite.define("checkout")
    suite.define("app")
    title = "Pàying <fails> & \"more\" ]]> 🔥"
    notice = suite.publish("checkout", title)
    suite.update(notice, "Line one\n\tline <b>two</b> & so on")
    suite.resolve(notice)
    suite.publish("app", "Another")
    for format, version in (("FEED_FORMAT_ATOM", "atom10"), ("FEED_FORMAT_RSS", "rss20")):
        for component, count in (("", 4), ("checkout", 3), ("app", 1)):
            answer = suite.call("GetNoticeFeed", {"format": format, "componentId": component}, "ana")
            feed = feedparser.parse(answer["document"].encode(), response_headers={"content-type": answer["contentType"]})
            assert not feed.bozo, feed.get("bozo_exception")
            assert feed.version == version and len(feed.entries) == count, (feed.version, len(feed.entries))
            assert len({entry.id for entry in feed.entries}) == count
            assert all(entry.link.startswith("https://status.example.com/notices/") for entry in feed.entries)
            times = [entry.updated_parsed if version == "atom10" else entry.published_parsed for entry in feed.entries]
            assert times == sorted(times, reverse=True)
            again = suite.call("GetNoticeFeed", {"format": format, "componentId": component}, "ana")
            assert again["etag"] == answer["etag"]
            if component == "checkout" and version == "atom10":
                assert feed.entries[0].title == "Resolved: " + title, feed.entries[0].title
                assert "line <b>two</b> & so on" in feed.entries[1].content[0].value, feed.entries[1].content
    print("feedparser reads Atom and RSS without complaint: each thing that was told is an entry, once, newest first")
