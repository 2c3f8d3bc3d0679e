// A video's page: plays from the times that it names, follows in the transcript, copies
// links and quotes. Without this script all of it can be read, played and downloaded;
// nothing of a film is loaded before somebody plays it.
{
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const video = one("video.player");
  const show = (element) => { if (element) element.hidden = false; };

  // Times as in ?t=83, ?t=1:23 and #t=83,97.
  const seconds = (text) => /^(\d+:){0,2}\d+(\.\d+)?$/.test(text ?? "") ? text.split(":").reduce((sum, part) => sum * 60 + +part, 0) : undefined;
  let end;
  const from = () => {
    const query = new URLSearchParams(location.search), [start, stop] = (location.hash.match(/^#t=(.*)/)?.[1] ?? "").split(",");
    const t = seconds(query.get("t")) ?? seconds(start);
    if (t === undefined) return;
    video.currentTime = t; // before anything is loaded: where it will begin
    end = seconds(query.get("end")) ?? seconds(stop);
    follow(true);
  };

  // The caption that is being said. Its list is scrolled, never the page, and only while
  // nobody reads in it.
  let current;
  const follow = (quiet) => {
    const list = one("details.transcript[open] ol");
    if (!list) return;
    const now = all("[data-t]", list).findLast((a) => +a.dataset.t <= video.currentTime)?.closest("li");
    if (now === current) return;
    current?.removeAttribute("aria-current");
    current = now;
    if (!now) return;
    now.setAttribute("aria-current", "true");
    if (!quiet && !now.hidden && !list.matches(":hover, :focus-within")) {
      const top = now.offsetTop - list.offsetTop - list.clientHeight / 3;
      list.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: no-preference)").matches ? "smooth" : "auto" });
    }
  };

  if (video) {
    video.addEventListener("timeupdate", () => {
      follow();
      if (end !== undefined && video.currentTime >= end) {
        end = undefined; // once: whoever plays on wants to hear more
        video.pause();
      }
    });
    addEventListener("hashchange", from);
    from();

    document.addEventListener("click", (event) => {
      const a = event.target.closest?.("a[data-t]");
      if (!a || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      const { t, end: stop } = a.dataset;
      history.replaceState(history.state, "", `?t=${t}` + (stop ? `&end=${stop}` : ""));
      video.currentTime = +t;
      end = stop === undefined ? undefined : +stop;
      follow(true);
      video.play().catch(() => {}); // a browser may want a click on the player itself
    });

    // The film with sign language or audio description, from where it stands.
    for (const link of all("a[data-version]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const { currentTime, paused } = video;
        if (link.dataset.version) video.src = link.href;
        else {
          video.removeAttribute("src"); // the film itself, in the file that fits the screen
          video.load();
        }
        video.currentTime = currentTime;
        if (!paused) video.play().catch(() => {});
        for (const other of all("a[data-version]")) other.removeAttribute("aria-current");
        link.setAttribute("aria-current", "true");
      });
    }
  }

  // The transcript: one language at a time, and only the lines with the words looked for.
  const tools = one("#transcript-tools");
  if (tools) {
    const picker = one("#transcript-language"), field = one("#transcript-find"), status = tools.querySelector("[role=status]");
    const texts = all("details.transcript");
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const find = () => {
      const words = plain(field.value.trim()), lines = all("li", texts[picker?.value ?? 0]);
      for (const li of lines) li.hidden = !plain(li.lastElementChild.textContent).includes(words);
      status.textContent = words ? status.dataset.text + lines.filter((li) => !li.hidden).length : "";
    };
    const pick = () => {
      texts.forEach((text, i) => { text.open = i === +picker.value; text.hidden = !text.open; });
      find();
      if (video?.currentTime > 0) follow(true);
    };
    field.addEventListener("input", find);
    if (picker) {
      picker.addEventListener("change", pick);
      pick();
    }
    show(tools);
  }

  // Copying: a text of ours, what stands in a field, or the address at this time.
  const status = one("#copied");
  for (const button of navigator.clipboard ? all("button.copy") : []) {
    const { text: copy, from: copyFrom, link } = button.dataset;
    button.addEventListener("click", async () => {
      const text = copyFrom ? one("#" + copyFrom).value : copy || `${link}?t=${Math.floor(video.currentTime)}`;
      if (await navigator.clipboard.writeText(text).then(() => false, () => true)) return; // the browser refused
      const said = button.parentElement.querySelector("[role=status]") ?? button.insertAdjacentElement("afterend", Object.assign(document.createElement("span"), { className: "role", role: "status" }));
      said.textContent = "";
      requestAnimationFrame(() => { said.textContent = status?.dataset.text ?? "✓"; }); // said again each time
    });
    show(button);
  }

  const embed = one("#embed-tools"), code = one("#embed-code"), start = one("#embed-start");
  if (embed) {
    const plain = code.value;
    start.addEventListener("input", () => {
      code.value = +start.value > 0 ? plain.replace(embed.dataset.url, `$&?t=${Math.floor(+start.value)}`) : plain;
    });
    show(embed);
  }
}
