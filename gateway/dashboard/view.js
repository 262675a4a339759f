// Small pieces of the page. Everything that comes from files goes through textContent.

export const FINAL = new Set(["COMPLETED", "FAILED", "TIMEOUT", "CANCELLED"]);
const TONE = { COMPLETED: "good", FAILED: "bad", TIMEOUT: "bad", PROCESSING: "busy", QUEUED: "busy", RETRYING: "warn", PAUSED: "warn" };

export const byId = (id) => document.getElementById(id);

export function make(tag, options = {}, ...children) {
  const { text, attributes = {}, ...rest } = options;
  const element = Object.assign(document.createElement(tag), rest);
  if (text !== undefined && text !== null) element.textContent = String(text);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function words(code) {
  const text = String(code ?? "").replaceAll("_", " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function moment(text) {
  return text ? new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : "";
}

export function plural(number, noun) {
  return `${number.toLocaleString()} ${noun}${number === 1 ? "" : "s"}`;
}

export function chip(status, outcome) {
  const partial = outcome === "partial";
  const tone = partial ? "warn" : (TONE[status] ?? "");
  return make("span", { className: `chip ${tone}`, text: partial ? "Partly completed" : words(status) });
}

export function setBar(bar, percent, status) {
  bar.firstElementChild.style.width = `${percent}%`;
  bar.setAttribute("aria-valuenow", percent);
  bar.classList.toggle("good", status === "COMPLETED");
  bar.classList.toggle("bad", ["FAILED", "TIMEOUT", "CANCELLED"].includes(status));
}

export function newBar(percent, status, label) {
  const bar = make("div", {
    className: "bar",
    attributes: { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": label },
  }, make("span"));
  setBar(bar, percent, status);
  return bar;
}

export function say(text, { details = [], tone = "" } = {}) {
  const list = details.length ? [make("ul", {}, ...details.slice(0, 8).map((each) => make("li", { text: each })))] : [];
  const close = make("button", { className: "plain", type: "button", text: "✕", attributes: { "aria-label": "Dismiss" } });
  const box = make("div", { className: `message ${tone}` }, make("div", {}, make("p", { text }), ...list), close);
  close.addEventListener("click", () => box.remove());
  byId("messages").replaceChildren(box);
  if (tone === "note") setTimeout(() => box.remove(), 6000);
}

export function sayProblem(error) {
  const problem = error.problem;
  if (!problem) return say(error.message || "Docmill does not answer.");
  const details = (problem.errors ?? []).map((each) => `${each.pointer}: ${each.detail}`);
  return say(`${problem.title}. ${details.length === 1 ? "" : problem.detail}`, { details });
}

export async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("Docmill does not answer. Is it still running?");
  }
  if (!response.ok) {
    const error = new Error(`Docmill answered ${response.status}.`);
    error.problem = await response.json().catch(() => null);
    throw error;
  }
  return response.json();
}

// The result of one document, in tabs.

function value(given) {
  if (given === null || given === undefined || given === "") return "–";
  if (Array.isArray(given)) return given.length ? given.map(value).join(", ") : "–";
  if (typeof given === "object") {
    if ("amount" in given) return `${given.amount} ${given.currency ?? ""}`.trim();
    if ("value" in given) return value(given.value);
    return Object.entries(given).map(([key, each]) => `${label(key)}: ${value(each)}`).join(" · ");
  }
  return String(given);
}

const CAPITALS = /\b(bic|iban|id|sha256|url|vat|xml)\b/gi;

function label(key) {
  return words(key.replace(/([a-z0-9])([A-Z])/g, "$1 $2")).replace(CAPITALS, (word) => word.toUpperCase());
}

function facts(data) {
  const rows = Object.entries(data ?? {}).filter(([, each]) => each !== null && each !== undefined && each !== "");
  if (!rows.length) return make("p", { className: "empty", text: "Nothing was found." });
  return make("dl", {}, ...rows.flatMap(([key, each]) => [make("dt", { text: label(key) }), make("dd", { text: value(each) })]));
}

function about(data) {
  const { text = {}, pages, metadata, source, language, status, issues } = data;
  const { preview, ...rest } = text;
  return make("div", {},
    make("h3", { text: "Document" }), facts({ status, mediaType: source?.mediaTypeDetected, language, pages: pages?.length, issues: issues?.map((each) => each.code ?? each), ...metadata }),
    make("h3", { text: "Text" }), facts(rest),
    make("h3", { text: "File" }), facts(source));
}

function preview(data) {
  const text = typeof data.text === "string" ? data.text : data.text?.preview;
  if (!text) return make("p", { className: "empty", text: "This document has no text." });
  return make("pre", { text });
}

export function showResult(title, data) {
  const tabs = [
    ["Text", () => preview(data)],
    ["Fields", () => facts(data.fields)],
    ["About", () => about(data)],
    ["JSON", () => make("pre", { text: JSON.stringify(data, null, 2) })],
  ];
  const bar = byId("result-tabs");
  const choose = (chosen) => {
    [...bar.children].forEach((tab, index) => {
      tab.setAttribute("aria-selected", index === chosen);
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    byId("result-body").replaceChildren(tabs[chosen][1]());
  };
  bar.replaceChildren(...tabs.map(([name], index) => {
    const tab = make("button", { type: "button", text: name, attributes: { role: "tab" } });
    tab.addEventListener("click", () => choose(index));
    return tab;
  }));
  bar.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const now = [...bar.children].indexOf(document.activeElement);
    const next = (now + step + tabs.length) % tabs.length;
    choose(next);
    bar.children[next].focus();
  };
  byId("result-title").textContent = title;
  choose(data.text?.preview ? 0 : 2);
  byId("result").showModal();
}
