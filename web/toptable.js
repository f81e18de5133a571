// Functions by their own and their total CPU. Rows are made only for what is in sight of a long list.

import { duration, percent } from "./format.js";
import { KERNEL, STOP_REASON } from "./palette.js";
import { element } from "./tooltip.js";

const ROW_LIMIT = 300;

export class TopTable {
  constructor(body, headers, filter, note, { onSort, onPick }) {
    Object.assign(this, { body, headers, filter, note, onPick });
    this.rows = [];
    for (const header of headers) {
      header.querySelector("button").addEventListener("click", () => onSort(header.dataset.sort));
    }
    filter.addEventListener("input", () => this.#render());
    body.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-name]");
      if (row) this.onPick(row.dataset.name);
    });
  }

  /** `root`: the node below which to count. */
  show(model, root, sort) {
    this.model = model;
    this.whole = model.count ? model.value(root) : 0;
    const { self, total } = model.totals(root);
    const rootName = model.count ? model.name[0] : -1;
    this.rows = [];
    this.most = { self: 1, total: 1 };
    for (let name = 0; name < model.names.length; name += 1) {
      if (!(total[name] > 0) || name === rootName) continue;
      this.rows.push({ name, self: self[name], total: total[name] });
      this.most.self = Math.max(this.most.self, self[name]);
      this.most.total = Math.max(this.most.total, total[name]);
    }
    this.sort(sort);
  }

  sort(key) {
    const { names } = this.model ?? { names: [] };
    const order = {
      self: (a, b) => b.self - a.self || b.total - a.total,
      total: (a, b) => b.total - a.total || b.self - a.self,
      name: (a, b) => names[a.name].localeCompare(names[b.name]),
    };
    this.rows.sort(order[key]);
    for (const header of this.headers) {
      const direction = key === "name" ? "ascending" : "descending";
      if (header.dataset.sort === key) header.setAttribute("aria-sort", direction);
      else header.removeAttribute("aria-sort");
    }
    this.#render();
  }

  #render() {
    if (!this.model) return;
    const { names, modules } = this.model;
    const words = this.filter.value.toLowerCase();
    const shown = this.rows.filter(
      ({ name }) =>
        !words ||
        names[name].toLowerCase().includes(words) ||
        modules[name].toLowerCase().includes(words),
    );
    this.body.replaceChildren(...shown.slice(0, ROW_LIMIT).map((row) => this.#row(row)));
    this.note.textContent = note(shown.length, words);
  }

  #row({ name, self, total }) {
    const { names, modules, kinds, rawNames } = this.model;
    const row = element("tr");
    row.dataset.name = rawNames[name];
    const title = element("td", "top-name");
    const pick = element("button", "top-pick", names[name].slice(0, 400));
    pick.type = "button";
    pick.title = names[name].slice(0, 1_000);
    title.append(pick);
    const from = kinds[name] === KERNEL ? "kernel" : modules[name];
    if (from && kinds[name] !== STOP_REASON) {
      const chip = kinds[name] === KERNEL ? "top-module top-kernel" : "top-module";
      title.append(element("span", chip, from));
    }
    row.append(title, this.#measure(self, this.most.self), this.#measure(total, this.most.total));
    return row;
  }

  /** The bar is as long as the value is large beside the column's largest. */
  #measure(value, most) {
    const cell = element("td", "top-measure");
    cell.style.setProperty("--share", value / most);
    cell.append(
      element("span", "top-share", percent(this.whole ? value / this.whole : 0)),
      element("span", "top-time", duration(value)),
    );
    return cell;
  }
}

function note(count, words) {
  if (!count) return words ? "No function or module has this in its name." : "";
  return count > ROW_LIMIT ? `The first ${ROW_LIMIT} of ${count} functions. Filter to see others.` : "";
}
