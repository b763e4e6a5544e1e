// What the console does in the browser by itself: times, keys, theme. It holds no data and no token.
(() => {
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const short = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  function ago(at) {
    const seconds = (at - Date.now()) / 1000;
    if (Math.abs(seconds) > 30 * 86400) return short.format(at);
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
    return relative.format(Math.trunc(seconds / size), unit);
  }

  function left(at) {
    const seconds = Math.ceil((at - Date.now()) / 1000);
    if (seconds <= 0) return "now";
    const [days, hours, minutes] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
    if (days) return `${days} d ${hours} h`;
    const two = (number) => String(number).padStart(2, "0");
    return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
  }

  const FORMS = { exact: (at) => short.format(at), left };

  function write(element) {
    const at = new Date(element.getAttribute("datetime"));
    if (isNaN(at)) return;
    const text = (FORMS[element.dataset.form] ?? ago)(at);
    if (element.textContent !== text) element.textContent = text;
    const title = exact.format(at) + " (" + Intl.DateTimeFormat().resolvedOptions().timeZone + ")";
    if (element.title !== title) element.title = title;
  }

  function writeTimes(root) {
    if (root.matches?.("time[datetime]")) write(root);
    root.querySelectorAll?.("time[datetime]").forEach(write);
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") write(change.target);
      else change.addedNodes.forEach(writeTimes);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["datetime"] });
  setInterval(() => document.hidden || writeTimes(document), 15000);
  setInterval(() => document.hidden || document.querySelectorAll("time[data-form=left]").forEach(write), 1000);

  window.tuttiTheme = () => {
    const dark = !document.body.classList.contains("body--dark");
    Quasar.Dark.set(dark);
    document.cookie = `tutti_theme=${dark ? "dark" : "light"}; path=/; max-age=31536000; samesite=lax`;
    window.dispatchEvent(new Event("tutti-theme"));
  };

  // What was drawn anew gets the focus back as soon as it is there.
  window.tuttiFocus = (selector, tries = 40) => {
    const found = document.querySelector(selector);
    if (found && document.activeElement !== found) found.focus();
    if (document.activeElement !== found && tries) setTimeout(() => window.tuttiFocus(selector, tries - 1), 50);
  };

  document.addEventListener("visibilitychange", () => window.emitEvent?.("tutti_looks", !document.hidden));

  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable=true], dialog[open], .q-dialog");
  const AFTER_G_MS = 1500;
  let afterG = 0; // when `g` was taken; the next key counts by when it was pressed, however busy the page is by then

  function rows(step) {
    const all = [...document.querySelectorAll(".data-table tbody tr[tabindex]")];
    if (!all.length) return;
    const now = all.indexOf(document.activeElement);
    all[Math.max(0, Math.min(all.length - 1, now + step))].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const keys = document.getElementById("keys");
    if (afterG && event.timeStamp - afterG < AFTER_G_MS) {
      afterG = 0;
      const link = document.querySelector(`.place[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") afterG = performance.now();
    else if (event.key === "/") { event.preventDefault(); document.getElementById("search")?.focus(); }
    else if (event.key === "?" && keys) { event.preventDefault(); keys.open ? keys.close() : keys.showModal(); }
    else if (event.key === "j") rows(1);
    else if (event.key === "k") rows(-1);
  });

})();
