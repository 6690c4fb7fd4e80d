// One song among the results.

import { PAUSE, PLAY, clock, icon, make, tile } from "./dom.js";
import * as player from "./player.js";
import * as query from "./query.js";
import { matched, waveform } from "./waveform.js";

/** An <li> for `hit`; `place` is its rank from 1. */
export function card(hit, place) {
  const article = make(
    "article",
    { class: "card", tabindex: place === 1 ? "0" : "-1", "data-id": hit.id, "aria-labelledby": `title-${hit.id}` },
    tile(hit),
    make("div", { class: "names" }, make("h2", { id: `title-${hit.id}` }, hit.title), about(hit)),
    scores(hit),
    make("div", { class: "strip" }, ...(hit.audio ? [listen(hit), waveform(hit)] : [silent()]), steering(hit)),
    why(hit),
  );
  article.hit = hit;
  return make("li", {}, article);
}

const silent = () => make("p", { class: "silent" }, "No audio file for this song.");

/** Play the moment that matched, or pause it. */
export function playMoment(hit) {
  const now = player.state();
  if (now.id === hit.id && now.playing) player.toggle();
  else player.play(hit, matched(hit)?.[0] ?? 0);
}

function about(hit) {
  const length = hit.duration_s ? clock(hit.duration_s) : null;
  const facts = [hit.artist, hit.album, hit.year, length, hit.place, license(hit.license)].filter(Boolean);
  const shown = facts.flatMap((fact, i) => [i ? " · " : null, make("span", { class: fact === hit.artist ? "by" : null }, String(fact))]);
  return make("p", { class: "about", title: hit.place ?? null }, ...shown);
}

/** A licence's address in short: https://creativecommons.org/licenses/by-sa/3.0/ is CC BY-SA 3.0. */
function license(text) {
  const known = /creativecommons\.org\/licenses\/([a-z-]+)\/([\d.]+)/.exec(text ?? "");
  return known ? `CC ${known[1].toUpperCase()} ${known[2]}` : text;
}

/** The score, whether it fits, and what it is made of: the same three bars on every card. */
function scores(hit) {
  const percent = Math.floor(hit.score); // 49.6 is weak, and no 50
  const weak = hit.fit === "weak";
  const total = make("div", { class: weak ? "total weak" : "total", role: "img", "aria-label": `score ${percent} of 100${weak ? ", weak" : ""}${hit.wish ? `, for ${hit.wish}` : ""}` },
    make("strong", { "aria-hidden": "true" }, String(percent)), weak ? make("span", { "aria-hidden": "true" }, "weak") : null,
    hit.wish ? make("span", { class: "wish", "aria-hidden": "true" }, hit.wish) : null);
  const bars = make("div", { class: "bars" }, bar("sound", "sound", hit.sound), bar("words", "words", hit.words), bar("names", "written", hit.written));
  return make("div", { class: "scores" }, bars, total);
}

function bar(label, kind, value) {
  const known = value !== null && value !== undefined;
  const percent = known ? Math.round(value) : 0;
  const inner = make("i", { "aria-hidden": "true" });
  inner.style.setProperty("--value", `${percent}%`);
  return make("div", { class: `score ${kind}`, role: "img", "aria-label": known ? `${label} ${percent} of 100` : `${label}: nothing` },
    make("span", { "aria-hidden": "true" }, label), inner);
}

function listen(hit) {
  const start = matched(hit)?.[0];
  const moment = make("button", { type: "button", class: "solid moment", onclick: () => playMoment(hit) },
    icon(PLAY, { filled: true }), make("span", {}, ...offer(hit)));
  if (!start) return moment;
  const whole = make("button", { type: "button", class: "quiet steer", title: "From start", onclick: () => player.play(hit, 0) },
    icon("M5 4v12M15 4.5v11L8 10z"), make("span", {}, "From start"));
  return make("div", { class: "actions" }, moment, whole);
}

function offer(hit) {
  const start = matched(hit)?.[0];
  return start ? ["Play ", make("span", { class: "unseen" }, "the moment "), clock(start)] : ["Play"];
}

function steering(hit) {
  const steer = (name, word, path) => {
    const label = `${word} like this`;
    const chosen = query.get()[name].includes(String(hit.id));
    const flip = () => (chosen ? query.remove(name, String(hit.id)) : steerBy(hit, name));
    return make("button", { type: "button", class: "quiet steer", onclick: flip, "aria-pressed": String(chosen), title: label },
      icon(path), make("span", { class: "word" }, word, make("span", { class: "unseen" }, " like this")));
  };
  return make("div", { class: "actions" },
    steer("like", "More", "M10 4v12M4 10h12"),
    steer("unlike", "Less", "M4 10h12"));
}

/** What spoke for the song: names and words that are in it, the line that fits best; and its tags. */
function why(hit) {
  const parts = [matches(hit), hit.line ? line(hit) : null, tags(hit)].filter(Boolean);
  return parts.length ? make("div", { class: "why" }, ...parts) : null;
}

function matches(hit) {
  const found = typeof hit.matched === "string" ? hit.matched : "";
  return found ? make("p", { class: "matched" }, make("span", {}, "matched "), found) : null;
}

function line(hit) {
  const timed = hit.line_s !== null && hit.line_s !== undefined && hit.audio;
  if (!timed) return make("blockquote", { class: "line" }, hit.line);
  return make("button", {
    type: "button", class: "line", onclick: () => player.play(hit, hit.line_s),
  }, make("span", { class: "unseen" }, "Play from "), make("q", {}, hit.line), " ", make("time", {}, clock(hit.line_s)));
}

/** More or less like `hit`; a song cannot be both. */
export function steerBy(hit, name) {
  const id = String(hit.id);
  const other = name === "like" ? "unlike" : "like";
  const now = query.get();
  query.change({ [other]: now[other].filter((one) => one !== id), [name]: [...new Set([...now[name], id])] });
}

function tags(hit) {
  const shown = (hit.tags ?? []).slice(0, 5);
  if (!shown.length) return null;
  return make("ul", { class: "tags", "aria-label": "Tags" }, ...shown.map((tag) =>
    make("li", {}, make("button", { type: "button", class: "tag", onclick: () => query.add("tag", tag), "aria-label": `Only songs tagged ${tag}` }, tag))));
}

/** Mark the card that plays, and let its button say what it does. */
export function follow(playing) {
  for (const article of document.querySelectorAll("article.card")) {
    const active = article.hit.id === playing.id && playing.playing;
    if (article.classList.toggle("playing", active) === (article.dataset.playing === "yes")) continue;
    article.dataset.playing = active ? "yes" : "";
    article.querySelector(".moment svg")?.replaceWith(icon(active ? PAUSE : PLAY, { filled: true }));
    article.querySelector(".moment > span")?.replaceChildren(...(active ? ["Pause"] : offer(article.hit)));
  }
}
