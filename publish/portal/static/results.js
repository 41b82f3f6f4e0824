// The flat table of results: facets with counts, words, order and page come from the address; what is left is pooled or saved.
(async () => {
  "use strict";
  const { columns, packed, pooled_instead: instead, replaced } = window.luminaldb.results;
  const data = window.luminaldb.unpack(packed);
  const { csv, workbook, save } = window.luminaldb.spreadsheet;
  const root = document.body.dataset.root;
  const PER_PAGE = 50;
  const AT_ONCE = 10;
  const at = Object.fromEntries(columns.map((c, n) => [c.name, n]));
  const titles = Object.fromEntries(columns.map((c) => [c.name, c.title]));
  const facets = columns.filter((c) => c.facet).map((c) => c.name);
  const NONE = "not stated";
  const column = (name) => data.columns[at[name]];
  const get_ = (n, name) => column(name).valueOf(n);
  const every = Array.from({ length: data.length }, (_, n) => n);
  // What a facet calls a cell: a cell of several drugs has several names.
  const labels = (cell, name) => {
    if (name === "certainty") return [cell.split(":")[0]];
    return cell === "" ? [NONE] : name === "drug" || name === "therapy_class" || name === "biomarker" ? cell.split("; ") : [cell];
  };
  // A column has few distinct values, so words and filters are looked for among them, not row by row.
  const lowered = new Map();
  const lower = (one) => {
    if (!lowered.has(one)) lowered.set(one, one.values.map((value) => value.toLowerCase()));
    return lowered.get(one);
  };
  const holding = (word) => data.columns.slice(0, at.result_id).flatMap((one) => {
    const hits = lower(one).map((value) => value.includes(word));
    return hits.includes(true) ? [{ one, hits }] : [];
  });

  const el = (tag, props = {}, ...inside) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...inside);
    return node;
  };
  const get = (id) => document.getElementById(id);
  const [words, list, shown, sort, pager, pooled] = ["words", "list", "shown", "sort", "pager", "pooled"].map(get);
  const state = { chosen: new Map(), page: 0 };

  const read = () => {
    const view = new URLSearchParams(location.hash.slice(1));
    state.chosen = new Map([...view].filter(([name]) => name in at).map(([name, text]) => [name, new Set(text.split("|"))]));
    words.value = view.get("~words") ?? "";
    sort.value = view.get("~sort") ?? "";
    state.page = Number(view.get("~page") ?? 1) - 1;
  };
  const write = () => {
    const view = new URLSearchParams();
    for (const [name, set] of state.chosen) if (set.size) view.set(name, [...set].join("|"));
    if (words.value.trim()) view.set("~words", words.value.trim());
    if (sort.value) view.set("~sort", sort.value);
    if (state.page) view.set("~page", state.page + 1);
    history.replaceState(null, "", view.size ? `#${view}` : location.pathname);
  };

  // What each row fails: nothing, the name of the one filter that it fails, or more than one thing.
  const FAILS = "more than one";
  const failed = () => {
    const wanted = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const words_ = wanted.map(holding);
    const chosen = [...state.chosen].filter(([, set]) => set.size).map(([name, set]) => {
      const one = column(name);
      const passes = one.values.map((cell) => (facets.includes(name) ? labels(cell, name) : [cell]).some((v) => set.has(v)));
      return [name, one, passes];
    });
    return every.map((n) => {
      if (!words_.every((places) => places.some(({ one, hits }) => hits[one.codeOf(n)]))) return FAILS;
      let fails = "";
      for (const [name, one, passes] of chosen) {
        if (passes[one.codeOf(n)]) continue;
        if (fails) return FAILS;
        fails = name;
      }
      return fails;
    });
  };
  const orders = { "": "trial", "-year": "newest source", estimate: "estimate", endpoint: "endpoint", "-n_experimental": "patients" };
  for (const [value, name] of Object.entries(orders)) sort.add(new Option(name, value));
  const ordered = (found) => {
    const down = sort.value.startsWith("-");
    const name = sort.value.replace("-", "");
    if (!name) return found;
    const number = columns[at[name]].kind === "number";
    const key = (n) => get_(n, name);
    return [...found].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === y) return a - b;
      if (x === "" || y === "") return x === "" ? 1 : -1;
      return (number ? Number(x) - Number(y) : x.localeCompare(y, "en")) * (down ? -1 : 1);
    });
  };

  const link = (text, address) => el("a", { href: root + address, textContent: text });
  const slug = (key) => key.replace(/[^\p{L}\p{N}_.-]+/gu, "-");
  const soft = (text) => el("span", { className: "where", textContent: text });
  const cell = (label, ...inside) => {
    const td = el("td", {}, ...inside.filter((x) => x !== ""));
    td.dataset.label = label;
    td.setAttribute("role", "cell");
    return td;
  };
  const HEADINGS = ["Trial", "Comparison", "Endpoint, population", "Result", "By arm", "How sure, source"];
  const draw = (n) => {
    const r = Object.fromEntries(columns.map((c) => [c.name, get_(n, c.name)]));
    const trial = `trials/${slug(r.trial_id)}.html`;
    const table = r.result_type === "effect" ? "effects" : "outcomes";
    const where = (...parts) => soft(` ${parts.filter(Boolean).join(", ")}`);
    const result = r.estimate ? `${r.measure} ${r.estimate}${r.ci_low ? ` (${r.ci_low} to ${r.ci_high})` : ""}` : r.experimental_value || "not printed";
    const counts = [r.n_experimental && r.n_control ? `${r.n_experimental} and ${r.n_control} patients` : r.n_experimental && `${r.n_experimental} patients`,
      r.events_experimental && r.events_control ? `${r.events_experimental} and ${r.events_control} events` : "", r.follow_up_months && `${r.follow_up_months} months of follow-up`];
    const [grade, reasons] = r.certainty.split(": ");
    const source = el("span", {}, link(r.source, `citations/${slug(r.citation_id)}.html`));
    if (r.doi) source.append(" ", el("a", { href: `https://doi.org/${r.doi}`, rel: "noreferrer external", textContent: "DOI" }));
    const row = el("tr", {},
      cell("Trial", link(r.trial, trial), where(r.year, r.setting, r.line && `line: ${r.line}`, r.hr_status && `HR ${r.hr_status}`, r.her2_status && `HER2 ${r.her2_status}`)),
      cell("Comparison", r.experimental, r.control ? soft(` against ${r.control}`) : "", r.therapy_class ? soft(` (${r.therapy_class})`) : ""),
      cell("Endpoint, population", r.endpoint, where(r.population, r.analysis, r.latest === "latest" ? "" : r.latest)),
      cell("Result", link(result, `${trial}#${table}.${r.result_id}`), where(r.p && `P ${r.p}`, r.significance)),
      cell("By arm", r.estimate && r.experimental_value ? `${r.experimental_value}${r.control_value ? ` against ${r.control_value}` : ""}` : "", where(...counts)),
      cell("How sure, source", el("span", { className: `badge sure sure-${["very low", "low", "moderate", "good", "high"].indexOf(grade)}`, textContent: grade }), " ", source, soft(` ${reasons}`)));
    row.setAttribute("role", "row");
    return row;
  };

  let found = [];
  const chips = () => {
    get("chosen").replaceChildren(...[...state.chosen].flatMap(([name, set]) => [...set].map((value) => {
      const button = el("button", { type: "button", className: "chip", textContent: `${titles[name]}: ${value} ×`, ariaLabel: `Remove ${titles[name]}: ${value}` });
      button.addEventListener("click", () => { set.delete(value); state.page = 0; show(); });
      return button;
    })));
  };
  const panel = document.querySelector("#facets .facets");
  const opened = new Set();
  // A facet counts the rows that pass every other filter; its values are listed once it is open.
  const counts = (fails) => {
    panel.replaceChildren(...facets.map((name) => {
      const group = el("details", { open: opened.has(name) }, el("summary", { textContent: titles[name] }));
      let listed = false;
      const list = () => {
        if (listed) return;
        listed = true;
        group.append(choices(name, fails));
      };
      group.addEventListener("toggle", () => {
        opened[group.open ? "add" : "delete"](name);
        if (group.open) list();
      });
      if (group.open) list();
      return group;
    }));
  };
  const choices = (name, fails) => {
    const tally = new Map();
    const one = column(name);
    const counted = new Map();
    for (const n of every) if (fails[n] === "" || fails[n] === name) counted.set(one.codeOf(n), (counted.get(one.codeOf(n)) ?? 0) + 1);
    for (const [code, count] of counted) for (const v of labels(one.values[code], name)) tally.set(v, (tally.get(v) ?? 0) + count);
    const own = state.chosen.get(name) ?? new Set();
    for (const value of own) if (!tally.has(value)) tally.set(value, 0);
    const box = el("fieldset", {}, el("legend", { textContent: titles[name] }));
    for (const [value, count] of [...tally].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], "en"))) {
      const tick = el("input", { type: "checkbox", checked: own.has(value) });
      tick.addEventListener("change", () => {
        const set = state.chosen.get(name) ?? new Set();
        set[tick.checked ? "add" : "delete"](value);
        state.chosen.set(name, set);
        state.page = 0;
        show();
        [...panel.querySelectorAll("label")].find((l) => l.dataset.value === `${name}=${value}`)?.querySelector("input").focus();
      });
      const label = el("label", {}, tick, ` ${value} `, el("span", { className: "count", textContent: count.toLocaleString("en") }));
      label.dataset.value = `${name}=${value}`;
      box.append(label);
    }
    return box;
  };
  const page = () => {
    const last = Math.max(0, Math.ceil(found.length / PER_PAGE) - 1);
    state.page = Math.min(Math.max(0, state.page), last);
    const own = found.slice(state.page * PER_PAGE, (state.page + 1) * PER_PAGE);
    const table = el("table", { className: "records" });
    table.setAttribute("role", "table");
    table.setAttribute("aria-label", "Results");
    const head = el("tr", {}, ...HEADINGS.map((h) => { const th = el("th", { scope: "col", textContent: h }); th.setAttribute("role", "columnheader"); return th; }));
    head.setAttribute("role", "row");
    const [thead, tbody] = [el("thead", {}, head), el("tbody", {}, ...own.slice(0, AT_ONCE).map(draw))];
    for (const part of [thead, tbody]) part.setAttribute("role", "rowgroup");
    table.append(thead, tbody);
    // The first rows fill a screen; the others follow while the page already answers.
    const more = (from) => {
      if (!tbody.isConnected || from >= own.length) return;
      tbody.append(...own.slice(from, from + AT_ONCE).map(draw));
      setTimeout(more, 0, from + AT_ONCE);
    };
    setTimeout(more, 0, AT_ONCE);
    list.replaceChildren(found.length ? table : el("p", { textContent: "No result passes the filters." }));
    const turn = (text, by) => {
      const button = el("button", { type: "button", className: "plain", textContent: text, disabled: state.page + by < 0 || state.page + by > last });
      button.addEventListener("click", () => { state.page += by; page(); write(); list.scrollIntoView(); });
      return button;
    };
    pager.replaceChildren(turn("Earlier rows", -1), el("span", { textContent: `Page ${state.page + 1} of ${last + 1}` }), turn("Further rows", 1));
  };
  const show = () => {
    const fails = failed();
    found = ordered(every.filter((n) => fails[n] === ""));
    shown.textContent = `${found.length.toLocaleString("en")} of ${data.length.toLocaleString("en")} results`;
    pooled.hidden = true;
    chips();
    counts(fails);
    page();
    write();
    get("results").dataset.shown = found.length;
  };

  // Common effect by inverse variance and DerSimonian-Laird, on the logarithm; one result per trial and measure.
  // The normal quantile of an interval's level in percent, by P. J. Acklam's approximation: 80 gives 1.2816, 95 gives 1.96.
  const quantile = (level) => {
    const p = 0.5 - level / 200;
    const poly = (x, ...c) => c.reduce((sum, one) => sum * x + one, 0);
    if (p < 0.02425) {
      const q = Math.sqrt(-2 * Math.log(p));
      return -poly(q, -7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783)
        / poly(q, 7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1);
    }
    const q = p - 0.5;
    return -q * poly(q * q, -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239)
      / poly(q * q, -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1);
  };
  const pool = () => {
    // Where two assessed the same, the independent review counts, as in comparisons() and the forest plots.
    const byId = new Map(every.map((n) => [get_(n, "result_id"), n]));
    const latest = found.filter((n) => get_(n, "result_type") === "effect" && get_(n, "latest") === "latest");
    const changed = new Set();
    const standing = latest.map((n) => {
      const other = byId.get(instead[get_(n, "result_id")]);
      if (other !== undefined) changed.add(other);
      return other ?? n;
    });
    let usable = [...new Set(standing)].filter((n) => ["HR", "OR", "RR", "rate ratio"].includes(get_(n, "measure")) && [get_(n, "estimate"), get_(n, "ci_low"), get_(n, "ci_high")].every((v) => Number(v) > 0));
    // Of several results of a trial, such as subgroups, that of everybody randomised counts.
    const several = (n) => usable.filter((k) => get_(k, "trial_id") === get_(n, "trial_id")).length > 1;
    const doubled = new Set(usable.filter(several).map((n) => get_(n, "trial_id")));
    const everybody = usable.filter((n) => get_(n, "analysis_set") === "intention to treat");
    usable = usable.filter((n) => !doubled.has(get_(n, "trial_id")) || !everybody.some((k) => get_(k, "trial_id") === get_(n, "trial_id")) || everybody.includes(n));
    const kinds = [...new Set(usable.map((n) => `${get_(n, "endpoint")}, ${get_(n, "measure")}`))];
    const trials = usable.map((n) => get_(n, "trial"));
    const twice = trials.find((t, k) => trials.indexOf(t) !== k);
    const say = (text) => { pooled.replaceChildren(el("h2", { textContent: "Pooled" }), el("p", { className: "notice", textContent: text })); pooled.hidden = false; };
    if (usable.length < 2) return say("Pooling needs the latest results of two trials with a ratio and its interval. Filter by class and endpoint, and choose latest.");
    if (kinds.length > 1) return say(`These results measure ${kinds.length} different things (${kinds.slice(0, 3).join("; ")}${kinds.length > 3 ? "; …" : ""}). Choose one endpoint first.`);
    if (twice) return say(`${twice} has several results here, such as subgroups, that share patients. Choose fewer, for instance by population, so that each trial counts once; or use a forest plot, which chooses one result per trial.`);
    const studies = usable.map((n) => {
      const [low, high] = [Number(get_(n, "ci_low")), Number(get_(n, "ci_high"))];
      const se = (Math.log(high) - Math.log(low)) / (2 * quantile(Number(get_(n, "ci_level")) || 95));
      return { n, y: Math.log(Number(get_(n, "estimate"))), v: se * se };
    });
    const mean = (weights) => studies.reduce((s, x, k) => s + weights[k] * x.y, 0) / weights.reduce((a, b) => a + b, 0);
    const fixed = studies.map((x) => 1 / x.v);
    const total = fixed.reduce((a, b) => a + b, 0);
    const q = studies.reduce((s, x, k) => s + fixed[k] * (x.y - mean(fixed)) ** 2, 0);
    const tau2 = Math.max(0, (q - studies.length + 1) / (total - fixed.reduce((s, w) => s + w * w, 0) / total));
    const random = studies.map((x) => 1 / (x.v + tau2));
    const line = (title, weights) => {
      const [m, se] = [mean(weights), 1 / Math.sqrt(weights.reduce((a, b) => a + b, 0))];
      return `${title}: ${kinds[0].split(", ").pop()} ${Math.exp(m).toFixed(2)} (95 % CI ${Math.exp(m - 1.959964 * se).toFixed(2)} to ${Math.exp(m + 1.959964 * se).toFixed(2)})`;
    };
    const i2 = Math.max(0, q ? (100 * (q - studies.length + 1)) / q : 0);
    // What makes the trials unlike: values of a column that differ, and drugs that only the control arms have.
    const unlike = [["setting", "setting"], ["line", "line"], ["her2_status", "HER2 status"], ["hr_status", "HR status"]].flatMap(([column, name]) => {
      const times = new Map();
      for (const n of usable) times.set(get_(n, column) || "not stated", (times.get(get_(n, column) || "not stated") || 0) + 1);
      return times.size > 1 ? [`${name} (${[...times].sort((a, b) => b[1] - a[1]).map(([value, k]) => `${value} ${k}`).join(", ")})`] : [];
    });
    const inPlace = usable.filter((n) => replaced[get_(n, "result_id")]).map((n) => `${get_(n, "trial")} (${replaced[get_(n, "result_id")]})`);
    const reviewed = usable.filter((n) => changed.has(n)).map((n) => `${get_(n, "trial")} (${get_(n, "analysis")})`);
    pooled.dataset.results = usable.map((n) => get_(n, "result_id")).join(" ");
    pooled.replaceChildren(
      el("h2", { textContent: `Pooled: ${kinds[0]}` }),
      el("p", {}, el("strong", { textContent: line("Random effects (DerSimonian-Laird)", random) })),
      el("p", { textContent: `${line("Common effect", fixed)}; ${studies.length} trials, I² ${i2.toFixed(0)} %, τ² ${tau2.toFixed(4)}.` }),
      el("p", { className: "where", textContent: `Of ${trials.join(", ")}. An average over trials that differ in patients and partner drugs; nobody checked that they answer one question.` }),
      ...(unlike.length ? [el("p", { className: "notice", textContent: `They differ in ${unlike.join("; ")}.` })] : []),
      ...(inPlace.length ? [el("p", { className: "notice", textContent: `Here what was tested was given in place of other drugs, not added: ${inPlace.join("; ")}. The forest plots leave such trials out unless asked for them.` })] : []),
      ...(reviewed.length ? [el("p", { className: "where", textContent: `Of two results that estimate the same the one by independent review, or with an interval, is pooled: ${reviewed.join("; ")}.` })] : []));
    pooled.hidden = false;
  };

  const chosenRows = () => found.map((n) => data.row(n));
  get("save-csv").addEventListener("click", () => save(csv(columns, chosenRows()), "results.csv"));
  get("save-xlsx").addEventListener("click", () => save(workbook("Results", columns, chosenRows()), "results.xlsx"));
  get("pool").addEventListener("click", pool);
  get("clear").addEventListener("click", () => { state.chosen.clear(); words.value = ""; state.page = 0; show(); });
  get("ask").addEventListener("submit", (event) => event.preventDefault());
  words.addEventListener("input", () => { state.page = 0; show(); });
  sort.addEventListener("change", () => { state.page = 0; show(); });
  window.addEventListener("hashchange", () => { read(); show(); });
  // The page answers between reading the data and drawing them.
  await new Promise((resolve) => setTimeout(resolve));
  get("plain").hidden = true;
  get("results").hidden = false;
  get("facets").open = matchMedia("(min-width: 64rem)").matches;
  read();
  show();
  get("results").dataset.ready = "true";
})();
