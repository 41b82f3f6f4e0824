// Filters of the crosstalk map by direction and by therapy; an interaction under the pointer names its paper.
(() => {
  "use strict";
  const { symbols, edges, therapies } = window.luminaldb.crosstalk;
  const root = document.body.dataset.root;
  const map = document.getElementById("map");
  const status = document.getElementById("message");
  const direction = document.getElementById("direction");
  const therapy = document.getElementById("therapy");
  const counted = document.querySelector("h2 .count");
  const rows = new Map([...document.querySelectorAll("tr[id^='interactions.']")].map((tr) => [tr.id.slice("interactions.".length), tr]));
  const boxes = new Map([...map.querySelectorAll("[data-gene]")].map((box) => [box.dataset.gene, box]));
  const paths = new Map([...map.querySelectorAll("[data-edge]")].map((path) => [path.dataset.edge, path]));
  const touch = new Map();
  // A line of two pixels is hard to point at: a wider one that can't be seen lies over it.
  for (const [id, path] of paths) {
    const wide = path.cloneNode();
    wide.setAttribute("class", "touch");
    wide.removeAttribute("marker-end");
    path.parentNode.insertBefore(wide, boxes.values().next().value);
    touch.set(id, wide);
  }
  document.getElementById("choose").hidden = false;

  const link = (text, address) => Object.assign(document.createElement("a"), { href: root + address, textContent: text });
  const show = (...parts) => { status.hidden = false; status.replaceChildren(...parts); };
  const isAway = (id) => paths.get(id).classList.contains("away");
  const summary = () => {
    const chosen = therapies[therapy.value];
    if (!chosen) { status.hidden = true; return; }
    const count = (ids) => ids.filter((id) => !isAway(id)).length;
    const targets = chosen.targets.map((t) => symbols[t]).join(", ");
    show(`${chosen.name} targets ${targets}: ${count(chosen.blocks) || "no record of any"} signals blocked, ${count(chosen.restores) || "no record of any"} restored by mechanisms of resistance.`);
  };
  const light = (id, on) => {
    paths.get(id).classList.toggle("lit", on);
    rows.get(id)?.classList.toggle("lit", on);
  };
  const describe = (e) => show(
    `${symbols[e.from]} ${e.type} ${symbols[e.to]}. ${e.description} `, link(e.source, e.address), e.mechanism ? ` · mechanism: ${e.mechanism}` : "");

  for (const e of edges) {
    const line = touch.get(e.id);
    const begin = () => {
      for (const other of paths.keys()) light(other, other === e.id);
      describe(e);
    };
    line.addEventListener("pointerenter", begin);
    line.addEventListener("click", begin);
    line.addEventListener("pointerleave", () => light(e.id, false));
    for (const [name, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]])
      rows.get(e.id)?.addEventListener(name, () => light(e.id, on));
  }
  for (const [gene, box] of boxes) {
    const own = edges.filter((e) => e.from === gene || e.to === gene);
    for (const [name, on] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]])
      box.addEventListener(name, () => own.forEach((e) => light(e.id, on)));
  }

  const remember = () => {
    const now = new URLSearchParams();
    if (direction.value) now.set("direction", direction.value);
    if (therapy.value) now.set("therapy", therapy.value);
    history.replaceState(null, "", now.size ? `#${now}` : location.pathname);
  };
  const filter = () => {
    const chosen = therapies[therapy.value];
    const [blocks, restores] = [new Set(chosen?.blocks), new Set(chosen?.restores)];
    const linked = new Set();
    for (const e of edges) {
      const away = Boolean(direction.value) && e.direction !== direction.value;
      const touched = blocks.has(e.id) || restores.has(e.id);
      const list = paths.get(e.id).classList;
      list.toggle("away", away);
      list.toggle("blocked", blocks.has(e.id) && !restores.has(e.id));
      list.toggle("restored", restores.has(e.id));
      list.toggle("faint", Boolean(chosen) && !touched);
      touch.get(e.id).classList.toggle("away", away);
      if (!away) linked.add(e.from).add(e.to);
      const row = rows.get(e.id);
      if (row) row.hidden = away || (Boolean(chosen) && !touched);
    }
    for (const [gene, box] of boxes) {
      box.classList.toggle("targeted", Boolean(chosen?.targets.includes(gene)));
      box.classList.toggle("away", !linked.has(gene));
    }
    const shown = [...rows.values()].filter((row) => !row.hidden).length;
    counted.textContent = shown === rows.size ? rows.size.toLocaleString("en") : `${shown.toLocaleString("en")} of ${rows.size.toLocaleString("en")}`;
    map.dataset.shown = edges.filter((e) => !isAway(e.id)).length;
    summary();
  };
  const view = new URLSearchParams(location.hash.slice(1));
  if ([...direction.options].some((o) => o.value === view.get("direction"))) direction.value = view.get("direction");
  if (therapies[view.get("therapy")]) therapy.value = view.get("therapy");
  for (const field of [direction, therapy]) field.addEventListener("change", () => { filter(); remember(); });
  document.getElementById("choose").addEventListener("submit", (event) => event.preventDefault());
  filter();
  map.dataset.ready = "true";
})();
