// Numbers, times and names as people read them.

/** Cores, that is seconds of CPU per second. */
export function cores(value) {
  if (value <= 0) return "0";
  if (value < 0.005) return "<0.01";
  if (value < 10) return value.toFixed(2);
  return value.toFixed(value < 100 ? 1 : 0);
}

/** A share from 0 to 1. */
export function percent(share) {
  if (!(share > 0)) return "0 %";
  const value = share * 100;
  if (value < 0.01) return "<0.01 %";
  if (value < 1) return `${value.toFixed(2)} %`;
  if (value < 99.95) return `${value.toFixed(1)} %`;
  return "100 %";
}

const LARGE_UNITS = [
  [86_400, "d", 3_600, "h"],
  [3_600, "h", 60, "min"],
  [60, "min", 1, "s"],
];

/** A stretch of time given in nanoseconds: `12.3 ms`, `4 min 05 s`. */
export function duration(nanoseconds) {
  const seconds = nanoseconds / 1e9;
  for (const [size, unit, smallSize, smallUnit] of LARGE_UNITS) {
    if (seconds < size) continue;
    const whole = Math.floor(seconds / size);
    const rest = Math.floor((seconds - whole * size) / smallSize);
    return rest ? `${whole} ${unit} ${rest} ${smallUnit}` : `${whole} ${unit}`;
  }
  if (nanoseconds <= 0) return "0 s";
  if (seconds >= 1) return `${significant(seconds)} s`;
  if (seconds >= 1e-3) return `${significant(seconds * 1e3)} ms`;
  return `${significant(seconds * 1e6)} µs`;
}

function significant(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

export function count(value) {
  return Math.round(value).toLocaleString("en-US").replaceAll(",", "\u202f");
}

const two = (number) => String(number).padStart(2, "0");

/** Local wall-clock time; with the day when `range` milliseconds span more than one. */
export function clock(milliseconds, range = 0) {
  const date = new Date(milliseconds);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (range > 86_400_000) return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
  return range && range <= 3_600_000 ? `${time}:${two(date.getSeconds())}` : time;
}

/** The value of an `<input type="datetime-local">`, local time. */
export function inputTime(milliseconds) {
  const date = new Date(milliseconds);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

// C0 and C1 controls, and the marks that turn the direction of text around.
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name that cannot disturb the text around it. */
export function harmless(name) {
  return name.replace(UNSHOWABLE, "\ufffd");
}
