// Makes files for spreadsheets in the browser: CSV that Excel opens right, and workbooks (OOXML in a zip without compression).
(() => {
  "use strict";
  const FORMULA = /^[=+\-@\t\r]./s;
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const csv = (columns, rows) => {
    const safe = (cell, n) => (columns[n].kind !== "number" && FORMULA.test(cell) ? `'${cell}` : cell);
    const lines = [columns.map((c) => quoted(c.title)), ...rows.map((row) => row.map((cell, n) => quoted(safe(cell, n))))];
    return new Blob([`\uFEFF${lines.map((l) => l.join(",")).join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" });
  };

  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const checksum = (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
  };
  const zip = (files) => {
    const encoder = new TextEncoder();
    const parts = [];
    const directory = [];
    let offset = 0;
    const header = (size, fields) => {
      const view = new DataView(new ArrayBuffer(size));
      for (const [at, value, width] of fields) view[width === 4 ? "setUint32" : "setUint16"](at, value, true);
      return new Uint8Array(view.buffer);
    };
    for (const [name, text] of files) {
      const [path, data] = [encoder.encode(name), encoder.encode(text)];
      const crc = checksum(data);
      const common = (at) => [[at, 20, 2], [at + 2, 0x800, 2], [at + 4, 0, 2], [at + 6, 0, 2], [at + 8, 0x21, 2], [at + 10, crc, 4],
        [at + 14, data.length, 4], [at + 18, data.length, 4], [at + 22, path.length, 2]];
      parts.push(header(30, [[0, 0x04034b50, 4], ...common(4)]), path, data);
      directory.push(header(46, [[0, 0x02014b50, 4], [4, 20, 2], ...common(6), [42, offset, 4]]), path);
      offset += 30 + path.length + data.length;
    }
    const size = directory.reduce((sum, part) => sum + part.length, 0);
    const end = header(22, [[0, 0x06054b50, 4], [8, files.length, 2], [10, files.length, 2], [12, size, 4], [16, offset, 4]]);
    return new Blob([...parts, ...directory, end], { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" });
  };

  const xml = (text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  const letters = (n) => (n >= 26 ? letters(Math.floor(n / 26) - 1) : "") + String.fromCharCode(65 + (n % 26));
  const days = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / 86_400_000) + 25_569;
  const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  const SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships";
  const workbook = (name, columns, rows) => {
    const links = [];
    const cell = (value, n, line) => {
      const at = `${letters(n)}${line}`;
      if (value === "") return "";
      if (line > 1 && columns[n].kind === "number" && Number.isFinite(Number(value))) return `<c r="${at}"><v>${Number(value)}</v></c>`;
      if (line > 1 && columns[n].kind === "date" && /^\d{4}-\d{2}-\d{2}$/.test(value)) return `<c r="${at}" s="2"><v>${days(value)}</v></c>`;
      const target = line > 1 && (columns[n].name === "doi" ? `https://doi.org/${value}` : columns[n].name === "url" ? value : "");
      if (/^https?:/.test(target)) links.push([at, target]);
      return `<c r="${at}" t="inlineStr"${line === 1 ? ' s="1"' : target ? ' s="3"' : ""}><is><t xml:space="preserve">${xml(value)}</t></is></c>`;
    };
    const lines = [columns.map((c) => c.title), ...rows].map((row, k) => `<row r="${k + 1}">${row.map((v, n) => cell(v, n, k + 1)).join("")}</row>`);
    const area = `A1:${letters(columns.length - 1)}${rows.length + 1}`;
    const hyperlinks = links.length ? `<hyperlinks>${links.map(([at], n) => `<hyperlink ref="${at}" r:id="r${n}"/>`).join("")}</hyperlinks>` : "";
    return zip([
      ["[Content_Types].xml", `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`],
      ["_rels/.rels", `${HEAD}<Relationships xmlns="${PACKAGE}"><Relationship Id="r1" Type="${LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
      ["xl/workbook.xml", `${HEAD}<workbook xmlns="${SHEET}" xmlns:r="${LINKS}"><sheets><sheet name="${xml(name)}" sheetId="1" r:id="r1"/></sheets></workbook>`],
      ["xl/_rels/workbook.xml.rels", `${HEAD}<Relationships xmlns="${PACKAGE}"><Relationship Id="r1" Type="${LINKS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${LINKS}/styles" Target="styles.xml"/></Relationships>`],
      ["xl/styles.xml", `${HEAD}<styleSheet xmlns="${SHEET}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="3"><font/><font><b/></font><font><u/><color rgb="FF0B5D7A"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="2" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`],
      ["xl/worksheets/sheet1.xml", `${HEAD}<worksheet xmlns="${SHEET}" xmlns:r="${LINKS}"><sheetViews><sheetView workbookViewId="0"><pane xSplit="1" ySplit="1" topLeftCell="B2" state="frozen"/></sheetView></sheetViews><sheetData>${lines.join("")}</sheetData><autoFilter ref="${area}"/>${hyperlinks}<pageSetup orientation="landscape" fitToHeight="0"/></worksheet>`],
      ["xl/worksheets/_rels/sheet1.xml.rels", `${HEAD}<Relationships xmlns="${PACKAGE}">${links.map(([, target], n) => `<Relationship Id="r${n}" Type="${LINKS}/hyperlink" Target="${xml(target)}" TargetMode="External"/>`).join("")}</Relationships>`],
    ]);
  };
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  window.luminaldb ??= {};
  window.luminaldb.spreadsheet = { csv, workbook, save };
})();
