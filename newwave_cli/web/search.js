// Asks as one types, and shows the newest answer only.

import * as api from "./api.js";
import { card, follow } from "./card.js";
import { byId, make } from "./dom.js";
import { remember } from "./filters.js";
import * as player from "./player.js";
import * as query from "./query.js";

const PAUSE_MS = 120;
const PAGE = 20;
const MOST = 100;
const SLOW_MS = 1500;
const RETRY_MS = 4000;

let wait = 0;
let retry = 0;
let asked = new AbortController();
let amount = PAGE;
let listed = [];
player.goOnWith(() => listed);

/** Search soon: at once where nobody is typing. */
export function schedule({ typing = false } = {}) {
  amount = PAGE;
  asked.abort();
  clearTimeout(wait);
  clearTimeout(retry);
  wait = setTimeout(run, typing ? PAUSE_MS : 0);
}

export function further() {
  amount = Math.min(MOST, Math.max(amount, listed.length) + PAGE);
  run();
}

async function run() {
  clearTimeout(retry);
  asked.abort();
  const mine = (asked = new AbortController());
  if (query.isOnlyBy()) return welcome(mine.signal);
  const slow = setTimeout(() => (byId("count").textContent = "Getting ready …"), SLOW_MS);
  document.body.classList.add("busy");
  try {
    const answer = await request(mine.signal);
    if (!mine.signal.aborted) show(answer);
  } catch (error) {
    if (!mine.signal.aborted) explain(error);
  } finally {
    clearTimeout(slow);
    if (asked === mine) document.body.classList.remove("busy");
  }
}

function request(signal) {
  const clip = query.getClip();
  const wanted = query.parameters(howMany());
  return clip ? api.similarToClip(clip, wanted, signal) : api.search(wanted, signal);
}

/** The first page is as long as the request names ("five songs"), or as PAGE; whoever wants more gets more. */
const howMany = () => (amount > PAGE ? { k: amount } : { page: PAGE });

function show({ hits, note, read_as: readAs, took_ms: took }) {
  reset();
  remember(hits);
  listed = hits;
  const held = document.activeElement?.closest?.("article.card")?.dataset.id;
  byId("hits").replaceChildren(...hits.map((hit, i) => card(hit, i + 1)));
  follow(player.state());
  if (held) (focusable(held) ?? document.querySelector("article.card"))?.focus({ preventScroll: true });
  const songs = hits.length === 1 ? "1 song" : `${hits.length} songs`;
  byId("count").textContent = hits.length ? `${songs} in ${Math.max(1, Math.round(took))} ms` : "No songs";
  byId("read-as").textContent = readAs?.length ? `Read as: ${readAs.join(", ")}` : "";
  byId("read-as").hidden = !byId("read-as").textContent;
  byId("note").textContent = note ?? "";
  byId("note").hidden = !note || !hits.length;
  byId("exports").hidden = !hits.length || Boolean(query.getClip());
  byId("export").href = `api/search?${query.parameters({ ...howMany(), format: "m3u8" })}`;
  byId("export").download = `${fileName(query.get().q)}.m3u8`;
  byId("further").hidden = hits.length < amount || amount >= MOST;
  if (!hits.length) nothing(note);
}

const focusable = (id) => document.querySelector(`article.card[data-id="${CSS.escape(id)}"]`);
const fileName = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "newwave";

function reset() {
  for (const id of ["welcome", "message", "read-as", "note", "exports", "further"]) byId(id).hidden = true;
}

function nothing(note) {
  const narrowed = [...query.parameters().keys()].some((name) => name !== "q" && name !== "by");
  const quoted = /["“”„«»]/.test(query.get().q);
  const advice = quoted && !narrowed ? "What stands in quotation marks must be written in a song. Without the marks it describes the music." : narrowed ? "No song passes all the filters at once." : "Say it in other words, or with fewer of them.";
  message("Nothing fits", note ? `${note[0].toUpperCase()}${note.slice(1)}. ${advice}` : advice, {
    button: narrowed ? ["Clear the filters", query.clear] : null,
  });
}

function explain(error) {
  reset();
  byId("hits").replaceChildren();
  byId("count").textContent = "";
  if (error instanceof api.Unreachable) {
    message("The server does not answer", "It may have been stopped. This page tries again by itself.", {
      code: "nw serve", button: ["Try again", run],
    });
    retry = setTimeout(run, RETRY_MS);
  } else if (error.status === 503) {
    message("The library is not ready", error.message, { code: error.tryThis, button: ["Try again", run] });
  } else {
    message("That did not work", error.message, { code: error.tryThis, button: ["Try again", run] });
  }
}

function message(title, text, { code = null, button = null } = {}) {
  const place = byId("message");
  place.replaceChildren(...[
    make("h2", {}, title),
    make("p", {}, text),
    code ? make("pre", {}, make("code", {}, code)) : null,
    button ? make("button", { type: "button", class: "solid", onclick: () => button[1]() }, button[0]) : null,
  ].filter(Boolean));
  place.hidden = false;
}

const EXAMPLES = [
  "calm piano on a rainy evening",
  "a song about robots and machines",
  "fast drums, like a chase",
  "sailors far from home",
  "dreamy synthesizers, no drums",
];
const WITHOUT_LYRICS = [
  "calm piano on a rainy evening",
  "fast drums, like a chase",
  "a choir in an old church",
  "dreamy synthesizers, no drums",
  "cheerful, under two minutes",
];

async function welcome(signal) {
  reset();
  byId("hits").replaceChildren();
  byId("count").textContent = "";
  document.body.classList.remove("busy");
  let library;
  try {
    library = await api.stats();
  } catch (error) {
    if (!signal.aborted) explain(error);
    return;
  }
  if (signal.aborted) return;
  if (!library.songs) return message("No songs yet", "Tell nw where your music is, then index it.", { code: "nw ingest FOLDER\nnw index" });
  const number = (count) => count.toLocaleString("en");
  const sung = library.with_lyrics ? `, ${number(library.with_lyrics)} with lyrics` : "";
  const wish = sung ? "Say how it sounds, what it sings about, or both." : "Say how it should sound.";
  byId("welcome").replaceChildren(
    make("h2", {}, "What would you like to hear?"),
    make("p", {}, `${number(library.songs)} ${library.songs === 1 ? "song" : "songs"}${sung}, here on your own machine. ${wish}`),
    make("ul", {}, ...(sung ? EXAMPLES : WITHOUT_LYRICS).map((text) =>
      make("li", {}, make("button", { type: "button", class: "example", onclick: () => query.change({ q: text }) }, text)))),
  );
  byId("welcome").hidden = false;
}
