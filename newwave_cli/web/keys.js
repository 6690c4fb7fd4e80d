// Everything by keyboard.

import { playMoment, steerBy } from "./card.js";
import { byId } from "./dom.js";
import * as player from "./player.js";
import * as queue from "./queue.js";

const cards = () => [...document.querySelectorAll("article.card")];
const writes = (node) => node.matches?.("input:not([type=radio], [type=checkbox], [type=range]), textarea, select");
const isControl = (node) => node.matches?.("button, a, input, summary, [role=slider]");

function move(by) {
  const all = cards();
  if (!all.length) return;
  const here = all.indexOf(document.activeElement?.closest?.("article.card"));
  const to = here + by;
  if (to < 0) return byId("q").focus();
  choose(all[Math.min(all.length - 1, to)]);
}

function choose(article) {
  for (const one of cards()) one.tabIndex = one === article ? 0 : -1;
  article.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  article.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

const ON_PAGE = {
  "/": () => {
    byId("q").focus();
    byId("q").select();
  },
  "?": () => byId("help").showModal(),
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
};

const ON_CARD = { m: (hit) => steerBy(hit, "like"), l: (hit) => steerBy(hit, "unlike") };
const IN_PLAYER = {
  ArrowLeft: () => player.nudge(-5),
  ArrowRight: () => player.nudge(5),
  n: player.next,
  p: player.previous,
  u: queue.open,
  "+": () => player.louder(1),
  "-": () => player.louder(-1),
};

function chosen(event) {
  const article = event.target.closest?.("article.card");
  if (event.key === "Enter" || event.key === " ") {
    if (isControl(event.target)) return null;
    if (article) return () => article.hit.audio && playMoment(article.hit);
    return event.key === " " && player.state().id !== null ? player.toggle : null;
  }
  if (article && ON_CARD[event.key]) return () => ON_CARD[event.key](article.hit);
  const inRadio = event.target.matches?.("[type=radio], [type=range]") && event.key.startsWith("Arrow");
  return inRadio ? null : ON_PAGE[event.key] ?? (player.state().id === null ? null : IN_PLAYER[event.key]);
}

function inSearch(event) {
  if (event.key === "/" && !event.target.value) return () => {}; // the key that leads here is no text
  if (event.key === "ArrowDown") return () => move(1);
  if (event.key === "Escape") return () => (document.querySelector("article.card") ?? byId("results")).focus();
  return null;
}

export function setUp() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    let act;
    if (writes(event.target)) act = event.target.id === "q" ? inSearch(event) : null;
    else act = chosen(event);
    if (event.key === "Escape" && !act) act = escape;
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function escape() {
  if (!byId("filters").hidden) byId("open-filters").click();
  else if (player.state().id !== null) player.close();
}
