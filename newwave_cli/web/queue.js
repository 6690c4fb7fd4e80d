// What plays on: the songs that were listed beside the one that plays.

import { byId, clock, make, tile } from "./dom.js";
import * as player from "./player.js";

let shown = null; // id of the song that is marked

export function open() {
  if (player.state().id === null) return;
  list();
  byId("queue").showModal();
  byId("queue-list").querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
}

export function setUp() {
  byId("player").addEventListener("click", (event) => event.target.closest(".open-queue") && open());
  player.subscribe(({ id }) => {
    if (!byId("queue").open || id === shown) return;
    if (id === null) byId("queue").close();
    else list();
  });
}

function list() {
  shown = player.state().id;
  const songs = player.queued();
  const here = songs.findIndex((song) => song.id === shown);
  const left = songs.length - here - 1;
  byId("queue-count").textContent = left ? `${left} more ${left === 1 ? "song" : "songs"} after this one` : "Nothing after this one";
  byId("queue-list").replaceChildren(...songs.map((song, at) => make("li", {}, entry(song, at - here))));
}

/** A song of the queue; `away` is how many songs after the one that plays, negative before it. */
function entry(song, away) {
  const by = [song.artist, song.duration_s ? clock(song.duration_s) : null].filter(Boolean).join(" · ");
  return make(
    "button",
    { type: "button", class: away < 0 ? "queued played" : "queued", "aria-current": away === 0 ? "true" : null, onclick: () => player.play(song) },
    tile(song),
    make("span", { class: "what" }, make("strong", {}, song.title), make("span", { class: "by" }, by)),
  );
}
