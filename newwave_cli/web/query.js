// What is searched for: kept in the address bar, so that it can be shared and Back works.

const MANY = ["tag", "without", "like", "unlike", "more"];
const ONE = ["q", "by", "year", "has_lyrics", "diverse", "sequence", "max_per_artist", "min_score", "match"];
const BURST_MS = 1500; // letters typed within this belong to one step of the history

const listeners = [];
let current = read(location.search);
let lastTyped = -Infinity;
let clip = null;

function read(text) {
  const given = new URLSearchParams(text);
  const query = {};
  for (const name of ONE) query[name] = given.get(name) ?? "";
  for (const name of MANY) query[name] = given.getAll(name);
  return query;
}

/** The query as the server takes it; empty parts are left out. */
export function parameters(extra = {}) {
  const written = new URLSearchParams();
  for (const name of ONE) if (current[name]) written.set(name, current[name].trim());
  for (const name of MANY) for (const value of current[name]) written.append(name, value);
  if (written.get("by") === "both") written.delete("by");
  for (const [name, value] of Object.entries(extra)) written.set(name, value);
  return written;
}

/** The query as a playlist keeps it. */
export function saved() {
  const kept = { query: current.q.trim() };
  for (const name of ONE.slice(1)) if (current[name]) kept[name] = typed(name, current[name]);
  for (const name of MANY) if (current[name].length) kept[name] = current[name];
  return kept;
}

const typed = (name, value) => {
  if (name === "has_lyrics" || name === "diverse" || name === "sequence") return true;
  return name === "max_per_artist" || name === "min_score" ? Number(value) : value;
};

export const get = () => current;
export const getClip = () => clip;
export const subscribe = (listener) => listeners.push(listener);
export const isEmpty = () => !clip && parameters().size === 0;
export const isOnlyBy = () => !clip && [...parameters().keys()].every((name) => name === "by");

const tell = (how) => listeners.forEach((listener) => listener(how));

/** Change some parts; `typing` puts a burst of letters into one step of the history. */
export function change(patch, { typing = false } = {}) {
  current = { ...current, ...patch };
  const address = `?${parameters()}`;
  const now = performance.now();
  const inBurst = typing && now - lastTyped < BURST_MS;
  lastTyped = typing ? now : -Infinity;
  if (address !== (location.search || "?"))
    history[inBurst ? "replaceState" : "pushState"](null, "", address === "?" ? location.pathname : address);
  tell({ typing });
}

/** Replace everything, as a playlist that is opened does. */
export const open = (kept) => {
  const fresh = read("");
  for (const name of ONE.slice(1)) if (kept[name]) fresh[name] = kept[name] === true ? "1" : String(kept[name]);
  for (const name of MANY) fresh[name] = (kept[name] ?? []).map(String);
  clip = null;
  change({ ...fresh, q: kept.query ?? "" });
};

export const add = (name, value) => {
  const text = String(value).trim();
  if (text && !current[name].includes(text)) change({ [name]: [...current[name], text] });
};

export const remove = (name, value) => change({ [name]: current[name].filter((one) => one !== value) });

export function setClip(file) {
  clip = file;
  tell({ typing: false });
}

export const clear = () => {
  clip = null;
  change({ ...read(""), q: current.q });
};

addEventListener("popstate", () => {
  current = read(location.search);
  lastTyped = -Infinity;
  tell({ typing: false, moved: true });
});
