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

  // stream reads bytes from a place on; numbers stand as in Go's encoding/binary.
  const stream = (bytes, at = 0) => ({
    byte: () => bytes[at++],
    take: (n) => bytes.subarray(at, (at += n)),
    more: () => at < bytes.length,
    number() {
      for (let n = 0, k = 1; ; k *= 128) {
        const b = bytes[at++];
        n += (b & 127) * k;
        if (!(b > 127)) return n; // also at an end that should not be there
      }
    },
  });

  // postings are the items of a list, each with its impact in the last four bits, of their differences.
  const postings = (differences) => {
    let last = 0;
    return differences.map((p) => (last = (last & ~15) + p));
  };

  // decode reads a piece of words.
  const decode = (bytes) => {
    const words = [], text = new TextDecoder(), s = stream(bytes);
    let word = [];
    while (s.more()) {
      word = [...word.slice(0, s.byte()), ...s.take(s.byte())];
      const n = s.number(), list = { count: n >> 1 };
      if (n & 1) Object.assign(list, { usual: s.byte(), piece: s.number(), at: s.number() });
      list.top = postings(Array.from({ length: n & 1 ? s.number() : list.count }, s.number));
      words.push([text.decode(Uint8Array.from(word)), list]);
    }
    return words;
  };

  // rest reads the items of a long list that do not stand with the word.
  const rest = (bytes, at) => {
    const s = stream(bytes, at), n = s.number(), items = [];
    let item = 0;
    if (n & 1) s.take(n >> 1).forEach((byte, k) => { for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) items.push(k * 8 + bit); });
    else for (let k = 0; k < n >> 1; k++) items.push((item += s.number()));
    return items;
  };

  // each goes through the items of a list, with their impacts.
  const each = ({ top, rest = [], usual }, use) => {
    for (const p of top) use(p >>> 4, p & 15);
    for (const item of rest) use(item, usual);
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

  // named is a name in a row of them.
  const named = (row, n) => row.slice(n * 12, n * 12 + 12);
  const most = 4; // pieces of a segment that the beginning of a word is looked for in

  // open reads the index of a language. get fetches a file of it as a Response.
  const open = (get, rules) => {
    const kept = {};
    const keep = (name, read) => (kept[name] ??= get(name).then(read));
    const json = (name) => keep(name + ".json", (r) => r.json());
    const binary = (name, read) => keep(name + ".bin", async (r) => read(new Uint8Array(await r.arrayBuffer())));

    const begin = () => keep("manifest.json", async (r) => {
      const { total, segments, fresh } = await r.json();
      const words = Object.entries(fresh.words).map(([word, list]) => [word, { count: list.length, top: postings(list) }]);
      return { total, segments: [...segments, { ...fresh, words }] };
    });
    const title = (segment) => segment.inline ?? json(segment.title);

    // lists finds the lists of a word in a segment: its own, and those of words that begin with it.
    const lists = async (segment, { stem, bare, open }) => {
      const read = async () => {
        const { starts, words } = await title(segment), at = (word) => starts.findLastIndex((s) => s <= word);
        const wanted = new Set([at(stem)]);
        if (open) for (let i = at(bare), end = i + most; i < end && (starts[i] <= bare || starts[i]?.startsWith(bare)); i++) wanted.add(i);
        return (await Promise.all([...wanted].map((i) => binary(named(words, i), decode)))).flat();
      };
      return (segment.words ?? (await read()))
        .filter(([word]) => word === stem || (open && word.startsWith(bare)))
        .map(([word, list]) => ({ ...list, exact: word === stem }));
    };

    // complete adds to a long list what does not stand with its word.
    const complete = async (segment, list) => {
      if (list.piece === undefined) return;
      const { rests } = await title(segment);
      list.rest = rest(await binary(named(rests, list.piece), (bytes) => bytes), list.at);
    };

    // facets are the columns of a segment; years, which stand there as runs, are made one like the others.
    const facets = async (segment) => {
      const columns = segment.facets ?? (await json((await title(segment)).facets));
      if (columns.year.of) return columns;
      const years = [...new Set(columns.year.map(({ year }) => year))];
      columns.year = { values: years.map((year) => [year, year]), of: columns.year.flatMap(({ year, count }) => Array(count).fill(1 + years.indexOf(year))) };
      return columns;
    };

    // nearest is the word of the vocabulary that was likely meant, or nothing.
    const nearest = async (segments, bare) => {
      let limit = bare.length < 8 ? 1 : 2, best;
      if (bare.length < 4) return;
      const known = await Promise.all(segments.map(async (s) => s.known ?? json((await title(s)).known)));
      for (const word of known.flat()) {
        const d = distance(bare, fold(word), limit);
        if (d <= limit && d > 0) [best, limit] = [word, d - 1];
      }
      return best;
    };

    // find answers a question: the numbers of items, best first, with what was done to find them.
    //   all: every item is wanted, to be counted or sorted by date
    const find = async (text, { chosen = {}, byDate, all }) => {
      const { total, segments } = await begin();
      const query = parse(text, rules), replaced = [];
      const narrowed = Object.keys(chosen).length > 0;
      const look = (word) => Promise.all(segments.map((s) => lists(s, word)));
      const count = (found) => found.flat().reduce((n, l) => n + l.count, 0);
      const found = await Promise.all(query.must.map(look));
      for (const [i, word] of query.must.entries()) {
        if (count(found[i])) continue;
        const better = await nearest(segments, word.bare);
        if (!better) continue;
        const [stem] = cut(better, rules);
        found[i] = await look((query.must[i] = { stem, bare: stem }));
        replaced.push([word.bare, better]);
      }
      const not = await Promise.all(query.not.map((stem) => look({ stem })));
      // Of one word in a list of its own the best will do, and the list tells how long it is.
      const short = found.length === 1 && found[0].every((row) => row.length < 2) && !not.length && !narrowed && !byDate && !all;
      if (!short) await Promise.all([...found, ...not].flatMap((row) => row.flatMap((l, s) => l.map((list) => complete(segments[s], list)))));
      const columns = narrowed ? await Promise.all(segments.map(facets)) : [];

      const keys = [];
      const collect = (every) => segments.forEach((segment, s) => {
        const seen = new Uint8Array(segment.count), score = new Float32Array(segment.count);
        found.forEach((row, k) => {
          const rare = Math.log(1 + total / Math.max(1, count(row)));
          for (const list of row[s].sort((a, b) => b.exact - a.exact)) {
            const worth = list.exact ? rare : rare / 2;
            each(list, (item, impact) => {
              if (every ? seen[item] === k : seen[item] !== k + 1) {
                seen[item] = k + 1;
                score[item] += impact * worth;
              }
            });
          }
        });
        const misses = missing(columns[s], chosen, segment.count);
        for (const row of not) for (const list of row[s]) each(list, (item) => (misses[item] = 1));
        for (let item = 0; item < segment.count; item++) {
          if ((every ? seen[item] === found.length : seen[item]) && !misses[item]) keys.push((byDate ? 0 : Math.round(score[item] * 256) * 2 ** 24) + segment.from + item);
        }
      });
      if (found.length || narrowed) collect(true);
      const any = !keys.length && found.length > 1;
      if (any) collect(false);
      const hits = Array.from(new Float64Array(keys).sort().reverse(), (key) => key % 2 ** 24);
      return { hits, total: short ? count(found[0]) : hits.length, query, replaced, any: any && hits.length > 0 };
    };

    // values lists what finds can be narrowed to, with how many there are of each: with a value
    // of another facet chosen, of those that have it.
    const values = async (text, chosen) => {
      const { total, segments } = await begin(), columns = await Promise.all(segments.map(facets));
      const asked = /\S/.test(text), found = new Uint8Array(total).fill(!asked);
      if (asked) for (const hit of (await find(text, { all: true })).hits) found[hit] = 1;
      const groups = new Map(kinds.map((kind) => [kind, new Map()]));
      segments.forEach(({ from, count }, s) => {
        const misses = missing(columns[s], chosen, count);
        kinds.forEach((kind, k) => {
          const { values, of } = columns[s][kind], group = groups.get(kind), counts = new Uint32Array(values.length + 1);
          const add = (n) => counts[n]++;
          of.forEach((value, item) => {
            if (!found[from + item] || (misses[item] & ~(1 << k))) return;
            if (value.forEach) value.forEach(add);
            else add(value);
          });
          values.forEach(([slug, name], n) => slug && group.set(slug, { name, count: counts[n + 1] + (group.get(slug)?.count ?? 0) }));
        });
      });
      return groups;
    };

    // documents fetches what is shown of items.
    const documents = async (hits) => {
      const { segments } = await begin();
      return Promise.all(hits.map(async (hit) => {
        const s = segments.findLast(({ from, count }) => count && from <= hit), item = hit - s.from;
        const page = s.documents ?? (await json(named((await title(s)).documents, item >> 4)));
        return page[item & 15];
      }));
    };

    return { find, values, documents };
  };

  const kinds = ["type", "year", "speaker", "place", "topic"];

  // missing tells of each item by which kinds it is not what was chosen: a bit for each.
  const missing = (columns, chosen, count) => {
    const misses = new Uint8Array(count);
    kinds.forEach((kind, k) => {
      if (!chosen[kind]) return;
      const { values, of } = columns[kind];
      const wanted = 1 + values.findIndex(([slug]) => slug === chosen[kind]) || NaN; // what is not there is no item's
      of.forEach((value, item) => {
        if (value !== wanted && !value.includes?.(wanted)) misses[item] |= 1 << k;
      });
    });
    return misses;
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
      return { text: text.replace(/\s+/g, " "), cues: transcripts.flatMap(({ language, cues }) => cues.map((cue) => ({ ...cue, at: Math.floor(cue.start), language }))) };
    }).catch(() => ({ text: "", cues: [] })));

    // excerpt is the part of a text that has most of the words.
    const excerpt = (text, fits) => {
      let best = "", n = 0;
      for (const s of text.match(/.{1,180}(?:\s|$)|\S{180}/gu) ?? []) if (count(s, fits) > n) [best, n] = [s.trim(), count(s, fits)];
      return best && (text.startsWith(best) ? "" : "… ") + best + (text.endsWith(best) ? "" : " …");
    };

    // deepen adds to a find what its page has of the words: where they are said, or stand.
    const deepen = async (after, [url, title, summary], query) => {
      const fits = fitting(query), { text, cues } = await page(url);
      const heard = cues.map((cue) => ({ ...cue, n: count(cue.text, fits) })).filter(({ n }) => n).sort((a, b) => b.n - a.n).slice(0, 3).sort((a, b) => a.at - b.at);
      const part = heard.length || count(`${title} ${summary}`, fits) >= query.must.length ? "" : excerpt(text, fits);
      if (part) after.after(make("p", { class: "card-summary" }, marked(part, fits)));
      if (heard.length) after.after(make("ul", { class: "heard" }, heard.map(({ at, text, language }) => {
        const time = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`;
        return make("li", {}, make("a", { class: "timecode", href: `${url}?t=${at}#t${at}`, "aria-label": say(words.at, { t: time }) }, make("bdi", { dir: "ltr" }, time)), " ", make("span", { lang: language }, marked(text, fits)));
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

    let turn = 0; // of asking: an answer that comes late is not shown
    const run = async () => {
      const mine = ++turn, now = state();
      const narrowed = Object.keys(now.chosen).length > 0, asked = narrowed || /\S/.test(now.text);
      list.closest("main").classList.toggle("asked", asked);
      for (const a of document.querySelectorAll(".tools a[hreflang]")) a.href = address({ ...now, chosen: {} }, a.pathname);
      if (!asked) {
        list.replaceChildren();
        told.textContent = "";
        filters.hidden = next.hidden = true;
        return;
      }
      try {
        const { hits, total, query, any, replaced } = await ask(() => engine.find(now.text, now)), { phrases } = query;
        if (mine !== turn) return;
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
        if (mine === turn) told.textContent = words.failed;
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
      for (const [kind, values] of groups) {
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
