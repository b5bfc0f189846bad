// The search page: loads the index that the export made, and lists rules as one types.
(() => {
  "use strict";
  const setup = self.rulescopeSearch;
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const more = document.getElementById("search-more");
  const filters = document.getElementById("search-filters");
  const box = document.getElementById("search-box");
  const STEP = 20;
  const LONGEST_WORD = 80;
  const FIELD_NAMES = { title: "title", ids: "identifier", attack: "ATT&CK", values: "values", text: "description", other: "macros and events" };
  const BOOST = { title: 6, ids: 5, attack: 4, values: 3, text: 1, other: 1.5 };

  // Words, as in search_index.py.
  const EDGES = "\"'`,;:()[]{}.!?";
  const WORD = /[\p{L}\p{N}_]+/gu;
  const COMPOUND = /[\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)+/gu;
  const cut = (word) => Array.from(word).slice(0, LONGEST_WORD).join("");
  const strip = (chunk) => {
    let start = 0;
    let end = chunk.length;
    while (start < end && EDGES.includes(chunk[start])) start += 1;
    while (end > start && EDGES.includes(chunk[end - 1])) end -= 1;
    return chunk.slice(start, end);
  };
  function* wordsOf(text) {
    for (const chunk of text.toLowerCase().split(/\s+/u)) {
      const plain = strip(chunk);
      if (!plain) continue;
      const words = plain.match(WORD) ?? [];
      const compounds = plain.match(COMPOUND) ?? [];
      yield { whole: cut(plain), compounds: compounds.map(cut), words: words.map(cut) };
    }
  }
  self.rulescopeWords = (text) => {
    const found = [];
    for (const { whole, compounds, words } of wordsOf(text)) {
      for (const word of words) found.push(word);
      if (words.length === 1 && words[0] === whole) continue;
      found.push(...compounds);
      if (!(compounds.length === 1 && compounds[0] === whole)) found.push(whole);
    }
    return found;
  };

  let rules = null;
  let mini = null;
  const shards = [];
  const texts = new Map();
  const waiting = new Map();

  self.rulescopeReceive = (kind, number, json) => {
    const value = JSON.parse(json);
    if (kind === "rules") rules = value;
    else if (kind === "terms") shards[number] = value;
    else texts.set(number, value);
  };

  const load = (name) => {
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `search/${name}.js`;
        script.onload = () => { script.remove(); resolve(); };
        script.onerror = () => reject(new Error(`search/${name}.js can't be loaded`));
        document.head.append(script);
      }));
    }
    return waiting.get(name);
  };

  const options = { fields: setup?.fields ?? [], idField: "id", tokenize: (text) => [text], processTerm: (term) => term };

  const start = async () => {
    status.textContent = "Loading the index…";
    const names = ["rules", ...Array.from({ length: setup.shards }, (_, number) => `index-${number}`)];
    await Promise.all(names.map(load));
    const count = rules.slug.length;
    const byNumber = (values) => Object.fromEntries(values.map((value, number) => [number, value]));
    const numbers = Array.from({ length: count }, (_, number) => number);
    mini = MiniSearch.loadJS({
      documentCount: count,
      nextId: count,
      documentIds: byNumber(numbers),
      fieldIds: Object.fromEntries(setup.fields.map((field, number) => [field, number])),
      fieldLength: byNumber(rules.lengths),
      averageFieldLength: rules.averages,
      storedFields: {},
      dirtCount: 0,
      index: shards.flat(),
      serializationVersion: 2,
    }, options);
    shards.length = 0;
    document.body.dataset.search = "ready";
  };

  // A stretch with signs in it (`EventCode=1`) is looked for as it is; where no rule has it, by its words.
  const clause = (chunk, isLast) => {
    const all = (prefix, queries) => ({ combineWith: "AND", prefix, queries });
    const has = (term, prefix) => mini.search(term, { prefix }).length > 0;
    if (chunk.words.length === 1 && chunk.words[0] === chunk.whole) return all(isLast, [chunk.whole]);
    for (const prefix of isLast ? [false, true] : [false]) {
      if (has(chunk.whole, prefix)) return all(prefix, [chunk.whole]);
      const compounds = chunk.compounds.filter((term) => has(term, prefix));
      if (compounds.length) return all(prefix, [...compounds, ...chunk.words]);
    }
    return all(isLast, chunk.words.length ? chunk.words : [chunk.whole]);
  };

  const find = (text) => {
    const chunks = [...wordsOf(text)];
    if (!chunks.length) return [];
    const open = !/\s$/u.test(text);
    const queries = chunks.map((chunk, number) => clause(chunk, open && number === chunks.length - 1));
    const settings = { boost: BOOST, combineWith: "AND" };
    const found = mini.search({ combineWith: "AND", queries }, settings);
    if (found.length) return found;
    const words = chunks.flatMap((chunk) => chunk.words).filter((word) => word.length > 3);
    if (!words.length) return [];
    return mini.search({ combineWith: "AND", queries: words }, { ...settings, fuzzy: 0.2 });
  };

  // Nothing of a rule ever becomes HTML: texts go in as text, with hidden characters made visible.
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]/gu;
  const visible = (text) => text.replace(HIDDEN, (one) => {
    const code = one.codePointAt(0);
    if (code < 32) return String.fromCodePoint(0x2400 + code);
    return `\u27e6U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e7`;
  });
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = visible(text);
    return made;
  };
  const marked = (parent, text, terms) => {
    const lower = text.toLowerCase();
    let here = 0;
    while (here < text.length) {
      let at = -1;
      let length = 0;
      for (const term of terms) {
        const place = lower.indexOf(term, here);
        if (place >= 0 && (at < 0 || place < at || (place === at && term.length > length))) {
          at = place;
          length = term.length;
        }
      }
      if (at < 0) break;
      parent.append(visible(text.slice(here, at)), element("mark", "", text.slice(at, at + length)));
      here = at + length;
    }
    parent.append(visible(text.slice(here)));
  };

  let found = [];
  let shownCount = 0;
  let current = "";
  const chosen = { language: null, repository: null };

  const excerpt = async (item, hit) => {
    const shard = Math.floor(hit.id / setup.size);
    await load(`texts-${shard}`);
    const text = texts.get(shard)?.[hit.id % setup.size];
    if (!text) return;
    const terms = hit.terms.filter((term) => term.length > 1).sort((one, two) => two.length - one.length);
    const whole = (value) => terms.some((term) => value.toLowerCase().includes(term));
    const best = (values) => values.map((value) => [terms.filter((term) => value.toLowerCase().includes(term)).length, value])
      .filter(([score]) => score).sort((one, two) => two[0] - one[0]).slice(0, 3).map(([, value]) => value);
    const lines = hit.fields.has("values") ? [...new Set([...best(text.values), ...best(text.terms)])].slice(0, 3) : [];
    for (const line of lines) {
      const row = element("code", "value");
      marked(row, line, terms);
      item.append(row);
    }
    if (lines.length) return;
    const paragraph = element("p", "about");
    const others = best(text.other);
    if (hit.fields.has("text") && whole(text.description)) {
      const place = Math.max(0, text.description.toLowerCase().indexOf(terms.find((term) => text.description.toLowerCase().includes(term))) - 80);
      marked(paragraph, (place ? "…" : "") + text.description.slice(place, place + 260), terms);
    } else if (others.length) marked(paragraph, others.join(" · "), terms);
    else marked(paragraph, text.description.slice(0, 220), terms);
    item.append(paragraph);
  };

  const add = (hit) => {
    const item = element("li");
    const link = element("a", "title");
    link.href = `rules/${encodeURIComponent(rules.slug[hit.id])}.html`;
    marked(link, rules.title[hit.id], hit.terms);
    const about = element("span", "about");
    about.append(element("span", "chip", rules.language[hit.id]), " ", visible(rules.repository[hit.id]));
    const parse = rules.parse[hit.id];
    if (parse === "failed" && setup.unread.includes(rules.language[hit.id])) about.append(" ", element("span", "chip", "not yet read"));
    else if (parse !== "full") about.append(" ", element("span", `chip ${parse}`, parse));
    for (const technique of rules.techniques[hit.id].slice(0, 5)) about.append(" ", element("span", "id", technique));
    about.append(" ", element("span", "where", `in ${[...hit.fields].map((field) => FIELD_NAMES[field]).join(", ")}`));
    item.append(link, about);
    list.append(item);
    excerpt(item, hit).catch(() => {});
  };

  const narrowed = () => found.filter((hit) =>
    (chosen.language === null || rules.language[hit.id] === chosen.language) &&
    (chosen.repository === null || rules.repository[hit.id] === chosen.repository));

  const showMore = () => {
    const hits = narrowed();
    for (const hit of hits.slice(shownCount, shownCount + STEP)) add(hit);
    shownCount = Math.min(hits.length, shownCount + STEP);
    more.hidden = shownCount >= hits.length;
  };

  const showFilters = () => {
    filters.replaceChildren();
    for (const kind of ["repository", "language"]) {
      const counts = new Map();
      for (const hit of found) counts.set(rules[kind][hit.id], (counts.get(rules[kind][hit.id]) ?? 0) + 1);
      if (counts.size < 2) { chosen[kind] = null; continue; }
      for (const [name, count] of counts) {
        const button = element("button", "chip", `${name} ${count.toLocaleString("en")}`);
        button.type = "button";
        button.setAttribute("aria-pressed", String(chosen[kind] === name));
        button.addEventListener("click", () => {
          chosen[kind] = chosen[kind] === name ? null : name;
          show();
        });
        filters.append(button);
      }
    }
    filters.hidden = !filters.children.length;
  };

  const show = () => {
    list.replaceChildren();
    shownCount = 0;
    showFilters();
    const count = narrowed().length;
    status.textContent = !current.trim() ? `${rules.slug.length.toLocaleString("en")} rules to search.`
      : count === 0 ? `No rule has all of “${visible(current.trim())}”.` : `${count.toLocaleString("en")} ${count === 1 ? "rule" : "rules"}`;
    showMore();
  };

  const search = (text) => {
    current = text;
    chosen.language = chosen.repository = null;
    found = find(text).map((hit) => ({
      id: hit.id,
      terms: hit.terms,
      fields: new Set(setup.fields.filter((field) => Object.values(hit.match).some((fields) => fields.includes(field)))),
    }));
    show();
    const address = new URL(location.href);
    if (text.trim()) address.searchParams.set("q", text);
    else address.searchParams.delete("q");
    try {
      history.replaceState(null, "", address);
    } catch {
      // Some browsers don't let pages from a disk change their address.
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = Array.from(list.querySelectorAll("a.title"));
    const place = links.indexOf(document.activeElement);
    if (place < 0 && document.activeElement !== box) return;
    const next = event.key === "ArrowDown" ? links[place + 1] : place > 0 ? links[place - 1] : box;
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  more.addEventListener("click", showMore);

  if (!setup) {
    status.textContent = "The index is not there.";
    return;
  }
  box.value = new URL(location.href).searchParams.get("q") ?? "";
  box.focus();
  start().then(() => {
    let timer = 0;
    search(box.value);
    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => search(box.value), 80);
    });
    box.form.addEventListener("submit", (event) => {
      event.preventDefault();
      search(box.value);
    });
  }, (error) => {
    status.textContent = `Search doesn't work: ${error.message}.`;
  });
})();
