// The table of a browse page: filters, columns, a view that its address tells, a download of what is shown.
(async () => {
  "use strict";
  const container = document.getElementById("table");
  const data = window.luminaldb.tables[container.dataset.table];
  const root = document.body.dataset.root;
  const FORMULA = /^[=+\-@\t\r]./s;
  const numeric = new Set(data.columns.filter((c) => c.numeric).map((c) => c.name));
  const packed = window.luminaldb.unpack(data.packed);
  // The page answers between the parts of this work, however many rows there are.
  const pause = () => new Promise((resolve) => setTimeout(resolve));
  const rows = [];
  for (let at = 0; at < packed.length; at++) {
    if (at % 2000 === 0) await pause();
    const row = { "#": at };
    data.columns.forEach(({ name }, n) => { row[name] = packed.columns[n].valueOf(at); });
    rows.push(row);
  }
  await pause();

  const slug = (key) => key.replace(/[^\p{L}\p{N}_.-]+/gu, "-");
  const anchored = (key) => key.replace(/[^\p{L}\p{N}_.-]/gu, (c) => `-${c.codePointAt(0).toString(16)}-`);
  // The pages of rows that second reads and printed numbers are about.
  const pages = new Map(data.columns.filter((c) => c.pages).map((c) => [c.name, window.luminaldb.unpackColumn(c.pages)]));
  const target = (column, row) => {
    const key = row[column.name];
    if (!key) return "";
    const page = pages.get(column.name)?.valueOf(row["#"]);
    if (page) return `${page}#${row.table_name}.${anchored(key)}`;
    if (column.page) return `${column.page}/${slug(key)}.html`;
    if (column.home && row[column.home.column]) {
      const anchor = data.key.map((k) => row[k]).join("|");
      return `${column.home.folder}/${slug(row[column.home.column])}.html#${data.table}.${anchored(anchor)}`;
    }
    return column.table ? `browse/${column.table}.html#${encodeURIComponent(column.key)}=${encodeURIComponent(`=${key}`)}` : "";
  };
  const web = (value) => (/^https?:\/\//.test(value) ? value : "");
  // A key is shown with the name of what it stands for.
  const named = new Map(data.columns.flatMap((column, n) =>
    column.names ? [[column.name, new Map(packed.columns[n].values.map((value, k) => [value, column.names[k]]))]] : []));
  const nameOf = (column, value) => named.get(column)?.get(value) ?? "";

  // One row at a time is a stop for Tab, and its links after it; arrow keys go from row to row.
  let current = 0;
  const formatter = (column) => (cell) => {
    const value = cell.getValue();
    const inside = target(column, cell.getRow().getData());
    const address = inside ? root + inside : web(value);
    const beside = nameOf(column.name, value);
    const shown = document.createElement("span");
    if (beside) {
      const name = document.createElement("small");
      name.textContent = ` ${beside}`;
      shown.append(name);
    }
    if (!address) {
      shown.prepend(value);
      return shown;
    }
    const link = document.createElement("a");
    link.href = address;
    link.textContent = value;
    link.tabIndex = cell.getRow().getIndex() === current ? 0 : -1;
    if (!inside) link.rel = "noreferrer external";
    shown.prepend(link);
    return shown;
  };

  // A number as people type it: 0.5, .5, 0,5, 1e-3, 1,187; null for what is none.
  const number = (text) => {
    const grouped = /^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(text);
    const plain = grouped ? text.replaceAll(",", "") : text.replace(",", ".");
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : null;
  };
  const compared = (wanted) => {
    const [, sign, text] = /^(<=|>=|=<|=>|≤|≥|<|>|=)\s*(.*)$/s.exec(wanted.trim()) ?? [];
    return sign && text ? { sign: { "≤": "<=", "=<": "<=", "≥": ">=", "=>": ">=" }[sign] ?? sign, text, value: number(text.trim()) } : null;
  };
  // A filter on text is a part of it; `= x` is the whole cell; on numbers <, <=, =, >=, > compare. Case never matters.
  // What no key of a column has is looked for in the names beside them.
  const inKeys = new Map();
  const isInKeys = (column, text) => {
    const asked = `${column} ${text}`;
    if (!inKeys.has(asked)) inKeys.set(asked, [...named.get(column).keys()].some((key) => key.toLowerCase().includes(text)));
    return inKeys.get(asked);
  };
  const matches = (wanted, cell, _row, { column, numeric: counts }) => {
    const text = wanted.trim();
    const words = text.replace(/^[=!]/, "").trim().toLowerCase();
    const value = words && named.has(column) && !isInKeys(column, words) ? nameOf(column, cell) : cell;
    if (!text) return true;
    if (text === "=") return value === "";
    if (text === "!") return value !== "";
    const asked = compared(text);
    if (asked && asked.value !== null && (counts || asked.sign !== "=")) {
      const [a, b] = [Number(value), asked.value];
      if (value === "" || Number.isNaN(a)) return false;
      return { "<": a < b, "<=": a <= b, "=": a === b, ">": a > b, ">=": a >= b }[asked.sign];
    }
    const whole = value.toLowerCase();
    if (text.startsWith("=")) return whole === text.slice(1).trim().toLowerCase();
    if (text.startsWith("!")) return !whole.includes(text.slice(1).trim().toLowerCase());
    return whole.includes(text.toLowerCase());
  };
  // Each letter filters at once, however it came into the box: a filter that waited would move what is clicked next.
  const box = (cell, _rendered, filter) => {
    const input = document.createElement("input");
    input.type = "search";
    input.autocomplete = "off";
    input.value = cell.getValue() ?? "";
    input.setAttribute("aria-label", `Filter ${cell.getField()}`);
    input.addEventListener("input", () => filter(input.value));
    return input;
  };
  const sorter = (column) => (a, b, _row, _other, _column, direction) => {
    if (a === b) return 0;
    if (a === "" || b === "") return (a === "" ? 1 : -1) * (direction === "asc" ? 1 : -1);
    return column.numeric ? Number(a) - Number(b) : a.localeCompare(b, "en");
  };

  // Widths are guessed from the first rows: measuring them would lay the table out twice.
  const wide = ({ name }) => {
    const shown = (value) => value.length + (nameOf(name, value).length || -1) + 1;
    // One cell in ten may be longer: a tip shows it whole.
    const lengths = rows.slice(0, 60).map((row) => shown(row[name])).sort((a, b) => a - b);
    const characters = Math.max(name.length + 3, lengths[Math.floor(lengths.length * 0.9)] ?? 0);
    return Math.min(300, Math.max(90, 24 + 8 * characters));
  };

  const known = new Set(data.columns.map((c) => c.name));
  const viewState = () => {
    const view = new URLSearchParams(location.hash.slice(1));
    const [by, way] = (view.get("~sort") || "").split(":");
    return {
      filters: new Map([...view].filter(([name]) => known.has(name))),
      hidden: new Set((view.get("~hide") || "").split(",").filter(Boolean)),
      sorting: known.has(by) ? [{ column: by, dir: way === "desc" ? "desc" : "asc" }] : [],
    };
  };
  const first = viewState();

  await window.luminaldb.plainRowsAreFree();
  const plain = document.getElementById("plain");
  const isFocused = plain.contains(document.activeElement);
  plain.hidden = true;
  container.hidden = false;
  // Who pressed the button goes on at the first control of the table.
  if (isFocused) document.getElementById("sort").focus();
  const table = new window.Tabulator("#grid", {
    index: "#",
    height: "70vh",
    // Rows of one height needn't be measured, which takes longer than drawing them.
    rowHeight: Math.round(2 * parseFloat(getComputedStyle(document.documentElement).fontSize)),
    renderVertical: "virtual",
    // Rows kept ready above and below what is seen, in pixels: each costs time to draw.
    renderVerticalBuffer: 160,
    renderHorizontal: "virtual",
    layout: "fitData",
    placeholder: () => (container.dataset.ready ? "No row passes the filters." : "Reading the rows …"),
    initialHeaderFilter: [...first.filters].map(([field, value]) => ({ field, value })),
    initialSort: first.sorting,
    rowFormatter: (row) => { row.getElement().tabIndex = row.getIndex() === current ? 0 : -1; },
    columns: data.columns.map((column, n) => ({
      title: column.name,
      field: column.name,
      headerTooltip: column.description,
      visible: !first.hidden.has(column.name),
      frozen: n === 0 && matchMedia("(min-width: 46rem)").matches,
      minWidth: 90,
      width: wide(column),
      maxWidth: 360,
      hozAlign: column.numeric ? "right" : "left",
      formatter: formatter(column),
      sorter: sorter(column),
      headerFilter: box,
      headerFilterLiveFilter: false,
      headerFilterFunc: matches,
      headerFilterFuncParams: { column: column.name, numeric: Boolean(column.numeric) },
      tooltip: (_event, cell) => [cell.getValue(), nameOf(column.name, cell.getValue())].filter(Boolean).join(": "),
    })),
  });

  const shown = document.getElementById("shown");
  const ticks = new Map();
  const sort = document.getElementById("sort");
  const down = document.getElementById("down");
  sort.add(new Option("the table's own order", ""));
  for (const column of data.columns) sort.add(new Option(column.name, column.name));

  const odd = document.getElementById("odd");
  let applying = false;
  const remember = () => {
    if (applying) return;
    const now = new URLSearchParams();
    for (const filter of table.getHeaderFilters()) if (filter.value) now.set(filter.field, filter.value);
    const [sorted] = table.getSorters();
    if (sorted) now.set("~sort", `${sorted.field}:${sorted.dir}`);
    const away = table.getColumns().filter((c) => !c.isVisible()).map((c) => c.getField());
    if (away.length) now.set("~hide", away.join(","));
    history.replaceState(null, "", now.size ? `#${now}` : location.pathname + location.search);
    sort.value = sorted ? sorted.field : "";
    down.checked = Boolean(sorted) && sorted.dir === "desc";
    for (const [name, tick] of ticks) tick.checked = !away.includes(name);
  };
  // The address was changed by hand, or another view's was pasted over it.
  const apply = () => {
    const { filters, hidden, sorting } = viewState();
    applying = true;
    for (const column of data.columns) {
      const value = filters.get(column.name) ?? "";
      if ((table.getHeaderFilterValue(column.name) ?? "") !== value) table.setHeaderFilterValue(column.name, value);
      const shown = table.getColumn(column.name);
      if (shown.isVisible() === hidden.has(column.name)) shown.toggle();
    }
    sort.value = sorting[0]?.column ?? "";
    down.checked = sorting[0]?.dir === "desc";
    resort();
    applying = false;
    remember();
  };
  const showCount = (passing) => {
    shown.textContent = `${passing.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
    const filters = table.getHeaderFilters().filter(({ field }) => numeric.has(field)).map(({ field, value }) => [field, compared(value), value]);
    const lost = filters.find(([, asked]) => asked && asked.value === null);
    odd.textContent = lost ? `The filter of ${lost[0]} compares with no number: ${lost[2]}` : "";
  };
  const resort = () => {
    if (sort.value) return table.setSort(sort.value, down.checked ? "desc" : "asc");
    table.clearSort();
    table.refreshFilter();
    remember();
  };

  const links = (row) => row.getCells().flatMap((cell) => [...cell.getElement().querySelectorAll("a")]);
  const make = (row) => {
    const stop = (one, index) => {
      one.getElement().tabIndex = index;
      for (const link of links(one)) link.tabIndex = index;
    };
    const before = table.getRow(current);
    if (before) stop(before, -1);
    current = row.getIndex();
    stop(row, 0);
  };
  // A stop for Tab must be in view: rows beyond it aren't in the page.
  const settle = () => {
    const seen = table.getRows("visible");
    if (seen.length && !seen.some((row) => row.getIndex() === current)) make(seen[0]);
    return table.getRow(current);
  };
  const walk = (holder) => {
    holder.addEventListener("focusin", (event) => {
      if (event.target === holder) settle();
      const row = event.target.closest(".tabulator-row");
      const one = row && table.getRows("visible").find((r) => r.getElement() === row);
      if (one && one.getIndex() !== current) make(one);
    });
    holder.addEventListener("keydown", async (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const outside = event.target === holder;
      if (outside && event.key === "Tab") settle();
      if (event.key === "Enter" && event.target.matches(".tabulator-row")) links(table.getRow(current))[0]?.click();
      const step = { ArrowDown: "getNextRow", ArrowUp: "getPrevRow" }[event.key];
      if (!step || !table.getDataCount("active")) return;
      event.preventDefault();
      const row = outside ? settle() : table.getRow(current)[step]();
      if (!row) return;
      const column = event.target.closest(".tabulator-cell")?.getAttribute("tabulator-field");
      make(row);
      await table.scrollToRow(row, "nearest", false).catch(() => {});
      const beside = column && row.getCell(column).getElement().querySelector("a");
      (beside || row.getElement()).focus({ preventScroll: true });
    });
  };

  table.on("tableBuilt", async () => {
    // The part that scrolls takes the focus, so it must be what a grid may hold.
    const grid = document.getElementById("grid");
    grid.setAttribute("aria-label", data.table);
    grid.removeAttribute("aria-owns");
    grid.querySelector(".tabulator-tableholder").setAttribute("role", "rowgroup");
    grid.querySelector(".tabulator-table").setAttribute("role", "presentation");
    const choices = document.querySelector("#columns fieldset");
    for (const column of table.getColumns()) {
      const label = document.createElement("label");
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.checked = column.isVisible();
      tick.addEventListener("change", () => { if (tick.checked) column.show(); else column.hide(); remember(); });
      ticks.set(column.getField(), tick);
      label.append(tick, ` ${column.getField()}`);
      choices.append(label);
    }
    // The frame of the table is drawn before its rows: two short pieces of work in place of a long one.
    await pause();
    await table.setData(rows);
    await pause();
    container.dataset.ready = "true";
    showCount(table.getDataCount("active"));
    remember();
    table.on("dataFiltered", (_, passing) => { showCount(passing.length); remember(); });
    table.on("dataSorted", remember);
    window.addEventListener("hashchange", apply);
    walk(grid.querySelector(".tabulator-tableholder"));
  });
  sort.addEventListener("change", resort);
  down.addEventListener("change", resort);
  document.getElementById("clear").addEventListener("click", () => table.clearHeaderFilter());
  document.getElementById("share").addEventListener("click", async (event) => {
    if (navigator.clipboard) await navigator.clipboard.writeText(location.href);
    event.target.textContent = navigator.clipboard ? "Copied" : "It is in the address bar";
  });

  // As the tables print it, marked as UTF-8, which Excel needs; text that a spreadsheet would run gets an apostrophe, numbers stay.
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const safe = (name, cell) => (!numeric.has(name) && FORMULA.test(cell) ? `'${cell}` : cell);
  // On paper a table of thirty columns is cut off: each row becomes a paragraph of what it holds.
  const paper = document.getElementById("paper");
  window.addEventListener("beforeprint", () => {
    const names = table.getColumns().filter((c) => c.isVisible()).map((c) => c.getField());
    paper.replaceChildren(...table.getRows("active").map((row) => {
      const cells = row.getData();
      const line = document.createElement("p");
      for (const name of names.filter((n) => cells[n] !== "")) {
        const title = document.createElement("b");
        title.textContent = `${name}:`;
        line.append(title, ` ${cells[name]}  `);
      }
      return line;
    }));
  });
  window.addEventListener("afterprint", () => paper.replaceChildren());
  document.getElementById("save").addEventListener("click", () => {
    const names = table.getColumns().filter((c) => c.isVisible()).map((c) => c.getField());
    const lines = [names.map(quoted).join(",")];
    for (const row of table.getRows("active")) {
      const cells = row.getData();
      lines.push(names.map((name) => quoted(safe(name, cells[name]))).join(","));
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`\uFEFF${lines.join("\n")}\n`], { type: "text/csv;charset=utf-8" }));
    link.download = `${data.table}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
})();
