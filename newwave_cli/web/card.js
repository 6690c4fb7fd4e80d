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
    hit.audio ? waveform(hit) : make("p", { class: "silent" }, "No audio file for this song."),
    hit.line ? line(hit) : null,
    make("div", { class: "foot" }, actions(hit), tags(hit)),
  );
  article.hit = hit;
  return make("li", {}, article);
}

/** Play the moment that matched, or pause it. */
export function playMoment(hit) {
  const now = player.state();
  if (now.id === hit.id && now.playing) player.toggle();
  else player.play(hit, matched(hit)?.[0] ?? 0);
}

function about(hit) {
  const facts = [hit.artist, hit.album, hit.year, hit.duration_s ? clock(hit.duration_s) : null, license(hit.license)];
  const shown = facts.filter(Boolean);
  return make("p", { class: "about" }, ...shown.flatMap((fact, i) => [i ? " · " : null, make("span", {}, String(fact))]));
}

/** A licence's address in short: https://creativecommons.org/licenses/by-sa/3.0/ is CC BY-SA 3.0. */
function license(text) {
  const known = /creativecommons\.org\/licenses\/([a-z-]+)\/([\d.]+)/.exec(text ?? "");
  return known ? `CC ${known[1].toUpperCase()} ${known[2]}` : text;
}

function scores(hit) {
  const bar = (name, value) => {
    if (value === null || value === undefined) return null;
    const percent = Math.round(value);
    const inner = make("i", { "aria-hidden": "true" });
    inner.style.setProperty("--value", `${percent}%`);
    return make("div", { class: `score ${name}`, role: "img", "aria-label": `${name} ${percent} of 100` },
      make("span", { "aria-hidden": "true" }, name), inner);
  };
  return make("div", { class: "scores" }, bar("sound", hit.sound), bar("words", hit.words));
}

function line(hit) {
  const timed = hit.line_s !== null && hit.line_s !== undefined && hit.audio;
  if (!timed) return make("blockquote", { class: "line" }, hit.line);
  return make("button", {
    type: "button", class: "line", onclick: () => player.play(hit, hit.line_s),
    "aria-label": `Play from “${hit.line}”, ${clock(hit.line_s)}`,
  }, make("q", {}, hit.line), make("time", {}, clock(hit.line_s)));
}

function actions(hit) {
  const steer = (name, label, path) => {
    const chosen = query.get()[name].includes(String(hit.id));
    const flip = () => (chosen ? query.remove(name, String(hit.id)) : steerBy(hit, name));
    return make("button", { type: "button", class: "quiet steer", onclick: flip, "aria-pressed": String(chosen), title: label },
      icon(path), make("span", {}, label));
  };
  return make("div", { class: "actions" },
    hit.audio && make("button", { type: "button", class: "solid moment", onclick: () => playMoment(hit) },
      icon(PLAY, { filled: true }), make("span", {}, ...offer(hit))),
    hit.audio && matched(hit)?.[0] ? make("button", { type: "button", class: "quiet steer", title: "From start", onclick: () => player.play(hit, 0) },
      icon("M5 4v12M15 4.5v11L8 10z"), make("span", {}, "From start")) : null,
    steer("like", "More like this", "M10 4v12M4 10h12"),
    steer("unlike", "Less like this", "M4 10h12"));
}

function offer(hit) {
  const start = matched(hit)?.[0];
  return start ? ["Play ", make("span", { class: "wide" }, "the moment "), clock(start)] : ["Play"];
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
