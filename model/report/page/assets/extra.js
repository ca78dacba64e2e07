"use strict";
// Sections of their own: pictures that were made with the page, such as a bridge between two results.

/** Colours in a ready picture are names of the page's own colours, so that it follows light and dark. */
function toned(value) {
  if (typeof value === "string" && value.startsWith("--")) return colour(value.slice(2));
  if (Array.isArray(value)) return value.map(toned);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, toned(one)]));
  return value;
}

function addSections(sections) {
  sections.forEach((section, i) => {
    const heading = `h-more-${i}`;
    const boxes = section.figures.map((_, j) => make("div", { id: `more-${i}-${j}`, class: "figure" }));
    $("more").append(make("section", { "aria-labelledby": heading }, make("h2", { id: heading }, section.title), make("p", { class: "note" }, section.note), ...boxes));
    section.figures.forEach(([said, figure], j) => part(`more-${i}-${j}`, () => plot(`more-${i}-${j}`, toned(figure.data), look(toned(figure.layout)), said)));
  });
}

// Light and dark: the system's choice until the reader makes one.
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  $("theme").textContent = theme === "dark" ? "Light" : "Dark";
  $("theme").setAttribute("aria-label", theme === "dark" ? "Light colours" : "Dark colours");
}
function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = false;
  setTheme(system.matches ? "dark" : "light");
  $("theme").hidden = false;
  $("theme").addEventListener("click", () => { chosen = true; setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"); changed(); });
  system.addEventListener("change", () => { if (!chosen) { setTheme(system.matches ? "dark" : "light"); changed(); } });
  let before = "light";
  // on paper every picture is light and as wide as a sheet
  const onPaper = (yes) => document.documentElement.classList.toggle("paper", yes);
  addEventListener("beforeprint", () => { before = document.documentElement.dataset.theme; setTheme("light"); onPaper(true); for (const one of parts) one.stale = true; drawStale(true); });
  addEventListener("afterprint", () => { onPaper(false); setTheme(before); changed(); });
}

function fail(error) {
  $("fault").textContent = `The page could not be drawn: ${error.message}. A browser of 2023 or later is needed (Edge, Chrome, Firefox, Safari 16.4). The same results are in results.xlsx.`;
  $("fault").hidden = false;
}

function ready() {
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}
