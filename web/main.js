// Puts the parts together: state says what to show, the node is asked, the parts show it.

import * as api from "./api.js";
import { Applications } from "./applications.js";
import { showBreadcrumb } from "./breadcrumb.js";
import { FlameGraph } from "./flamegraph.js";
import { FlameModel } from "./flamegraph-model.js";
import { clock, cores, duration, harmless, percent } from "./format.js";
import { showStatus } from "./nodestatus.js";
import { KERNEL } from "./palette.js";
import { RangePicker } from "./rangepicker.js";
import { interval, Store } from "./state.js";
import { Timeline } from "./timeline.js";
import { Tooltip } from "./tooltip.js";
import { TopTable } from "./toptable.js";

const REFRESH_SECONDS = 10;
const NANOSECONDS = 1e9;

const $ = (id) => document.getElementById(id);
const store = new Store();
const tooltip = new Tooltip($("tooltip"));
const shown = { model: null, range: null, app: null };
let isLive = true;
let loading = null;
let timer = 0;

const applications = new Applications($("applications"), $("application-filter"), {
  onSelect: (app) => store.update({ app, zoom: "" }, { step: true }),
});
const timeline = new Timeline($("timeline"), tooltip, {
  onSelect: (from, until) => store.update({ range: "", from, until }, { step: true }),
});
const flame = new FlameGraph($("flame-scroll"), $("flame-spacer"), $("flame-canvas"), {
  onZoom: (node) => store.update({ zoom: node > 0 ? shown.model.key(node) : "" }),
  onHover: describe,
});
const table = new TopTable(
  $("table-body"),
  [...$("table-headers").children],
  $("table-filter"),
  $("table-note"),
  {
    onSort: (sort) => store.update({ sort }),
    onPick: (name) => store.update({ search: `^${name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}$` }),
  },
);
const ranges = new RangePicker(
  {
    group: $("range"),
    custom: $("range-custom"),
    panel: $("range-panel"),
    from: $("range-from"),
    until: $("range-until"),
    problem: $("range-problem"),
  },
  { onPick: (range) => store.update(range, { step: true }) },
);

// Loading

async function load() {
  clearTimeout(timer);
  loading?.abort();
  const mine = new AbortController();
  loading = mine;
  const { app } = store.value;
  const range = interval(store.value);
  showTitle(app);
  showDownloads(app, range);
  const slow = setTimeout(() => ($("progress").hidden = false), 150);
  try {
    await Promise.all([
      api.services(range, mine.signal).then((answer) => showServices(answer, app)),
      api.flameGraph(app, range, mine.signal).then((answer) => showProfile(answer, app, range)),
    ]);
  } catch (error) {
    if (error.name === "AbortError") return;
    showFailure(error);
  } finally {
    clearTimeout(slow);
    if (loading === mine) {
      $("progress").hidden = true;
      loading = null;
      schedule();
    }
  }
}

function schedule() {
  clearTimeout(timer);
  if (!isLive || !store.value.range || document.hidden) return;
  timer = setTimeout(() => {
    load();
    loadStatus();
  }, REFRESH_SECONDS * 1000);
}

async function loadStatus() {
  try {
    const report = await api.status();
    $("host").textContent = harmless(report.host);
    showStatus($("status"), report);
    const problem = await api.readiness();
    $("banner").hidden = problem === null;
    $("banner").textContent = problem ?? "";
  } catch (error) {
    $("banner").hidden = false;
    $("banner").textContent = `${error.message} What you see may be old.`;
  }
}

// Showing

function showServices(answer, app) {
  const seconds = (answer.until - answer.from) / 1000;
  const list = answer.services.map((service) => ({
    name: service.service_name,
    cores: service.cpu_nanoseconds / NANOSECONDS / seconds,
    values: service.values.map((value) => value / NANOSECONDS / answer.step),
  }));
  applications.show(list, app);
  const mine = app ? list.filter(({ name }) => name === app) : list;
  const length = Math.max(0, ...mine.map(({ values }) => values.length));
  timeline.show({
    from: answer.from,
    until: answer.until,
    step: answer.step * 1000,
    values: Array.from({ length }, (_, index) =>
      mine.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
    ),
  });
}

function showProfile(answer, app, range) {
  const model = new FlameModel(answer);
  const isSame = shown.model?.total > 0 && shown.app === app;
  Object.assign(shown, { model, range, app });
  const seconds = (range.until - range.from) / 1000;
  $("summary").textContent = model.total
    ? `${duration(model.total)} of CPU in ${duration(seconds * NANOSECONDS)}, ` +
      `${cores(model.total / NANOSECONDS / seconds)} cores on average`
    : "";
  const { zoom } = store.value;
  flame.show(model, zoom ? model.find(zoom) : 0, isSame);
  if (model.total) hideNotice();
  else showEmpty(range, app);
  showZoom();
  showSearch();
}

function showTitle(app) {
  const title = app ? harmless(app) : "All applications";
  $("title").textContent = title;
  document.title = app ? `${title} · Hearth` : "Hearth";
  if (shown.app !== app) $("summary").textContent = "";
}

function showZoom() {
  const { model } = shown;
  if (!model) return;
  showBreadcrumb($("breadcrumb"), model, flame.zoomed, (node) => flame.zoom(node));
  $("reset").hidden = flame.zoomed === 0;
  table.show(model, flame.zoomed, store.value.sort);
}

function showSearch() {
  const field = $("search");
  const { search } = store.value;
  if (document.activeElement !== field) field.value = search;
  if (!shown.model) return;
  try {
    const found = shown.model.search(search);
    flame.highlight(found?.matches ?? null);
    field.removeAttribute("aria-invalid");
    $("search-result").textContent = found ? percent(found.share) : "";
    $("search-result").title = found ? `${found.nodes} frames match` : "";
  } catch {
    field.setAttribute("aria-invalid", "true");
    $("search-result").textContent = "not a regular expression";
  }
}

function showDownloads(app, range) {
  const stem = `${(app || "all").replace(/[^\w.-]+/g, "_")}-${new Date(range.until).toISOString().slice(0, 19).replaceAll(":", "")}`;
  const files = { pprof: "pb.gz", collapsed: "folded", svg: "svg" };
  for (const [format, extension] of Object.entries(files)) {
    const link = $(`download-${format}`);
    link.href = api.renderPath(app, range, format);
    if (link.hasAttribute("download")) link.download = `${stem}.${extension}`;
  }
}

function showViews() {
  const view = currentView();
  $("panes").dataset.view = view;
  for (const button of $("views").children) {
    button.setAttribute("aria-pressed", button.dataset.view === view);
  }
}

function currentView() {
  return store.value.view || (innerWidth >= 1200 ? "both" : "flame");
}

function describe(node, event) {
  const { model } = shown;
  if (node < 0 || !model) {
    tooltip.hide();
    return;
  }
  const value = model.value(node);
  const self = model.self[node];
  const name = model.name[node];
  const isKernel = model.kinds[name] === KERNEL;
  const module = isKernel ? `kernel · ${model.modules[name]}` : model.modules[name];
  const rows = [
    ["Total", `${duration(value)} · ${percent(value / model.total)}`],
    ["Self", `${duration(self)} · ${percent(self / model.total)}`],
  ];
  if (flame.zoomed > 0) {
    rows.push(["Of the zoomed frame", percent(value / model.value(flame.zoomed))]);
  }
  const content = { title: model.label(node), subtitle: module, rows };
  if (event) tooltip.show(event, content);
  else $("flame-detail").textContent = [content.title, module, ...rows.flat()].join(", ");
}

// Notices

function showNotice(title, text, action, onAction) {
  $("notice-title").textContent = title;
  $("notice-text").textContent = text;
  $("notice-action").textContent = action;
  $("notice-action").onclick = onAction;
  $("notice").hidden = false;
  $("panes").dataset.empty = "";
}

function hideNotice() {
  $("notice").hidden = true;
  delete $("panes").dataset.empty;
}

function showEmpty(range, app) {
  const span = `${clock(range.from, range.until - range.from)} and ${clock(range.until, range.until - range.from)}`;
  const whose = app ? `“${harmless(app)}” used no CPU` : "No samples are stored";
  const isShort = store.value.range === "5m" || store.value.range === "15m";
  showNotice(
    "Nothing to show here yet",
    `${whose} between ${span}. A sample shows up within ten seconds after its window ends.`,
    app ? "Show all applications" : isShort ? "Show the last hour" : "Show the last 24 hours",
    () =>
      store.update(app ? { app: "", zoom: "" } : { range: isShort ? "1h" : "24h" }, { step: true }),
  );
}

function showFailure(error) {
  const advice =
    error.status === 0
      ? " Check that “hearth agent” runs on it; the page tries again by itself."
      : error.status === 503
        ? " The page tries again by itself."
        : "";
  if (shown.model && error.status === 0) {
    $("banner").textContent = `${error.message}${advice}`;
    $("banner").hidden = false;
    return;
  }
  showNotice("This profile could not be loaded", error.message + advice, "Try again", load);
}

// Controls

function setLive(value) {
  isLive = value;
  showLive();
  if (isLive) {
    load();
    loadStatus();
  } else {
    clearTimeout(timer);
  }
}

function showLive() {
  const isRelative = Boolean(store.value.range);
  $("refresh").setAttribute("aria-pressed", isLive && isRelative);
  $("refresh").disabled = !isRelative;
  $("refresh-text").textContent = !isRelative ? "Fixed range" : isLive ? "Live" : "Paused";
  $("refresh").title = !isRelative
    ? "A range with a fixed end does not change"
    : isLive
      ? `Refreshes every ${REFRESH_SECONDS} s. Click to pause`
      : "Click to refresh by itself again";
}

function listen() {
  $("refresh").addEventListener("click", () => setLive(!isLive));
  $("reset").addEventListener("click", () => flame.zoom(0));
  $("search").addEventListener("input", (event) => store.update({ search: event.target.value }));
  $("search").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.target.value = "";
    store.update({ search: "" });
  });
  for (const button of $("views").children) {
    button.addEventListener("click", () => store.update({ view: button.dataset.view }));
  }
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      $("search").focus();
    }
  });
  addEventListener("resize", showViews);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isLive && store.value.range) setLive(true);
  });
}

store.listen((state, changed) => {
  const has = (...keys) => keys.some((key) => changed.has(key));
  if (has("range", "from", "until")) {
    ranges.show(state);
    showLive();
  }
  if (has("app")) applications.select(state.app);
  if (has("app", "range", "from", "until")) load();
  else if (has("zoom")) followZoom(state.zoom);
  if (has("search")) showSearch();
  if (has("view")) showViews();
  if (has("sort")) table.sort(state.sort);
});

/** After a click in the graph, or the browser's back button. */
function followZoom(zoom) {
  const node = zoom ? shown.model?.find(zoom) ?? -1 : 0;
  if (node >= 0 && node !== flame.zoomed) flame.zoom(node);
  showZoom();
}

listen();
ranges.show(store.value);
showLive();
showViews();
load();
loadStatus();
