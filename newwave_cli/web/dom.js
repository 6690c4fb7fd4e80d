// Elements without HTML: what a song's tags hold is only ever text.

export const byId = (id) => document.getElementById(id);

/** make("button", {class: "x", onclick: f, "aria-label": "y"}, "text", child, null) */
export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing, 20 by 20. */
export function icon(path, { filled = false } = {}) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["viewBox", "0 0 20 20"], ["width", 20], ["height", 20], ["aria-hidden", "true"]])
    svg.setAttribute(key, value);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  if (filled) line.setAttribute("class", "filled");
  svg.append(line);
  return svg;
}

export const PLAY = "M6 3.5v13l11-6.5z";
export const PAUSE = "M5 3.5h3.4v13H5zM11.6 3.5H15v13h-3.4z";

export function clock(seconds) {
  if (!Number.isFinite(seconds)) return "0:00";
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const hash = (text) => [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) >>> 0, 7);

/** The cover, or quiet bars that are always the same for the same song. */
export function tile(song) {
  const place = make("div", { class: "tile", "aria-hidden": "true" });
  const seed = hash(`${song.artist ?? ""}/${song.album ?? song.title}`);
  place.style.setProperty("--hue", seed % 360);
  const bars = [0, 1, 2, 3, 4].map((i) => 2 + ((seed >>> (i * 5)) % 6));
  place.append(icon(bars.map((half, i) => `M${3 + i * 3.5} ${10 - half}v${2 * half}`).join("")));
  if (song.cover) {
    const image = make("img", { alt: "", loading: "lazy", decoding: "async", src: song.cover });
    image.addEventListener("error", () => image.remove());
    place.append(image);
  }
  return place;
}
