// The script that the preview adds to every page it serves, and that no build contains.
// It hears of each build, loads the page again when it is made of something else now,
// and shows what is wrong over the page.
(() => {
  "use strict";

  // What this page was made of when it was served.
  const own = document.currentScript.dataset;
  const keep = "press.scroll";

  // Scroll: a page that was loaded again stands where the reader left it.
  const place = JSON.parse(sessionStorage.getItem(keep) || "null");
  sessionStorage.removeItem(keep);
  if (place && place.path === location.pathname) {
    const go = () => scrollTo({ left: place.x, top: place.y, behavior: "instant" });
    go();
    // Pictures without a size may have pushed the text down meanwhile.
    addEventListener("load", () => { go(); history.scrollRestoration = "auto"; }, { once: true });
  }

  function reload() {
    sessionStorage.setItem(keep, JSON.stringify({ path: location.pathname, x: scrollX, y: scrollY }));
    history.scrollRestoration = "manual";
    location.reload();
  }

  // Stylesheets are taken in anew without loading the page. The old one goes when the
  // new one is there, or the page would be bare for a moment.
  function restyle(version) {
    for (const old of document.querySelectorAll('link[rel="stylesheet"]')) {
      const url = new URL(old.href);
      if (url.origin !== location.origin || "pressOld" in old.dataset) continue;
      url.searchParams.set("press", version);
      const fresh = old.cloneNode();
      fresh.href = url;
      fresh.onload = fresh.onerror = () => old.remove();
      old.dataset.pressOld = "";
      old.after(fresh);
    }
  }

  // Problems.
  let shown = "[]", host = null;

  function element(name, attributes, ...children) {
    const e = document.createElement(name);
    Object.assign(e, attributes);
    e.append(...children);
    return e;
  }

  function item(p) {
    const parts = [element("p", { className: "what" }, element("code", {}, p.place), element("span", {}, p.text))];
    if (p.snippet) {
      const room = [...p.snippet].length - p.col + 1;
      const caret = p.col > 0 && room >= 0 ? "\n" + " ".repeat(p.col - 1) + "^".repeat(Math.max(1, Math.min(p.len, room))) : "";
      parts.push(element("pre", { tabIndex: 0 }, p.snippet.replaceAll("\t", " ") + caret));
    }
    if (p.hint) parts.push(element("p", { className: "hint" }, "hint: " + p.hint));
    return element("li", {}, ...parts);
  }

  function group(kind, list, open, ...more) {
    if (list.length === 0) return [];
    const title = list.length + " " + kind + (list.length === 1 ? "" : "s");
    return [element("details", { className: kind, open }, element("summary", {}, title), element("ol", {}, ...list.map(item)), ...more)];
  }

  function show(problems) {
    const now = JSON.stringify(problems);
    if (now === shown || self !== top || "told" in own) return;
    shown = now;
    host?.remove();
    host = null;
    const errors = problems.filter((p) => p.severity === "error");
    const warnings = problems.filter((p) => p.severity !== "error");
    if (sessionStorage.getItem("press.dismissed") === JSON.stringify(warnings)) warnings.length = 0;
    if (errors.length + warnings.length === 0) return;

    const dismiss = element("button", { type: "button" }, "Dismiss until they change");
    dismiss.onclick = () => {
      sessionStorage.setItem("press.dismissed", JSON.stringify(warnings));
      shown = "";
      show(problems);
    };
    host = document.createElement("press-problems");
    const root = host.attachShadow({ mode: "open" });
    // An adopted sheet is no inline style, which the policy of the site forbids.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    root.append(element("section", { ariaLabel: "Problems of the site" },
      ...group("error", errors, true), ...group("warning", warnings, false, dismiss)));
    document.documentElement.append(host);
  }

  const css = `
    :host { all: initial; color-scheme: light dark; }
    section {
      position: fixed; z-index: 2147483647; inset: auto 0 0 auto; max-width: 100%; max-height: 60vh; overflow: auto;
      box-sizing: border-box; font: 15px/1.5 system-ui, sans-serif; text-align: start; direction: ltr;
      color: light-dark(#16191d, #e8ecf0); background: light-dark(#fff, #1a2027); box-shadow: 0 0 0 1px #66717d, 0 4px 24px #0006;
    }
    section:has([open]) { inset-inline-start: 0; }
    details { border-top: 4px solid; padding: 0 16px; }
    .error { border-color: light-dark(#b3261e, #ff9d94); }
    .warning { border-color: light-dark(#8a5a00, #ffe3a3); }
    summary { padding: 8px 0; font-weight: 700; cursor: pointer; }
    .error summary { color: light-dark(#b3261e, #ff9d94); }
    .warning summary { color: light-dark(#5c3d00, #ffe3a3); }
    ol { margin: 0; padding: 0 0 12px; list-style: none; }
    li { padding: 8px 0; border-top: 1px solid #8883; }
    p { margin: 0; overflow-wrap: anywhere; }
    .what { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; }
    code, pre { font: 14px/1.45 ui-monospace, monospace; }
    code { color: light-dark(#4d5661, #a9b4bf); }
    code:empty { display: none; }
    pre { margin: 6px 0; padding: 8px 12px; overflow: auto; background: light-dark(#f3f5f8, #101418); }
    .hint { color: light-dark(#4d5661, #a9b4bf); }
    button { font: inherit; margin-bottom: 12px; padding: 6px 12px; color: inherit; background: none; border: 1px solid #66717d; cursor: pointer; }
    :focus-visible { outline: 3px solid light-dark(#0b4f9e, #8ab8ff); outline-offset: 2px; }
    @media print { section { display: none; } }
  `;

  // News. Each is whole, so what was missed while the page was hidden, the computer
  // asleep or the server away is made good by the next.
  let stream = null;

  function hear(event) {
    const news = JSON.parse(event.data);
    if (news.page !== own.page || news.others !== own.others) {
      disconnect();
      reload();
      return;
    }
    if (news.styles !== own.styles) {
      own.styles = news.styles;
      restyle(news.styles);
    }
    show(news.problems);
  }

  function connect() {
    // A browser holds six connections to a host, open streams included: a page that
    // nobody sees must not hold one.
    if (stream || document.hidden) return;
    const opened = new EventSource("/_press/events?page=" + encodeURIComponent(location.pathname));
    stream = opened;
    opened.onmessage = hear;
    opened.onerror = () => {
      if (opened.readyState !== EventSource.CLOSED || stream !== opened) return; // it tries again by itself
      disconnect();
      setTimeout(connect, 1000);
    };
  }

  function disconnect() {
    stream?.close();
    stream = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);
  connect();
})();
