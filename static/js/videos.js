// The form of the video index: any filters together, with how many videos each further
// choice would leave. Without this script there is a page for every single one. The data
// are read when the form is first used, in parts that a browser keeps.
{
  const one = (selector) => document.querySelector(selector);
  const form = one("#find"), box = one("details.finder"), status = one("#found"), results = one("#results"), more = one("#more");
  const list = results.previousElementSibling, pager = one("nav.pager");
  const selects = [...form.querySelectorAll("select")];
  const page = 24;
  let shown = page;

  // What can be chosen stands in the links to the pages of single values.
  for (const select of selects) {
    for (const a of document.querySelectorAll(`[data-filter="${select.name}"] a`)) {
      const option = new Option(a.textContent, decodeURIComponent(a.pathname.split("/").at(-2)));
      option.dataset.name = a.textContent;
      select.append(option);
    }
    for (const option of select.options) option.dataset.name ??= option.textContent;
  }

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  // One object for each video, the newest first.
  const read = (part) => part.title.map((title, i) => {
    const of = {}, names = {};
    for (const [key, { values, of: numbers }] of Object.entries(part.filters)) {
      of[key] = numbers[i].map((n) => values[n][0]);
      names[key] = numbers[i].map((n) => values[n][1]);
    }
    const video = { of, names, title };
    for (const key of ["url", "date", "when", "duration", "length", "image", "preview", "badges", "quality"]) video[key] = part[key]?.[i];
    video.sizes = part.sizes;
    video.text = plain([title, video.url, ...Object.values(names).flat()].join(" "));
    return video;
  }).reverse();
  let loading;
  const load = () => loading ??= (async () => {
    const { parts, count } = form.dataset;
    const answers = await Promise.all(Array.from({ length: +count }, async (_, i) => {
      const answer = await fetch(`${parts}${+count - i}.json`);
      if (!answer.ok) throw new Error(answer.status);
      return read(await answer.json());
    }));
    return answers.flat();
  })().catch((error) => { loading = undefined; throw error; });

  // The state is the address: ?speaker=…&from=2026-01.
  const state = () => {
    const query = new URLSearchParams();
    for (const [key, value] of new FormData(form)) if (value.trim()) query.set(key, value.trim());
    return query;
  };
  const restore = () => {
    const query = new URLSearchParams(location.search);
    for (const field of form.elements) {
      let value = query.get(field.name) ?? "";
      if (field.type === "checkbox") field.checked = value === field.value;
      else if (field.type === "date") field.value = /^\d{4}$/.test(value) ? `${value}-01-01` : /^\d{4}-\d\d$/.test(value) ? `${value}-01` : value;
      else if (field.name) field.value = value;
    }
    // "to" a year or a month is to its end, which a field for days cannot say by itself.
    const to = query.get("to") ?? "";
    if (/^\d{4}$/.test(to)) form.elements.to.value = `${to}-12-31`;
    if (/^\d{4}-\d\d$/.test(to)) form.elements.to.valueAsDate = new Date(Date.UTC(...to.split("-"), 0));
  };

  // Whether a video answers to all that is asked but one thing.
  const fits = (video, query, but) => {
    for (const [key, value] of query) {
      if (key === but) continue;
      const ok = key === "q" ? plain(value).split(/\s+/).every((word) => video.text.includes(word))
        : key === "from" ? video.date >= value
        : key === "to" ? video.date.slice(0, value.length) <= value
        : key === "quality" ? video.quality === 1
        : value === "*" ? video.of[key]?.length > 0
        : video.of[key]?.includes(value) ?? true;
      if (!ok) return false;
    }
    return true;
  };

  const el = (tag, properties, ...children) => {
    const e = Object.assign(document.createElement(tag), properties);
    e.append(...children.filter(Boolean));
    return e;
  };
  const tile = (v, i) => {
    const time = el("time", { dateTime: v.date, textContent: v.when });
    const length = el("bdi", { className: "duration", dir: "ltr", role: "img", ariaLabel: v.length, textContent: v.duration });
    const frame = el("div", { className: "frame" }, v.image && el("img", { className: "thumb", alt: "", loading: i < 3 ? "eager" : "lazy", decoding: "async", sizes: v.sizes ?? "", srcset: v.image }), v.duration && length);
    if (v.preview) frame.dataset.preview = v.preview;
    const byline = [(v.names.speaker ?? []).join(", "), (v.names.location ?? []).join(", ")].filter(Boolean).join(" · ");
    return el("li", { className: "tile" }, frame,
      el("p", { className: "kicker" }, time, ...v.badges.flatMap((text) => [" ", el("span", { className: "badge", textContent: text })])),
      el("h3", {}, el("a", { href: v.url, textContent: v.title })),
      byline && el("p", { className: "byline", textContent: byline }));
  };

  const draw = async () => {
    const query = state(), asked = query.size > 0;
    const videos = await load();
    if (String(state()) !== String(query)) return; // somebody typed on
    const found = videos.filter((v) => fits(v, query));
    for (const select of selects) {
      const open = videos.filter((v) => fits(v, query, select.name));
      for (const option of select.options) {
        const n = option.value ? open.filter((v) => option.value === "*" ? v.of[select.name].length > 0 : v.of[select.name].includes(option.value)).length : open.length;
        option.disabled = n === 0 && !option.selected; // what is chosen can be seen, whatever it leaves
        option.textContent = option.value ? `${option.dataset.name} (${n})` : option.dataset.name;
      }
    }
    results.hidden = !asked;
    list.hidden = asked;
    if (pager) pager.hidden = asked;
    results.replaceChildren(...asked ? found.slice(0, shown).map(tile) : []);
    more.hidden = !asked || found.length <= shown;
    status.textContent = asked ? status.dataset.text + found.length : "";
  };
  const update = (push) => {
    const query = state().toString(), url = location.pathname + (query && "?" + query);
    if (url !== location.pathname + location.search) history[push ? "pushState" : "replaceState"](null, "", url);
    shown = page;
    draw().catch(() => { status.textContent = ""; });
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); update(true); });
  form.addEventListener("input", (event) => { if (event.target.name === "q") update(false); });
  form.addEventListener("change", (event) => { if (event.target.name !== "q") update(true); });
  form.addEventListener("reset", (event) => {
    event.preventDefault(); // else it would go back to what the address said
    for (const field of form.elements) {
      if (field.type === "checkbox") field.checked = false;
      else if (field.name) field.value = "";
    }
    update(true);
  });
  form.addEventListener("focusin", () => draw().catch(() => {}), { once: true });
  more.addEventListener("click", () => {
    const first = shown;
    shown += page;
    draw().then(() => results.children[first]?.querySelector("a").focus());
  });
  addEventListener("popstate", () => { restore(); shown = page; draw().catch(() => {}); });

  box.open = matchMedia("(min-width: 48rem)").matches;
  restore();
  if (state().size) draw().catch(() => {});
}
