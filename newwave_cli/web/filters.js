// What narrows the search: the panel of filters, and a chip for each that is on.

import * as api from "./api.js";
import { byId, icon, make } from "./dom.js";
import * as query from "./query.js";

const titles = new Map();

/** Keep the titles of songs, for the chips that name them. */
export const remember = (songs) => songs.forEach((song) => titles.set(String(song.id), song.title));

export function setUp() {
  const panel = byId("filters");
  byId("open-filters").addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    byId("open-filters").setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) {
      suggest();
      byId("tag").focus();
    }
  });
  for (const name of ["tag", "without"]) adds(name);
  for (const radio of document.querySelectorAll("input[name=by]"))
    radio.addEventListener("change", () => query.change({ by: radio.value === "both" ? "" : radio.value }));
  for (const id of ["year-from", "year-to"]) byId(id).addEventListener("change", years);
  const check = (id, name) => byId(id).addEventListener("change", (event) => query.change({ [name]: event.target.checked ? "1" : "" }));
  check("has_lyrics", "has_lyrics");
  check("diverse", "diverse");
  check("sequence", "sequence");
  check("one-each", "max_per_artist");
}

function adds(name) {
  const field = byId(name);
  const take = () => {
    const value = field.value;
    field.value = "";
    query.add(name, value);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  });
  field.addEventListener("change", take);
}

function years() {
  const [from, to] = [byId("year-from").value.trim(), byId("year-to").value.trim()];
  const good = [from, to].every((year) => /^(\d{4})?$/.test(year));
  if (good) query.change({ year: from && from === to ? from : from || to ? `${from || "0"}-${to || "9999"}` : "" });
}

let suggested = false;

async function suggest() {
  if (suggested) return;
  suggested = true;
  try {
    const { tags } = await api.tags();
    byId("tags").replaceChildren(...tags.slice(0, 300).map(({ tag, songs }) => make("option", { value: tag }, `${songs}`)));
  } catch {
    suggested = false; // the field works without suggestions
  }
}

/** Show the query as it is now. */
export function show() {
  const now = query.get();
  for (const radio of document.querySelectorAll("input[name=by]")) radio.checked = radio.value === (now.by || "both");
  byId("has_lyrics").checked = Boolean(now.has_lyrics);
  byId("diverse").checked = Boolean(now.diverse);
  byId("sequence").checked = Boolean(now.sequence);
  byId("one-each").checked = Boolean(now.max_per_artist);
  const [from, to = from] = now.year.split("-");
  byId("year-from").value = from === "0" ? "" : from;
  byId("year-to").value = to === "9999" ? "" : to;
  const chips = [...narrowing(now)];
  if (chips.length > 1) chips.push(make("li", {}, make("button", { type: "button", class: "quiet", onclick: query.clear }, "Clear all")));
  byId("chips").replaceChildren(...chips);
}

function* narrowing(now) {
  const off = (name) => () => query.change({ [name]: "" });
  const clip = query.getClip();
  if (clip) yield chip("sounds like", clip.name, () => query.setClip(null), "more");
  for (const id of now.like) yield song("more like", id, () => query.remove("like", id), "more");
  for (const id of now.unlike) yield song("less like", id, () => query.remove("unlike", id), "less");
  for (const text of now.more) yield chip("more", text, () => query.remove("more", text), "more");
  for (const text of now.without) yield chip("no", text, () => query.remove("without", text), "less");
  for (const tag of now.tag) yield chip("tag", tag, () => query.remove("tag", tag));
  if (now.year) yield chip("years", spoken(now.year), off("year"));
  if (now.match) yield chip("contains", now.match, off("match"));
  if (now.min_score) yield chip("score from", now.min_score, off("min_score"));
  if (now.has_lyrics) yield chip("", "has lyrics", off("has_lyrics"));
  if (now.max_per_artist) yield chip("", `at most ${now.max_per_artist} per artist`, off("max_per_artist"));
  if (now.diverse) yield chip("", "more variety", off("diverse"));
  if (now.sequence) yield chip("", "like a playlist", off("sequence"));
}

const spoken = (year) => year.replace(/^0-/, "up to ").replace(/-9999$/, " and later").replace("-", " – ");

function chip(kind, text, drop, look = "") {
  const words = make("span", { class: "text" }, text);
  const again = () => {
    drop();
    byId("q").focus();
  };
  return make("li", {}, make("button", { type: "button", class: `chip ${look}`, onclick: again, "aria-label": `Remove: ${kind} ${text}`.replace("  ", " ") },
    kind ? make("span", { class: "kind" }, kind) : null, kind ? " " : null, words, icon("M6 6l8 8M14 6l-8 8")));
}

function song(kind, id, drop, look) {
  const made = chip(kind, titles.get(id) ?? "…", drop, look);
  if (!titles.has(id)) name(made, kind, id);
  return made;
}

async function name(made, kind, id) {
  try {
    remember([await api.song(id)]);
  } catch {
    titles.set(id, `song ${id}`);
  }
  made.querySelector(".text").textContent = titles.get(id);
  made.querySelector("button").setAttribute("aria-label", `Remove: ${kind} ${titles.get(id)}`);
}
