// Searches that were saved under a name, each of them a playlist.

import * as api from "./api.js";
import { byId, icon, make } from "./dom.js";
import * as query from "./query.js";

export function setUp() {
  const dialog = byId("playlists");
  const open = () => {
    byId("save-form").hidden = query.isOnlyBy() || Boolean(query.getClip());
    byId("playlist-status").textContent = "";
    byId("name").value = typeable(query.get().q.slice(0, 80));
    dialog.showModal();
    list();
  };
  byId("open-playlists").addEventListener("click", open);
  byId("save").addEventListener("click", open);
  byId("save-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = typeable(byId("name").value);
    attempt(() => api.savePlaylist(name, query.saved()), `Saved as “${name}”.`);
  });
}

/** A name that can be typed after `nw query @` too. */
// a playlist is a file of this name, on any system
const typeable = (name) => name.trim().replace(/[:*?"<>|]/g, "").replace(/[\s/\\]+/g, "-").replace(/^[@.-]+|[-.]+$/g, "");

async function attempt(work, done) {
  const status = byId("playlist-status");
  try {
    await work();
    status.textContent = done;
  } catch (error) {
    status.textContent = error instanceof api.Unreachable ? "The server does not answer." : error.message;
    return;
  }
  list();
}

async function list() {
  let kept;
  try {
    kept = (await api.playlists()).playlists;
  } catch (error) {
    byId("playlist-status").textContent = error instanceof api.Unreachable ? "The server does not answer." : error.message;
    return;
  }
  const rows = kept.map(row);
  byId("playlist-list").replaceChildren(...(rows.length ? rows : [make("li", { class: "none" }, "None yet. Search for something and save it.")]));
}

function row(playlist) {
  const { name } = playlist;
  const open = () => {
    byId("playlists").close();
    query.open(playlist);
  };
  return make("li", {},
    make("button", { type: "button", class: "name", onclick: open }, make("strong", {}, name),
      playlist.query && playlist.query !== name ? make("span", {}, playlist.query) : null),
    make("a", { class: "icon", href: api.playlistFile(name), download: `${name}.m3u8`, "aria-label": `Download ${name} as .m3u8`, title: "Download .m3u8" },
      icon("M10 3v10M6 9l4 4 4-4M3 17h14")),
    make("button", { type: "button", class: "icon", "aria-label": `Delete ${name}`, title: "Delete",
      onclick: () => attempt(() => api.forgetPlaylist(name), `Deleted “${name}”.`) }, icon("M6 6l8 8M14 6l-8 8")));
}
