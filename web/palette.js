// Colours of frames. Native code takes a warm hue by its module, the kernel a cool one; frames that
// say why a stack was cut are grey and hatched. One lightness throughout, so text is readable on all.

export const KERNEL = 1;
export const STOP_REASON = 4;

const MODULE_HUES = [62, 76, 46, 84, 68, 36, 54, 80];
const SHADES = 3;
const NATIVE_BUCKETS = MODULE_HUES.length * SHADES;

/** Buckets beyond the native ones. */
export const BUCKET = {
  kernel: NATIVE_BUCKETS,
  other: NATIVE_BUCKETS + SHADES,
  stopReason: NATIVE_BUCKETS + SHADES + 1,
  root: NATIVE_BUCKETS + SHADES + 2,
  dimmed: NATIVE_BUCKETS + SHADES + 3,
  match: NATIVE_BUCKETS + SHADES + 4,
  count: NATIVE_BUCKETS + SHADES + 5,
};

/** FNV-1a over UTF-16 units: the same name has the same colour on every machine. */
export function hash(text) {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/** The bucket of a frame by its kind, module and name. */
export function bucket(kind, module, name) {
  const shade = hash(name) % SHADES;
  if (kind === STOP_REASON) return BUCKET.stopReason;
  if (kind === KERNEL) return BUCKET.kernel + shade;
  if (name === "other") return BUCKET.other;
  return (hash(module) % MODULE_HUES.length) * SHADES + shade;
}

function hatched(ground, line) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const context = tile.getContext("2d");
  context.fillStyle = ground;
  context.fillRect(0, 0, 6, 6);
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(-1, 4);
  context.lineTo(4, -1);
  context.moveTo(2, 7);
  context.lineTo(7, 2);
  context.stroke();
  return context.createPattern(tile, "repeat");
}

/** Fills by bucket, and the inks that are readable on them. */
export function palette(dark) {
  const light = dark ? [0.72, 0.69, 0.66] : [0.87, 0.845, 0.82];
  const chroma = dark ? 0.112 : 0.11;
  const fills = [];
  for (const hue of MODULE_HUES) {
    for (const value of light) fills.push(`oklch(${value} ${chroma} ${hue})`);
  }
  for (const value of light) fills.push(`oklch(${value} ${chroma * 0.62} 245)`);
  fills.push(dark ? "oklch(0.55 0.01 70)" : "oklch(0.86 0.008 70)");
  fills.push(
    dark ? hatched("#6d6660", "#857d76") : hatched("#e4dfd9", "#c9c2ba"),
  );
  fills.push(dark ? "oklch(0.62 0.035 60)" : "oklch(0.9 0.025 70)");
  fills.push(dark ? "oklch(0.33 0.008 60)" : "oklch(0.935 0.006 70)");
  fills.push(dark ? "oklch(0.74 0.16 330)" : "oklch(0.8 0.14 330)");
  return {
    fills,
    ink: dark ? "#130d08" : "#231a13",
    dimmedInk: dark ? "#aaa198" : "#6f675f",
    outline: dark ? "#ffffff" : "#1b1410",
  };
}
