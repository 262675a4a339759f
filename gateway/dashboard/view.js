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
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
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
  return box;
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
    error.status = response.status;
    error.problem = await response.json().catch(() => null);
    throw error;
  }
  return response.json();
}
