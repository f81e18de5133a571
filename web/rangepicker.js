// The time range: how far back from now, or from one moment until another.

import { clock, inputTime } from "./format.js";
import { interval, RANGES } from "./state.js";
import { element } from "./tooltip.js";

export class RangePicker {
  /** `elements`: group, custom (button), panel (form), from, until, problem. */
  constructor(elements, { onPick }) {
    Object.assign(this, elements, { onPick });
    for (const range of Object.keys(RANGES)) {
      const button = element("button", "segment", range);
      button.type = "button";
      button.dataset.range = range;
      button.addEventListener("click", () => onPick({ range, from: 0, until: 0 }));
      this.group.insertBefore(button, this.custom);
    }
    this.custom.addEventListener("click", () => this.#toggle(this.panel.hidden));
    this.panel.addEventListener("submit", (event) => this.#submit(event));
    document.addEventListener("pointerdown", (event) => {
      const outside = !this.panel.contains(event.target) && !this.custom.contains(event.target);
      if (outside && !this.panel.hidden) this.#toggle(false);
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.#toggle(false);
      this.custom.focus();
    });
  }

  show(state) {
    this.state = state;
    for (const button of this.group.querySelectorAll("button[data-range]")) {
      button.setAttribute("aria-pressed", button.dataset.range === state.range);
    }
    this.custom.setAttribute("aria-pressed", !state.range);
    const { from, until } = interval(state);
    const text = `${clock(from, until - from)} – ${clock(until, until - from)}`;
    this.custom.textContent = state.range ? "Custom" : text;
  }

  #toggle(isOpen) {
    this.panel.hidden = !isOpen;
    this.custom.setAttribute("aria-expanded", isOpen);
    if (!isOpen) return;
    const { from, until } = interval(this.state);
    this.from.value = inputTime(from);
    this.until.value = inputTime(until);
    this.problem.textContent = "";
    this.from.focus();
  }

  #submit(event) {
    event.preventDefault();
    const from = new Date(this.from.value).getTime();
    const until = new Date(this.until.value).getTime();
    if (!(from < until)) {
      this.problem.textContent = "“From” must be before “until”.";
      return;
    }
    this.#toggle(false);
    this.onPick({ range: "", from, until });
  }
}
