(() => {
"use strict";
const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 40rem)");
const figures = [...document.querySelectorAll("figure.chart")];

/* At night the charts' own ink, grids and categories (charts/theme.py) turn into these; data stay as they are. */
const night = {
  "#1b2a41": "#e7edf3", "#5b6675": "#a9b6c2", "#9aa3af": "#8693a0", "#e3e7ec": "#2c3843", "#d8dde4": "#394652",
  "#e9ecf1": "#2c3843", "#f0c9a6": "#61400f", "#ffffff": "#111b24",
  "#c4621a": "#f0a04b", "#1f6fb2": "#6db3ea", "#0072b2": "#56b4e9", "#d55e00": "#f0874a", "#009e73": "#3cc79c",
  "#cc79a7": "#dd9cc0", "#8a6d00": "#c9ab3a", "#56b4e9": "#9ad3f5",
};
const quiet = {
  axis: {labelColor: "#a9b6c2", titleColor: "#a9b6c2", gridColor: "#2c3843", domainColor: "#435261", tickColor: "#435261"},
  legend: {labelColor: "#e7edf3", titleColor: "#a9b6c2"},
  header: {labelColor: "#e7edf3", titleColor: "#a9b6c2"},
  text: {color: "#e7edf3"},
};
const DATA = new Set(["data", "datasets", "values"]);
const phone = {legend: {orient: "bottom", columns: 1}, axis: {labelLimit: 125}, padding: {left: 2, top: 5, right: 18, bottom: 5}};

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
function merge(base, extra) {
  const merged = {...base};
  for (const [key, value] of Object.entries(extra)) merged[key] = isObject(value) && isObject(merged[key]) ? merge(merged[key], value) : value;
  return merged;
}

function repaint(value, key) {
  if (typeof value === "string") return night[value.toLowerCase()] || value;
  if (DATA.has(key) || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => repaint(item, ""));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, repaint(item, name)]));
}

function dress(spec, many) {
  const painted = dark.matches ? repaint(spec, "") : spec;
  const dressed = {...painted, config: {...merge(dark.matches ? quiet : {}, painted.config || {}), background: null}};
  delete dressed.background;
  if (many) return dressed;
  dressed.width = "container";
  dressed.autosize = {type: "fit-x", contains: "padding"};
  if (narrow.matches) dressed.config = merge(dressed.config, phone);
  return dressed;
}

/* One picture with one description: the parts that Vega names one by one are not for reading aloud. */
function describe(svg, label) {
  for (const part of svg.querySelectorAll("[role], [aria-label], [aria-roledescription]")) {
    for (const name of ["role", "aria-label", "aria-roledescription"]) part.removeAttribute(name);
  }
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
}

async function draw(figure) {
  const spec = JSON.parse(figure.querySelector("script.spec").textContent);
  const rest = figure.querySelector(".static");
  const live = figure.querySelector(".live");
  const label = rest.querySelector("svg").getAttribute("aria-label");
  live.hidden = false;
  /* Vega-Lite warns of what is meant here: a width that fits beside a height that steps. It takes no logger. */
  const warn = console.warn;
  console.warn = () => {};
  try {
    await vegaEmbed(live, dress(spec, figure.classList.contains("many")), {
      mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: {disableDefaultStyle: true},
    });
    describe(live.querySelector("svg"), label);
    rest.hidden = true;
    figure.dataset.drawn = "true";
  } catch (error) {
    live.hidden = true;
    rest.hidden = false;
    throw error;
  } finally {
    console.warn = warn;
  }
}

async function start() {
  const packed = document.getElementById("runtime");
  if (!packed || !figures.length || typeof DecompressionStream === "undefined") return;
  const bytes = Uint8Array.from(atob(packed.textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.append(script);
  packed.remove();
  for (const figure of figures) await draw(figure);
  const again = async () => { for (const figure of figures) await draw(figure); };
  dark.addEventListener("change", again);
  narrow.addEventListener("change", again);
}

/* A link into a closed drawer opens it. */
function reveal() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (!target) return;
  let closed = false;
  for (let place = target; place; place = place.parentElement) {
    if (place.tagName === "DETAILS" && !place.open) { place.open = true; closed = true; }
  }
  if (closed) target.scrollIntoView({block: "center"});
}
addEventListener("hashchange", reveal);
reveal();

/* On paper every drawer is open. */
let opened = [];
addEventListener("beforeprint", () => {
  const closed = [...document.querySelectorAll("details:not([open])")].filter((drawer) => !drawer.matches(".code, .twin"));
  for (const drawer of closed) drawer.open = true;
  opened.push(...closed);
});
addEventListener("afterprint", () => {
  for (const drawer of opened) drawer.open = false;
  opened = [];
});

/* Who has chosen a section reads it. */
const every = document.querySelector(".every input");
document.querySelector(".contents ol").addEventListener("click", (event) => { if (event.target.closest("a")) every.checked = false; });

/* The contents bar follows the reading. */
const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links.values()) link.removeAttribute("aria-current");
    const link = links.get(entry.target.id);
    if (!link) continue;
    link.setAttribute("aria-current", "true");
    const list = link.closest("ol");
    list.scrollLeft = link.offsetLeft - list.clientWidth / 2 + link.clientWidth / 2;
  }
}, {rootMargin: "-20% 0px -70% 0px"});
for (const section of document.querySelectorAll("section.view")) seen.observe(section);

start();
})();
