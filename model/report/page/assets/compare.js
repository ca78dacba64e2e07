"use strict";
// The page of a comparison: differences between two sides.

const SHOWN = { Corridors: 12, Markets: 12, Exporters: 8, Prices: 14, Rents: 12, Money: 12 };
const MOST = 300;
let sorted = null;

/** Rows of a question for the two sides that are chosen, in the chosen period; blanks where a side has no price. */
function differing(question) {
  const at = (name) => question.series[D.sides.indexOf(name)];
  const ones = at(S.scenario), others = at(S.versus), family = question.keys.indexOf("family"), t = S.period;
  return question.items.map((texts, i) => {
    const one = D.series[ones[i]][t], other = D.series[others[i]][t];
    return { texts, unit: texts[texts.length - 1], one, other, change: one === null || other === null ? null : other - one };
  }).filter((row) => family < 0 || row.texts[family] === S.family);
}
const label = (question, texts) => texts.slice(0, -1).filter((_, i) => question.keys[i] !== "family" && question.keys[i] !== "kind").join(", ");

function drawDifferences() {
  $("differences-note").textContent = `${D.periods[S.period]}: ${S.versus} less ${S.scenario}; the largest changes.`;
  for (const question of D.questions.filter((one) => SHOWN[one.title])) {
    const id = `difference-${question.title}`;
    const rows = differing(question).filter((row) => row.change !== null && Math.abs(row.change) > 1e-6)
      .sort((a, b) => Math.abs(b.change) - Math.abs(a.change)).slice(0, SHOWN[question.title]).reverse();
    $(`h-${id}`).textContent = `${question.title}${rows.length ? `, ${rows[0].unit}` : ""}`;
    if (!rows.length) { nothing(id, "Nothing changes."); continue; }
    const changes = rows.map((row) => signed(row.change));
    plot(id, [{ type: "bar", orientation: "h", y: rows.map((_, i) => String(i)), x: rows.map((row) => row.change), marker: { color: rows.map((row) => colour(row.change > 0 ? "up" : "down")) },
      textposition: "none", hoverinfo: "text",
      hovertext: rows.map((row) => plain(`${label(question, row.texts)}: ${shown(row.one)} → ${shown(row.other)} ${row.unit}`)) }],
    look({ height: barsHigh(rows.length, 27), bargap: 0.35, margin: { l: 10, r: amountsWide(changes), t: 6, b: 10 }, annotations: amounts(changes), xaxis: { nticks: narrow() ? 3 : 0, tickangle: 0 },
      yaxis: { type: "category", tickvals: rows.map((_, i) => String(i)), ticktext: rows.map((row) => plain(short(label(question, row.texts), narrow() ? 22 : 32))), showgrid: false } }),
    `${question.title}, changes in ${rows[0].unit}: ${[...rows].reverse().map((row) => `${label(question, row.texts)} ${signed(row.change)}`).join(", ")}.`);
  }
}

function drawTime() {
  const question = D.questions.find((one) => one.title === "Exporters"), family = question.keys.indexOf("family");
  const lines = D.sides.map((side, s) => [side, D.periods.map((_, t) => total(question.items.map((texts, i) => (texts[family] === S.family ? D.series[question.series[s][i]][t] : 0))))]);
  const unit = question.items.find((texts) => texts[family] === S.family)?.slice(-1)[0] || "";
  $("time-note").textContent = `Exports of ${S.family} in all, ${unit} per period.`;
  plot("time", lines.map(([side, row], s) => ({ type: "scatter", mode: "lines+markers", name: plain(short(side)), x: D.periods, y: row, line: { color: colour(`c${s % 8}`), width: 2.5, dash: s ? "solid" : "dot" }, marker: { size: 6 },
    hoverinfo: "text", text: row.map((value, t) => plain(`${side}, ${D.periods[t]}: ${shown(value)} ${unit}`)) })),
  look({ height: 340, showlegend: true, legend: { orientation: "h", y: 1.12, yanchor: "bottom" }, margin: { l: 10, r: 10, t: 30, b: 10 }, xaxis: { type: "category" }, yaxis: { rangemode: "tozero" } }),
  `Exports of ${S.family}: ${lines.map(([side, row]) => `${side} ${shown(row[0])} to ${shown(row[row.length - 1])}`).join("; ")} ${unit}.`);
}

function drawSides() {
  const first = D.values[0];
  $("tiles").replaceChildren(...D.sides.map((side, i) => make("div", { class: "tile" }, make("dt", {}, side), make("dd", { class: "big" }, shown(D.values[i]), make("small", {}, " million USD")),
    make("dd", { class: "sub" }, i ? `${signed(D.values[i] - first)} against ${D.sides[0]}` : `${D.valueName.toLowerCase()}, discounted`))));
  $("no-bridge").textContent = [D.note, D.noBridge && `No bridge is shown: ${D.noBridge}`].filter(Boolean).join(" ");
}

function simpleTable(head, rows, caption) {
  const cells = (row) => row.map((value) => (typeof value === "number" || value === null ? make("td", { class: "number" }, shown(value)) : make("td", {}, value)));
  return make("table", {}, make("caption", { class: "unseen" }, caption), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row)))));
}

function drawInputs() {
  $("inputs-note").textContent = D.inputs.length ? `By address: sheet, key, column and period${D.inputsLeft ? `; ${D.inputsLeft} more are in the workbook beside this page` : ""}.` : "No cell differs.";
  const head = ["address", ...D.sides].map((text) => make("th", { scope: "col" }, text));
  $("inputs").hidden = !D.inputs.length;
  $("inputs").replaceChildren(simpleTable(head, D.inputs, "Inputs that differ"));
}

function drawRows() {
  const question = D.questions.find((one) => one.title === $("table").value), wanted = $("filter").value.trim().toLowerCase();
  const names = [...question.keys, "unit", S.scenario, S.versus, "difference"];
  const rows = differing(question).map((row) => [...row.texts, row.one, row.other, row.change])
    .filter((row) => !wanted || row.some((value) => typeof value === "string" && value.toLowerCase().includes(wanted))).filter((row) => row[names.length - 2] || row[names.length - 3]);
  const { at, up } = sorted || { at: names.length - 1, up: false };
  const side = up ? 1 : -1, size = (value) => (at === names.length - 1 && !sorted ? Math.abs(value) : value);
  rows.sort((a, b) => (a[at] === null || b[at] === null ? (a[at] === null) - (b[at] === null) : side * (typeof a[at] === "number" ? size(a[at]) - size(b[at]) : a[at].localeCompare(b[at]))));
  const head = names.map((name, i) => {
    const cell = make("th", { scope: "col", class: i > question.keys.length ? "number" : "" }, make("button", { type: "button", onclick: () => { sorted = { at: i, up: sorted && sorted.at === i ? !sorted.up : i <= question.keys.length }; drawRows(); } }, name));
    if (sorted && sorted.at === i) cell.setAttribute("aria-sort", up ? "ascending" : "descending");
    return cell;
  });
  $("rows").replaceChildren(rows.length ? simpleTable(head, rows.slice(0, MOST), question.meaning) : make("p", { class: "empty" }, "No row fits."));
  $("rows-note").textContent = `${question.meaning} ${rows.length} rows${rows.length > MOST ? `, the first ${MOST} shown` : ""}, ${D.periods[S.period]}.`;
}

function chooser(id, options) {
  $(id).replaceChildren(...options.map((value) => { const one = make("option", { value }, value); one.selected = S[id] === value; return one; }));
  $(id).addEventListener("change", () => { S[id] = $(id).value; changed(); });
}

function controls(families) {
  chooser("scenario", D.sides);
  chooser("versus", D.sides);
  for (const name of families) {
    const input = make("input", { type: "radio", name: "family", value: name });
    input.checked = name === S.family;
    input.addEventListener("change", () => { S.family = name; changed(); });
    $("family").append(make("label", {}, input, name[0].toUpperCase() + name.slice(1)));
  }
  $("period").max = String(D.periods.length - 1);
  $("period").value = String(S.period);
  const say = () => { $("period-label").textContent = D.periods[S.period]; $("period").setAttribute("aria-valuetext", D.periods[S.period]); };
  $("period").addEventListener("input", () => { S.period = Number($("period").value); say(); changed(); });
  say();
  $("table").replaceChildren(...D.questions.map((one) => make("option", { value: one.title }, one.title)));
  $("table").addEventListener("change", () => { sorted = null; drawRows(); });
  $("filter").addEventListener("input", drawRows);
}

/** The period in which the two sides differ most in what is exported. */
function busiest() {
  const question = D.questions.find((one) => one.title === "Corridors");
  const gaps = D.periods.map((_, t) => total(question.items.map((_, i) => Math.abs(D.series[question.series[1][i]][t] - D.series[question.series[0][i]][t]))));
  return gaps.indexOf(Math.max(...gaps));
}

async function start() {
  startTheme();
  try {
    D = JSON.parse(await unpack("packed-data"));
    await unpackLibrary();
    const { families } = D;
    Object.assign(S, { scenario: D.sides[0], versus: D.sides[1], family: families[0] || "", period: Math.max(busiest(), 0), units: "own" });
    controls(families);
    for (const { title } of D.questions.filter((one) => SHOWN[one.title])) {
      $("differences").append(make("div", {}, make("h3", { id: `h-difference-${title}` }), make("div", { id: `difference-${title}`, class: "figure" })));
    }
    addSections(D.sections);
    part("tiles", drawSides);
    part("differences", drawDifferences);
    part("time", drawTime);
    part("inputs", drawInputs);
    part("rows", drawRows);
    $("about").textContent = "Numbers on this page have six significant digits; the workbook beside it has all.";
    drawSides();
    watch();
    followWidth();
    ready();
  } catch (error) {
    fail(error);
    throw error;
  }
}
start();
