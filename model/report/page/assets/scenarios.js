"use strict";
// Scenarios side by side, and the bridge from one to another.

function drawScenarios() {
  const t = S.period, list = solved(), first = list[0];
  $("scenarios-section").hidden = D.scenarios.length < 2;
  if (D.scenarios.length < 2) return;
  const others = list.slice(1).sort((a, b) => (D.valueName === "cost" ? b.change - a.change : a.change - b.change));
  sayScenarios(list, t);
  $("h-worth").textContent = `Change of ${D.valueName} against ${first.name}, million USD`;
  $("h-beside").textContent = `Exports of ${S.family} by corridor, ${D.periods[t]}, ${volumeUnit()}`;
  const changes = others.map((one) => signed(one.change)), good = (change) => (D.valueName === "cost" ? change < 0 : change > 0);
  if (!others.length) nothing("worth", "No other scenario has a result.");
  else plot("worth", [{ type: "bar", orientation: "h", y: others.map((_, i) => String(i)), x: others.map((one) => one.change), marker: { color: others.map((one) => colour(good(one.change) ? "up" : "down")) },
    hoverinfo: "text", textposition: "none", hovertext: others.map((one) => plain(`${one.name}: ${one.description || ""} ${signed(one.change)} million USD`)) }],
  look({ height: barsHigh(others.length), bargap: 0.35, margin: { l: 10, r: amountsWide(changes), t: 6, b: 10 }, annotations: amounts(changes), xaxis: { nticks: narrow() ? 3 : 0, tickangle: 0 },
    yaxis: { type: "category", tickvals: others.map((_, i) => String(i)), ticktext: others.map((one) => plain(short(one.name, 24))), showgrid: false } }),
  `Change of ${D.valueName}: ${others.map((one) => `${one.name} ${signed(one.change)}`).join(", ")} million USD.`);
  drawBridge(list);
  drawBeside(list, t);
  drawScenarioTable(list, t);
}

/** In which period the scenarios differ most in what is exported, and whether they differ in this one. */
function sayScenarios(list, t) {
  const rows = list.map((one) => exportRows(one.name, "corridor"));
  const names = new Set(rows.flatMap((found) => [...found.keys()])), zero = D.periods.map(() => 0);
  const gaps = D.periods.map((_, p) => total(rows.slice(1).flatMap((found) => [...names].map((name) => Math.abs((found.get(name) || zero)[p] - (rows[0].get(name) || zero)[p])))));
  const most = gaps.indexOf(Math.max(...gaps));
  const note = [`The ${D.valueName} is discounted over all periods; exports are those of ${D.periods[t]}.`];
  if (gaps[t] < 1e-6 && gaps[most] > 1e-6) {
    note.push(` In ${D.periods[t]} all of them export the same ${S.family}; they differ most in ${D.periods[most]}. `,
      make("button", { type: "button", class: "plain", id: "most-different", onclick: () => choosePeriod(most) }, `Show ${D.periods[most]}`));
  }
  $("scenarios-note").replaceChildren(...note);
}

const STEPS_SHOWN = 9;
/** From which result to which the bridge leads: as chosen, else from the first to the one that differs most. */
function bridgeEnds(list) {
  const from = S.versus && S.versus !== S.scenario ? scenarioOf(S.versus) : list[0];
  if (from.name !== S.scenario) return [from, scenarioOf(S.scenario)];
  const far = list.filter((one) => one !== from).sort((a, b) => Math.abs(b.value - from.value) - Math.abs(a.value - from.value));
  return [from, far[0]];
}

/** Parts of the money, discounted, by which two values differ; they add up to the change. */
function bridgeSteps(from, to) {
  const side = D.valueName === "cost" ? -1 : 1, found = new Map();
  for (const [name, sign] of [[to.name, side], [from.name, -side]]) {
    for (const [part, amount] of D.money[name]) found.set(part, (found.get(part) || 0) + sign * amount);
  }
  const order = [...found].filter(([, change]) => Math.abs(change) > 0.005).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const rest = order.slice(STEPS_SHOWN);
  return [...order.slice(0, STEPS_SHOWN), ...(rest.length ? [[REST, total(rest.map(([, change]) => change))]] : [])];
}

function drawBridge(list) {
  $("bridge-box").hidden = list.length < 2;
  if (list.length < 2) return;
  const [from, to] = bridgeEnds(list), steps = bridgeSteps(from, to);
  $("h-bridge").textContent = `From ${from.name} to ${to.name}: what changes in the ${D.valueName}, million USD`;
  $("bridge-note").textContent = `Money by kind and commodity, discounted; the axis does not begin at zero. Which inputs bring the change, and every difference: python run.py compare FOLDER ${/\s/.test(from.name + to.name) ? `"${from.name}" "${to.name}"` : `${from.name} ${to.name}`}.`;
  const names = [from.name, ...steps.map(([part]) => part), to.name], texts = [shown(from.value), ...steps.map(([, change]) => signed(change)), shown(to.value)];
  const levels = [from.value, to.value];
  steps.reduce((at, [, change]) => { levels.push(at + change); return at + change; }, from.value);
  const low = Math.min(...levels), high = Math.max(...levels), room = 0.12 * (high - low || Math.abs(high) || 1), good = D.valueName === "cost" ? ["down", "up"] : ["up", "down"];
  plot("bridge", [{ type: "waterfall", orientation: "h", y: names.map((_, i) => String(i)), measure: ["absolute", ...steps.map(() => "relative"), "total"], x: [from.value, ...steps.map(([, change]) => change), to.value],
    increasing: { marker: { color: colour(good[0]) } }, decreasing: { marker: { color: colour(good[1]) } }, totals: { marker: { color: colour("soft") } }, connector: { line: { color: colour("line"), width: 1 } },
    textposition: "none", hoverinfo: "text", hovertext: names.map((name, i) => plain(`${name}: ${texts[i]} million USD`)) }],
  look({ height: barsHigh(names.length), margin: { l: 10, r: amountsWide(texts), t: 6, b: 10 }, annotations: amounts(texts), xaxis: { range: [low - room, high + room], nticks: narrow() ? 3 : 0, tickangle: 0 },
    yaxis: { type: "category", autorange: "reversed", tickvals: names.map((_, i) => String(i)), ticktext: names.map((name) => plain(short(name, narrow() ? 20 : 34))), showgrid: false } }),
  `From ${from.name}, ${texts[0]}, to ${to.name}, ${texts[texts.length - 1]} million USD: ${steps.map(([part, change]) => `${part} ${signed(change)}`).join(", ")}.`);
}

function drawBeside(list, t) {
  const rows = new Map(list.map((one) => [one.name, exportRows(one.name, "corridor")]));
  const sum = new Map();
  for (const found of rows.values()) for (const [name, row] of found) sum.set(name, (sum.get(name) || 0) + row[t]);
  const top = [...sum].filter(([, value]) => value > 1e-6).sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const kept = top.slice(0, COLOURS), order = [...list].reverse();
  if (!top.length) return nothing("beside", `No ${S.family} is exported in ${D.periods[t]}.`);
  const value = (scenario, name) => (name === REST
    ? total([...rows.get(scenario)].filter(([one]) => !kept.includes(one)).map(([, row]) => row[t])) : rows.get(scenario).get(name)?.[t] || 0);
  plot("beside", [...kept, ...(top.length > kept.length ? [REST] : [])].map((name) => ({
    type: "bar", orientation: "h", name: plain(short(name, 22)), y: order.map((_, i) => String(i)), x: order.map((one) => value(one.name, name)), marker: { color: hue("corridor", name), line: { color: colour("paper"), width: 0.5 } },
    hoverinfo: "text", textposition: "none", hovertext: order.map((one) => plain(`${one.name}, ${name}: ${shown(value(one.name, name))} ${volumeUnit()}`)) })),
  look({ barmode: "stack", bargap: 0.3, height: 110 + 28 * order.length + 18 * Math.ceil(kept.length / 2), showlegend: true, legend: { orientation: "h", y: -0.12, yanchor: "top", traceorder: "normal", font: { size: 12 } }, margin: { l: 10, r: 10, t: 6, b: 10 },
    yaxis: { type: "category", tickvals: order.map((_, i) => String(i)), ticktext: order.map((one) => plain(short(one.name, 24))), showgrid: false } }),
  `Exports of ${S.family} by corridor in ${D.periods[t]} in ${list.length} scenarios.`);
}

function drawScenarioTable(list, t) {
  const sums = (name, view) => total([...exportRows(name, view).values()].map((row) => row[t]));
  const rent = (name) => total(items("Capacity", name).filter((item) => item.family === S.family || item.family === "shared").map((item) => item.rent[t]));
  const head = make("tr", {}, ...["Scenario", `${capital(D.valueName)}, million USD`, "Change", `Exports of ${S.family}, ${volumeUnit()}`, "Rents, million USD"]
    .map((text, i) => make("th", { scope: "col", class: i ? "number" : "" }, text)));
  const numbers = (one) => [shown(one.value), one.change === null ? "" : signed(one.change), shown(sums(one.name, "exporter")), shown(rent(one.name))];
  const said = (one) => (one.value === null ? `No result: ${one.status}. ${one.reason}` : one.description || "");
  const body = D.scenarios.map((one) => make("tr", { class: one.name === S.scenario ? "chosen" : "" },
    make("th", { scope: "row" }, ...breakable(one.name), make("span", { class: "sub" }, said(one))),
    ...(one.value === null ? [make("td", { colspan: 4 })] : numbers(one).map((text) => make("td", { class: "number" }, text)))));
  $("scenario-table").replaceChildren(make("table", {}, make("caption", { class: "unseen" }, "Scenarios side by side"), make("thead", {}, head), make("tbody", {}, ...body)));
}
