"""Reads our feeds as feed readers do: feeds.py URL NOTICES."""
import json
import sys

import feedparser

url, notices_file = sys.argv[1:]
with open(notices_file, encoding="utf-8") as file:
    notices = json.load(file)

for path, version in (("/history.atom", "atom10"), ("/history.rss", "rss20")):
    feed = feedparser.parse(url + path)
    assert feed.bozo == 0, (path, feed.get("bozo_exception"))
    assert feed.version == version, feed.version
    assert feed.feed.title == "Acme status", feed.feed.title
    assert len(feed.entries) == 5, len(feed.entries)
    by_link = {entry.link: entry for entry in feed.entries}
    outage = by_link[f"{url}/notices/{notices['outage']}"]
    assert outage.title == "Outage, Cause found: Cards are refused", outage.title
    text = outage.content[0].value if "content" in outage else outage.summary
    for part in ("Pay by invoice", "a white page.<br", "Your basket is kept", "Corrected", "is overdue"):
        assert part in text, (part, text)
    assert "<b>at the last step" not in text
    times = [entry.get("updated_parsed") or entry.published_parsed for entry in feed.entries]
    assert all(times) and times == sorted(times, reverse=True), times
    assert len({entry.id for entry in feed.entries}) == 5
    # It is not sent again.
    again = feedparser.parse(url + path, etag=feed.etag)
    assert again.status == 304, again.status
    one = feedparser.parse(f"{url}{path}?component=search")
    assert [entry.title for entry in one.entries] == ["Degraded, Investigating: Search finds too little"], one.entries
print("two feeds")
