"use strict";
// The controls, the headline figures, and the start.

function segment(id, options, name) {
  const box = $(id);
  box.querySelectorAll("label").forEach((one) => one.remove());
  for (const [value, text, disabled] of options) {
    const input = make("input", { type: "radio", name: id, value });
    input.checked = S[name] === value;
    input.disabled = Boolean(disabled);
    input.addEventListener("change", () => { S[name] = value; changed(); if (name === "family") unitsControl(); });
    box.append(make("label", {}, input, text));
  }
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function unitsControl() {
  const family = familyOf();
  if (!family.trade) S.units = "own";
  segment("units", [["own", family.unit], ["trade", family.trade || "–", !family.trade]], "units");
}

function choosePeriod(t) {
  if (t < 0 || t >= D.periods.length) return;
  S.period = t;
  $("period").value = String(t);
  showPeriod();
  changed();
}
function showPeriod() {
  $("period-label").textContent = D.periods[S.period];
  $("period").setAttribute("aria-valuetext", D.periods[S.period]);
}

function chooser(id, options) {
  const box = $(id);
  box.replaceChildren(...options.map(([value, text]) => { const one = make("option", { value }, text); one.selected = S[id] === value; return one; }));
  box.addEventListener("change", () => { S[id] = box.value; if (id === "scenario" && S.versus === S.scenario) { S.versus = ""; $("versus").value = ""; } changed(); });
}

function controls() {
  const names = solved().map((one) => one.name);
  chooser("scenario", names.map((name) => [name, name]));
  chooser("versus", [["", "nothing"], ...names.map((name) => [name, name])]);
  $("versus").parentElement.hidden = names.length < 2;
  segment("family", D.families.map((one) => [one.name, capital(one.name)]), "family");
  unitsControl();
  segment("view", [["all", "Whole"], ["close", "Close-up"]], "view");
  segment("by", [["corridor", "By corridor"], ["market", "By market"], ["exporter", "By exporter"]], "by");
  const slider = $("period");
  slider.max = String(D.periods.length - 1);
  slider.value = String(S.period);
  slider.addEventListener("input", () => choosePeriod(Number(slider.value)));
  slider.closest("label").hidden = D.periods.length < 2;
  showPeriod();
  $("route").addEventListener("change", () => { S.route = $("route").value; drawNetbacks(); });
  $("table").replaceChildren(...Object.values(D.tables).map((one) => make("option", { value: one.name }, one.name)));
  $("table").addEventListener("change", () => { sorting.column = null; drawTable(); });
  $("filter").addEventListener("input", drawTable);
  $("every").addEventListener("change", drawTable);
  $("save").addEventListener("click", saveTable);
}

function tile(name, big, unit, sub) {
  return make("div", { class: "tile" }, make("dt", {}, name), make("dd", { class: unit ? "big" : "big name" }, ...breakable(big), unit ? make("small", {}, ` ${unit}`) : null), make("dd", { class: "sub" }, sub));
}

function drawTiles() {
  const t = S.period, here = scenarioOf(S.scenario), first = solved()[0], unit = volumeUnit(), label = D.periods[t];
  const base = S.versus ? scenarioOf(S.versus) : here === first ? null : first;
  const at = (name, view) => [...exportRows(name, view)].map(([key, row]) => [key, row[t]]).sort((a, b) => b[1] - a[1]);
  const corridor = at(S.scenario, "corridor").filter(([, value]) => value > 1e-6), market = at(S.scenario, "market").filter(([, value]) => value > 1e-6);
  const sum = (name) => total(at(name, "exporter").map(([, value]) => value));
  const full = capacityRows().filter((item) => item.rent[t] > 0.5).sort((a, b) => b.rent[t] - a.rent[t]);
  const share = (list) => (list.length ? `${shown(list[0][1])} ${unit}, ${percent(list[0][1] / total(list.map(([, value]) => value)))} of ${label}` : "");
  $("tiles").replaceChildren(
    tile(`${capital(D.valueName)} of the plan`, shown(here.value), "million USD", base ? `${signed(here.value - base.value)} against ${base.name}` : "discounted, all commodities and periods"),
    tile(`Exports of ${S.family}, ${label}`, shown(sum(S.scenario)), unit, base ? `${signed(sum(S.scenario) - sum(base.name))} against ${base.name}` : `from ${at(S.scenario, "exporter").filter(([, value]) => value > 1e-6).length} countries`),
    tile("Largest corridor", corridor.length ? corridor[0][0] : "none", "", share(corridor)),
    tile("Largest market", market.length ? market[0][0] : "none", "", share(market)),
    tile(`Scarcity rents, ${label}`, shown(total(full.map((item) => item.rent[t]))), "million USD", full.length ? `${full.length === 1 ? "one capacity" : `${full.length} capacities`} full at a price; most: ${full[0].name}` : "nothing is full at a price"),
  );
  $("words").replaceChildren(...(here === first && !S.versus ? D.words : here.description ? [`${here.name}: ${here.description}`] : []).map((text) => make("p", {}, text)));
}

function about() {
  const list = [], { missing, places, about: outlines } = D.map;
  if (missing.length) $("map-missing").textContent = `Not on the map, for want of coordinates in the sheet Nodes: ${missing.join(", ")}.`;
  const edge = places.filter((one) => one.edge).map((one) => one.label);
  if (edge.length) $("map-missing").textContent += ` On the map's edge, in the direction in which they lie: ${edge.join(", ")}.`;
  list.push(`Results of ${D.workbook}. Numbers on this page have six significant digits; the tables beside it have all.`, ...outlines);
  $("about").replaceChildren(...list.map((text) => make("p", {}, text)));
}

function begin() {
  Object.assign(S, { scenario: solved()[0].name, versus: "", family: D.families[0]?.name || "", units: "own", period: D.start, by: "corridor", view: narrow() ? "close" : "all", route: "", picked: null });
  recall();
  S.period = Math.min(Math.max(Number.parseInt(S.period, 10) || 0, 0), D.periods.length - 1);
  const names = solved().map((one) => one.name);
  if (!names.includes(S.scenario)) [S.scenario] = names;
  if (!names.includes(S.versus)) S.versus = "";
  if (!familyOf()) S.family = D.families[0].name;
}

async function start() {
  startTheme();
  try {
    D = JSON.parse(await unpack("packed-data"));
    $("packed-data").remove();
    if (!D.families.length) throw new Error("the case exports nothing");
    await unpackLibrary();
    begin();
    controls();
    about();
    part("tiles", drawTiles);
    part("map", drawMap);
    part("paths", drawPaths);
    part("exports", drawExports);
    part("ranking", drawNetbacks);
    part("rents", drawCapacity);
    part("worth", drawScenarios);
    part("rows", drawTable);
    addSections(D.sections);
    drawTiles();
    drawMap();
    parts.filter((one) => ["tiles", "map"].includes(one.id)).forEach((one) => { one.stale = false; });
    watch();
    followWidth();
    ready();
  } catch (error) {
    fail(error);
    throw error;
  }
}
start();
