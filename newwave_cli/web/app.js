// The page: one query, whatever changes it, and what follows from it.

import { follow } from "./card.js";
import { byId } from "./dom.js";
import * as filters from "./filters.js";
import * as keys from "./keys.js";
import * as player from "./player.js";
import * as playlists from "./playlists.js";
import * as queue from "./queue.js";
import * as query from "./query.js";
import * as search from "./search.js";

const box = byId("q");

function refresh(how = {}) {
  if (!how.typing) box.value = query.get().q;
  const words = query.get().q.trim();
  document.title = words ? `${words} – newwave` : "newwave";
  filters.show();
  search.schedule(how);
}

function drops() {
  const veil = byId("drop");
  let depth = 0;
  const over = (by) => {
    depth = Math.max(0, depth + by);
    veil.hidden = depth === 0;
  };
  const files = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => files(event) && over(1));
  addEventListener("dragleave", (event) => files(event) && over(-1));
  addEventListener("dragover", (event) => files(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    over(-depth);
    if (event.dataTransfer.files[0]) query.setClip(event.dataTransfer.files[0]);
  });
}

filters.setUp();
playlists.setUp();
queue.setUp();
keys.setUp();
drops();
query.subscribe(refresh);
player.subscribe(follow);
box.addEventListener("input", () => query.change({ q: box.value }, { typing: true }));
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  search.schedule();
});
byId("pick-clip").addEventListener("click", () => byId("clip").click());
byId("clip").addEventListener("change", (event) => {
  if (event.target.files[0]) query.setClip(event.target.files[0]);
  event.target.value = "";
});
byId("further").addEventListener("click", search.further);
byId("open-help").addEventListener("click", () => byId("help").showModal());
refresh();
