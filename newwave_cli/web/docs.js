// The list of endpoints, written from the server's own description of them.

import { byId, make } from "./dom.js";

const described = await (await fetch("openapi.json")).json();

const kind = (schema = {}) => schema.type ?? (schema.anyOf ?? []).map(kind).filter((one) => one !== "null").join(" or ");
const usual = (schema = {}) => (schema.default === undefined ? "" : JSON.stringify(schema.default));

function parameter({ name, required, schema, in: place }) {
  const cells = [name, `${kind(schema)}${place === "path" ? ", in the address" : ""}${required ? ", needed" : ""}`, usual(schema), schema?.description ?? ""];
  return make("tr", {}, make("th", { scope: "row" }, make("code", {}, cells[0])), ...cells.slice(1).map((cell) => make("td", {}, cell)));
}

function endpoint(method, path, { summary, description, parameters = [] }) {
  const head = ["Parameter", "Kind", "Default", "What it does"].map((name) => make("th", { scope: "col" }, name));
  return make("section", {},
    make("h2", {}, make("code", {}, `${method.toUpperCase()} ${path}`)),
    make("p", {}, description ?? summary),
    parameters.length ? make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...parameters.map(parameter)))) : null);
}

const all = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, one]) => endpoint(method, path, one)));
byId("endpoints").replaceChildren(...all);
byId("endpoints").removeAttribute("aria-busy");
