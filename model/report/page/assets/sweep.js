"use strict";
// The page of a batch: its pictures, ready made, and its tables.

const MOST = 300;
let sorted = null;

const inShape = (value, format) => (format === "share" && typeof value === "number" ? percent(value) : format === "year" && value !== null ? String(value) : shown(value));

function drawRows() {
  const table = D.tables.find((one) => one.name === $("table").value), wanted = $("filter").value.trim().toLowerCase();
  const isText = (i) => table.columns[i].format === "text";
  const rows = table.rows.filter((row) => !wanted || row.some((value) => typeof value === "string" && value.toLowerCase().includes(wanted)));
  if (sorted) {
    const { at, up } = sorted, side = up ? 1 : -1;
    rows.sort((a, b) => (a[at] === null || b[at] === null ? (a[at] === null) - (b[at] === null) : side * (isText(at) ? a[at].localeCompare(b[at]) : a[at] - b[at])));
  }
  const head = table.columns.map((column, i) => {
    const order = () => { sorted = { at: i, up: sorted && sorted.at === i ? !sorted.up : isText(i) }; drawRows(); };
    const cell = make("th", { scope: "col", title: column.meaning, class: isText(i) ? "" : "number" }, make("button", { type: "button", onclick: order }, ...breakable(column.name)));
    if (sorted && sorted.at === i) cell.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
    return cell;
  });
  const cells = (row) => row.map((value, i) => (isText(i) ? make("td", {}, value) : make("td", { class: "number" }, inShape(value, table.columns[i].format))));
  const body = rows.slice(0, MOST).map((row) => make("tr", {}, ...cells(row)));
  $("rows").replaceChildren(rows.length ? make("table", {}, make("caption", { class: "unseen" }, table.question), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body)) : make("p", { class: "empty" }, "No row fits."));
  $("rows-note").textContent = `${table.question} ${rows.length} row${rows.length === 1 ? "" : "s"}${rows.length > MOST ? `, the first ${MOST} shown` : ""}${table.left ? `; ${table.left} more are in the workbook beside this page` : ""}.`;
}

function tile({ name, value, unit, sub }) {
  return make("div", { class: "tile" }, make("dt", {}, name), make("dd", { class: "big" }, value, make("small", {}, unit ? ` ${unit}` : "")), make("dd", { class: "sub" }, sub));
}

async function start() {
  startTheme();
  try {
    D = JSON.parse(await unpack("packed-data"));
    await unpackLibrary();
    $("tiles").replaceChildren(...D.tiles.map(tile));
    $("question").textContent = D.question;
    $("table").replaceChildren(...D.tables.map((one) => make("option", { value: one.name }, one.name)));
    $("table").addEventListener("change", () => { sorted = null; drawRows(); });
    $("filter").addEventListener("input", drawRows);
    addSections(D.sections);
    part("rows", drawRows);
    $("about").textContent = D.about;
    watch();
    followWidth();
    ready();
  } catch (error) {
    fail(error);
    throw error;
  }
}
start();
