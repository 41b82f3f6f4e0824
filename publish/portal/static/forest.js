// Choosing a question redraws its plot: each question's answer is a script of its own, made at build.
(() => {
  "use strict";
  const { choices, names, first } = window.luminaldb.questions;
  const form = document.getElementById("choose");
  const fields = [...form.querySelectorAll("select")];
  const answer = document.getElementById("answer");
  const message = document.getElementById("message");
  const variableOf = (slug) => `q_${slug.replaceAll("-", "_")}`;

  // Each field offers what the fields before it leave; where the value chosen before is gone, the first that is there.
  const offer = (wanted) => {
    let left = choices;
    for (const field of fields) {
      const values = [...new Set(left.map((c) => c[field.name]))];
      values.sort((a, b) => names[field.name][a].localeCompare(names[field.name][b], "en"));
      const value = values.includes(wanted[field.name]) ? wanted[field.name] : values[0];
      field.replaceChildren(...values.map((v) => new Option(names[field.name][v], v, false, v === value)));
      left = left.filter((c) => c[field.name] === value);
    }
    return left[0];
  };
  const load = async (slug) => {
    if (!window.luminaldb.forest?.[variableOf(slug)]) await window.luminaldb.loadScript(`data/forest/${slug}.js`);
  };
  let current = first;
  const draw = async (choice) => {
    if (choice.slug === current) return;
    current = choice.slug;
    await load(choice.slug);
    if (current !== choice.slug) return;
    // The text was made and escaped by the build.
    answer.innerHTML = window.luminaldb.forest[variableOf(choice.slug)];
    message.textContent = choice.k > 1 ? `Drawn: ${choice.k} trials pooled.` : "This question can't be pooled; see why.";
    history.replaceState(null, "", `#draw=${choice.slug}`);
  };

  const start = () => choices.find((c) => `#draw=${c.slug}` === location.hash) || choices.find((c) => c.slug === first);
  const show = () => draw(offer(start()));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => draw(offer(Object.fromEntries(fields.map((f) => [f.name, f.value])))));
  window.addEventListener("hashchange", show);
  show();
})();
