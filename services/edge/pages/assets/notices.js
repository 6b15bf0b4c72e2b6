// Keeps a page of notices up to date, and shows its times in the reader's own zone. Without it the page is as it was
// loaded.
(() => {
  "use strict";
  const live = document.getElementById("live");
  if (!live || !window.fetch) return;
  const news = document.getElementById("news");
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });

  const showTimes = () => {
    for (const time of live.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) time.textContent = format.format(at);
    }
  };

  let loading = false, again = false;
  const refresh = async () => {
    if (loading) {
      again = true;
      return;
    }
    loading = true;
    try {
      const answer = await fetch(location.pathname, { cache: "no-cache", credentials: "omit" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("live");
      if (!fresh || fresh.dataset.state === live.dataset.state) return;
      const open = new Set([...live.querySelectorAll("details[id]")].filter((one) => one.open).map((one) => one.id));
      const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      live.replaceChildren(...fresh.childNodes);
      live.dataset.state = fresh.dataset.state;
      for (const one of live.querySelectorAll("details[id]")) one.open = one.open || open.has(one.id);
      if (focused) [...live.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
      showTimes();
      if (news) news.textContent = "Updated " + format.format(new Date()) + ".";
    } catch {
      // The next event, or the next look, tries again.
    } finally {
      loading = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  };

  const look = () => setTimeout(() => refresh().then(look), 45000 + Math.random() * 30000);
  const listen = () => {
    if (!window.EventSource) return look();
    const events = new EventSource(live.dataset.events + "?state=" + encodeURIComponent(live.dataset.state));
    events.addEventListener("change", (event) => {
      // A crowd does not ask in the same moment.
      if (event.data !== live.dataset.state) setTimeout(refresh, Math.random() * 1000);
    });
    // The browser comes back by itself, unless it was told not to.
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) look();
    });
  };

  showTimes();
  listen();
})();
