// One player for the page: whatever plays, plays here, and what was listed beside it plays on.

import { PAUSE, PLAY, byId, clock, icon, make, tile } from "./dom.js";

const NEXT = "M5 4v12l8-6zM15 4v12";
const PREVIOUS = "M15 4v12l-8-6zM5 4v12";
const LOUD = "M3 8v4h3l4 4V4L6 8zM13 7q2.5 3 0 6M15.5 4.5q5 5.5 0 11";
const QUEUE = "M3 5h14M3 10h14M3 15h8";
const START_AGAIN_S = 3; // "previous" within these seconds is the song before, later it is the start of this one
const STEP = 0.1;
const KEPT = "newwave.volume";

const audio = new Audio();
audio.preload = "auto";
audio.volume = volumeKept();
const listeners = [];
let listed = () => [];
let queue = [];
let song = null;
let wanted = null; // seconds to go to as soon as the length is known
let parts = null;

export const subscribe = (listener) => listeners.push(listener);
export const state = () => ({
  id: song?.id ?? null, time: wanted ?? audio.currentTime, playing: Boolean(song) && !audio.paused,
});

/** Where the songs come from that go on playing: the list on the page, best first. */
export const goOnWith = (songs) => (listed = songs);

/** Play `next` from `seconds` on. */
export function play(next, seconds = 0) {
  if (!next.audio) return;
  const beside = listed().filter((one) => one.audio);
  // a song of an earlier search goes on with the songs of that search
  if (beside.some((one) => one.id === next.id)) queue = beside;
  if (song?.id !== next.id) {
    song = next;
    audio.src = next.audio;
    show();
  }
  seek(seconds);
  audio.play().catch((error) => {
    if (error.name !== "AbortError") fail();
  });
}

export function seek(seconds) {
  if (!song) return;
  wanted = Math.max(0, seconds);
  if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) settle();
  tell();
}

export const nudge = (seconds) => seek(state().time + seconds);

export function toggle() {
  if (!song) return;
  if (audio.paused) audio.play().catch(fail);
  else audio.pause();
}

/** The songs that play one after the other, with the one that plays. */
export const queued = () => (queue.some((one) => one.id === song?.id) ? queue : [song].filter(Boolean));

const neighbour = (by) => {
  const here = queue.findIndex((one) => one.id === song?.id);
  return here < 0 ? undefined : queue[here + by];
};

/** The song after this one, as the results listed them. */
export function next() {
  const after = neighbour(1);
  if (after) play(after);
}

/** The start of this song, or the song before where this one has just begun. */
export function previous() {
  const before = neighbour(-1);
  if (before && state().time < START_AGAIN_S) play(before);
  else seek(0);
}

/** Louder by so many steps of ten in a hundred; quieter where it is negative. */
export function louder(steps) {
  setVolume(audio.volume + steps * STEP);
}

function setVolume(volume) {
  audio.volume = Math.min(1, Math.max(0, volume));
  try {
    localStorage.setItem(KEPT, String(audio.volume));
  } catch {
    // private windows may keep nothing; the volume holds until the page is left
  }
  tell();
}

function volumeKept() {
  try {
    const kept = Number.parseFloat(localStorage.getItem(KEPT));
    return kept >= 0 && kept <= 1 ? kept : 1;
  } catch {
    return 1;
  }
}

export function close() {
  audio.pause();
  song = null;
  byId("player").hidden = true;
  document.body.classList.remove("has-player");
  tell();
}

function settle() {
  if (wanted === null) return;
  audio.currentTime = Math.min(wanted, Number.isFinite(audio.duration) ? audio.duration : wanted);
  wanted = null;
}

function fail() {
  if (song) parts.status.textContent = "This file cannot be played here.";
}

function show() {
  const control = (label, path, act) =>
    make("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick: act }, icon(path, { filled: true }));
  const button = make("button", { type: "button", class: "round", onclick: toggle });
  const before = control("Previous song", PREVIOUS, previous);
  const after = control("Next song", NEXT, next);
  const range = make("input", {
    type: "range", min: "0", max: "1000", value: "0", "aria-label": "Position",
    oninput: () => seek((range.value / 1000) * length()),
  });
  const volume = make("input", {
    type: "range", min: "0", max: "100", "aria-label": "Volume", oninput: () => setVolume(volume.value / 100),
  });
  const now = make("span", { class: "time" }, "0:00");
  const all = make("span", { class: "time" }, clock(song.duration_s));
  const status = make("span", { class: "by" }, song.artist ?? "");
  parts = { button, before, after, range, volume, now, all, status };
  const place = byId("player");
  place.replaceChildren(
    make("div", { class: "transport" }, before, button, after),
    tile(song),
    make("div", { class: "what" }, make("strong", {}, song.title), status),
    make("div", { class: "seek" }, now, range, all),
    make("div", { class: "volume" }, icon(LOUD), volume),
    make("div", { class: "ends" },
      make("button", { type: "button", class: "icon open-queue", "aria-label": "Up next", title: "Up next", "aria-haspopup": "dialog" }, icon(QUEUE)),
      make("button", { type: "button", class: "icon close", "aria-label": "Close the player", onclick: close }, icon("M5 5l10 10M15 5L5 15"))),
  );
  place.hidden = false;
  document.body.classList.add("has-player");
  announce();
}

/** What the keys of the keyboard, headphones and the lock screen show and do. */
function announce() {
  if (!("mediaSession" in navigator)) return;
  const media = navigator.mediaSession;
  media.metadata = new MediaMetadata({ title: song.title, artist: song.artist ?? "", album: song.album ?? "" });
  const keys = {
    // Not toggle: headphones may send "pause" twice, and the second must not play.
    play: () => audio.play().catch(fail), pause: () => audio.pause(), stop: close, previoustrack: previous, nexttrack: next,
    seekto: (to) => seek(to.seekTime), seekbackward: () => nudge(-10), seekforward: () => nudge(10),
  };
  for (const [key, act] of Object.entries(keys)) media.setActionHandler(key, act);
}

const length = () => (Number.isFinite(audio.duration) ? audio.duration : song?.duration_s ?? 0);

function tell() {
  const now = state();
  if ("mediaSession" in navigator) navigator.mediaSession.playbackState = song ? (now.playing ? "playing" : "paused") : "none";
  if (song) {
    const name = now.playing ? "Pause" : "Play";
    if (parts.button.getAttribute("aria-label") !== name) {
      parts.button.setAttribute("aria-label", name);
      parts.button.replaceChildren(icon(now.playing ? PAUSE : PLAY, { filled: true }));
    }
    parts.now.textContent = clock(now.time);
    parts.all.textContent = clock(length());
    parts.range.value = length() ? (now.time / length()) * 1000 : 0;
    parts.range.style.setProperty("--done", `${parts.range.value / 10}%`);
    parts.range.setAttribute("aria-valuetext", `${clock(now.time)} of ${clock(length())}`);
    const percent = Math.round(audio.volume * 100);
    parts.volume.value = percent;
    parts.volume.style.setProperty("--done", `${percent}%`);
    parts.volume.setAttribute("aria-valuetext", `${percent} percent`);
    parts.before.disabled = !neighbour(-1) && now.time < START_AGAIN_S;
    parts.after.disabled = !neighbour(1);
  }
  listeners.forEach((listener) => listener(now));
}

audio.addEventListener("loadedmetadata", settle);
audio.addEventListener("ended", next);
audio.addEventListener("error", () => song && fail());
for (const name of ["play", "pause", "ended", "timeupdate", "seeked", "loadedmetadata"]) audio.addEventListener(name, tell);
