"use strict";
// Tables that are sorted by their headers and filtered by any text.

const MOST_ROWS = 300;
const sorting = { column: null, up: false };

function tableRows(name) {
  const table = D.tables[name], every = $("every").checked, wanted = $("filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const texts = table.columns.filter((one) => one.name in table.texts), numbers = table.columns.filter((one) => one.name in table.numbers);
  const list = texts.some((one) => one.name === "family") ? items(name, S.scenario).filter((item) => item.family === S.family || item.family === "shared") : items(name, S.scenario);
  const columns = [...texts.filter((one) => one.name !== "family"), ...(every ? [{ name: "period", meaning: "Label of the period", format: "period" }] : []), ...numbers];
  const rows = [];
  for (const item of list) {
    const words = texts.map((one) => item[one.name]);
    if (!wanted.every((word) => words.some((text) => text.toLowerCase().includes(word)))) continue;
    for (const t of every ? D.periods.keys() : [S.period]) {
      if (numbers.every((one) => !item[one.name][t])) continue;
      rows.push(columns.map((one) => (one.format === "period" ? D.periods[t] : one.name in table.texts ? item[one.name] : item[one.name][t])));
    }
  }
  return { columns, rows };
}

function ordered({ columns, rows }) {
  const at = columns.findIndex((one) => one.name === sorting.column);
  if (at < 0) return rows;
  const side = sorting.up ? 1 : -1;
  return rows.sort((a, b) => {
    const [x, y] = [a[at], b[at]];
    if (x === null || y === null) return (x === null) - (y === null);
    return side * (typeof x === "number" ? x - y : String(x).localeCompare(String(y)));
  });
}

const isNumber = (column) => !["text", "period"].includes(column.format);
const inCell = (value, column) => (isNumber(column) ? (value === null ? "" : column.format === "share" ? percent(value) : shown(value)) : value);

function drawTable() {
  const name = $("table").value, table = tableRows(name), rows = ordered(table), { columns } = table;
  $("table-question").textContent = `${D.tables[name].question} Scenario ${S.scenario}${$("every").checked ? "" : `, ${D.periods[S.period]}`}.`;
  const head = make("tr", {}, ...columns.map((one) => {
    const cell = make("th", { scope: "col", class: isNumber(one) ? "number" : "", title: one.meaning },
      make("button", { type: "button", onclick: () => { sorting.up = sorting.column === one.name ? !sorting.up : !isNumber(one); sorting.column = one.name; drawTable(); $("rows").querySelector(`[data-column="${CSS.escape(one.name)}"]`).focus(); }, "data-column": one.name },
        one.name.replace(/_/g, " ") + (one.unit ? `, ${one.unit}` : "")));
    if (sorting.column === one.name) cell.setAttribute("aria-sort", sorting.up ? "ascending" : "descending");
    return cell;
  }));
  const body = rows.slice(0, MOST_ROWS).map((row) => make("tr", {}, ...row.map((value, i) => make("td", { class: isNumber(columns[i]) ? "number" : "" }, inCell(value, columns[i])))));
  const caption = make("caption", { class: "unseen" }, `${name}: ${D.tables[name].question}`);
  $("rows").replaceChildren(rows.length ? make("table", {}, caption, make("thead", {}, head), make("tbody", {}, ...body)) : make("p", { class: "empty" }, "No row fits."));
  $("rows-note").textContent = rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${rows.length.toLocaleString("en-GB")} rows; filter to see others, or save them all.` : `${rows.length} rows.`;
}

/** Save what the table shows, all rows; a text that a spreadsheet would take for a formula is marked as text. */
function saveTable() {
  const name = $("table").value, table = tableRows(name), rows = ordered(table);
  const cell = (value) => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const lines = [table.columns.map((one) => one.name), ...rows].map((row) => row.map(cell).join(","));
  const link = make("a", { href: URL.createObjectURL(new Blob(["\ufeff", lines.join("\n"), "\n"], { type: "text/csv" })), download: `${name}_${S.scenario}.csv`.replace(/[^\w.-]+/g, "_") });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
