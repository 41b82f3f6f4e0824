// Copy buttons and search boxes. The search index is loaded when a box is first used.
(() => {
  "use strict";
  const root = document.body.dataset.root;
  const MAX_RESULTS_WHILE_TYPING = 12;

  // On narrow screens CSS shows rows as blocks, and some screen readers then no longer announce them as a table.
  const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const table of document.querySelectorAll("table.records"))
    for (const part of [table, ...table.querySelectorAll("*")]) {
      const role = part.tagName === "TH" ? (part.scope === "row" ? "rowheader" : "columnheader") : ROLES[part.tagName];
      if (role) part.setAttribute("role", role);
    }

  // A trial's many rows are on a separate page: an address with the hash of such a row is redirected to that page.
  const hash = location.hash.slice(1);
  if (hash && !document.getElementById(decodeURIComponent(hash))) {
    const rowsPage = document.querySelector(`a[data-rows="${CSS.escape(hash.split(".")[0])}"]`);
    if (rowsPage) location.replace(rowsPage.href + location.hash);
  }

  for (const button of document.querySelectorAll(".copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
      button.parentElement.querySelector(".copied").textContent = "Copied";
    });
  }

  const loadScript = (address) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = root + address;
      element.onload = resolve;
      element.onerror = () => reject(new Error(`${address} can't be read`));
      document.head.append(element);
    });
  window.luminaldb ??= {};
  // Also used by the scripts of tables, compared trials and forest plots.
  window.luminaldb.loadScript = loadScript;

  let ready;
  const loadSearchEngine = () => {
    ready ??= Promise.all([loadScript("assets/search.js"), loadScript("data/search.js")]).then(() =>
      window.luminaldb.searchEngine(window.luminaldb.search));
    return ready;
  };

  const resultElements = (found, query, limit) => {
    const parts = [];
    const count = document.createElement("p");
    count.className = "hint";
    count.textContent = found.length ? `${found.length.toLocaleString("en")} found` : `Nothing found for “${query}”.`;
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
      link.href = root + hit.address;
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

  const attachSearch = (input, output, limit) => {
    output.setAttribute("role", "status");
    let latestUpdate = 0;
    const update = async () => {
      const query = input.value.trim();
      const thisUpdate = ++latestUpdate;
      output.dataset.query = "";
      if (!query) return output.replaceChildren();
      const { find } = await loadSearchEngine();
      if (thisUpdate !== latestUpdate) return;
      output.replaceChildren(...resultElements(find(query), query, limit));
      output.dataset.query = query;
    };
    input.addEventListener("focus", () => loadSearchEngine().catch(() => {}), { once: true });
    input.addEventListener("input", update);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { input.value = ""; output.replaceChildren(); }
    });
    return update;
  };

  const headerSearch = document.querySelector(".find");
  const pageResults = document.querySelector(".results[data-for]");
  if (pageResults) {
    const input = document.getElementById(pageResults.dataset.for);
    const urlQuery = new URLSearchParams(location.search).get("q");
    const update = attachSearch(input, pageResults, urlQuery === null ? MAX_RESULTS_WHILE_TYPING : 200);
    input.closest("form").addEventListener("submit", (event) => {
      if (!location.pathname.endsWith("search.html")) return;
      event.preventDefault();
      history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`);
      update();
    });
    if (urlQuery) { input.value = urlQuery; update(); }
  }
  if (headerSearch) {
    const output = document.createElement("div");
    output.className = "results";
    headerSearch.append(output);
    attachSearch(headerSearch.querySelector("input"), output, 8);
    document.addEventListener("focusin", (event) => { if (!headerSearch.contains(event.target)) output.replaceChildren(); });
  }
})();
