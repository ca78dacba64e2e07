"use strict";
// The map: corridors at a width proportional to their flow, coloured by how full they are.

const WIDEST = 15, STEPS = 18;
const CLASSES = [["full", "full"], ["high", "80 % and more"], ["mid", "50 to 80 %"], ["low", "under 50 %"], ["open", "no limit of its own"]];

/** What each link carries of the family, and how full the tightest part of it is, by period. */
function linkRows(scenario) {
  const capacity = new Map(items("Capacity", scenario).map((item) => [`${item.kind}\n${item.name}`, item]));
  const shared = (name) => capacity.get(`asset\n${name}`) || capacity.get(`fleet\n${name}`);
  const found = new Map();
  for (const item of ofFamily("Flows", scenario)) {
    const row = found.get(item.link) || { ...item, volume: new Array(D.periods.length).fill(0), own: new Array(D.periods.length).fill(0), parts: [], grades: [] };
    pick(item, "flow", "trade_flow").forEach((value, t) => { row.volume[t] += value || 0; });
    item.flow.forEach((value, t) => { row.own[t] += value || 0; });
    row.grades.push(item);
    found.set(item.link, row);
  }
  for (const row of found.values()) {
    row.holders = [capacity.get(`link\n${row.link}`), ...(D.uses[row.link] || []).map(shared)].filter(Boolean);
    row.tightest = (t) => row.holders.filter((one) => one.share_used[t] !== null)
      .reduce((best, one) => (best === null || one.share_used[t] > best.share_used[t] ? one : best), null);
  }
  return found;
}

function fullness(share) {
  if (share === null || share === undefined) return "open";
  return share >= 0.9995 ? "full" : share >= 0.8 ? "high" : share >= 0.5 ? "mid" : "low";
}

/** A gentle arc from a to b, bent to its right, so that both ways and parallel links are told apart. */
function arc(a, b, turn) {
  const cx = (a.x + b.x) / 2 + turn * (b.y - a.y), cy = (a.y + b.y) / 2 - turn * (b.x - a.x);
  const points = [];
  for (let i = 0; i <= STEPS; i++) {
    const s = i / STEPS, r = 1 - s;
    points.push([r * r * a.x + 2 * r * s * cx + s * s * b.x, r * r * a.y + 2 * r * s * cy + s * s * b.y]);
  }
  return points;
}

function corridors(t) {
  const now = linkRows(S.scenario), before = S.versus ? linkRows(S.versus) : null;
  const place = new Map(D.map.places.map((one) => [one.name, one]));
  const count = new Map(), lines = [];
  for (const [link, row] of [...now, ...(before ? [...before].filter(([name]) => !now.has(name)) : [])]) {
    const a = place.get(row.from), b = place.get(row.to);
    if (!a || !b) continue;
    const pair = `${row.from}\n${row.to}`, number = count.get(pair) || 0;
    const here = now.has(link) ? row.volume[t] : 0;
    const there = before ? (before.has(link) ? before.get(link).volume[t] : 0) : 0;
    const shownVolume = before ? here - there : here;
    if (Math.abs(shownVolume) < 1e-6) continue;
    count.set(pair, number + 1);
    const points = arc(a, b, 0.1 + 0.09 * number);
    lines.push({ link, row, points, volume: shownVolume, here, there, share: row.tightest(t) });
  }
  return lines.sort((a, b) => Math.abs(b.volume) - Math.abs(a.volume));
}

/** The largest flow of the family over all periods and scenarios: the slider changes no scale. */
const scales = new Map();
function widest() {
  const key = `${S.family}\n${inTrade()}\n${S.versus ? `${S.scenario}\n${S.versus}` : ""}`;
  if (!scales.has(key)) {
    let most = 1e-9;
    if (S.versus) {
      const one = linkRows(S.scenario), other = linkRows(S.versus);
      for (const link of new Set([...one.keys(), ...other.keys()])) {
        D.periods.forEach((_, t) => {
          most = Math.max(most, Math.abs((one.get(link)?.volume[t] || 0) - (other.get(link)?.volume[t] || 0)));
        });
      }
    } else {
      for (const scenario of solved()) for (const row of linkRows(scenario.name).values()) most = Math.max(most, ...row.volume);
    }
    scales.set(key, most);
  }
  return scales.get(key);
}

function lineText(line, t) {
  const unit = volumeUnit(), { row } = line, name = (node) => D.map.places.find((one) => one.name === node)?.label || node;
  const texts = [`<b>${plain(line.link)}</b>`, plain(`${name(row.from)} → ${name(row.to)}, ${row.mode}`)];
  texts.push(S.versus
    ? `${signed(line.volume)} ${unit}: ${shown(line.here)} in ${plain(S.scenario)}, ${shown(line.there)} in ${plain(S.versus)}`
    : `Flow ${shown(line.here)} ${unit}${row.grades.length > 1 ? `, ${row.grades.filter((one) => one.flow[t] > 0).length} grades` : ""}`);
  const tight = line.share;
  if (tight) {
    texts.push(plain(`${percent(tight.share_used[t])} of ${tight.name === line.link ? "its capacity" : tight.name}: ${shown(tight.used[t])} of ${shown(tight.capacity[t])} ${tight.unit}`));
  } else texts.push("No limit of its own");
  const tariffs = row.grades.filter((one) => one.flow[t] > 0).map((one) => one.tariff[t]);
  if (tariffs.length) {
    const low = Math.min(...tariffs), high = Math.max(...tariffs);
    texts.push(plain(`Tariff ${shown(low)}${high - low > 0.005 ? ` to ${shown(high)}` : ""} ${row.price_unit}`));
  }
  for (const one of row.holders) {
    if (one.rent[t] > 0.005) texts.push(plain(`Rent of ${one.name}: ${shown(one.rent[t])} million USD, ${shown(one.value[t])} ${one.value_unit} for one more`));
  }
  return texts.join("<br>");
}

function lineTraces(lines, t) {
  const most = widest(), traces = [], hover = { x: [], y: [], text: [], customdata: [] }, heads = { x: [], y: [], size: [], angle: [], color: [] };
  for (const line of lines) {
    const width = Math.max(1, (WIDEST * (narrow() ? 0.6 : 1) * Math.abs(line.volume)) / most);
    const tone = S.versus ? colour(line.volume > 0 ? "up" : "down") : colour(fullness(line.share ? line.share.share_used[t] : null));
    const chosen = S.picked === line.link;
    traces.push({ type: "scatter", mode: "lines", x: line.points.map((p) => p[0]), y: line.points.map((p) => p[1]), hoverinfo: "skip",
      line: { color: tone, width, shape: "linear" }, opacity: S.picked && !chosen ? 0.45 : 0.92, name: line.link, meta: "corridor" });
    const text = lineText(line, t);
    for (const [x, y] of line.points.slice(1, -1)) { hover.x.push(x); hover.y.push(y); hover.text.push(text); hover.customdata.push(line.link); }
    const [a, b] = [line.points[Math.round(STEPS * 0.55) - 1], line.points[Math.round(STEPS * 0.55) + 1]];
    heads.x.push((a[0] + b[0]) / 2); heads.y.push((a[1] + b[1]) / 2);
    heads.size.push(6 + 0.75 * width); heads.angle.push((Math.atan2(b[0] - a[0], b[1] - a[1]) * 180) / Math.PI); heads.color.push(tone);
  }
  traces.push({ type: "scatter", mode: "markers", x: heads.x, y: heads.y, hoverinfo: "skip", meta: "heads",
    marker: { symbol: "triangle-up", size: heads.size, angle: heads.angle, color: heads.color, line: { color: colour("paper"), width: 1 } } });
  traces.push({ type: "scatter", mode: "markers", ...hover, hoverinfo: "text", meta: "hover", marker: { size: 12, opacity: 0, color: colour("high") } });
  return traces;
}

function placeText(one, t) {
  const texts = [`<b>${plain(one.label)}</b>`, plain(`${one.kind}, ${one.country}${one.edge ? "; lies outside the map" : ""}`)];
  const trade = inTrade();
  for (const item of ofFamily("Prices", S.scenario).filter((row) => row.node === one.name && row.throughput[t] > 1e-6).slice(0, 6)) {
    texts.push(plain(`${item.commodity}: ${shown(pick(item, "value", "trade_value")[t])} ${trade ? item.trade_price_unit : item.price_unit}`));
  }
  return texts.join("<br>");
}

/** What one more unit is worth at a place: of the grade of which most passes; nothing where changes are shown. */
function placeValue(name) {
  if (S.versus) return "";
  const t = S.period, most = ofFamily("Prices", S.scenario).filter((row) => row.node === name && row.throughput[t] > 1e-6)
    .reduce((best, one) => (best === null || one.throughput[t] > best.throughput[t] ? one : best), null);
  return most ? shown(pick(most, "value", "trade_value")[t]) : "";
}
const priceUnit = () => (([first]) => (first ? (inTrade() ? first.trade_price_unit : first.price_unit) : ""))(ofFamily("Prices", S.scenario));

const SYMBOLS = { field: "circle", hub: "circle", port: "diamond", border: "line-ns-open", market: "square", storage: "hexagon" };
function placeTraces(lines, t) {
  const through = new Map();
  for (const line of lines) for (const node of [line.row.from, line.row.to]) through.set(node, Math.max(through.get(node) || 0, Math.abs(line.volume)));
  const drawn = D.map.places.filter((one) => through.has(one.name));
  const size = (one) => ({ field: 9, port: 8, market: 8, storage: 9 }[one.kind] || 5);
  return [drawn, through, {
    type: "scatter", mode: "markers", meta: "places", x: drawn.map((one) => one.x), y: drawn.map((one) => one.y),
    hoverinfo: "text", text: drawn.map((one) => placeText(one, t)),
    marker: { symbol: drawn.map((one) => SYMBOLS[one.kind] || "circle"), size: drawn.map(size), color: colour("place"),
      line: { color: colour("paper"), width: 1.2 } },
  }];
}

/** Names of the places that matter most, then of countries, each where it covers no other. */
function labels(drawn, through, range, width, height) {
  const sx = width / (range[2] - range[0]), sy = height / (range[3] - range[1]);
  const taken = drawn.map((one) => { const x = (one.x - range[0]) * sx, y = height - (one.y - range[1]) * sy; return [x - 4, y - 4, x + 4, y + 4]; });
  const most = narrow() ? 9 : 26, found = [];
  const weight = (one) => through.get(one.name) * (one.kind === "market" || one.kind === "field" || one.kind === "port" ? 1 : 0.4);
  for (const one of [...drawn].sort((a, b) => weight(b) - weight(a))) {
    if (found.length >= most) break;
    const text = short(one.label.split(" (")[0], 26), worth = placeValue(one.name), wide = 6.4 * (text.length + worth.length) + 8, high = 15;
    const x = (one.x - range[0]) * sx, y = height - (one.y - range[1]) * sy;
    if (x < 0 || x > width || y < 0 || y > height) continue;
    const spots = [["right", x + 7, y - 7], ["left", x - 7 - wide, y - 7], ["top", x - wide / 2, y - 21], ["bottom", x - wide / 2, y + 7]];
    const spot = spots.find(([, left, top]) => left > 2 && left + wide < width - 2 && top > 2 && top + high < height - 2
      && !taken.some((box) => left < box[2] && left + wide > box[0] && top < box[3] && top + high > box[1]));
    if (!spot) continue;
    taken.push([spot[1], spot[2], spot[1] + wide, spot[2] + high]);
    const [side] = spot;
    found.push({ x: one.x, y: one.y, text: `${plain(text)}${worth && ` <span style="color:${colour("soft")};font-size:11px">${worth}</span>`}`, showarrow: false, font: { size: 12, color: colour("ink") },
      xanchor: side === "right" ? "left" : side === "left" ? "right" : "center", yanchor: side === "top" ? "bottom" : side === "bottom" ? "top" : "middle",
      xshift: side === "right" ? 5 : side === "left" ? -5 : 0, yshift: side === "top" ? 4 : side === "bottom" ? -4 : 0,
    });
  }
  for (const one of D.map.names) {
    const high = narrow() ? 10 : 13, wide = one.name.length * (narrow() ? 6.2 : 7.6) + 8;
    const left = (one.x - range[0]) * sx - wide / 2, top = height - (one.y - range[1]) * sy - high / 2;
    if (left < 0 || left + wide > width || top < 0 || top + high > height) continue;
    if (taken.some((box) => left < box[2] && left + wide > box[0] && top < box[3] && top + high > box[1])) continue;
    taken.push([left, top, left + wide, top + high]);
    found.push({ x: one.x, y: one.y, text: plain(one.name.toUpperCase()), showarrow: false, font: { size: narrow() ? 8 : 10, color: colour("faint") } });
  }
  return found;
}

function ground() {
  const x = [], y = [];
  for (const [xs, ys] of D.map.outlines) { x.push(...xs, null); y.push(...ys, null); }
  const land = { type: "scatter", mode: "lines", x, y, fill: "toself", fillcolor: colour("land"), line: { color: colour("border"), width: 0.8 }, hoverinfo: "skip", meta: "land" };
  return D.map.outlines.length ? [land] : [];
}

/** The frame widened in one direction so that it has the shape of the picture. */
function fitted(frame, width, height) {
  const [x0, y0, x1, y1] = frame, shape = width / height;
  let w = x1 - x0, h = y1 - y0;
  if (w / h < shape) w = h * shape; else h = w / shape;
  const cx = (x0 + x1) / 2, cy = (y0 + y1) / 2;
  return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
}

let mapRange = null, mapKey = "";
function drawMap() {
  const t = S.period, lines = corridors(t), box = $("map"), width = box.clientWidth;
  if (!D.map.places.length) return nothing("map", "No node has coordinates: write latitude and longitude in the sheet Nodes to see a map.");
  const frame = S.view === "close" ? D.map.close : D.map.frame, [x0, y0, x1, y1] = frame;
  const height = Math.round(Math.max(Math.min((width * (y1 - y0)) / (x1 - x0), 700), Math.min(width * 0.62, 380)));
  const key = `${S.view} ${width} ${height}`;
  if (key !== mapKey || !mapRange) { mapRange = fitted(frame, width, height); mapKey = key; }
  const [drawn, through, places] = placeTraces(lines, t);
  // a finger that passes over the map is to move the page, not the map
  const layout = look({
    height, margin: { l: 0, r: 0, t: 0, b: 0 }, dragmode: byFinger() ? false : "pan", uirevision: key,
    xaxis: { visible: false, range: [mapRange[0], mapRange[2]], fixedrange: byFinger(), automargin: false },
    yaxis: { visible: false, range: [mapRange[1], mapRange[3]], fixedrange: byFinger(), automargin: false, scaleanchor: "x", scaleratio: 1 },
    annotations: labels(drawn, through, mapRange, width, height),
  });
  layout.config = { scrollZoom: false };
  plot("map", [...ground(), ...lineTraces(lines, t), places], layout, mapSaid(lines, t));
  hookMap(box);
  $("map-note").textContent = S.versus
    ? `${D.periods[t]}: the width of a line is the change of its flow against ${S.versus}, in ${volumeUnit()}; up to ${shown(widest())}.`
    : `${D.periods[t]}: the width of a line is its flow in ${volumeUnit()} (the widest over all periods: ${shown(widest())}), its colour the share used of the tightest part of it. Beside a place stands what one more unit of its largest grade is worth there, ${priceUnit()}. Lines are drawn from place to place, not along their course.${byFinger() ? "" : " Drag to move, double-click to go back."}`;
  drawLegend();
  drawPicked(lines, t);
}

function mapSaid(lines, t) {
  const first = lines.slice(0, 5).map((line) => `${line.link} ${S.versus ? signed(line.volume) : shown(line.volume)}`);
  return `Map of ${S.family} in ${D.periods[t]}, ${S.versus ? "changes of flows" : "flows"} in ${volumeUnit()}; largest: ${first.join(", ") || "none"}. All are in the table Flows below.`;
}

function hookMap(box) {
  if (box.dataset.hooked) return;
  box.dataset.hooked = "yes";
  box.on("plotly_click", (event) => {
    const link = event.points[0].customdata;
    S.picked = link && S.picked !== link ? link : null;
    drawMap();
  });
  box.on("plotly_relayout", (event) => {
    if (event["xaxis.range[0]"] === undefined) return;
    mapRange = [event["xaxis.range[0]"], event["yaxis.range[0]"], event["xaxis.range[1]"], event["yaxis.range[1]"]];
    Plotly.relayout(box, { annotations: box.layout.annotations.slice(0, 0) }).then(() => {
      const lines = corridors(S.period), [drawn, through] = placeTraces(lines, S.period);
      Plotly.relayout(box, { annotations: labels(drawn, through, mapRange, box.clientWidth, box.clientHeight) });
    });
  });
}

function drawLegend() {
  const entries = S.versus ? [["up", `more than in ${S.versus}`], ["down", `less than in ${S.versus}`]] : CLASSES;
  $("map-legend").replaceChildren(...entries.map(([tone, text]) => {
    const key = make("i");
    key.style.background = `var(--${tone})`;
    return make("span", {}, key, text);
  }));
}

function drawPicked(lines, t) {
  const line = lines.find((one) => one.link === S.picked);
  if (!line) return $("picked").replaceChildren(make("span", { class: "note" }, byFinger() ? "Tap a line or a place for its numbers." : "Point at a line or a place for its numbers; click a line to keep them here."));
  const texts = lineText(line, t).replace(/<\/?b>/g, "").split("<br>").map((text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&"));
  const grades = line.row.grades.filter((one) => one.flow[t] > 0).map((one) => `${one.commodity} ${shown(pick(one, "flow", "trade_flow")[t])}`);
  $("picked").replaceChildren(make("strong", {}, texts[0]), ` · ${texts.slice(1).join(" · ")}${grades.length > 1 ? ` · ${grades.join(", ")}` : ""}`);
}
