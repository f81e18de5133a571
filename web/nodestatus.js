// The line at the bottom: whether every tick is accounted for, and what the node keeps.

import { bytes, count, percent } from "./format.js";
import { element } from "./tooltip.js";

/** Above this share of ticks lost or missed, the figure is marked. */
const WORTH_A_LOOK = 0.01;

/** Fills `line` from the answer of `/api/v1/status`. */
export function showStatus(line, report) {
  const { ledger, sampling, store } = report;
  const lost = ledger.lost.reduce((sum, { count }) => sum + count, 0);
  const dropped = ledger.dropped.reduce((sum, { count }) => sum + count, 0);
  const due = ledger.fired + ledger.missed_estimate;
  line.replaceChildren(
    fact("Sampling", `${sampling.frequency_hertz} Hz × ${sampling.online_cpus} CPUs`),
    fact("Delivered", count(ledger.delivered), "samples that reached this program"),
    fact("Lost", count(lost), reasons(ledger.lost), lost > WORTH_A_LOOK * ledger.fired),
    fact("Dropped", count(dropped), reasons(ledger.dropped), dropped > 0),
    fact(
      "Missed",
      `≈ ${percent(due ? ledger.missed_estimate / due : 0)}`,
      "ticks that never reached the sampler, idle time taken out (estimate)",
      ledger.missed_estimate > WORTH_A_LOOK * due,
    ),
    fact("Store", bytes(store.bytes_on_disk), store.problem ?? store.directory, store.problem),
    fact("Version", report.version, `${report.host}, Linux ${report.kernel}`),
  );
}

function fact(name, value, explanation = "", isMarked = false) {
  const item = element("div", isMarked ? "fact fact-marked" : "fact");
  item.append(element("dt", "", name), element("dd", "", value));
  if (explanation) item.title = explanation;
  return item;
}

function reasons(list) {
  const met = list.filter(({ count }) => count > 0);
  if (!met.length) return "none";
  return met.map((each) => `${count(each.count)} × ${each.meaning}`).join("\n");
}
