// A song's loudness drawn on canvas: what was played, the moment that matched, and where a click would go.

import * as api from "./api.js";
import { clock, make } from "./dom.js";
import * as player from "./player.js";

const BAR = 2;
const GAP = 1.5;
const STEP_S = 5;
const LINE_LASTS_S = 5;
const drawers = new WeakMap();
const seen = new IntersectionObserver(
  (entries) => entries.forEach((entry) => entry.isIntersecting && drawers.get(entry.target)?.appear()),
  { rootMargin: "300px" },
);
const resized = new ResizeObserver((entries) => entries.forEach((entry) => drawers.get(entry.target)?.draw()));
const alive = new Set();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
player.subscribe((playing) => redraw(playing.id));

function redraw(id) {
  for (const drawer of alive) {
    if (!drawer.node.isConnected) alive.delete(drawer);
    else if (id === undefined || drawer.song.id === id || drawer.wasPlaying) drawer.draw();
  }
}

/** [start, end] in seconds of what speaks for `song`: a moment's sound, or a line. null where that has no time. */
export function matched(song) {
  if ((song.sound ?? 0) >= (song.words ?? 0)) return song.moment_s ?? null;
  return song.line_s === null || song.line_s === undefined ? null : [song.line_s, song.line_s + LINE_LASTS_S];
}

/** An element that draws `song`, and plays it from where it is clicked. */
export function waveform(song) {
  const drawer = new Drawer(song);
  drawers.set(drawer.node, drawer);
  seen.observe(drawer.node);
  resized.observe(drawer.node);
  return drawer.node;
}

class Drawer {
  constructor(song) {
    this.song = song;
    this.peaks = null;
    this.duration = song.duration_s;
    this.canvas = make("canvas");
    this.node = make("div", {
      class: "wave", role: "slider", tabindex: "0", "aria-label": `Position in ${song.title}`,
      "aria-valuemin": "0", "aria-valuemax": Math.round(song.duration_s ?? 0), "aria-valuenow": "0",
    }, this.canvas);
    this.node.addEventListener("pointerdown", (event) => this.press(event));
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  async appear() {
    seen.unobserve(this.node);
    alive.add(this);
    try {
      const answer = await api.waveform(this.song.id, () => this.node.isConnected);
      this.peaks = shape(answer.peaks);
      this.duration = answer.duration_s ?? this.duration;
    } catch {
      this.peaks = []; // a song whose file is gone still has a line to show
    }
    this.node.classList.add("drawn");
    this.draw();
  }

  get position() {
    const playing = player.state();
    return playing.id === this.song.id ? playing.time : null;
  }

  draw() {
    this.wasPlaying = this.position !== null;
    const seconds = Math.round(this.position ?? 0);
    this.node.setAttribute("aria-valuenow", seconds);
    this.node.setAttribute("aria-valuetext", `${clock(seconds)} of ${clock(this.duration)}`);
    const { width, height } = this.node.getBoundingClientRect();
    if (!this.peaks || !width) return;
    const scale = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * scale)) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(height * scale);
    }
    const brush = this.canvas.getContext("2d");
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, width, height);
    this.paint(brush, width, height);
  }

  paint(brush, width, height) {
    const style = getComputedStyle(this.node);
    const color = (name) => style.getPropertyValue(name).trim();
    const [start, end] = matched(this.song) ?? [-1, -1];
    const at = (seconds) => (seconds / this.duration) * width;
    if (start >= 0) {
      brush.fillStyle = color("--moment-wash");
      brush.beginPath();
      brush.roundRect(at(start), 0, Math.max(4, at(end) - at(start)), height, 4);
      brush.fill();
    }
    const bars = Math.floor(width / (BAR + GAP));
    for (let i = 0; i < bars; i++) {
      const x = i * (BAR + GAP);
      const seconds = (i / bars) * this.duration;
      const tall = Math.max(2, loudest(this.peaks, i / bars, (i + 1) / bars) * (height - 8));
      const inside = seconds >= start && seconds < Math.max(end, start + this.duration / bars);
      const played = this.position !== null && seconds < this.position;
      brush.fillStyle = color(played ? "--ink" : inside ? "--sound" : "--wave");
      brush.beginPath();
      brush.roundRect(x, (height - tall) / 2, BAR, tall, 1);
      brush.fill();
    }
    if (this.position !== null) {
      brush.fillStyle = color("--ink");
      brush.fillRect(Math.min(width - 2, at(this.position)), 0, 2, height);
    }
  }

  seconds(event) {
    const { left, width } = this.node.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width)) * this.duration;
  }

  press(event) {
    if (event.button !== 0 || !this.song.audio) return;
    player.play(this.song, this.seconds(event));
    this.node.setPointerCapture(event.pointerId);
    const drag = (moved) => player.seek(this.seconds(moved));
    this.node.addEventListener("pointermove", drag);
    const release = () => this.node.removeEventListener("pointermove", drag);
    this.node.addEventListener("pointerup", release, { once: true });
    this.node.addEventListener("pointercancel", release, { once: true });
  }

  key(event) {
    const steps = { ArrowRight: STEP_S, ArrowLeft: -STEP_S };
    const to = event.key === "Home" ? 0 : (this.position ?? 0) + (steps[event.key] ?? NaN);
    if (Number.isNaN(to) || !this.song.audio) return;
    event.preventDefault();
    event.stopPropagation();
    player.play(this.song, Math.max(0, to));
  }
}

/** 0 to 1, with quiet and loud further apart: much music is loud all the time. */
function shape(peaks) {
  const most = Math.max(1, ...peaks);
  return peaks.map((peak) => (peak / most) ** 1.7);
}

function loudest(peaks, from, to) {
  if (!peaks.length) return 0;
  const first = Math.floor(from * peaks.length);
  const last = Math.max(first + 1, Math.ceil(to * peaks.length));
  let most = 0;
  for (let i = first; i < last && i < peaks.length; i++) most = Math.max(most, peaks[i]);
  return most;
}
