// CPU over time as an area. Dragging selects a range; hovering tells the value.

import { clock, cores } from "./format.js";

const MARGIN = { top: 10, right: 2, bottom: 20, left: 40 };
const MINIMUM_DRAG = 5;
const TICK_STEPS = [
  10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800,
];

export class Timeline {
  constructor(canvas, tooltip, { onSelect }) {
    Object.assign(this, { canvas, tooltip, onSelect });
    this.context = canvas.getContext("2d");
    this.series = null;
    this.drag = null;
    this.pointer = null;
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.#listen();
  }

  /** `series`: {from, until, step} in milliseconds, and `values` in cores, one per step from `from`. */
  show(series) {
    this.series = series;
    const peak = Math.max(0, ...series.values);
    const text = `CPU over time, at most ${cores(peak)} cores. Drag to select a range.`;
    this.canvas.setAttribute("aria-label", text);
    this.draw();
  }

  resize() {
    const box = this.canvas.parentElement.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.canvas.style.width = `${box.width}px`;
    this.canvas.style.height = `${box.height}px`;
    this.ratio = ratio;
    this.draw();
  }

  get plot() {
    return {
      left: MARGIN.left,
      right: this.width - MARGIN.right,
      top: MARGIN.top,
      bottom: this.height - MARGIN.bottom,
    };
  }

  #xOf(time) {
    const { left, right } = this.plot;
    const { from, until } = this.series;
    return left + ((time - from) / (until - from)) * (right - left);
  }

  #timeAt(x) {
    const { left, right } = this.plot;
    const { from, until } = this.series;
    const share = Math.min(1, Math.max(0, (x - left) / (right - left)));
    return from + share * (until - from);
  }

  draw() {
    if (!this.series || !this.width) return;
    const { context, ratio } = this;
    const style = getComputedStyle(this.canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = '11px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';
    const peak = niceCeiling(Math.max(0, ...this.series.values));
    this.#drawAxes(peak, colour);
    this.#drawArea(peak, colour);
    if (this.drag) this.#drawSelection(colour);
    else if (this.pointer !== null) this.#drawCrosshair(peak, colour);
  }

  #drawAxes(peak, colour) {
    const { context } = this;
    const { left, right, top, bottom } = this.plot;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(bottom - share * (bottom - top)) + 0.5;
      context.strokeStyle = colour(share === 0 ? "--line-strong" : "--line");
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(right, y);
      context.stroke();
      context.fillStyle = colour("--muted");
      context.fillText(axisNumber(peak * share), left - 6, y);
    }
    this.#drawTicks(colour);
  }

  #drawTicks(colour) {
    const { context } = this;
    const { left, right, bottom } = this.plot;
    const { from, until } = this.series;
    const wanted = Math.max(2, Math.floor((right - left) / 90));
    const step = 1000 * (TICK_STEPS.find((each) => (until - from) / 1000 / each <= wanted) ?? 604_800);
    const shift = new Date(from).getTimezoneOffset() * 60_000;
    context.textBaseline = "top";
    context.fillStyle = colour("--muted");
    for (let time = Math.ceil((from - shift) / step) * step + shift; time <= until; time += step) {
      const x = this.#xOf(time);
      const text = clock(time, step < 60_000 ? 1 : until - from > 86_400_000 ? until - from : 0);
      const half = context.measureText(text).width / 2;
      context.textAlign = "center";
      if (x - half < left - 30 || x + half > right + 2) continue;
      context.fillText(text, x, bottom + 6);
    }
  }

  #drawArea(peak, colour) {
    const { context, series } = this;
    const { left, right, top, bottom } = this.plot;
    const yOf = (value) => bottom - (peak ? value / peak : 0) * (bottom - top);
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, this.height);
    context.clip();
    context.beginPath();
    series.values.forEach((value, index) => {
      const begin = this.#xOf(series.from + index * series.step);
      const end = this.#xOf(series.from + (index + 1) * series.step);
      if (index === 0) context.moveTo(begin, yOf(value));
      context.lineTo(begin, yOf(value));
      context.lineTo(end, yOf(value));
    });
    context.strokeStyle = colour("--accent");
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.stroke();
    context.lineTo(this.#xOf(series.from + series.values.length * series.step), bottom);
    context.lineTo(this.#xOf(series.from), bottom);
    context.closePath();
    context.fillStyle = colour("--area");
    context.fill();
    context.restore();
  }

  #drawSelection(colour) {
    const { context } = this;
    const { top, bottom } = this.plot;
    const [from, to] = [this.drag.start, this.drag.end].sort((a, b) => a - b);
    context.fillStyle = colour("--selection");
    context.fillRect(from, top, to - from, bottom - top);
    context.fillStyle = colour("--accent");
    context.fillRect(from, top, 1, bottom - top);
    context.fillRect(to, top, 1, bottom - top);
  }

  #drawCrosshair(peak, colour) {
    const { context } = this;
    const { top, bottom } = this.plot;
    context.fillStyle = colour("--muted");
    context.fillRect(Math.round(this.pointer), top, 1, bottom - top);
    const value = this.#valueAt(this.pointer);
    if (value === null || !peak) return;
    context.beginPath();
    context.arc(this.pointer, bottom - (value / peak) * (bottom - top), 3, 0, 2 * Math.PI);
    context.fillStyle = colour("--accent");
    context.fill();
  }

  #valueAt(x) {
    const { from, step, values } = this.series;
    return values[Math.floor((this.#timeAt(x) - from) / step)] ?? null;
  }

  #listen() {
    const { canvas } = this;
    const position = (event) => {
      const { left, right } = this.plot;
      const x = event.clientX - canvas.getBoundingClientRect().left;
      return Math.min(right, Math.max(left, x));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.series || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.drag = { start: position(event), end: position(event) };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.series) return;
      this.pointer = position(event);
      if (this.drag) this.drag.end = this.pointer;
      this.#tell(event);
      this.draw();
    });
    canvas.addEventListener("pointerup", () => {
      const { drag } = this;
      this.drag = null;
      if (drag && Math.abs(drag.end - drag.start) >= MINIMUM_DRAG) {
        const [from, to] = [drag.start, drag.end].sort((a, b) => a - b);
        this.onSelect(Math.round(this.#timeAt(from)), Math.round(this.#timeAt(to)));
      }
      this.draw();
    });
    const forget = () => {
      this.drag = null;
      this.pointer = null;
      this.tooltip.hide();
      this.draw();
    };
    canvas.addEventListener("pointercancel", forget);
    canvas.addEventListener("pointerleave", () => this.drag || forget());
  }

  #tell(event) {
    const { from, until } = this.series;
    if (this.drag) {
      const [start, end] = [this.drag.start, this.drag.end].sort((a, b) => a - b);
      const text = `${clock(this.#timeAt(start), until - from)} – ${clock(this.#timeAt(end), until - from)}`;
      this.tooltip.show(event, { title: text });
      return;
    }
    const value = this.#valueAt(this.pointer);
    this.tooltip.show(event, {
      title: clock(this.#timeAt(this.pointer), Math.max(1, until - from)),
      rows: [["CPU", value === null ? "no data" : `${cores(value)} cores`]],
    });
  }
}

function niceCeiling(value) {
  if (value <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find((each) => each * size >= value) * size;
}

function axisNumber(value) {
  if (value === 0) return "0";
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2).replace(/\.?0+$/, "");
}
