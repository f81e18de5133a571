// The way from the root to the zoomed frame; each step goes back there.

import { element } from "./tooltip.js";

const STEPS_AT_END = 3;

/** Fills `list` with the way to `node`; `onPick` gets the node of a step. */
export function showBreadcrumb(list, model, node, onPick) {
  const path = model?.count ? model.path(node) : [];
  const steps = [];
  path.forEach((step, index) => {
    const left = path.length - index;
    if (index === 0 || left <= STEPS_AT_END) steps.push(stepElement(model, step, left === 1, onPick));
    else if (index === 1) steps.push(gap(path.length - 1 - STEPS_AT_END));
  });
  list.replaceChildren(...(path.length > 1 ? steps : []));
}

function stepElement(model, node, isLast, onPick) {
  const item = element("li");
  const label = model.parent[node] < 0 ? "all" : model.label(node).slice(0, 200);
  const button = element("button", "crumb", label);
  button.type = "button";
  button.title = model.label(node).slice(0, 1_000);
  if (isLast) button.setAttribute("aria-current", "location");
  button.addEventListener("click", () => onPick(node));
  item.append(button);
  return item;
}

function gap(hidden) {
  const item = element("li", "crumb-gap", "…");
  item.title = `${hidden} more frames`;
  return item;
}
