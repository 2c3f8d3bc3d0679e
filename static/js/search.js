// Finds what a reader asks for, in the index that package search makes; docs/search.md tells
// its form. The engine comes first, then the page. Texts reach the page by createElement and
// textContent alone.
const pressSearch = (() => {
  // The words of a text, as package words cuts them: whoever changes this changes that too.
  // The rules of stemming come from there.
  const letters = new Map("ßss æae œoe øo łl đd ðd þth ħh ıi ςσ".split(" ").map((l) => [l[0], l.slice(1)]));
  const silent = /(?=\p{Mn})[\u0300-\u06ed]|[\xad\u0640\u200c\u200d\u2060\u3099\u309a\ufeff]/gu;
  const spaceless = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff";
  const dense = RegExp(`[${spaceless}]`), runs = RegExp(`[${spaceless}]+|[^${spaceless}]+`, "g");

  const fold = (text) => text.normalize("NFKD").toLowerCase().replace(silent, "").replace(/[^a-z]/g, (c) => letters.get(c) ?? c);

  const stem = (word, rules) => {
    for (const step of rules.split("|")) {
      if (step === "~") {
        word = word.replace(/(..)([b-df-hj-np-tv-z])\2$/, "$1$2");
        continue;
      }
      for (const rule of step.split(" ")) {
        const [ending, to] = rule.slice(1).split("=");
        if (to !== undefined && word.endsWith(ending) && word.length - ending.length >= rule[0]) {
          word = word.slice(0, -ending.length) + to;
          break;
        }
      }
    }
    return word;
  };

  // cut returns the words of a text, stemmed when there are rules.
  const cut = (text, rules) => {
    const out = [];
    for (let [, before, word, after] of fold(text).matchAll(/(['’])?([\p{L}\p{M}\p{N}]+)(?=(['’])?)/gu)) {
      if ((before || after) && /^[a-z]$/.test(word) || after && word === "qu") continue;
      if (word.length > 32) word = [...word].slice(0, 32).join("");
      for (const run of word.match(runs)) {
        if (dense.test(run) && run.length > 1) for (let i = 1; i < run.length; i++) out.push(run.slice(i - 1, i + 1));
        else out.push(rules && run === word && /^[a-z]+$/.test(word) ? stem(word, rules) : run);
      }
    }
    return out;
  };

  // parse takes a question apart: words that must stand somewhere, each stemmed, the last one
  // also as the beginning of a longer word; phrases; and words that must not.
  const parse = (text, rules) => {
    const must = new Map(), not = [], phrases = [];
    const parts = [...text.slice(0, 500).replace(/[“”„«»]/g, '"').matchAll(/"([^"]*)"?|[^\s"]+/g)];
    parts.forEach(([part, phrase], i) => {
      const bare = cut(part);
      if (/^-./.test(part)) return not.push(...cut(part, rules));
      if (phrase && bare.length > 1) phrases.push(bare);
      cut(part, rules).forEach((stem, k) => {
        const open = !phrase && i === parts.length - 1 && k === bare.length - 1 && /\S$/.test(text) && (bare[k].length > 2 || dense.test(bare[k]));
        if (must.size < 8 || must.has(stem)) must.set(stem, { stem, bare: bare[k], open });
      });
    });
    return { must: [...must.values()], not, phrases };
  };

  // unpack reads words with their postings: [word, items, impacts].
  const unpack = async (body) => {
    const bytes = new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer());
    const text = new TextDecoder(), words = [];
    let at = 0, sum = 0, word = [];
    const number = () => { // as in Go's encoding/binary
      for (let n = 0, k = 1; ; k *= 128) {
        const b = bytes[at++];
        n += (b & 127) * k;
        if (!(b > 127)) return n; // also at an end that should not be there
      }
    };
    for (let n = number(); n > 0; n--) {
      const same = number(), more = number();
      word = [...word.slice(0, same), ...bytes.subarray(at, (at += more))];
      const count = number();
      words.push([text.decode(Uint8Array.from(word)), count]);
      sum += count;
    }
    const impacts = bytes.subarray(bytes.length - sum);
    sum = 0;
    return words.map(([word, count]) => {
      const items = new Uint32Array(count);
      for (let i = 0, next = 0; i < count; i++) next = (items[i] = next + number()) + 1;
      return [word, items, impacts.subarray(sum, (sum += count))];
    });
  };

  // distance counts the slips between two words, up to most.
  const distance = (a, b, most) => {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before = [], row = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
        if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
      }
      [before, row] = [row, next];
    }
    return row[b.length];
  };

  const kinds = ["type", "year", "speaker", "place", "topic", "language"];
  const named = (row, n) => row.slice(n * 12, n * 12 + 12); // of names one behind the other

  // A facet stands among the words as :kind:slug:name. facet looks for a value, or for all of a kind.
  const facet = (kind, slug) => {
    const stem = `:${kind}:${slug ? slug + ":" : ""}`;
    return { stem, bare: stem, open: true, pieces: Infinity };
  };

  // open reads the index of a language. get fetches a file of it as a Response.
  const open = (get, rules) => {
    const kept = {};
    const keep = (name, read) => (kept[name] ??= get(name).then(read));

    const begin = () => keep("manifest.json", async (r) => {
      const { total, segments, fresh } = await r.json();
      fresh.lists = await unpack(new Response(Uint8Array.from(atob(fresh.words), (c) => c.charCodeAt(0))).body);
      return { total, segments: [...segments, fresh] };
    });

    // look finds the lists of a word: its own, and those of words that begin with it, in some pieces
    // of each segment.
    const look = async ({ stem, bare, open, pieces = 4 }) => {
      const rows = (await begin()).segments.map(async ({ from, lists, starts, words }) => {
        if (!lists) {
          const at = (word) => starts.findLastIndex((s) => s <= word), wanted = new Set([at(stem)]);
          if (open) for (let i = at(bare), end = i + pieces; i < end && (starts[i] <= bare || starts[i]?.startsWith(bare)); i++) wanted.add(i);
          lists = (await Promise.all(Array.from(wanted, (i) => keep(named(words, i) + ".bin", (r) => unpack(r.body))))).flat();
        }
        return lists
          .filter(([word]) => word === stem || (open && word.startsWith(bare)))
          .map(([word, items, impacts]) => ({ word, from, items, impacts, exact: word === stem }));
      });
      return (await Promise.all(rows)).flat().sort((a, b) => b.exact - a.exact);
    };

    // missing tells of each item by which kinds it is not what was chosen: a bit for each.
    const missing = async (chosen) => {
      const misses = new Uint8Array((await begin()).total);
      await Promise.all(kinds.map(async (kind, k) => {
        if (!chosen[kind]) return;
        const lists = await look(facet(kind, chosen[kind]));
        for (let i = 0; i < misses.length; i++) misses[i] |= 1 << k;
        for (const { from, items } of lists) for (const item of items) misses[from + item] &= ~(1 << k);
      }));
      return misses;
    };

    // nearest is the word of the vocabulary that was likely meant, or nothing.
    const nearest = async (bare) => {
      let limit = bare.length < 8 ? 1 : 2, best;
      if (bare.length < 4) return;
      const known = (await begin()).segments.map(({ known, documents }) =>
        known ? keep(known + ".json", (r) => r.json()) : documents.flatMap(([, title, summary]) => `${title} ${summary}`.toLowerCase().match(/[\p{L}\p{M}]{4,}/gu) ?? []));
      for (const word of (await Promise.all(known)).flat()) {
        const d = distance(bare, fold(word), limit);
        if (d <= limit && d > 0) [best, limit] = [word, d - 1];
      }
      return best;
    };

    // find answers a question: the numbers of items, best first, with what was done to find them.
    //   all: where nothing is asked, all are wanted
    const find = async (text, { chosen = {}, byDate, all }) => {
      const query = parse(text, rules), replaced = [];
      const [{ total }, misses, found, not] = await Promise.all([begin(), missing(chosen), Promise.all(query.must.map(look)), Promise.all(query.not.map((stem) => look({ stem })))]);
      for (const [i, word] of query.must.entries()) {
        if (found[i].length) continue;
        const better = await nearest(word.bare);
        if (!better) continue;
        const [stem] = cut(better, rules);
        found[i] = await look((query.must[i] = { stem, bare: stem }));
        replaced.push([word.bare, better]);
      }
      for (const { from, items } of not.flat()) for (const item of items) misses[from + item] = 255;

      // The rarest word comes first: what has it is soon few.
      const rows = found.map((lists) => ({ lists, count: lists.reduce((n, { items }) => n + items.length, 0) })).sort((a, b) => a.count - b.count);
      const collect = (every) => {
        const seen = new Uint8Array(total), score = new Float32Array(total);
        rows.forEach(({ lists, count }, k) => {
          const rare = Math.log(1 + total / Math.max(1, count));
          for (const { from, items, impacts, exact } of lists) {
            const worth = exact ? rare : rare / 2;
            for (let i = 0; i < items.length; i++) {
              const item = from + items[i];
              if (every ? seen[item] === k : seen[item] <= k) {
                seen[item] = k + 1;
                score[item] += impacts[i] * worth;
              }
            }
          }
        });
        // Sorted by counting, best first: each grade has its places behind those of the better ones. Of one grade the newest comes first.
        const kept = new Uint32Array(total), grades = new Uint32Array(total);
        let n = 0, top = 0;
        for (let item = total - 1; item >= 0; item--) {
          if (misses[item] || (every ? seen[item] !== rows.length : !seen[item])) continue;
          const grade = byDate ? 0 : (score[item] * 64) | 0;
          if (grade > top) top = grade;
          kept[n] = item;
          grades[n++] = grade;
        }
        const places = new Uint32Array(top + 1), hits = new Uint32Array(n);
        for (let i = 0; i < n; i++) places[grades[i]]++;
        for (let g = top, before = 0; g >= 0; g--) before += places[g], (places[g] = before - places[g]);
        for (let i = 0; i < n; i++) hits[places[grades[i]]++] = kept[i];
        return hits;
      };
      let hits = rows.length || all || Object.keys(chosen).length ? collect(true) : [];
      const any = !hits.length && rows.length > 1;
      if (any) hits = collect(false);
      return { hits, query, replaced, any: any && hits.length > 0 };
    };

    // values lists what finds can be narrowed to, with how many there are of each: with a value
    // of another facet chosen, of those that have it.
    const values = async (text, chosen) => {
      const [{ total }, { hits }, misses, ...rows] = await Promise.all([begin(), find(text, { all: true }), missing(chosen), ...kinds.map((kind) => look(facet(kind)))]);
      const found = new Uint8Array(total);
      for (const hit of hits) found[hit] = 1;
      return new Map(kinds.map((kind, k) => {
        const group = new Map();
        for (const { word, from, items } of rows[k]) {
          const [, , slug, ...name] = word.split(":"), value = group.get(slug) ?? { name: name.join(":"), count: 0 };
          for (const item of items) value.count += found[from + item] && !(misses[from + item] & ~(1 << k));
          group.set(slug, value);
        }
        return [kind, group];
      }));
    };

    // documents fetches what is shown of items.
    const documents = async (hits) => {
      const { segments } = await begin();
      return Promise.all(Array.from(hits, async (hit) => {
        const { from, shelf, documents } = segments.findLast(({ from, count }) => count && from <= hit), item = hit - from;
        if (!shelf) return documents[item];
        const page = await keep(`${named(documents, Math.floor(item / shelf))}-${(item % shelf) >> 3}.json`, (r) => r.json());
        return page[item & 7];
      }));
    };

    return { find, values, documents };
  };

  return { cut, fold, open, kinds };
})();

// The page. Its state is its address: what is asked, what it is narrowed to, how it is sorted.
{
  const { cut, fold, open, kinds } = pressSearch;
  const list = globalThis.document?.querySelector(".finds");
  if (list) {
    const first = 6, more = 10; // finds at once, and with each request for more
    const most = 40; // pages read for a phrase, until some more are asked for
    const { lang } = document.documentElement;
    const form = document.querySelector(".ask"), box = form.elements.q, told = document.querySelector(".tally"), filters = document.querySelector(".narrow");
    const next = document.querySelector(".more");
    const words = JSON.parse(list.dataset.words), { rules } = list.dataset, figures = new Intl.NumberFormat(lang);

    const say = (text, values) => text.replace(/\{(\w)\}/g, (_, key) => (typeof values[key] === "number" ? figures.format(values[key]) : values[key]));
    const results = (n) => say(words[new Intl.PluralRules(lang).select(n)] ?? words.other, { n });
    const make = (name, attributes, ...children) => {
      const e = document.createElement(name);
      for (const key in attributes) e.setAttribute(key, attributes[key]);
      e.append(...children.flat().filter(Boolean));
      return e;
    };

    // An index that is out of date names pieces that are gone: then it is read anew, once.
    let engine;
    const begin = (cache) => {
      engine = open(async (name) => {
        const answer = await (name === "manifest.json" ? fetch(form.action + name, { cache }) : fetch(`/assets/search/${lang}/${name}`));
        if (!answer.ok) throw Error(name);
        return answer;
      }, rules);
    };
    begin("no-cache");
    const ask = async (what) => {
      try {
        return await what();
      } catch {
        begin("reload");
        return what();
      }
    };

    const state = () => {
      const at = new URLSearchParams(location.search);
      return { text: at.get("q") ?? "", byDate: at.get("sort") === "date", chosen: Object.fromEntries([...at].filter(([kind, slug]) => slug && kinds.includes(kind))) };
    };

    // address is where a state stands, in this language or in another's page.
    const address = ({ text, byDate, chosen }, path = location.pathname) => {
      const to = new URLSearchParams(Object.entries({ q: text, ...chosen, sort: byDate && "date" }).filter(([, value]) => value));
      return path + (to.size ? "?" + to : "");
    };

    // wordly is a word as it stands in a text: whole, with its accents.
    const wordly = /[\p{L}\p{M}\p{N}]+/gu;

    // marked is a text in which the words that were found are marked.
    const marked = (text, fits) => {
      const out = [];
      let at = 0;
      for (const { 0: word, index } of text.matchAll(wordly)) {
        if (!fits(word)) continue;
        out.push(text.slice(at, index), make("mark", {}, word));
        at = index + word.length;
      }
      return [...out, text.slice(at)];
    };

    const fitting = ({ must }) => (word) => cut(word, rules).some((stem) => must.some((m) => m.stem === stem || (m.open && fold(word).startsWith(m.bare))));
    const count = (text, fits) => new Set((text.match(wordly) ?? []).filter(fits).flatMap((word) => cut(word, rules))).size;

    // page reads the index.json beside a page: its text, and what is said in it.
    const pages = {};
    const page = (url) => (pages[url] ??= fetch(url.endsWith("/") ? url + "index.json" : url.replace(/html$/, "json")).then(async (r) => {
      const { text = "", transcripts = [] } = await r.json();
      return { text: text.replace(/\s+/g, " "), cues: transcripts.flatMap(({ language, cues }, k) => cues.map(({ start, text }) => ({ text, language, at: Math.floor(start), anchor: `t${Math.floor(start)}${k ? "-" + language : ""}` }))) };
    }).catch(() => ({ text: "", cues: [] })));

    // excerpt is the part of a text that has most of the words.
    const excerpt = (text, fits) => {
      let best = "", n = 0;
      for (const s of text.match(/.{1,180}(?:\s|$)|\S{180}/gu) ?? []) if (count(s, fits) > n) [best, n] = [s.trim(), count(s, fits)];
      return best && (text.startsWith(best) ? "" : "… ") + best + (text.endsWith(best) ? "" : " …");
    };

    // deepen adds to a find what its page has of the words: where they are said, or stand. What is
    // said is told in one language, the page's own if the words are found there: it stands first.
    const deepen = async (after, [url, title, summary], query) => {
      const fits = fitting(query), { text, cues } = await page(url);
      const all = cues.map((cue) => ({ ...cue, n: count(cue.text, fits) })).filter(({ n }) => n);
      const heard = all.filter(({ language }) => language === all[0].language).sort((a, b) => b.n - a.n).slice(0, 3).sort((a, b) => a.at - b.at);
      const part = heard.length || count(`${title} ${summary}`, fits) >= query.must.length ? "" : excerpt(text, fits);
      if (part) after.after(make("p", { class: "card-summary" }, marked(part, fits)));
      if (heard.length) after.after(make("ul", { class: "heard" }, heard.map(({ at, anchor, text, language }) => {
        const time = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`;
        return make("li", {}, make("a", { class: "timecode", href: `${url}?t=${at}#${anchor}`, "aria-label": say(words.at, { t: time }) }, make("bdi", { dir: "ltr" }, time)), " ", make("span", { lang: language }, marked(text, fits)));
      })));
    };

    // What only a page has is fetched when its find comes into sight.
    const sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) {
        sight.unobserve(target);
        target.deepen();
      }
    });

    const show = (find, query) => {
      const [url, title, summary, day, date, kind, place, duration, image] = find, fits = fitting(query);
      const head = make("h3", {}, make("a", { href: url }, marked(title, fits))), told = summary && make("p", { class: "card-summary" }, marked(summary, fits));
      const row = make("li", { class: "card" },
        make("p", { class: "card-date" }, day && make("time", { datetime: day }, date)),
        make("div", { class: "card-text" },
          make("p", { class: "kicker" }, make("span", {}, kind), duration && [" ", make("bdi", { class: "duration", dir: "ltr" }, duration)]),
          head, told, place && make("p", { class: "byline" }, place)),
        image && make("img", { class: "thumb", src: image, alt: "", loading: "lazy" }));
      row.deepen = () => deepen(told || head, find, query);
      if (query.must.length) sight.observe(row);
      list.append(row);
      return row;
    };

    // exact tells whether a page has the phrases word for word.
    const exact = async ([url, ...shown], phrases) => {
      const has = (texts) => phrases.every((p) => texts.some((t) => ` ${cut(t).join(" ")} `.includes(` ${p.join(" ")} `)));
      if (has(shown)) return true;
      const { text, cues } = await page(url);
      return has([...shown, text, cues.map((c) => c.text).join(" ")]);
    };

    const main = list.closest("main").classList; // "asked" while there are finds, or soon: no other ways are offered
    const clear = (text) => {
      list.replaceChildren();
      told.textContent = text;
      filters.hidden = next.hidden = true;
      main.remove("asked");
    };

    let turn = 0; // of asking: an answer that comes late is not shown
    const run = async () => {
      const mine = ++turn, now = state();
      const narrowed = Object.keys(now.chosen).length > 0, asked = narrowed || /\S/.test(now.text);
      for (const a of document.querySelectorAll(".tools a[hreflang]")) a.href = address({ ...now, chosen: {} }, a.pathname);
      if (!asked) return clear("");
      main.add("asked");
      try {
        const { hits, query, any, replaced } = await ask(() => engine.find(now.text, now)), { phrases } = query, total = hits.length;
        if (mine !== turn) return;
        main.toggle("asked", total > 0);
        let at = 0, shown = 0;
        // step takes the next n finds; of phrases, those that prove to have them.
        const step = async (n) => {
          const rows = [], stop = phrases.length ? at + most : Infinity;
          while (rows.length < n && at < hits.length && at < stop) {
            const some = await ask(() => engine.documents(hits.slice(at, at + n - rows.length)));
            const good = await Promise.all(some.map((d) => !phrases.length || exact(d, phrases)));
            at += some.length;
            rows.push(...some.filter((_, i) => good[i]));
          }
          return rows;
        };
        const rows = await step(first);
        if (mine !== turn) return;
        list.replaceChildren();
        const add = (rows) => {
          const made = rows.map((d) => show(d, query));
          shown += rows.length;
          next.hidden = at >= hits.length;
          told.textContent = phrases.length && total ? say(words.phrase, { n: shown, m: at, t: total })
            : !total ? words.none
            : replaced.length ? say(words.instead, { a: replaced.map(([a]) => a).join(" "), b: replaced.map(([, b]) => b).join(" "), n: results(total) })
            : any ? say(words.some, { n: total }) : results(total);
          return made;
        };
        add(rows);
        next.firstElementChild.onclick = async () => {
          const rows = await step(more).catch(() => null);
          if (mine !== turn) return;
          if (!rows) return (told.textContent = words.failed);
          add(rows)[0]?.querySelector("a").focus(); // the button may be gone, and reading goes on there
        };
        filters.hidden = false;
        if (now.byDate || narrowed) filters.open = true;
        if (filters.open) await narrow(now, mine);
      } catch {
        if (mine === turn) clear(words.failed);
      }
    };

    // go takes a state into the address: for what was chosen there is a way back.
    const go = (to, how = "pushState") => {
      if (address(to) !== location.pathname + location.search) history[how](null, "", address(to));
      return run();
    };

    // narrow shows what finds can be narrowed to. Controls stay the same ones, so that the
    // focus stays where it is.
    const field = (kind, label, ...options) => {
      const id = "by-" + kind;
      let select = document.getElementById(id);
      if (!select) {
        select = make("select", { id });
        filters.querySelector("div").append(make("p", {}, make("label", { for: id }, label), select));
        select.onchange = () => {
          const to = state();
          if (kind === "sort") to.byDate = select.value;
          else to.chosen[kind] = select.value;
          go(to);
        };
      }
      select.replaceChildren(...options.map(([value, text, chosen, off]) => Object.assign(new Option(text, value, false, chosen), { disabled: off && !chosen })));
    };
    const narrow = async (now, mine) => {
      const groups = await ask(() => engine.values(now.text, now.chosen));
      if (mine !== turn) return;
      for (const [kind, values] of groups) if (values.size) {
        const all = [...values].sort(([a, x], [b, y]) => (kind === "year" ? b - a : x.name.localeCompare(y.name, lang)));
        field(kind, words[kind], ["", words.any_value], ...all.map(([slug, { name, count }]) => [slug, `${name} (${figures.format(count)})`, now.chosen[kind] === slug, !count]));
      }
      field("sort", words.sort, ["", words.relevance], ["date", words.date, now.byDate]);
    };
    filters.ontoggle = () => filters.open && narrow(state(), turn).catch(() => (told.textContent = words.failed));

    let waiting;
    box.oninput = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => go({ ...state(), text: box.value }, "replaceState"), 150);
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      clearTimeout(waiting);
      go({ ...state(), text: box.value });
    };
    const arrive = () => {
      box.value = state().text;
      run();
    };
    addEventListener("popstate", arrive);
    arrive();
  }
}
