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
          boost: { t: 3, n: 3 }, prefix: true, combineWith: "AND",
          fuzzy: (term) => (term.length > 4 ? 0.2 : false),
          boostDocument: (_, __, stored) => 1 + (kinds.length - stored.k) / 4,
        },
      });
      engine.addAll(documents.map(([k, t, n, x, u, s], id) => ({ id, k, t, n, x, u, s })));
      return { engine, kinds };
    })();
    return ready;
  };

  // Whose name is just what was asked comes first, then whose title begins with it, then what the index thinks best.
  const squeezed = (text) => text.toLowerCase().replace(/[\s\-_.,()/®™]/g, "");
  const ranked = (engine, query) => {
    const wanted = squeezed(query);
    const found = engine.search(query);
    const all = found.length || wanted === query.toLowerCase() ? found : engine.search(wanted);
    const tier = (hit) => {
      if (squeezed(hit.t) === wanted || hit.n.split("\n").some((name) => squeezed(name) === wanted)) return 0;
      return squeezed(hit.t).startsWith(wanted) ? 1 : 2;
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
      if (!query) return place.replaceChildren();
      const { engine, kinds } = await index();
      if (mine !== turn) return;
      place.replaceChildren(...shown(kinds, ranked(engine, query), query, limit));
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
