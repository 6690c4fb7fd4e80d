// The server's answers, and its refusals in words that can be shown.

export class Refused extends Error {
  constructor(message, tryThis, status) {
    super(message);
    this.tryThis = tryThis;
    this.status = status;
  }
}

/** Nobody answers at all. */
export class Unreachable extends Error {}

async function ask(address, options = {}) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error.message);
  }
  const said = await response.json().catch((error) => {
    if (error.name === "AbortError") throw error;
    return {};
  });
  if (!response.ok) throw new Refused(said.error ?? `The server answered ${response.status}.`, said.try_this, response.status);
  return said;
}

const part = encodeURIComponent;

export const search = (parameters, signal) => ask(`api/search?${parameters}`, { signal });
export const similarToClip = (clip, parameters, signal) =>
  ask(`api/similar?${parameters}`, {
    method: "POST", body: clip, signal, headers: { "Content-Type": "application/octet-stream" },
  });
export const song = (id) => ask(`api/songs/${part(id)}`);
export const tags = () => ask("api/tags");
export const stats = () => ask("api/stats");
export const playlists = () => ask("api/playlists");
export const playlistFile = (name) => `api/playlists/${part(name)}.m3u8`;
export const forgetPlaylist = (name) => ask(`api/playlists/${part(name)}`, { method: "DELETE" });
export const savePlaylist = (name, query) =>
  ask(`api/playlists/${part(name)}`, {
    method: "PUT", body: JSON.stringify(query), headers: { "Content-Type": "application/json" },
  });

const AT_ONCE = 2; // a browser keeps six connections to a server; searches and sound need theirs
const drawn = new Map();
const waiting = [];
let running = 0;

/** Peaks of a song, asked for once. Those asked for last come first: they are what is on the screen. */
export function waveform(id, stillWanted) {
  if (drawn.has(id)) return drawn.get(id);
  return new Promise((resolve, reject) => {
    waiting.push({ id, stillWanted, resolve, reject });
    next();
  });
}

function next() {
  if (running >= AT_ONCE || !waiting.length) return;
  const { id, stillWanted, resolve, reject } = waiting.pop();
  if (!stillWanted()) {
    reject(new Error("no longer on the page"));
    return next();
  }
  if (!drawn.has(id)) {
    const asked = ask(`api/waveform/${part(id)}`);
    drawn.set(id, asked);
    running += 1;
    asked.catch(() => drawn.delete(id)).finally(() => {
      running -= 1;
      next();
    });
  }
  drawn.get(id).then(resolve, reject);
  next();
}
