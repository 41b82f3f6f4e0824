// Trials side by side: each trial's data is a script of its own; the address tells which are chosen.
(() => {
  "use strict";
  const trials = window.luminaldb.trials;
  const root = document.body.dataset.root;
  const fields = [1, 2, 3, 4].map((n) => document.getElementById(`trial-${n}`));
  const container = document.getElementById("compared");
  const message = document.getElementById("message");
  const load = async ([, , variable, file]) => {
    if (!window.luminaldb.compare?.[variable]) await window.luminaldb.loadScript(`data/compare/${file}.js`);
    return window.luminaldb.compare[variable];
  };
  const el = (tag, props = {}, ...inside) => { const node = Object.assign(document.createElement(tag), props); node.append(...inside); return node; };
  const soft = (text) => el("span", { className: "where", textContent: ` ${text}` });
  const result = (r) => el("p", {},
    el("a", { href: root + r.address, textContent: r.result }), r.arms ? el("span", { textContent: ` ${r.arms}` }) : "",
    soft([r.who, r.comparison, r.test, r.counts, r.date].filter(Boolean).join("; ")), " ",
    el("span", { className: `badge sure sure-${r.level}`, textContent: r.grade }), soft(r.reasons), " ",
    el("a", { href: root + r.source_address, textContent: r.source }));
  const row = (name, cells) => el("tr", {}, el("th", { scope: "row", textContent: name }), ...cells.map((c) => el("td", {}, ...c)));
  const band = (name, width) => el("tr", {}, el("th", { scope: "colgroup", colSpan: width, className: "band", textContent: name }));
  const draw = (shown) => {
    const all = (of) => [...new Set(shown.flatMap(of))];
    const width = shown.length + 1;
    const head = el("thead", {}, el("tr", {}, el("td"), ...shown.map((t) => el("th", { scope: "col" }, el("a", { href: root + t.address, textContent: t.name })))));
    const body = el("tbody", {}, band("Design", width));
    for (const name of all((t) => Object.keys(t.facts))) body.append(row(name, shown.map((t) => [t.facts[name] || "not stated"])));
    body.append(band("Latest results", width));
    for (const name of all((t) => t.results.map((r) => r.endpoint)))
      body.append(row(name, shown.map((t) => { const own = t.results.filter((r) => r.endpoint === name); return own.length ? own.map(result) : ["no record"]; })));
    body.append(band("Side effects", width));
    body.append(row("Grade and arms", shown.map((t) => [t.events ? `${t.events.title}: ${t.events.arms.join(" | ")}` : "no record"])));
    for (const name of all((t) => (t.events ? t.events.rows.map(([n]) => n) : [])))
      body.append(row(name, shown.map((t) => [t.events?.rows.find(([n]) => n === name)?.[1].join(" | ") ?? "no record"])));
    const table = el("table", { className: "compare" }, head, body);
    table.setAttribute("aria-label", "Trials side by side");
    container.replaceChildren(table);
  };
  const show = async () => {
    const chosen = fields.map((f) => trials.find(([key, name]) => [key, name].some((n) => n.toLowerCase() === f.value.trim().toLowerCase()))).filter(Boolean);
    const unknown = fields.find((f) => f.value.trim() && !trials.some(([key, name]) => [key, name].some((n) => n.toLowerCase() === f.value.trim().toLowerCase())));
    message.textContent = unknown ? `No trial with results is called “${unknown.value}”.` : chosen.length < 2 ? "Choose two trials." : `${chosen.length} trials compared.`;
    history.replaceState(null, "", chosen.length ? `#trials=${chosen.map(([key]) => key).join(",")}` : location.pathname);
    if (!chosen.length) return container.replaceChildren();
    draw(await Promise.all(chosen.map(load)));
    container.dataset.ready = chosen.map(([key]) => key).join(",");
  };
  const read = () => {
    const keys = (new URLSearchParams(location.hash.slice(1)).get("trials") ?? "").split(",").filter(Boolean);
    fields.forEach((f, n) => { f.value = trials.find(([key]) => key === keys[n])?.[1] ?? ""; });
    return show();
  };
  document.getElementById("choose").hidden = false;
  document.getElementById("plain").hidden = true;
  document.getElementById("choose").addEventListener("submit", (event) => event.preventDefault());
  for (const field of fields) field.addEventListener("change", show);
  window.addEventListener("hashchange", read);
  read();
})();
