// A browse page comes as plain rows. The table that filters and sorts them takes a moment to read, so it is read at the
// first sign of somebody who may use it, and at once where the address asks for a view or the button is pressed.
(() => {
  "use strict";
  const container = document.getElementById("table");
  const plain = document.getElementById("plain");
  const button = document.querySelector("#start button");
  const SIGNS = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin", "beforeprint"];
  const { loadScript } = window.luminaldb;

  // The plain rows stay while somebody uses them: scrolled into, in focus, marked, the pointer under way or on a link, or
  // a later page of them. The button overrules that; but what is pressed never moves away before it is let go.
  const isView = () => location.hash.includes("=");
  let asked = isView();
  const later = plain.querySelector("li:not(:first-child) > [aria-current]") !== null;
  let pressed = false;
  let moving = 0;
  let wake = () => {};
  const isInUse = () => {
    const marked = getSelection();
    return pressed || (!asked && (
      later
      || moving !== 0
      || plain.getBoundingClientRect().top < 0
      || plain.contains(document.activeElement)
      || plain.querySelector("a:hover") !== null
      || (!marked.isCollapsed && plain.contains(marked.anchorNode))));
  };
  for (const name of ["pointerdown", "touchstart"]) window.addEventListener(name, () => { pressed = true; }, { passive: true });
  for (const name of ["pointerup", "pointercancel", "touchend", "touchcancel"])
    window.addEventListener(name, () => { setTimeout(() => { pressed = false; wake(); }, 50); }, { passive: true });
  window.addEventListener("pointermove", () => {
    clearTimeout(moving);
    moving = setTimeout(() => { moving = 0; wake(); }, 300);
  }, { passive: true });
  for (const name of ["scroll", "focusin", "focusout", "selectionchange"])
    document.addEventListener(name, () => setTimeout(() => wake()), { passive: true });
  const ask = () => {
    asked = true;
    start();
    wake();
  };
  // browse.js waits for this before it puts the table in the place of the plain rows.
  window.luminaldb.plainRowsAreFree = async () => {
    while (isInUse()) await new Promise((resolve) => { wake = resolve; });
  };

  let started = false;
  const start = async () => {
    if (started) return;
    started = true;
    for (const name of SIGNS) window.removeEventListener(name, start);
    await Promise.all([loadScript("assets/vendor/tabulator.js"), loadScript("assets/packed.js"), loadScript(`data/${container.dataset.table}.js`)]);
    await loadScript("assets/browse.js");
  };
  button.addEventListener("click", () => {
    button.textContent = "Reading the table …";
    ask();
  });
  window.addEventListener("hashchange", () => { if (isView()) ask(); });
  if (asked) start();
  else for (const name of SIGNS) window.addEventListener(name, start, { passive: true });
})();
