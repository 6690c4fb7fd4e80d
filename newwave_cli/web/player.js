// One player for the page: whatever plays, plays here.

import { PAUSE, PLAY, byId, clock, icon, make, tile } from "./dom.js";

const audio = new Audio();
audio.preload = "auto";
const listeners = [];
let song = null;
let wanted = null; // seconds to go to as soon as the length is known
let parts = null;

export const subscribe = (listener) => listeners.push(listener);
export const state = () => ({
  id: song?.id ?? null, time: wanted ?? audio.currentTime, playing: Boolean(song) && !audio.paused,
});

/** Play `next` from `seconds` on. */
export function play(next, seconds = 0) {
  if (!next.audio) return;
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
  const button = make("button", { type: "button", class: "round", onclick: toggle });
  const range = make("input", {
    type: "range", min: "0", max: "1000", value: "0", "aria-label": "Position",
    oninput: () => seek((range.value / 1000) * length()),
  });
  const now = make("span", { class: "time" }, "0:00");
  const all = make("span", { class: "time" }, clock(song.duration_s));
  const status = make("span", { class: "by" }, song.artist ?? "");
  parts = { button, range, now, all, status };
  const place = byId("player");
  place.replaceChildren(
    button,
    tile(song),
    make("div", { class: "what" }, make("strong", {}, song.title), status),
    make("div", { class: "seek" }, now, range, all),
    make("button", { type: "button", class: "icon", "aria-label": "Close the player", onclick: close }, icon("M5 5l10 10M15 5L5 15")),
  );
  place.hidden = false;
  document.body.classList.add("has-player");
  if ("mediaSession" in navigator)
    navigator.mediaSession.metadata = new MediaMetadata({ title: song.title, artist: song.artist ?? "", album: song.album ?? "" });
}

const length = () => (Number.isFinite(audio.duration) ? audio.duration : song?.duration_s ?? 0);

function tell() {
  const now = state();
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
  }
  listeners.forEach((listener) => listener(now));
}

audio.addEventListener("loadedmetadata", settle);
audio.addEventListener("error", () => song && fail());
for (const name of ["play", "pause", "ended", "timeupdate", "seeked", "loadedmetadata"]) audio.addEventListener(name, tell);
