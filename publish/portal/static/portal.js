// Copy buttons, and the search boxes: what they search through is fetched when a box is first used.
(() => {
  "use strict";
  const root = document.body.dataset.root;
  const KINDS_FIRST = 12;

  // On narrow screens rows are drawn as blocks, which takes their meaning as a table from some screen readers.
  const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const table of document.querySelectorAll("table.records"))
    for (const part of [table, ...table.querySelectorAll("*")]) {
      const role = part.tagName === "TH" ? (part.scope === "row" ? "rowheader" : "columnheader") : ROLES[part.tagName];
      if (role) part.setAttribute("role", role);
    }

  // Where a trial has many rows they stand on a page of their own; an address of one of them leads there.
  const asked = location.hash.slice(1);
  if (asked && !document.getElementById(decodeURIComponent(asked))) {
    const all = document.querySelector(`a[data-rows="${CSS.escape(asked.split(".")[0])}"]`);
    if (all) location.replace(all.href + location.hash);
  }

  for (const button of document.querySelectorAll(".copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
      button.parentElement.querySelector(".copied").textContent = "Copied";
    });
  }

  const loadScript = (place) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = root + place;
      element.onload = resolve;
      element.onerror = () => reject(new Error(`${place} can't be read`));
      document.head.append(element);
    });
  window.luminaldb ??= {};
  // The scripts of tables, of compared trials and of forest plots read their data with it too.
  window.luminaldb.loadScript = loadScript;

  let ready;
  const engine = () => {
    ready ??= Promise.all([loadScript("assets/search.js"), loadScript("data/search.js")]).then(() =>
      window.luminaldb.searchEngine(window.luminaldb.search));
    return ready;
  };

  const shown = (found, query, limit) => {
    const parts = [];
    const count = document.createElement("p");
    count.className = "hint";
    count.textContent = found.length ? `${found.length.toLocaleString("en")} found` : `Nothing is called “${query}”.`;
    parts.push(count);
    if (found.note) {
      const note = document.createElement("p");
      note.className = "notice";
      note.textContent = found.note;
      parts.push(note);
    }
    const list = document.createElement("ol");
    for (const hit of found.slice(0, limit)) {
      const item = document.createElement("li");
      const kind = document.createElement("span");
      kind.className = "badge";
      kind.textContent = hit.kind;
      const link = document.createElement("a");
      link.href = root + hit.place;
      link.textContent = hit.title;
      item.append(kind, link);
      if (hit.detail) {
        const more = document.createElement("span");
        more.className = "where";
        more.textContent = hit.detail;
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
      const { find } = await engine();
      if (mine !== turn) return;
      place.replaceChildren(...shown(find(query), query, limit));
      place.dataset.asked = query;
    };
    input.addEventListener("focus", () => engine().catch(() => {}), { once: true });
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
