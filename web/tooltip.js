// One floating note for everything under the pointer. Text goes in as text, never as markup.

const DISTANCE = 14;

export class Tooltip {
  constructor(element) {
    this.element = element;
  }

  /** `content`: a title, a subtitle, and rows of (name, value). */
  show(event, content) {
    this.element.replaceChildren(...parts(content));
    this.element.hidden = false;
    const { innerWidth, innerHeight } = window;
    const { width, height } = this.element.getBoundingClientRect();
    let x = event.clientX + DISTANCE;
    let y = event.clientY + DISTANCE;
    if (x + width > innerWidth - 8) x = Math.max(8, event.clientX - DISTANCE - width);
    if (y + height > innerHeight - 8) y = Math.max(8, event.clientY - DISTANCE - height);
    this.element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  hide() {
    this.element.hidden = true;
  }
}

function parts({ title, subtitle, rows = [] }) {
  const nodes = [element("div", "tooltip-title", title.slice(0, 600))];
  if (subtitle) nodes.push(element("div", "tooltip-subtitle", subtitle));
  if (rows.length) {
    const list = element("dl", "tooltip-rows");
    for (const [name, value] of rows) {
      list.append(element("dt", "", name), element("dd", "", value));
    }
    nodes.push(list);
  }
  return nodes;
}

/** A new element with a class and plain text. */
export function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}
