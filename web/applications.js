// The list at the left: every application with its CPU and a small picture of when.

import { cores, harmless } from "./format.js";
import { element } from "./tooltip.js";

const SPARK = { width: 56, height: 20 };
const SVG = "http://www.w3.org/2000/svg";

export class Applications {
  constructor(list, filter, { onSelect }) {
    Object.assign(this, { list, filter, onSelect });
    this.services = [];
    this.selected = "";
    filter.addEventListener("input", () => this.#render());
    filter.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.list.querySelector("button[data-match]")?.click();
      if (event.key === "Escape") {
        filter.value = "";
        this.#render();
      }
    });
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** `services`: {name, cores, values}, most CPU first. */
  show(services, selected) {
    this.services = services;
    this.selected = selected;
    this.#render();
  }

  select(name) {
    this.selected = name;
    for (const button of this.list.querySelectorAll("button")) mark(button, name);
  }

  #render() {
    const focused = document.activeElement?.dataset?.app;
    const words = this.filter.value.toLowerCase();
    const shown = this.services.filter(({ name }) => name.toLowerCase().includes(words));
    const total = sum(this.services);
    const rows = words ? [] : [this.#row(total, "All applications", total.cores)];
    for (const service of shown) rows.push(this.#row(service, service.name, total.cores));
    this.list.replaceChildren(...rows);
    if (!shown.length && words) {
      this.list.append(element("li", "applications-none", "No application has this in its name."));
    }
    if (focused !== undefined) {
      for (const button of this.list.querySelectorAll("button")) {
        if (button.dataset.app === focused) button.focus({ preventScroll: true });
      }
    }
  }

  #row(service, title, whole) {
    const item = element("li");
    const button = element("button", service.name ? "application" : "application application-all");
    button.type = "button";
    button.dataset.app = service.name;
    if (service.name) button.dataset.match = "";
    mark(button, this.selected);
    const name = element("span", "application-name", harmless(title));
    button.title = harmless(title);
    const usage = element("span", "application-cores", cores(service.cores));
    usage.append(element("span", "visually-hidden", " cores"));
    const bar = element("span", "application-bar");
    bar.style.setProperty("--share", whole ? service.cores / whole : 0);
    button.append(name, sparkline(service.values), usage, bar);
    button.addEventListener("click", () => this.onSelect(service.name));
    item.append(button);
    return item;
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.list.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  }
}

function mark(button, selected) {
  if (button.dataset.app === selected) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}

function sum(services) {
  const values = [];
  for (const service of services) {
    service.values.forEach((value, index) => (values[index] = (values[index] ?? 0) + value));
  }
  return { name: "", cores: services.reduce((all, each) => all + each.cores, 0), values };
}

/** A line of at most 36 points in a box of its own, scaled to its own peak. */
function sparkline(values) {
  const points = thinned(values, 36);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "sparkline");
  svg.setAttribute("viewBox", `0 0 ${SPARK.width} ${SPARK.height}`);
  svg.setAttribute("aria-hidden", "true");
  const peak = Math.max(...points);
  if (!(peak > 0)) return svg;
  const step = SPARK.width / Math.max(1, points.length - 1);
  const line = points
    .map((value, index) => {
      const y = SPARK.height - 2 - (value / peak) * (SPARK.height - 4);
      return `${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("L");
  const curve = points.length > 1 ? `M${line}` : `M0 2H${SPARK.width}`;
  const end = points.length > 1 ? (points.length - 1) * step : SPARK.width;
  svg.append(path("spark-area", `${curve}L${end} ${SPARK.height}L0 ${SPARK.height}Z`));
  svg.append(path("spark-line", curve));
  return svg;
}

function path(name, data) {
  const node = document.createElementNS(SVG, "path");
  node.setAttribute("class", name);
  node.setAttribute("d", data);
  return node;
}

function thinned(values, most) {
  if (values.length <= most) return values;
  const size = values.length / most;
  return Array.from({ length: most }, (_, index) => {
    const part = values.slice(Math.floor(index * size), Math.floor((index + 1) * size));
    return part.reduce((all, each) => all + each, 0) / part.length;
  });
}
