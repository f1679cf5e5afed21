(() => {
"use strict";
/* Reviewers mark claims in the page itself. What they write stays in their browser, under the hash of what they read. */
const panel = document.getElementById("review-panel");
const form = document.getElementById("remark-form");
if (!panel || !form) return;
const key = `cjtools-remarks-${panel.dataset.map}`;
const MARKS = ["accept", "query", "reject"];
const COLUMNS = ["map", "wave", "claim", "mark", "comment", "who", "when", "answers"];
const who = panel.querySelector(".who");
const sign = panel.querySelector(".sign");
const status = panel.querySelector(".said-back");
const cards = new Map([...document.querySelectorAll(".claim[id^='claim-']")].map((card) => [claimOf(card.id), card]));
const controls = new Map();

/* The id of a claim, from its anchor (page.py's `anchor` turned round). */
function claimOf(anchor) {
  return anchor.slice(6).replace(/_([0-9a-f]+)_/g, (whole, code) => String.fromCodePoint(parseInt(code, 16)));
}

/* What is kept may be anybody's: only what has the right form is taken. */
function kept() {
  const none = {who: "", signed: false, claims: {}};
  let found;
  try {
    found = JSON.parse(localStorage.getItem(key) || "null");
  } catch (error) {
    return none;
  }
  if (found === null || typeof found !== "object" || typeof found.claims !== "object" || found.claims === null) return none;
  for (const [claim, said] of Object.entries(found.claims)) {
    if (said && MARKS.includes(said.mark) && typeof said.comment === "string") none.claims[claim] = {mark: said.mark, comment: said.comment};
  }
  return {who: typeof found.who === "string" ? found.who : "", signed: found.signed === true, claims: none.claims};
}

function keep() {
  try {
    localStorage.setItem(key, JSON.stringify(state));
    return true;
  } catch (error) {
    return false;
  }
}

function told() {
  return Object.keys(state.claims).filter((claim) => cards.has(claim)).length + (state.signed ? 1 : 0);
}

function changed() {
  panel.querySelector(".forgets").hidden = keep();
  panel.querySelector(".count").textContent = panel.dataset.count.replace("#", String(told()));
  status.textContent = "";
}

function show() {
  who.value = state.who;
  sign.checked = state.signed;
  for (const [claim, {radios, comment}] of controls) {
    const said = state.claims[claim] || {mark: "", comment: ""};
    for (const radio of radios) radio.checked = radio.value === said.mark;
    comment.value = said.comment;
  }
}

/* A comment without a mark is a query. */
function take(claim) {
  const {radios, comment} = controls.get(claim);
  const text = comment.value.trim();
  let mark = (radios.find((radio) => radio.checked) || {value: ""}).value;
  if (!mark && text) {
    mark = "query";
    for (const radio of radios) radio.checked = radio.value === mark;
  }
  if (mark) state.claims[claim] = {mark, comment: comment.value};
  else delete state.claims[claim];
  changed();
}

function offer(claim, card, place) {
  const part = form.content.cloneNode(true);
  const field = part.querySelector("fieldset");
  const radios = [...part.querySelectorAll("input")];
  const comment = part.querySelector("textarea");
  const statement = card.querySelector(".statement");
  if (statement) {
    statement.id = statement.id || `${card.id}-statement`;
    field.setAttribute("aria-describedby", statement.id);
  }
  for (const radio of radios) {
    radio.name = `remark-${place}`;
    radio.addEventListener("change", () => {
      if (!radio.value) comment.value = "";
      take(claim);
    });
  }
  comment.addEventListener("input", () => take(claim));
  controls.set(claim, {radios, comment});
  card.append(part);
}

/* A cell that no spreadsheet takes for a formula; the kit takes the apostrophe away again. */
function cell(text) {
  const guarded = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return `"${guarded.replaceAll('"', '""')}"`;
}

function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

function file() {
  const common = {map: panel.dataset.map, wave: panel.dataset.wave, who: state.who.trim(), when: today(), answers: ""};
  const rows = [...cards.keys()].filter((claim) => state.claims[claim]).map((claim) => ({...common, claim, ...state.claims[claim]}));
  if (state.signed) rows.push({...common, claim: "", mark: "signed", comment: ""});
  const lines = [COLUMNS.join(","), ...rows.map((row) => COLUMNS.map((column) => cell(row[column].trim())).join(","))];
  return `\ufeff${lines.join("\n")}\n`;
}

function download() {
  if (!told()) {
    status.textContent = panel.dataset.nothing;
    return;
  }
  if (!state.who.trim()) {
    status.textContent = panel.dataset.nameless;
    who.focus();
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file()], {type: "text/csv"}));
  link.download = "remarks.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  status.textContent = panel.dataset.done;
}

const state = kept();
let place = 0;
for (const [claim, card] of cards) offer(claim, card, place++);
who.addEventListener("input", () => { state.who = who.value; changed(); });
sign.addEventListener("change", () => { state.signed = sign.checked; changed(); });
panel.querySelector(".download").addEventListener("click", download);
panel.querySelector(".clear").addEventListener("click", (event) => {
  if (!confirm(`${event.target.textContent}?`)) return;
  Object.assign(state, {signed: false, claims: {}});
  show();
  changed();
  status.textContent = panel.dataset.cleared;
});
show();
changed();
panel.hidden = false;
})();
