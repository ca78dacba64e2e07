"use strict";
// What every part of the page needs: unpacking, state, numbers and texts, drawing on demand.

const $ = (id) => document.getElementById(id);
let D = null; // the data of the page
const S = {}; // what is chosen: scenario, versus, family, units, period, by, view, route, picked

async function unpack(id) {
  const text = atob($(id).textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function unpackLibrary() {
  const script = document.createElement("script");
  script.textContent = await unpack("packed-library");
  document.head.append(script);
  $("packed-library").remove();
}

const known = new Map();
/** The items of a table in one scenario: texts as they are, numbers as arrays over the periods. */
function items(table, scenario) {
  const key = `${table}\n${scenario}`;
  if (!known.has(key)) {
    const { texts, numbers } = D.tables[table];
    const wanted = D.texts.indexOf(scenario), found = [];
    texts.scenario.forEach((code, i) => {
      if (code !== wanted) return;
      const item = {};
      for (const name in texts) item[name] = D.texts[texts[name][i]];
      for (const name in numbers) item[name] = D.series[numbers[name][i]];
      found.push(item);
    });
    known.set(key, found);
  }
  return known.get(key);
}

/** The numbers of items added up by the name that `by` gives, over the periods. */
function summed(list, by, number) {
  const found = new Map();
  for (const item of list) {
    const name = by(item), row = found.get(name) || new Array(D.periods.length).fill(0);
    item[number].forEach((value, t) => { row[t] += value || 0; });
    found.set(name, row);
  }
  return found;
}

const total = (row) => row.reduce((sum, value) => sum + (value || 0), 0);
const solved = () => D.scenarios.filter((one) => one.value !== null);
const scenarioOf = (name) => D.scenarios.find((one) => one.name === name);
const familyOf = () => D.families.find((one) => one.name === S.family);
const inTrade = () => S.units === "trade" && familyOf().trade !== "";
const volumeUnit = () => (inTrade() ? familyOf().trade : familyOf().unit);
const ofFamily = (table, scenario) => items(table, scenario).filter((item) => item.family === S.family);
const pick = (item, own, trade) => (inTrade() ? item[trade] : item[own]);

function shown(value, least = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const digits = Math.max(least, size >= 1000 ? 0 : size >= 10 ? 1 : 2);
  const text = size.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value < 0 && Number(text.replace(/,/g, "")) > 0 ? "−" : "") + text;
}
const signed = (value) => (value > 0 ? "+" : "") + shown(value);
const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(share >= 0.9995 || share === 0 ? 0 : 1)} %`);

/** A user's text for Plotly, which reads some markup in its texts. */
const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const short = (text, most = 30) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** An element; text never becomes markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A name that may break after each underscore. */
const breakable = (name) => name.split("_").flatMap((piece, i) => (i ? [document.createElement("wbr"), piece] : [piece])).map((piece, i) => (typeof piece === "string" && i ? `_${piece}` : piece));

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const narrow = () => window.innerWidth <= 640;
const byFinger = () => matchMedia("(pointer: coarse)").matches;

const COLOURS = 8, REST = "all others";
const hues = new Map();
/** A name keeps its colour in every picture and scenario: the largest of the first scenario get theirs first. */
function hue(view, name) {
  if (name === REST) return colour("rest");
  const key = `${view}\n${S.family}`;
  if (!hues.has(key)) {
    const found = new Map();
    for (const scenario of solved().map((one) => one.name)) {
      const rows = summed(ofFamily("Exports", scenario).filter((item) => item.by === view), (item) => item.name, "volume");
      for (const [one] of [...rows].sort((a, b) => total(b[1]) - total(a[1]))) {
        if (!found.has(one)) found.set(one, found.size);
      }
    }
    hues.set(key, found);
  }
  const place = hues.get(key).get(name);
  return place === undefined || place >= COLOURS ? colour("rest") : colour(`c${place}`);
}

/** The largest rows of a map of series, the others added up. */
function largest(rows, most) {
  const order = [...rows].sort((a, b) => total(b[1]) - total(a[1]));
  const rest = order.slice(most);
  const kept = order.slice(0, most);
  if (rest.length === 1) kept.push(rest[0]);
  else if (rest.length) kept.push([REST, D.periods.map((_, t) => total(rest.map(([, row]) => row[t])))]);
  return kept;
}

/** Numbers of bars in a column of their own at the right, where they cover neither names nor bars. */
const amountsWide = (texts) => 16 + 7.6 * Math.max(...texts.map((text) => text.length));
const amounts = (texts) => texts.map((text, i) => ({ xref: "paper", x: 1, xanchor: "right", xshift: amountsWide(texts) - 2, yref: "y", y: String(i), text, showarrow: false, font: { color: colour("ink") } }));

/** The height of a picture with some bars one below the other, its axis included. */
const barsHigh = (count, each = 28) => Math.max(62 + each * count, 120);

function look(extra = {}) {
  const axis = { gridcolor: colour("line"), linecolor: colour("line"), zerolinecolor: colour("line"), fixedrange: true,
    tickcolor: colour("line"), automargin: true, exponentformat: "none", separatethousands: true };
  const { xaxis = {}, yaxis = {}, ...rest } = extra;
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "closest", dragmode: false, separators: ".,",
    font: { family: getComputedStyle(document.body).fontFamily, size: narrow() ? 12 : 13, color: colour("ink") },
    hoverlabel: { bgcolor: colour("panel"), bordercolor: colour("line"), font: { family: getComputedStyle(document.body).fontFamily, color: colour("ink"), size: 13 }, align: "left" },
    margin: { l: 10, r: 10, t: 10, b: 10 },
    xaxis: { ...axis, ...xaxis }, yaxis: { ...axis, ...yaxis }, ...rest,
  };
}

function plot(id, traces, layout, said) {
  const box = $(id);
  box.querySelectorAll(".empty").forEach((one) => one.remove());
  // A picture that is drawn again would keep its first width: it is given the width of its place each time.
  const sized = { width: box.clientWidth || undefined, ...layout };
  Plotly.react(box, traces, sized, { displayModeBar: false, doubleClick: "reset", ...(layout.config || {}) });
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", said);
  return box;
}

function nothing(id, text) {
  const box = $(id);
  if (box.data) Plotly.purge(box);
  box.replaceChildren(make("p", { class: "empty" }, text));
}

// Parts are drawn when they come into view, and again when what they show has changed.
const parts = [];
let waiting = false;
function part(id, draw) {
  parts.push({ id, draw, stale: true, near: false });
}
function drawStale(all = false) {
  waiting = false;
  for (const one of parts) {
    if (one.stale && (all || one.near)) {
      one.stale = false;
      one.draw();
    }
  }
}
function changed() {
  for (const one of parts) one.stale = true;
  remember();
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(() => drawStale());
  }
}
function watch() {
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) parts.filter((one) => one.id === entry.target.id).forEach((one) => { one.near = entry.isIntersecting; });
    drawStale();
  }, { rootMargin: "250px 0px" });
  new Set(parts.map((one) => one.id)).forEach((id) => observer.observe($(id)));
}

/** Draw again when the window has another width; a telephone's bars change its height at every scroll. */
function followWidth() {
  let width = window.innerWidth, later = 0;
  addEventListener("resize", () => {
    clearTimeout(later);
    later = setTimeout(() => { if (window.innerWidth !== width) { width = window.innerWidth; changed(); } }, 150);
  });
}

const KEPT = ["scenario", "versus", "family", "units", "period"];
function remember() {
  const text = KEPT.filter((name) => S[name] !== "").map((name) => `${name}=${encodeURIComponent(S[name])}`).join("&");
  try { history.replaceState(null, "", `#${text}`); } catch (error) { /* a viewer that shows pages without an address */ }
}
function recall() {
  for (const pair of location.hash.slice(1).split("&")) {
    const [name, value] = pair.split("=");
    if (KEPT.includes(name) && value !== undefined) {
      try { S[name] = decodeURIComponent(value); } catch (error) { /* a damaged address */ }
    }
  }
}
