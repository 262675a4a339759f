// Shows the operations that /openapi.json describes.

import { byId, call, make } from "./view.js";

const MAX_DEPTH = 6;

function resolved(schema, all) {
  const name = schema?.$ref?.split("/").pop();
  return name ? all[name] : (schema ?? {});
}

function typeOf(schema, all) {
  const real = resolved(schema, all);
  if ("const" in real) return JSON.stringify(real.const);
  if (real.enum) return real.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (real.anyOf) return real.anyOf.map((each) => typeOf(each, all)).join(" | ");
  if (real.type === "array") return `[${real.items ? typeOf(real.items, all) : "any"}]`;
  const limits = [["minimum", "≥"], ["maximum", "≤"], ["minItems", "at least"], ["maxItems", "at most"]]
    .filter(([key]) => key in real).map(([key, sign]) => `${sign} ${real[key]}`);
  return [real.format ?? real.type ?? (real.contentMediaType ? "file" : "any"), ...limits].join(" ");
}

function inner(schema, all) {
  const real = resolved(schema, all);
  if (real.type === "array") return inner(real.items, all);
  if (real.anyOf) return real.anyOf.map((each) => inner(each, all)).find(Boolean);
  return real.properties ? real : null;
}

function tree(schema, all, depth = 0) {
  const real = inner(schema, all);
  if (!real || depth > MAX_DEPTH) return [];
  const required = new Set(real.required ?? []);
  const rows = Object.entries(real.properties).map(([name, each]) => {
    const plain = "default" in each && !("const" in each) && (each.default === null || typeof each.default !== "object");
    const fallback = plain ? `, default ${JSON.stringify(each.default)}` : "";
    const text = ` ${typeOf(each, all)}${required.has(name) ? "" : ", optional"}${fallback}`;
    const about = each.description ? ` – ${each.description}` : "";
    return make("li", {}, make("code", { text: name }), make("span", { className: "quiet" }, ...prose(text + about)), ...("const" in each ? [] : tree(each, all, depth + 1)));
  });
  return [make("ul", { className: "schema" }, ...rows)];
}

// Descriptions quote names in backticks.
function prose(text) {
  return String(text).split("`").map((part, index) => (index % 2 ? make("code", { text: part }) : part));
}

function table(head, rows) {
  return make("table", {},
    make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { text, scope: "col" })))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, ...[].concat(cell)))))));
}

function operation(path, method, described, all) {
  const inside = make("div", { className: "inside" });
  if (described.parameters.length) {
    inside.append(make("h3", { text: "Parameters" }), table(["Name", "In", "Value"],
      described.parameters.map((each) => [each.name, make("span", { className: "whole", text: each.in }), prose([typeOf(each.schema, all), each.description ?? each.schema.description ?? ""].filter(Boolean).join(" – "))])));
  }
  for (const [type, { schema }] of Object.entries(described.requestBody?.content ?? {})) {
    inside.append(make("h3", { text: `Body: ${type}` }), ...tree(schema, all));
  }
  const answers = Object.entries(described.responses).map(([status, answer]) => {
    const contents = Object.entries(answer.content ?? {});
    const schema = contents.find(([type]) => type === "application/json")?.[1].schema;
    return [status, [make("span", {}, ...prose(answer.description)), ...(schema ? tree(schema, all) : [])], contents.map(([type]) => type).join(", ")];
  });
  inside.append(make("h3", { text: "Answers" }), table(["Status", "Meaning", "Type"], answers));
  return make("details", { id: described.operationId },
    make("summary", {}, make("span", { className: `method ${method.toUpperCase()}`, text: method.toUpperCase() }), make("code", { text: path }), make("span", { className: "quiet", text: described.summary })),
    inside);
}

async function show() {
  const { paths, components } = await call("/openapi.json");
  const groups = new Map();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const [tag] = described.tags;
      if (tag === "pages") continue;
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, described, components.schemas));
    }
  }
  byId("operations").replaceChildren(...[...groups].map(([tag, each]) => make("section", {}, make("h2", { text: tag }), ...each)));
}

show().catch((error) => byId("operations").replaceChildren(make("p", { className: "empty", text: error.message })));
