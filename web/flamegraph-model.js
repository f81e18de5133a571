// A flame graph in typed arrays: nodes in order of level, then of position. No object per node, so
// that a million of them cost some megabytes and a search some milliseconds.

import { bucket, BUCKET, hash } from "./palette.js";
import { harmless } from "./format.js";

export class FlameModel {
  /**
   * `document` is the answer of `/pyroscope/render`: levels hold four numbers per node, which are the
   * distance to the end of its left neighbour, total, self and the index of its name.
   */
  constructor(document) {
    const { names, levels, numTicks, kinds } = document.flamebearer;
    const frames = document.frames ?? {};
    this.rawNames = names;
    this.names = names.map(harmless);
    this.kinds = Uint8Array.from(names, (_, index) => kinds?.[index] ?? 0);
    this.modules = names.map((_, index) =>
      harmless(frames.moduleNames?.[frames.modules?.[index]] ?? ""),
    );
    this.buckets = Uint8Array.from(names, (name, index) =>
      bucket(this.kinds[index], this.modules[index], name),
    );
    this.total = numTicks;
    this.#decode(levels);
    if (this.count) this.buckets[this.name[0]] = BUCKET.root;
  }

  #decode(levels) {
    const count = levels.reduce((sum, level) => sum + (level.length >> 2), 0);
    this.count = count;
    this.depth = levels.length;
    this.levelStart = new Uint32Array(levels.length + 1);
    this.x = new Float64Array(count);
    this.end = new Float64Array(count);
    this.self = new Float64Array(count);
    this.name = new Uint32Array(count);
    this.parent = new Int32Array(count).fill(-1);
    this.firstChild = new Int32Array(count).fill(-1);
    this.childCount = new Uint32Array(count);
    let node = 0;
    for (let level = 0; level < levels.length; level += 1) {
      const values = levels[level];
      this.levelStart[level] = node;
      let parent = level ? this.levelStart[level - 1] : -1;
      const lastParent = this.levelStart[level] - 1;
      let position = 0;
      for (let index = 0; index + 3 < values.length; index += 4) {
        const start = position + values[index];
        position = start + values[index + 1];
        this.x[node] = start;
        this.end[node] = position;
        this.self[node] = values[index + 2];
        this.name[node] = Math.min(values[index + 3], this.names.length - 1);
        if (level) {
          while (parent < lastParent && this.end[parent] <= start) parent += 1;
          this.parent[node] = parent;
          if (this.firstChild[parent] < 0) this.firstChild[parent] = node;
          this.childCount[parent] += 1;
        }
        node += 1;
      }
    }
    this.levelStart[levels.length] = node;
  }

  value(node) {
    return this.end[node] - this.x[node];
  }

  label(node) {
    return this.names[this.name[node]];
  }

  levelOf(node) {
    let low = 0;
    let high = this.depth - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.levelStart[middle] <= node) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The first node of `level` that ends right of `position`; the level's end when there is none. */
  firstEndingAfter(level, position, from = this.levelStart[level]) {
    let low = from;
    let high = this.levelStart[level + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.end[middle] > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The node of `level` that covers `position`, or -1. */
  at(level, position) {
    if (level < 0 || level >= this.depth) return -1;
    const node = this.firstEndingAfter(level, position);
    return node < this.levelStart[level + 1] && this.x[node] <= position ? node : -1;
  }

  /** From the root down to `node`, both included. */
  path(node) {
    const nodes = [];
    for (let next = node; next >= 0; next = this.parent[next]) nodes.push(next);
    return nodes.reverse();
  }

  /** A short name of the way from the root to `node` that outlives new data. */
  key(node) {
    const nodes = this.path(node);
    let value = 0;
    for (const step of nodes) value = combine(value, hash(this.rawNames[this.name[step]]));
    return `${nodes.length - 1}.${value.toString(36)}`;
  }

  /** The node that `key` named, or -1. */
  find(key) {
    const [depthText, hashText] = key.split(".");
    const depth = Number(depthText);
    const wanted = parseInt(hashText, 36);
    if (!this.count || depth >= this.depth) return -1;
    const nameHashes = Uint32Array.from(this.rawNames, hash);
    const hashes = new Uint32Array(this.levelStart[depth + 1]);
    for (let node = 0; node < hashes.length; node += 1) {
      const parent = this.parent[node];
      hashes[node] = combine(parent < 0 ? 0 : hashes[parent], nameHashes[this.name[node]]);
      if (node >= this.levelStart[depth] && hashes[node] === wanted) return node;
    }
    return -1;
  }

  /**
   * Which names match, and how much of the whole lies under a match. Null when `text` is empty;
   * throws SyntaxError when it is not a regular expression.
   */
  search(text) {
    if (!text) return null;
    const pattern = new RegExp(text, /\p{Lu}/u.test(text) ? "u" : "iu");
    const matches = Uint8Array.from(this.names, (name) => (pattern.test(name) ? 1 : 0));
    const covered = new Uint8Array(this.count);
    let ticks = 0;
    let nodes = 0;
    for (let node = 0; node < this.count; node += 1) {
      const parent = this.parent[node];
      if (matches[this.name[node]]) {
        nodes += 1;
        if (parent < 0 || !covered[parent]) ticks += this.value(node);
        covered[node] = 1;
      } else if (parent >= 0) {
        covered[node] = covered[parent];
      }
    }
    return { matches, nodes, share: this.total ? ticks / this.total : 0 };
  }

  /**
   * Self and total per name below `root`. A name's total counts each stack once, however often the
   * function calls itself.
   */
  totals(root = 0) {
    const self = new Float64Array(this.names.length);
    const total = new Float64Array(this.names.length);
    const active = new Uint32Array(this.names.length);
    let node = this.count ? root : -1;
    while (node >= 0) {
      const name = this.name[node];
      self[name] += this.self[node];
      if (active[name] === 0) total[name] += this.value(node);
      active[name] += 1;
      node = this.#next(node, root, active);
    }
    return { self, total };
  }

  /** The next node in pre-order below `root`, taking names off `active` on the way up; -1 at the end. */
  #next(node, root, active) {
    if (this.childCount[node]) return this.firstChild[node];
    for (let at = node; ; at = this.parent[at]) {
      active[this.name[at]] -= 1;
      if (at === root) return -1;
      const parent = this.parent[at];
      if (at + 1 < this.firstChild[parent] + this.childCount[parent]) return at + 1;
    }
  }
}

function combine(seed, value) {
  return (Math.imul(seed ^ (value + 0x9e3779b9), 0x85ebca6b) ^ (seed >>> 13)) >>> 0;
}
