// Reads a table that came as columns of distinct values and a code per row (publish/portal/packed_columns.py).
(() => {
  "use strict";
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const digitOf = new Uint8Array(128);
  for (let n = 0; n < DIGITS.length; n++) digitOf[DIGITS.charCodeAt(n)] = n;

  const column = ({ values, digits, codes }) => {
    const codeOf = (row) => {
      if (!digits) return row;
      let code = 0;
      for (let at = row * digits; at < (row + 1) * digits; at++) code = code * 64 + digitOf[codes.charCodeAt(at)];
      return code;
    };
    return { values, codeOf, valueOf: (row) => values[codeOf(row)] };
  };
  const unpack = ({ length, columns }) => {
    const read = columns.map(column);
    return { length, columns: read, row: (n) => read.map((one) => one.valueOf(n)) };
  };
  window.luminaldb ??= {};
  window.luminaldb.unpack = unpack;
  window.luminaldb.unpackColumn = column;
})();
