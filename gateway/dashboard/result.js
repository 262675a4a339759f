// The result of one document, in tabs: those that its job type has something for.

import { byId, make, words } from "./view.js";

const CAPITALS = /\b(bic|iban|id|sha256|url|vat|xml)\b/gi;

function value(given) {
  if (given === null || given === undefined || given === "") return "–";
  if (typeof given === "boolean") return given ? "yes" : "no";
  if (Array.isArray(given)) return given.length ? given.map(value).join(", ") : "–";
  if (typeof given === "object") {
    if ("amount" in given) return `${given.amount} ${given.currency ?? ""}`.trim();
    if ("value" in given) return value(given.value);
    return Object.entries(given).map(([key, each]) => `${label(key)}: ${value(each)}`).join(" · ");
  }
  return String(given);
}

function label(key) {
  return words(key.replace(/([a-z0-9])([A-Z])/g, "$1 $2")).replace(CAPITALS, (word) => word.toUpperCase());
}

function percent(share) {
  return share === null || share === undefined ? null : `${Math.round(100 * share)} %`;
}

function facts(data, nothing = "Nothing was found.") {
  const rows = Object.entries(data ?? {}).filter(([, each]) => each !== null && each !== undefined && each !== "");
  if (!rows.length) return make("p", { className: "empty", text: nothing });
  return make("dl", {}, ...rows.flatMap(([key, each]) => [make("dt", { text: label(key) }), make("dd", { text: value(each) })]));
}

function findings(list, nothing) {
  if (!list?.length) return make("p", { className: "empty", text: nothing });
  return make("ul", {}, ...list.map(({ code, severity, message, page }) => make("li", {},
    make("b", { text: words(code) }), ` · ${severity}${page ? ` · page ${page}` : ""}`, make("br"), message)));
}

function section(title, ...content) {
  return [make("h3", { text: title }), ...content];
}

function preview(text, issues) {
  if (text) return make("pre", { text });
  const nothing = make("p", { className: "empty", text: "This document has no text." });
  return make("div", {}, nothing, ...issues?.length ? section("Issues", findings(issues)) : []);
}

function analysis({ summary, classification: kind, keywords, anomalies }) {
  const known = { kind: kind && words(kind.label), confidence: percent(kind?.confidence), keywords: keywords?.map((each) => each.term).join(", ") };
  return make("div", {},
    ...section("Summary", make("p", { text: summary?.text ?? "There is no text to sum up." })),
    ...section("Kind", facts(known)),
    ...section("Oddities", findings(anomalies, "Nothing odd was found.")));
}

function quality({ score, grade, readable, pages, text, issues, integrity }) {
  return make("div", {},
    ...section("Quality", facts({ score, grade, readable, pages: pages?.length })),
    ...section("Issues", findings(issues, "None.")),
    ...section("Text", facts(text, "It could not be opened.")),
    ...section("File", facts(integrity)));
}

function about(data, read) {
  const { source, status, issues } = data;
  const { pages, metadata, language } = read ?? {};
  const { preview: _, ...text } = read?.text ?? {};
  return make("div", {},
    ...section("Document", facts({ status, mediaType: source?.mediaTypeDetected, language, pages: pages?.length, issues: issues?.map((each) => each.code ?? each), ...metadata })),
    ...(read ? section("Text", facts(text)) : []),
    ...section("File", facts(source)));
}

// What a result of any type holds: an analysis has the other two inside it.
function tabsOf(data) {
  const checked = data.quality ?? ("grade" in data ? data : null);
  const read = data.extraction ?? ("fields" in data ? data : null);
  const text = typeof data.text === "string" ? data.text : read?.text?.preview;
  return [
    ..."summary" in data ? [["Analysis", () => analysis(data)]] : [],
    ...read || text ? [["Text", () => preview(text, data.issues)]] : [],
    ...read ? [["Fields", () => facts(read.fields)]] : [],
    ...checked ? [["Quality", () => quality(checked)]] : [],
    ["About", () => about(data, read)],
    ["JSON", () => make("pre", { text: JSON.stringify(data, null, 2) })],
  ];
}

export function showResult(title, data) {
  const tabs = tabsOf(data);
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
  choose(0);
  byId("result").showModal();
}
