"use strict";
// The pictures below the map.

function drawPaths() {
  const t = S.period, rows = ofFamily("Paths", S.scenario);
  const value = (item) => (inTrade() ? item.trade_delivered[t] : item.delivered[t]) || 0;
  $("paths-note").textContent = `Deliveries abroad in ${D.periods[t]}, ${volumeUnit()}, from exporter over corridor to market. ${D.meaning.corridor.split(". ")[0]}. Where volumes meet they mix: the split is proportional.`;
  const ranked = (name) => new Map(largest(new Map([...summed(rows, (item) => item[name], "delivered")].map(([key, row]) => [key, [row[t]]])), narrow() ? 7 : name === "exporter" ? 8 : 12).map(([key]) => [key, true]));
  const kept = { exporter: ranked("exporter"), corridor: ranked("corridor"), market: ranked("market") };
  const label = (item, name) => (kept[name].has(item[name]) ? item[name] : REST);
  const nodes = new Map(), links = new Map();
  const node = (column, name) => { const key = `${column}\n${name}`; if (!nodes.has(key)) nodes.set(key, { place: nodes.size, name, column }); return nodes.get(key).place; };
  for (const item of rows) {
    if (value(item) < 1e-6) continue;
    const names = [label(item, "exporter"), label(item, "corridor"), label(item, "market")];
    const way = [node("exporter", names[0]), node("corridor", names[1]), node("market", names[2])];
    for (const [a, b] of [[0, 1], [1, 2]]) {
      const key = `${way[a]} ${way[b]} ${names[0]}`;
      const one = links.get(key) || { source: way[a], target: way[b], exporter: names[0], value: 0 };
      one.value += value(item);
      links.set(key, one);
    }
  }
  if (!links.size) return nothing("paths", `No ${S.family} is exported in ${D.periods[t]}.`);
  const list = [...nodes.values()], flows = [...links.values()], sum = total(flows.filter((one) => list[one.source].column === "exporter").map((one) => one.value));
  const tint = (name) => `${hue("exporter", name)}77`;
  const through = (place) => Math.max(total(flows.filter((one) => one.source === place).map((one) => one.value)), total(flows.filter((one) => one.target === place).map((one) => one.value)));
  // on a narrow page the names of the middle meet those at the right: they go without their number, which pointing tells
  const named = (one) => (narrow() && one.column === "corridor" ? plain(short(one.name, 14)) : `${plain(short(one.name, narrow() ? 11 : 40))} ${shown(through(one.place))}`);
  plot("paths", [{
    type: "sankey", arrangement: byFinger() ? "fixed" : "snap", valueformat: ",.2f", textfont: { color: colour("ink"), size: narrow() ? 9.5 : 13, shadow: "none" },
    domain: { x: [0, 1], y: [0, 1] },
    node: { label: list.map(named), pad: narrow() ? 12 : 19, thickness: 12,
      color: list.map((one) => (one.column === "exporter" ? hue("exporter", one.name) : colour("soft"))), line: { width: 0 },
      customdata: list.map((one) => plain(`${one.name}: ${shown(through(one.place))} ${volumeUnit()}`)), hovertemplate: "%{customdata}<extra></extra>" },
    link: { source: flows.map((one) => one.source), target: flows.map((one) => one.target), value: flows.map((one) => one.value), color: flows.map((one) => tint(one.exporter)),
      customdata: flows.map((one) => plain(`${one.exporter}: ${list[one.source].name} → ${list[one.target].name}, ${shown(one.value)} ${volumeUnit()}`)), hovertemplate: "%{customdata}<extra></extra>" },
  }], look({ height: Math.max(narrow() ? 460 : 420, 38 * Math.max(...["exporter", "corridor", "market"].map((name) => list.filter((one) => one.column === name).length))), margin: { l: 4, r: 4, t: 10, b: 10 } }),
  `Flow diagram of ${S.family} in ${D.periods[t]}: ${shown(sum)} ${volumeUnit()} from ${kept.exporter.size} exporters.`);
}

function exportRows(scenario, view) {
  return summed(ofFamily("Exports", scenario).filter((item) => item.by === view), (item) => item.name, inTrade() ? "trade_volume" : "volume");
}

function drawExports() {
  const rows = largest(exportRows(S.scenario, S.by), COLOURS);
  $("exports-note").textContent = S.by === "corridor" ? D.meaning.corridor : S.by === "market" ? D.meaning.market : D.meaning.market.replace("country of delivery", "country of origin");
  if (!rows.length) return nothing("exports", `No ${S.family} is exported.`);
  const sums = D.periods.map((_, t) => total(rows.map(([, row]) => row[t])));
  const traces = rows.map(([name, row]) => ({ type: "bar", name: plain(short(name)), x: D.periods, y: row, marker: { color: hue(S.by, name), line: { color: colour("paper"), width: 0.5 } },
    hoverinfo: "text", hovertext: row.map((value, t) => plain(`${name}, ${D.periods[t]}: ${shown(value)} ${volumeUnit()}, ${percent(value / sums[t])}`)), textposition: "none" }));
  if (S.versus) {
    const other = [...exportRows(S.versus, S.by).values()];
    traces.push({ type: "scatter", mode: "lines+markers", name: plain(`total in ${S.versus}`), x: D.periods, y: D.periods.map((_, t) => total(other.map((row) => row[t]))),
      line: { color: colour("ink"), width: 2, dash: "dot" }, marker: { size: 5, color: colour("ink") }, hoverinfo: "text",
      text: D.periods.map((label, t) => plain(`${S.versus}, ${label}: ${shown(total(other.map((row) => row[t])))} ${volumeUnit()} in all`)) });
  }
  const box = plot("exports", traces, look({
    barmode: "stack", bargap: 0.25, height: narrow() ? 520 : 400, showlegend: true, margin: { l: 10, r: 10, t: 26, b: 10 },
    legend: narrow() ? { orientation: "h", yref: "container", y: 0, yanchor: "bottom", traceorder: "normal" } : { traceorder: "reversed", x: 1.01, y: 1, font: { size: 13 } },
    xaxis: { type: "category", tickangle: D.periods.length > 8 && narrow() ? -90 : "auto" }, yaxis: { rangemode: "tozero" },
    annotations: [{ xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "bottom", text: `${volumeUnit()}${inTrade() ? "" : " per period"}`, showarrow: false, font: { color: colour("soft"), size: 12 } }],
    shapes: [{ type: "rect", xref: "x", yref: "paper", x0: S.period - 0.48, x1: S.period + 0.48, y0: 0, y1: 1, line: { color: colour("soft"), width: 1 }, fillcolor: "rgba(0,0,0,0)" }],
  }), `Exports of ${S.family} by ${S.by}: ${shown(sums[0])} ${volumeUnit()} in ${D.periods[0]}, ${shown(sums[sums.length - 1])} in ${D.periods[D.periods.length - 1]}.`);
  if (!box.dataset.hooked) {
    box.dataset.hooked = "yes";
    box.on("plotly_click", (event) => choosePeriod(D.periods.indexOf(event.points[0].x)));
  }
}

// ---- netbacks

const routeKey = (item) => [item.field, item.commodity, item.demand, item.delivered_as, item.route].join("\n");
const placeLabel = (name) => D.map.places.find((one) => one.name === name)?.label.split(" (")[0] || name;
const routeName = (item) => `${placeLabel(item.field)} → ${item.demand}`;
const netbackUnit = (item) => (inTrade() ? item.trade_price_unit : item.price_unit);
const netbackFactor = (item, t) => (inTrade() ? item.trade_netback[t] / item.netback[t] : 1);
const FEW = 14;

function routesNow() {
  return ofFamily("Netbacks", S.scenario).filter((item) => (item.volume[S.period] || 0) > 1e-6)
    .sort((a, b) => b.volume[S.period] - a.volume[S.period]);
}

function drawNetbacks() {
  const t = S.period, routes = routesNow();
  $("netbacks-note").textContent = `The market price less everything that the way costs, per unit that leaves the field, in ${D.periods[t]}. ` +
    (D.routesLeft ? `The largest routes of each scenario; ${D.routesLeft.toLocaleString("en-GB")} smaller ones are in tables/netbacks.csv.` : "");
  if (!routes.length) { nothing("ranking", `No route of ${S.family} is used in ${D.periods[t]}.`); nothing("ladder", ""); $("route").replaceChildren(); $("ladder-note").textContent = ""; return; }
  if (!routes.some((item) => routeKey(item) === S.route)) S.route = routeKey(routes[0]);
  $("route").replaceChildren(...routes.map((item) => {
    const option = make("option", { value: routeKey(item) }, `${routeName(item)}: ${item.route.split(" > ").join(" › ")}`);
    option.selected = routeKey(item) === S.route;
    return option;
  }));
  drawRanking(routes.slice(0, FEW), t);
  drawLadder(routes.find((item) => routeKey(item) === S.route), t);
}

function drawRanking(routes, t) {
  const rows = [...routes].sort((a, b) => a.netback[t] - b.netback[t]);
  const value = rows.map((item) => item.netback[t] * netbackFactor(item, t));
  const keys = rows.map((item, i) => String(i));
  const unit = netbackUnit(rows[0]);
  $("h-ranking").textContent = `Netbacks of the largest routes, ${unit}`;
  const box = plot("ranking", [{ type: "bar", orientation: "h", y: keys, x: value, marker: { color: rows.map((item) => (routeKey(item) === S.route ? colour("c1") : colour("c0"))) },
    text: value.map((one) => shown(one)), textposition: "auto", insidetextanchor: "end", insidetextfont: { color: colour("paper") }, hoverinfo: "text", customdata: rows.map(routeKey),
    hovertext: rows.map((item, i) => plain(`${routeName(item)}, ${item.commodity}`) + `<br>${plain(item.route.split(" > ").join(" › "))}<br>${shown(value[i])} ${plain(unit)}, ${shown(item.volume[t])} ${familyOf().unit}`) }],
  look({ height: barsHigh(rows.length, 30), bargap: 0.3, margin: { l: 10, r: 16, t: 6, b: 10 },
    yaxis: { type: "category", tickvals: keys, ticktext: rows.map((item) => plain(short(routeName(item), narrow() ? 24 : 34))), showgrid: false },
    xaxis: { zeroline: true } }),
  `Netbacks of the ${rows.length} largest routes, best ${shown(value[value.length - 1])}, least ${shown(value[0])} ${unit}.`);
  if (!box.dataset.hooked) {
    box.dataset.hooked = "yes";
    box.on("plotly_click", (event) => { S.route = event.points[0].customdata; drawNetbacks(); });
  }
}

const STEPS_DOWN = [["market_price", "Market price"], ["grade_differential", "Grade differential"], ["losses", "Losses and fuel"], ["fees_in_kind", "Fees in kind"], ["freight", "Freight"],
  ["port", "Ports"], ["transit_tariffs", "Transit tariffs"], ["risk", "Risk"], ["netback", "Netback"], ["fees_received", "Fees received"], ["rents", "Scarcity rents"], ["value", "Value at the field"],
  ["supply_cost", "Cost of supply"], ["field_rent", "Left for the field"]];
const TOTALS = new Set(["netback", "value", "field_rent"]);

function drawLadder(item, t) {
  const factor = netbackFactor(item, t), unit = netbackUnit(item);
  const steps = STEPS_DOWN.filter(([name]) => TOTALS.has(name) || name === "market_price" || Math.abs(item[name][t] || 0) > 0.005);
  const amount = (name) => (name === "field_rent" ? -1 : 1) * (item[name][t] || 0) * factor;
  const level = [];
  let reached = 0;
  for (const [name] of steps) {
    const size = amount(name), whole = TOTALS.has(name) || name === "market_price";
    level.push(whole ? [0, size] : [reached, reached + size]);
    reached = whole ? size : reached + size;
  }
  const tone = ([name]) => (TOTALS.has(name) || name === "market_price" ? colour("c0") : amount(name) < 0 ? colour("down") : colour("c2"));
  plot("ladder", [{
    type: "waterfall", orientation: "h", y: steps.map((step) => step[1]), measure: steps.map(([name]) => (name === "market_price" ? "absolute" : TOTALS.has(name) ? "total" : "relative")),
    x: steps.map(([name]) => amount(name)), text: steps.map(([name]) => (TOTALS.has(name) || name === "market_price" ? shown(amount(name)) : signed(amount(name)))), textposition: "outside", cliponaxis: false,
    connector: { line: { color: colour("line"), width: 1 } }, increasing: { marker: { color: colour("c2") } }, decreasing: { marker: { color: colour("down") } }, totals: { marker: { color: colour("c0") } },
    hoverinfo: "text", hovertext: steps.map((step) => plain(`${step[1]}: ${shown(amount(step[0]))} ${unit}`)),
  }], look({ height: barsHigh(steps.length, 30), margin: { l: 10, r: 54, t: 6, b: 10 }, yaxis: { autorange: "reversed", showgrid: false },
    xaxis: { range: [Math.min(0, ...level.flat()) * 1.1, Math.max(...level.flat()) * 1.14] } }),
  `Netback of ${routeName(item)}: ${steps.map(([name, text]) => `${text} ${shown(amount(name))}`).join(", ")} ${unit}.`);
  $("ladder-note").textContent = `${item.route.split(" > ").join(" › ")}. ${unit}; ${item.commodity} delivered as ${item.delivered_as}, ${shown(item.volume[t])} ${familyOf().unit}.` +
    (inTrade() ? " Every step is converted by the grade that leaves the field." : "");
}

// ---- capacities

function capacityRows() {
  return items("Capacity", S.scenario).filter((item) => item.family === S.family || (item.family === "shared" && usedBy(item.name)));
}
const carried = new Map();
function usedBy(name) {
  const key = `${S.scenario}\n${S.family}`;
  if (!carried.has(key)) carried.set(key, new Set(ofFamily("Flows", S.scenario).flatMap((item) => [item.link, ...(D.uses[item.link] || [])])));
  return carried.get(key).has(name);
}

function drawCapacity() {
  const t = S.period, rows = capacityRows();
  $("capacity-note").textContent = "A rent is what a full capacity earns because it is scarce: the value of one more unit times what is used, undiscounted. It is zero wherever there is room.";
  const rents = rows.filter((item) => item.rent[t] > 0.5).sort((a, b) => b.rent[t] - a.rent[t]).slice(0, FEW).reverse();
  $("h-rents").textContent = `Rents in ${D.periods[t]}, million USD`;
  if (!rents.length) nothing("rents", `Nothing that carries ${S.family} is full at a price in ${D.periods[t]}.`);
  else {
    plot("rents", [{ type: "bar", orientation: "h", y: rents.map((_, i) => String(i)), x: rents.map((item) => item.rent[t]), marker: { color: colour("full") }, hoverinfo: "text",
      text: rents.map((item) => shown(item.rent[t])), textposition: "outside", cliponaxis: false,
      hovertext: rents.map((item) => plain(`${item.name} (${item.kind}): ${shown(item.rent[t])} million USD`) + `<br>${plain(`one more unit is worth ${shown(item.value[t])} ${item.value_unit}`)}<br>${plain(`${shown(item.used[t])} of ${shown(item.capacity[t])} ${item.unit} used`)}`) }],
    look({ height: barsHigh(rents.length), bargap: 0.3, margin: { l: 10, r: 54, t: 6, b: 10 },
      yaxis: { type: "category", tickvals: rents.map((_, i) => String(i)), ticktext: rents.map((item) => plain(short(item.name, 26))), showgrid: false } }),
    `Rents in ${D.periods[t]}: ${[...rents].reverse().map((item) => `${item.name} ${shown(item.rent[t])}`).join(", ")} million USD.`);
  }
  drawRentsOverTime(rows);
  drawHeat(rows);
}

const FEW_RENTS = 6;
function drawRentsOverTime(rows) {
  const earners = largest(new Map(rows.filter((item) => total(item.rent) > 0.5).map((item) => [item.name, item.rent])), FEW_RENTS);
  $("rents-box").hidden = !earners.length || D.periods.length < 2;
  if ($("rents-box").hidden) return;
  const tone = (name, i) => (name === REST ? colour("rest") : colour(`c${i}`));
  plot("rents-over-time", earners.map(([name, row], i) => ({ type: "bar", name: plain(short(name, 26)), x: D.periods, y: row, marker: { color: tone(name, i), line: { color: colour("paper"), width: 0.5 } },
    hoverinfo: "text", textposition: "none", hovertext: row.map((value, t) => plain(`${name}, ${D.periods[t]}: ${shown(value)} million USD`)) })),
  look({ barmode: "stack", bargap: 0.25, height: 330, showlegend: true, margin: { l: 10, r: 10, t: 6, b: 10 }, legend: { orientation: "h", y: -0.2, yanchor: "top", traceorder: "normal", font: { size: 12 } },
    xaxis: { type: "category", tickangle: D.periods.length > 8 ? -90 : "auto" }, yaxis: { rangemode: "tozero" } }),
  `Rents of ${S.family} by period: ${earners.map(([name, row]) => `${name} ${shown(total(row))}`).join(", ")} million USD over all periods.`);
}

function drawHeat(rows) {
  const known = rows.filter((item) => item.share_used.some((share) => share !== null));
  const busy = (item) => total(item.rent) * 1e6 + total(item.share_used);
  const list = known.sort((a, b) => busy(b) - busy(a)).slice(0, 22).reverse();
  if (!list.length) return nothing("heat", `Nothing that carries ${S.family} has a capacity.`);
  const scale = [[0, colour("low")], [0.25, colour("low")], [0.25, colour("mid")], [0.5, colour("mid")], [0.5, colour("high")], [0.75, colour("high")], [0.75, colour("full")], [1, colour("full")]];
  const step = { low: 0, mid: 1, high: 2, full: 3 };
  plot("heat", [{ type: "heatmap", x: D.periods, y: list.map((_, i) => i), z: list.map((item) => item.share_used.map((share) => (share === null ? null : step[fullness(share)]))), zmin: 0, zmax: 3,
    colorscale: scale, showscale: false, xgap: 1.5, ygap: 1.5, hoverinfo: "text",
    hovertext: list.map((item) => item.share_used.map((share, t) => plain(`${item.name}, ${D.periods[t]}: ${percent(share)}, ${shown(item.used[t])} of ${shown(item.capacity[t])} ${item.unit}`))) }],
  look({ height: 60 + 22 * list.length, margin: { l: 10, r: 6, t: 6, b: 10 }, xaxis: { type: "category", showgrid: false, tickangle: narrow() ? -90 : "auto" },
    yaxis: { tickvals: list.map((_, i) => i), ticktext: list.map((item) => plain(short(item.name, narrow() ? 20 : 28))), showgrid: false, zeroline: false },
    shapes: [{ type: "rect", xref: "x", yref: "paper", x0: S.period - 0.5, x1: S.period + 0.5, y0: 0, y1: 1, line: { color: colour("ink"), width: 1.5 }, fillcolor: "rgba(0,0,0,0)" }] }),
  `Share of capacity used by period; full in ${D.periods[S.period]}: ${list.filter((item) => fullness(item.share_used[S.period]) === "full").map((item) => item.name).join(", ") || "none"}.`);
}
