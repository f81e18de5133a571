// Draws a FlameModel as an icicle on one canvas, root on top. Only rows in sight are visited, and in
// a row only as many nodes as there are pixels: what is narrower than a pixel is skipped by search.

import { BUCKET, palette } from "./palette.js";

const ANIMATION = 190;
const PADDING = 5;
const MINIMUM_TEXT_WIDTH = 26;
const MERGE_BELOW = 0.75;
const DRAG_THRESHOLD = 4;
const FAMILY = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif';

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

export class FlameGraph {
  /** `scroller` holds a spacer as high as the graph, which holds the canvas, which stays in sight. */
  constructor(scroller, spacer, canvas, { onZoom, onHover }) {
    Object.assign(this, { scroller, spacer, canvas, onZoom, onHover });
    this.context = canvas.getContext("2d", { alpha: false });
    this.model = null;
    this.matches = null;
    this.view = { start: 0, end: 1 };
    this.zoomed = 0;
    this.cursor = -1;
    this.hovered = -1;
    this.frameRequest = 0;
    this.resize();
    this.applyScheme();
    darkScheme.addEventListener("change", () => this.applyScheme());
    new ResizeObserver(() => this.resize()).observe(scroller);
    scroller.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.#listenToPointer();
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => this.schedule());
    canvas.addEventListener("blur", () => this.#moveCursor(-1));
  }

  applyScheme() {
    this.palette = palette(darkScheme.matches);
    const style = getComputedStyle(document.documentElement);
    this.background = style.getPropertyValue("--panel").trim() || "#ffffff";
    this.schedule();
  }

  /** Shows `model` zoomed to a node. `isSame`: it is newer data of what is shown already. */
  show(model, zoomed, isSame) {
    const old = isSame && this.#isFree ? { ...this.view, total: this.model.total } : null;
    this.model = model;
    this.labelWidths = new Float32Array(model.names.length);
    this.hovered = this.cursor = -1;
    this.zoomed = Math.max(0, zoomed);
    this.view = this.#viewOf(this.zoomed);
    this.animation = null;
    if (old?.total && model.total) {
      const factor = model.total / old.total;
      this.#pan(old.start * factor, (old.end - old.start) * factor);
    }
    if (!isSame) this.scroller.scrollTop = 0;
    this.resize();
  }

  /** Whether the view was moved by hand since the last zoom to a node. */
  get #isFree() {
    if (!this.model?.count || this.animation) return false;
    const { start, end } = this.#viewOf(this.zoomed);
    return this.view.start !== start || this.view.end !== end;
  }

  /** `matches`: one byte per name, or null when nothing is searched. */
  highlight(matches) {
    this.matches = matches;
    this.schedule();
  }

  /** Zooms to `node`, and tells. */
  zoom(node) {
    if (!this.model?.count) return;
    this.zoomed = node;
    this.#animateTo(this.#viewOf(node));
    this.#revealLevel(this.model.levelOf(node));
    this.onZoom(node);
  }

  #viewOf(node) {
    if (!this.model?.count) return { start: 0, end: 1 };
    return { start: this.model.x[node], end: this.model.end[node] };
  }

  #revealLevel(level) {
    const top = level * this.rowHeight;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop || top + 3 * this.rowHeight > scrollTop + clientHeight) {
      this.scroller.scrollTop = Math.max(0, top - 3 * this.rowHeight);
    }
  }

  resize() {
    const style = getComputedStyle(this.scroller);
    this.rowHeight = parseInt(style.getPropertyValue("--flame-row"), 10) || 20;
    const font = `${style.getPropertyValue("--flame-text").trim() || "12px"} ${FAMILY}`;
    if (font !== this.font) this.labelWidths?.fill(0);
    this.font = font;
    const levels = this.model?.depth ?? 0;
    this.spacer.style.height = `${levels * this.rowHeight + 8}px`;
    this.width = this.scroller.clientWidth;
    this.height = this.scroller.clientHeight;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(this.width * ratio));
    this.canvas.height = Math.max(1, Math.round(this.height * ratio));
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.ratio = ratio;
    this.schedule();
  }

  schedule() {
    this.frameRequest ||= requestAnimationFrame((time) => {
      this.frameRequest = 0;
      this.#advance(time);
      this.draw();
    });
  }

  #animateTo(target) {
    if (stillness.matches) {
      this.view = target;
      this.animation = null;
    } else {
      this.animation = { from: { ...this.view }, target, begun: performance.now() };
    }
    this.schedule();
  }

  #advance(time) {
    if (!this.animation) return;
    const { from, target, begun } = this.animation;
    const progress = Math.min(1, Math.max(0, (time - begun) / ANIMATION));
    const eased = 1 - (1 - progress) ** 3;
    this.view = {
      start: from.start + (target.start - from.start) * eased,
      end: from.end + (target.end - from.end) * eased,
    };
    if (progress === 1) {
      this.view = target;
      this.animation = null;
    } else {
      this.schedule();
    }
  }

  draw() {
    const { context, model, ratio } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = this.background;
    context.fillRect(0, 0, this.width, this.height);
    if (!model?.count) return;
    const rows = this.rowHeight;
    const top = this.scroller.scrollTop;
    const first = Math.max(0, Math.floor(top / rows));
    const last = Math.min(model.depth - 1, Math.floor((top + this.height) / rows));
    const zoomedLevel = model.levelOf(this.zoomed);
    this.boxes = Array.from({ length: BUCKET.count }, () => []);
    this.texts = [];
    for (let level = first; level <= last; level += 1) this.#layOut(level, level * rows - top);
    this.#fill(rows);
    this.#write(rows);
    this.#shadeAncestors(zoomedLevel, top, rows);
    this.#outline(this.hovered, top, rows, 1.5);
    if (document.activeElement === this.canvas) this.#outline(this.cursor, top, rows, 2.5);
  }

  /** Collects the boxes and texts of one row, by bucket: changing the colour is what costs. */
  #layOut(level, y) {
    const { model, width } = this;
    const { start, end } = this.view;
    const scale = width / (end - start);
    const stop = model.levelStart[level + 1];
    let node = model.firstEndingAfter(level, start);
    while (node < stop && model.x[node] < end) {
      const left = (model.x[node] - start) * scale;
      const right = (model.end[node] - start) * scale;
      const boxes = this.boxes[this.#bucketOf(node)];
      if (right - left < MERGE_BELOW) {
        const pixel = Math.floor(left * this.ratio) / this.ratio;
        const step = 1 / this.ratio;
        boxes.push(pixel, y, step);
        node = model.firstEndingAfter(level, start + (pixel + step) / scale, node + 1);
        continue;
      }
      const from = Math.max(0, this.#snap(left));
      const to = Math.min(width, this.#snap(right));
      boxes.push(from, y, Math.max(1 / this.ratio, to - from - (right - left > 3 ? 1 : 0)));
      if (to - from > MINIMUM_TEXT_WIDTH) this.texts.push(node, from, y, to - from - 1);
      node += 1;
    }
  }

  #snap(position) {
    return Math.round(position * this.ratio) / this.ratio;
  }

  #bucketOf(node) {
    const name = this.model.name[node];
    if (!this.matches) return this.model.buckets[name];
    return this.matches[name] ? BUCKET.match : BUCKET.dimmed;
  }

  #fill(rows) {
    const { context, boxes, palette } = this;
    for (let index = 0; index < boxes.length; index += 1) {
      const list = boxes[index];
      if (!list.length) continue;
      context.fillStyle = palette.fills[index];
      for (let at = 0; at < list.length; at += 3) {
        context.fillRect(list[at], list[at + 1], list[at + 2], rows - 1);
      }
    }
  }

  #write(rows) {
    const { context, texts, model, palette, matches } = this;
    context.font = this.font;
    context.textBaseline = "middle";
    context.direction = "ltr";
    for (const dimmed of matches ? [false, true] : [false]) {
      context.fillStyle = dimmed ? palette.dimmedInk : palette.ink;
      for (let at = 0; at < texts.length; at += 4) {
        const name = model.name[texts[at]];
        if (matches && Boolean(matches[name]) === dimmed) continue;
        const room = texts[at + 3] - 2 * PADDING;
        const text = this.#fitted(name, room);
        if (text) context.fillText(text, texts[at + 1] + PADDING, texts[at + 2] + rows / 2);
      }
    }
  }

  /** The name, or as much of it as fits into `room` pixels. */
  #fitted(name, room) {
    const label = this.model.names[name].slice(0, 400);
    let width = this.labelWidths[name];
    if (!width) {
      width = this.context.measureText(label).width || 1;
      this.labelWidths[name] = width;
    }
    if (width <= room) return label;
    for (let length = Math.floor((label.length * room) / width); length > 1; length -= 1) {
      if (/[\ud800-\udbff]/.test(label[length - 1])) continue;
      const text = `${label.slice(0, length)}…`;
      if (this.context.measureText(text).width <= room) return text;
    }
    return "";
  }

  /** What lies above the zoomed node is there for orientation only. */
  #shadeAncestors(level, top, rows) {
    const height = level * rows - top;
    if (level === 0 || height <= 0) return;
    this.context.globalAlpha = 0.5;
    this.context.fillStyle = this.background;
    this.context.fillRect(0, 0, this.width, height);
    this.context.globalAlpha = 1;
  }

  #outline(node, top, rows, thickness) {
    if (node < 0) return;
    const { model, context } = this;
    const scale = this.width / (this.view.end - this.view.start);
    const left = Math.max(-4, (model.x[node] - this.view.start) * scale);
    const right = Math.min(this.width + 4, (model.end[node] - this.view.start) * scale);
    if (right < 0 || left > this.width) return;
    context.strokeStyle = this.palette.outline;
    context.lineWidth = thickness;
    const inset = thickness / 2;
    context.strokeRect(
      left + inset,
      model.levelOf(node) * rows - top + inset,
      Math.max(1, right - left - 1 - thickness),
      rows - 1 - thickness,
    );
  }

  // Pointer

  nodeAt(clientX, clientY) {
    if (!this.model?.count) return -1;
    const box = this.canvas.getBoundingClientRect();
    const level = Math.floor((clientY - box.top + this.scroller.scrollTop) / this.rowHeight);
    const span = this.view.end - this.view.start;
    return this.model.at(level, this.view.start + ((clientX - box.left) / this.width) * span);
  }

  #listenToPointer() {
    const { canvas } = this;
    let press = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      press = { x: event.clientX, view: { ...this.view }, dragging: false };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (press && event.buttons & 1 && Math.abs(event.clientX - press.x) > DRAG_THRESHOLD) {
        if (!press.dragging) canvas.setPointerCapture(event.pointerId);
        press.dragging = true;
      }
      if (press?.dragging) {
        this.#hover(-1, event);
        const span = press.view.end - press.view.start;
        this.#pan(press.view.start - ((event.clientX - press.x) / this.width) * span, span);
      } else {
        this.#hover(this.nodeAt(event.clientX, event.clientY), event);
      }
    });
    canvas.addEventListener("pointerup", (event) => {
      if (press && !press.dragging) {
        const node = this.nodeAt(event.clientX, event.clientY);
        if (node >= 0) this.zoom(node);
      }
      press = null;
    });
    canvas.addEventListener("pointercancel", () => (press = null));
    canvas.addEventListener("pointerleave", (event) => this.#hover(-1, event));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #hover(node, event) {
    if (node !== this.hovered) {
      this.hovered = node;
      this.canvas.style.cursor = node >= 0 ? "pointer" : "default";
      this.schedule();
    }
    this.onHover(node, event);
  }

  #wheel(event) {
    if (!this.model?.count) return;
    const span = this.view.end - this.view.start;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const box = this.canvas.getBoundingClientRect();
      const share = (event.clientX - box.left) / this.width;
      this.#scaleAround(this.view.start + share * span, Math.exp(event.deltaY * 0.004));
      return;
    }
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      event.preventDefault();
      this.#pan(this.view.start + (sideways / this.width) * span, span);
    }
  }

  #scaleAround(position, factor) {
    const whole = this.#viewOf(0);
    const size = this.view.end - this.view.start;
    const largest = whole.end - whole.start;
    const span = Math.min(largest, Math.max(largest / 1e7, size * factor));
    const share = (position - this.view.start) / size;
    this.#pan(position - share * span, span);
  }

  #pan(start, span) {
    const whole = this.#viewOf(0);
    const from = Math.min(Math.max(whole.start, start), Math.max(whole.start, whole.end - span));
    this.animation = null;
    this.view = { start: from, end: from + span };
    this.schedule();
  }

  // Keyboard

  #moveCursor(node) {
    this.cursor = node;
    if (node >= 0) {
      this.#revealLevel(this.model.levelOf(node));
      const { start, end } = this.view;
      if (this.model.end[node] <= start || this.model.x[node] >= end) {
        this.#animateTo(this.#viewOf(Math.max(0, this.model.parent[node])));
      }
    }
    this.schedule();
    this.onHover(node, null);
  }

  #key(event) {
    const { model } = this;
    if (!model?.count || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.cursor < 0 ? this.zoomed : this.cursor;
    const moves = {
      ArrowUp: () => this.#moveCursor(Math.max(0, model.parent[at])),
      ArrowDown: () => this.#moveCursor(this.#widestChild(at)),
      ArrowLeft: () => this.#moveCursor(this.#neighbour(at, -1)),
      ArrowRight: () => this.#moveCursor(this.#neighbour(at, 1)),
      Enter: () => this.zoom(at),
      " ": () => this.zoom(at),
      Escape: () => this.zoom(0),
      Home: () => this.zoom(0),
      Backspace: () => this.zoom(Math.max(0, model.parent[this.zoomed])),
      "+": () => this.#scaleAround((model.x[at] + model.end[at]) / 2, 0.7),
      "-": () => this.#scaleAround((model.x[at] + model.end[at]) / 2, 1 / 0.7),
    };
    if (!Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    moves[event.key]();
  }

  #widestChild(node) {
    const { model } = this;
    let widest = node;
    let width = -1;
    const first = model.firstChild[node];
    for (let child = first; child < first + model.childCount[node]; child += 1) {
      if (model.value(child) <= width) continue;
      widest = child;
      width = model.value(child);
    }
    return widest;
  }

  #neighbour(node, step) {
    const level = this.model.levelOf(node);
    const next = node + step;
    const inside = next >= this.model.levelStart[level] && next < this.model.levelStart[level + 1];
    return inside ? next : node;
  }
}
