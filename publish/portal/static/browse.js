// The table of a browse page: filters, columns, a view that its address tells, a download of what is shown.
(() => {
  "use strict";
  const place = document.getElementById("table");
  const data = window.luminaldb.tables[place.dataset.table];
  const root = document.body.dataset.root;
  const FORMULA = /^[=+\-@\t\r]./s;
  const numeric = new Set(data.columns.filter((c) => c.numeric).map((c) => c.name));
  const rows = data.rows.map((cells, at) => {
    const row = { "#": at };
    cells.forEach((cell, n) => { row[data.columns[n].name] = cell; });
    return row;
  });

  const slug = (key) => key.replace(/[^\p{L}\p{N}_.-]+/gu, "-");
  const anchored = (key) => key.replace(/[^\p{L}\p{N}_.-]/gu, (c) => `-${c.codePointAt(0).toString(16)}-`);
  const target = (column, row) => {
    const key = row[column.name];
    if (!key) return "";
    if (column.page) return `${column.page}/${slug(key)}.html`;
    if (column.home && row[column.home.column]) {
      const anchor = data.key.map((k) => row[k]).join("|");
      return `${column.home.folder}/${slug(row[column.home.column])}.html#${data.table}.${anchored(anchor)}`;
    }
    return column.table ? `browse/${column.table}.html#${encodeURIComponent(column.key)}=${encodeURIComponent(`=${key}`)}` : "";
  };
  const web = (value) => (/^https?:\/\//.test(value) ? value : "");

  const formatter = (column) => (cell) => {
    const value = cell.getValue();
    const inside = target(column, cell.getRow().getData());
    const address = inside ? root + inside : web(value);
    if (!address) return document.createTextNode(value);
    const link = document.createElement("a");
    link.href = address;
    link.textContent = value;
    link.tabIndex = -1;
    if (!inside) link.rel = "noreferrer external";
    return link;
  };

  // A filter on text is a part of it; `= x` is the whole cell; on numbers <, <=, >, >= compare.
  const matches = (wanted, value) => {
    const text = wanted.trim();
    if (!text) return true;
    if (text === "=") return value === "";
    if (text === "!") return value !== "";
    const compared = /^(<=|>=|<|>)\s*(-?[\d.]+)$/.exec(text);
    if (compared) {
      if (value === "" || Number.isNaN(Number(value))) return false;
      const [a, b] = [Number(value), Number(compared[2])];
      return { "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b }[compared[1]];
    }
    if (text.startsWith("=")) return value === text.slice(1).trim();
    if (text.startsWith("!")) return !value.toLowerCase().includes(text.slice(1).trim().toLowerCase());
    return value.toLowerCase().includes(text.toLowerCase());
  };
  const sorter = (column) => (a, b, _row, _other, _column, direction) => {
    if (a === b) return 0;
    if (a === "" || b === "") return (a === "" ? 1 : -1) * (direction === "asc" ? 1 : -1);
    return column.numeric ? Number(a) - Number(b) : a.localeCompare(b, "en");
  };

  // Widths are guessed from the first rows: measuring them would lay the table out twice.
  const wide = ({ name }) => {
    const characters = Math.max(name.length + 3, ...rows.slice(0, 60).map((row) => row[name].length));
    return Math.min(300, Math.max(90, 24 + 8 * characters));
  };

  const view = new URLSearchParams(location.hash.slice(1));
  const hidden = new Set((view.get("~hide") || "").split(",").filter(Boolean));
  const [sortBy, sortDown] = (view.get("~sort") || "").split(":");

  document.getElementById("plain").hidden = true;
  place.hidden = false;
  const table = new window.Tabulator("#grid", {
    data: rows,
    index: "#",
    height: "70vh",
    renderVertical: "virtual",
    renderHorizontal: "virtual",
    layout: "fitData",
    placeholder: "No row passes the filters.",
    initialHeaderFilter: data.columns.filter((c) => view.has(c.name)).map((c) => ({ field: c.name, value: view.get(c.name) })),
    initialSort: sortBy && data.columns.some((c) => c.name === sortBy) ? [{ column: sortBy, dir: sortDown === "desc" ? "desc" : "asc" }] : [],
    columns: data.columns.map((column, n) => ({
      title: column.name,
      field: column.name,
      headerTooltip: column.description,
      visible: !hidden.has(column.name),
      frozen: n === 0 && matchMedia("(min-width: 46rem)").matches,
      minWidth: 90,
      width: wide(column),
      maxWidth: 360,
      hozAlign: column.numeric ? "right" : "left",
      formatter: formatter(column),
      sorter: sorter(column),
      headerFilter: "input",
      headerFilterFunc: matches,
      headerFilterParams: { elementAttributes: { "aria-label": `Filter ${column.name}` } },
      tooltip: true,
    })),
  });

  const said = document.getElementById("shown");
  const sort = document.getElementById("sort");
  const down = document.getElementById("down");
  sort.add(new Option("the table's own order", ""));
  for (const column of data.columns) sort.add(new Option(column.name, column.name));

  const remember = () => {
    const now = new URLSearchParams();
    for (const filter of table.getHeaderFilters()) if (filter.value) now.set(filter.field, filter.value);
    const [sorted] = table.getSorters();
    if (sorted) now.set("~sort", `${sorted.field}:${sorted.dir}`);
    const away = table.getColumns().filter((c) => !c.isVisible()).map((c) => c.getField());
    if (away.length) now.set("~hide", away.join(","));
    history.replaceState(null, "", now.size ? `#${now}` : location.pathname + location.search);
    sort.value = sorted ? sorted.field : "";
    down.checked = Boolean(sorted) && sorted.dir === "desc";
  };
  const count = (passing) => {
    said.textContent = `${passing.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
  };
  const resort = () => (sort.value ? table.setSort(sort.value, down.checked ? "desc" : "asc") : (table.clearSort(), table.setSort("#", "asc"), remember()));

  table.on("tableBuilt", () => {
    // The part that scrolls takes the focus, so it must be what a grid may hold.
    const grid = document.getElementById("grid");
    grid.setAttribute("aria-label", data.table);
    grid.removeAttribute("aria-owns");
    grid.querySelector(".tabulator-tableholder").setAttribute("role", "rowgroup");
    grid.querySelector(".tabulator-table").setAttribute("role", "presentation");
    count(table.getDataCount("active"));
    const box = document.querySelector("#columns fieldset");
    for (const column of table.getColumns()) {
      const label = document.createElement("label");
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.checked = column.isVisible();
      tick.addEventListener("change", () => { if (tick.checked) column.show(); else column.hide(); remember(); });
      label.append(tick, ` ${column.getField()}`);
      box.append(label);
    }
    remember();
    place.dataset.ready = "true";
    table.on("dataFiltered", (_, passing) => { count(passing.length); remember(); });
    table.on("dataSorted", remember);
  });
  sort.addEventListener("change", resort);
  down.addEventListener("change", resort);
  document.getElementById("clear").addEventListener("click", () => table.clearHeaderFilter());
  document.getElementById("share").addEventListener("click", async (event) => {
    if (navigator.clipboard) await navigator.clipboard.writeText(location.href);
    event.target.textContent = navigator.clipboard ? "Copied" : "It is in the address bar";
  });

  // As the tables print it; text that a spreadsheet would run gets an apostrophe, numbers stay.
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const safe = (name, cell) => (!numeric.has(name) && FORMULA.test(cell) ? `'${cell}` : cell);
  document.getElementById("save").addEventListener("click", () => {
    const names = table.getColumns().filter((c) => c.isVisible()).map((c) => c.getField());
    const lines = [names.map(quoted).join(",")];
    for (const row of table.getRows("active")) {
      const cells = row.getData();
      lines.push(names.map((name) => quoted(safe(name, cells[name]))).join(","));
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv;charset=utf-8" }));
    link.download = `${data.table}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
})();
