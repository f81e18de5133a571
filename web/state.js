// What the page shows, kept in its address: reloading or sharing the link gives the same view.

export const RANGES = { "5m": 300, "15m": 900, "1h": 3_600, "6h": 21_600, "24h": 86_400 };
const VIEWS = ["flame", "both", "table"];
const SORTS = ["self", "total", "name"];

const DEFAULTS = {
  app: "",
  range: "15m",
  from: 0,
  until: 0,
  search: "",
  zoom: "",
  view: "",
  sort: "self",
};

/** State from an address' query; whatever is missing or wrong takes its default. */
export function parse(query) {
  const values = new URLSearchParams(query);
  const state = { ...DEFAULTS };
  state.app = values.get("app") ?? "";
  state.search = values.get("search") ?? "";
  state.zoom = /^\d+\.[0-9a-z]+$/.test(values.get("zoom") ?? "") ? values.get("zoom") : "";
  if (VIEWS.includes(values.get("view"))) state.view = values.get("view");
  if (SORTS.includes(values.get("sort"))) state.sort = values.get("sort");
  const from = Number(values.get("from"));
  const until = Number(values.get("until"));
  if (Number.isSafeInteger(from) && Number.isSafeInteger(until) && 0 < from && from < until) {
    Object.assign(state, { range: "", from, until });
  } else if (Object.hasOwn(RANGES, values.get("range") ?? "")) {
    state.range = values.get("range");
  }
  return state;
}

/** The query that `parse` reads back; empty for the defaults. */
export function serialize(state) {
  const values = new URLSearchParams();
  for (const key of ["app", "search", "zoom", "view"]) {
    if (state[key]) values.set(key, state[key]);
  }
  if (state.sort !== DEFAULTS.sort) values.set("sort", state.sort);
  if (!state.range) {
    values.set("from", state.from);
    values.set("until", state.until);
  } else if (state.range !== DEFAULTS.range) {
    values.set("range", state.range);
  }
  const query = values.toString();
  return query ? `?${query}` : location.pathname;
}

/** The range in Unix milliseconds; a relative one ends now. */
export function interval(state, now = Date.now()) {
  if (!state.range) return { from: state.from, until: state.until };
  return { from: now - RANGES[state.range] * 1000, until: now };
}

/** Holds the state, tells listeners what changed, and keeps the address in step. */
export class Store {
  #listeners = [];

  constructor() {
    this.value = parse(location.search);
    addEventListener("popstate", () => this.#replace(parse(location.search)));
  }

  listen(listener) {
    this.#listeners.push(listener);
  }

  /** `step`: whether the browser's back button returns to what was before. */
  update(changes, { step = false } = {}) {
    const next = { ...this.value, ...changes };
    const address = serialize(next);
    if (step) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    this.#replace(next);
  }

  #replace(next) {
    const before = this.value;
    this.value = next;
    const changed = new Set(Object.keys(next).filter((key) => next[key] !== before[key]));
    if (changed.size) for (const listener of this.#listeners) listener(next, changed);
  }
}
