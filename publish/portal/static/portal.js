// Copy buttons, and the search boxes: the index is fetched when a box is first used.
(() => {
  "use strict";
  const root = document.body.dataset.root;
  const KINDS_FIRST = 12;

  for (const button of document.querySelectorAll(".copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
      button.parentElement.querySelector(".copied").textContent = "Copied";
    });
  }

  const script = (place) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = root + place;
      element.onload = resolve;
      element.onerror = () => reject(new Error(`${place} can't be read`));
      document.head.append(element);
    });

  let ready;
  const index = () => {
    ready ??= (async () => {
      await Promise.all([script("assets/vendor/minisearch.js"), script("data/search.js")]);
      const { kinds, documents } = window.luminaldb.search;
      const engine = new window.MiniSearch({
        fields: ["t", "n", "s", "x"],
        storeFields: ["t", "k", "u", "s", "n"],
        processTerm: (term) => term.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "") || null,
        searchOptions: {
          boost: { t: 3, n: 3 }, combineWith: "AND",
          // A number with one digit changed is another number: identifiers are found as they stand, or not at all.
          prefix: (term) => !/^\d+$/.test(term),
          fuzzy: (term) => (term.length > 4 && !/\d/.test(term) ? 0.2 : false),
          boostDocument: (_, __, stored) => 1 + (kinds.length - stored.k) / 4,
        },
      });
      engine.addAll(documents.map(([k, t, n, x, u, s], id) => ({ id, k, t, n, x, u, s })));
      return { engine, kinds };
    })();
    return ready;
  };

  // What stands before an identifier, or the address that resolves it: keep in step with loaders/search.py.
  const WRAPPED = new RegExp(
    String.raw`^(?:https?://)?(?:(?:dx\.)?doi\.org/|(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/(?:pubmed|pmc/articles)/` +
      String.raw`|pmc\.ncbi\.nlm\.nih\.gov/articles/|clinicaltrials\.gov/(?:ct2/show|study)/))|^(?:doi|pmid|pmcid)(?:\s*:\s*|\s+|(?=\d))`, "i");
  const bare = (text) => (WRAPPED.test(text) ? text.replace(WRAPPED, "").replace(/[/?#]*$/, "").trim() : text);

  const squeezed = (text) => text.toLowerCase().replace(/[\s\-_.,()/®™]/g, "");
  // How many letters part two names (Levenshtein), given up beyond a limit.
  const apart = (a, b, limit) => {
    if (Math.abs(a.length - b.length) > limit) return limit + 1;
    let line = Array.from({ length: b.length + 1 }, (_, n) => n);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++)
        next.push(Math.min(line[j] + 1, next[j - 1] + 1, line[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      line = next;
    }
    return Math.min(line[b.length], limit + 1);
  };

  // Whose name is just what was asked comes first, then a name misspelt, nearest first (a whole name before the
  // beginning of one), then what the index thinks best.
  const ranked = (engine, asked) => {
    const query = bare(asked);
    const wanted = squeezed(query);
    const found = engine.search(query);
    const all = found.length || wanted === query.toLowerCase() ? found : engine.search(wanted);
    const limit = Math.max(1, Math.floor(wanted.length / 4));
    const tier = (hit) => {
      const names = [hit.t, ...hit.n.split("\n")].map(squeezed);
      if (names.includes(wanted)) return 0;
      if (names[0].startsWith(wanted)) return 0.5;
      const near = /\d/.test(wanted) || wanted.length < 5 ? limit + 1 : Math.min(...names.map((name) => apart(name, wanted, limit)));
      return near <= limit ? near : limit + 1;
    };
    return all.map((hit) => [tier(hit), hit]).sort((a, b) => a[0] - b[0]).map(([, hit]) => hit);
  };

  const shown = (kinds, found, query, limit) => {
    const parts = [];
    const said = document.createElement("p");
    said.className = "hint";
    said.textContent = found.length ? `${found.length.toLocaleString("en")} found` : `Nothing is called “${query}”.`;
    parts.push(said);
    const list = document.createElement("ol");
    for (const hit of found.slice(0, limit)) {
      const item = document.createElement("li");
      const kind = document.createElement("span");
      kind.className = "badge";
      kind.textContent = kinds[hit.k];
      const link = document.createElement("a");
      link.href = root + hit.u;
      link.textContent = hit.t;
      item.append(kind, link);
      if (hit.s) {
        const more = document.createElement("span");
        more.className = "where";
        more.textContent = ` ${hit.s}`;
        item.append(more);
      }
      list.append(item);
    }
    parts.push(list);
    return parts;
  };

  const attach = (input, place, limit) => {
    place.setAttribute("role", "status");
    let turn = 0;
    const update = async () => {
      const query = input.value.trim();
      const mine = ++turn;
      place.dataset.asked = "";
      if (!query) return place.replaceChildren();
      const { engine, kinds } = await index();
      if (mine !== turn) return;
      place.replaceChildren(...shown(kinds, ranked(engine, query), query, limit));
      place.dataset.asked = query;
    };
    input.addEventListener("focus", () => index().catch(() => {}), { once: true });
    input.addEventListener("input", update);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { input.value = ""; place.replaceChildren(); }
    });
    return update;
  };

  const small = document.querySelector(".find");
  const big = document.querySelector(".results[data-for]");
  if (big) {
    const input = document.getElementById(big.dataset.for);
    const asked = new URLSearchParams(location.search).get("q");
    const update = attach(input, big, asked === null ? KINDS_FIRST : 200);
    input.closest("form").addEventListener("submit", (event) => {
      if (!location.pathname.endsWith("search.html")) return;
      event.preventDefault();
      history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`);
      update();
    });
    if (asked) { input.value = asked; update(); }
  }
  if (small) {
    const place = document.createElement("div");
    place.className = "results";
    small.append(place);
    attach(small.querySelector("input"), place, 8);
    document.addEventListener("focusin", (event) => { if (!small.contains(event.target)) place.replaceChildren(); });
  }
})();
