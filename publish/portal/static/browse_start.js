// A browse page comes as plain rows. The table that filters and sorts them takes a moment to read, so it is read at the
// first sign of somebody who may use it, and at once where the address asks for a view or the button is pressed.
(() => {
  "use strict";
  const root = document.body.dataset.root;
  const place = document.getElementById("table");
  const button = document.querySelector("#start button");
  const SIGNS = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin", "hashchange", "beforeprint"];
  const script = (file) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = root + file;
      element.onload = resolve;
      element.onerror = () => reject(new Error(`${file} can't be read`));
      document.head.append(element);
    });

  // What is pressed must not move away before it is let go.
  let pressed = 0;
  let released = () => {};
  for (const name of ["pointerdown", "touchstart"]) window.addEventListener(name, () => { pressed++; }, { passive: true });
  for (const name of ["pointerup", "pointercancel", "touchend", "touchcancel"])
    window.addEventListener(name, () => { pressed = 0; setTimeout(released, 50); }, { passive: true });
  const letGo = () => (pressed ? new Promise((resolve) => { released = resolve; }) : Promise.resolve());

  let started = false;
  const start = async () => {
    if (started) return;
    started = true;
    for (const name of SIGNS) window.removeEventListener(name, start);
    button.disabled = true;
    button.textContent = "Reading the table …";
    await Promise.all([script("assets/vendor/tabulator.js"), script("assets/packed.js"), script(`data/${place.dataset.table}.js`)]);
    await letGo();
    await script("assets/browse.js");
  };
  button.addEventListener("click", start);
  if (location.hash) start();
  else for (const name of SIGNS) window.addEventListener(name, start, { passive: true });
})();
