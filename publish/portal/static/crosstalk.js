// The network, drawn from the places that the build laid it out at; filters by direction and by therapy.
(() => {
  "use strict";
  const { nodes, edges, therapies, bands } = window.luminaldb.crosstalk;
  const root = document.body.dataset.root;
  const map = document.getElementById("map");
  const said = document.getElementById("said");
  const direction = document.getElementById("direction");
  const therapy = document.getElementById("therapy");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const symbols = Object.fromEntries(nodes.map((n) => [n.id, n.symbol]));
  const counted = document.querySelector("h2 .count");
  const lines = new Map([...document.querySelectorAll("tr[id^='interactions.']")].map((tr) => [tr.id.slice("interactions.".length), tr]));

  document.getElementById("drawing").hidden = true;
  document.getElementById("choose").hidden = false;
  map.hidden = false;

  const shapes = { "+": "triangle", "-": "tee", "": "circle" };
  const style = () => [
    { selector: "node", style: {
      label: (n) => n.data("symbol") ?? "", shape: "round-rectangle", width: 54, height: 22, "font-size": 11, "text-valign": "center",
      "background-color": colour("--paper"), color: colour("--ink"), "border-width": 1, "border-color": colour("--quiet"), "z-index": 2, "z-index-compare": "manual" } },
    { selector: "node.band", style: {
      shape: "round-rectangle", width: "data(width)", height: "data(height)", "background-color": colour("--shade"),
      "border-width": 1, "border-color": colour("--line"), "z-index": -1, "z-index-compare": "manual", events: "no" } },
    { selector: "node.bandname", style: {
      label: "data(name)", width: 1, height: 1, "background-opacity": 0, "border-width": 0, color: colour("--soft"), "font-size": 13, "font-weight": 600,
      "text-halign": "right", "text-valign": "center", "z-index": 3, "z-index-compare": "manual", events: "no",
      "text-background-color": colour("--shade"), "text-background-opacity": 1, "text-background-padding": 3 } },
    { selector: "node[?targeted]", style: { "border-width": 2.6, "border-color": colour("--ink") } },
    { selector: "node.held", style: { "background-color": colour("--mark"), "border-width": 4, "border-style": "double" } },
    { selector: "edge", style: {
      width: 1.6, opacity: 0.6, "curve-style": "bezier", "line-color": colour("--neither"), "target-arrow-color": colour("--neither"),
      "target-arrow-shape": (e) => shapes[e.data("sign")], "arrow-scale": 0.9 } },
    { selector: "edge[direction = 'er_to_her2']", style: { "line-color": colour("--for"), "target-arrow-color": colour("--for") } },
    { selector: "edge[direction = 'her2_to_er']", style: { "line-color": colour("--against"), "target-arrow-color": colour("--against") } },
    { selector: "edge.blocked", style: { "line-style": "dashed", "line-dash-pattern": [3, 4], opacity: 0.6 } },
    { selector: "edge.reopened", style: { width: 4, "line-color": "#cc3d8f", "target-arrow-color": "#cc3d8f", opacity: 1 } },
    { selector: ".lit", style: { width: 5, opacity: 1, "z-index": 9 } },
    { selector: "node.lit", style: { width: 62, height: 27 } },
    { selector: ".away", style: { display: "none" } },
    { selector: ".faint", style: { opacity: 0.25 } },
  ];
  const cy = window.cytoscape({
    container: map,
    elements: [
      ...bands.map((b, n) => ({ data: { ...b, id: `band-${n}` }, classes: "band", position: { x: b.width / 2, y: b.y + b.height / 2 }, grabbable: false, selectable: false })),
      ...bands.map((b, n) => ({ data: { name: b.name, id: `name-${n}` }, classes: "bandname", position: { x: 14, y: b.y + 15 }, grabbable: false, selectable: false })),
      ...nodes.map((n) => ({ data: n, position: { x: n.x, y: n.y } })),
      ...edges.map((e) => ({ data: { ...e, source: e.from, target: e.to, cited: e.source } })),
    ],
    layout: { name: "preset" },
    style: style(),
    minZoom: 0.2,
    maxZoom: 4,
    userZoomingEnabled: false,
    boxSelectionEnabled: false,
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy.style(style()));

  const link = (text, place) => Object.assign(document.createElement("a"), { href: root + place, textContent: text });
  const tell = (...parts) => { said.hidden = false; said.replaceChildren(...parts); };
  const summary = () => {
    const chosen = therapies[therapy.value];
    if (!chosen) { said.hidden = true; return; }
    const seen = (ids) => ids.filter((id) => !cy.getElementById(id).hasClass("away")).length;
    const held = chosen.targets.map((t) => symbols[t]).join(", ");
    tell(`${chosen.name} targets ${held}: ${seen(chosen.blocks) || "no record of any"} signals blocked, ${seen(chosen.reopens) || "no record of any"} restored by mechanisms of resistance.`);
  };
  const light = (element, on) => {
    element.toggleClass("lit", on);
    if (element.isEdge()) lines.get(element.id())?.classList.toggle("lit", on);
  };
  const describe = (edge) => {
    const e = edge.data();
    tell(`${symbols[e.from]} ${e.type} ${symbols[e.to]}. ${e.said} `, link(e.cited, e.place), e.mechanism ? ` · mechanism: ${e.mechanism}` : "");
  };

  cy.on("mouseover tap", "edge", (event) => { cy.elements(".lit").forEach((x) => light(x, false)); light(event.target, true); describe(event.target); });
  cy.on("mouseout", "edge", (event) => light(event.target, false));
  cy.on("mouseover", "node", (event) => { light(event.target, true); event.target.connectedEdges().forEach((x) => light(x, true)); });
  cy.on("mouseout", "node", (event) => { light(event.target, false); event.target.connectedEdges().forEach((x) => light(x, false)); });
  cy.on("tap", "node", (event) => { location.href = root + event.target.data("place"); });
  for (const [id, line] of lines) {
    const edge = cy.getElementById(id);
    for (const [name, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]])
      line.addEventListener(name, () => light(edge, on));
  }

  const remember = () => {
    const now = new URLSearchParams();
    if (direction.value) now.set("direction", direction.value);
    if (therapy.value) now.set("therapy", therapy.value);
    history.replaceState(null, "", now.size ? `#${now}` : location.pathname);
  };
  const filter = () => {
    const chosen = therapies[therapy.value];
    const [blocks, reopens] = [new Set(chosen?.blocks), new Set(chosen?.reopens)];
    cy.batch(() => {
      cy.edges().forEach((edge) => {
        const away = Boolean(direction.value) && edge.data("direction") !== direction.value;
        const touched = blocks.has(edge.id()) || reopens.has(edge.id());
        edge.toggleClass("away", away);
        edge.toggleClass("blocked", blocks.has(edge.id()) && !reopens.has(edge.id()));
        edge.toggleClass("reopened", reopens.has(edge.id()));
        edge.toggleClass("faint", Boolean(chosen) && !touched);
        const line = lines.get(edge.id());
        if (line) line.hidden = away || (Boolean(chosen) && !touched);
      });
      cy.nodes().not(".band, .bandname").forEach((node) => {
        node.toggleClass("held", Boolean(chosen?.targets.includes(node.id())));
        node.toggleClass("away", node.connectedEdges().every((e) => e.hasClass("away")));
      });
    });
    const shown = [...lines.values()].filter((line) => !line.hidden).length;
    counted.textContent = shown === lines.size ? lines.size.toLocaleString("en") : `${shown.toLocaleString("en")} of ${lines.size.toLocaleString("en")}`;
    map.dataset.shown = cy.edges().filter((e) => !e.hasClass("away")).length;
    summary();
  };
  const view = new URLSearchParams(location.hash.slice(1));
  if ([...direction.options].some((o) => o.value === view.get("direction"))) direction.value = view.get("direction");
  if (therapies[view.get("therapy")]) therapy.value = view.get("therapy");
  for (const field of [direction, therapy]) field.addEventListener("change", () => { filter(); remember(); });
  document.getElementById("choose").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("fit").addEventListener("click", () => cy.fit(undefined, 20));
  cy.fit(undefined, 20);
  filter();
  map.dataset.ready = "true";
})();
