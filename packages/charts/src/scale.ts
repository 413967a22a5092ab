/** A mapping of values to positions along an axis, with the values to write beside it. */
export interface Scale {
  /** Position of a value; values beyond the ends are put on the nearer end, so that no mark leaves the frame. */
  at(value: number): number;
  readonly ticks: readonly number[];
  /** A tick as text. */
  print(tick: number): string;
  /** Ends of the domain. */
  readonly low: number;
  readonly high: number;
}

/** How numbers on an axis are written: as they are, as shares in percent, or by a function of one's own. */
export type TickFormat = "number" | "percent" | ((value: number) => string);

/**
 * A linear scale from `[low, high]`, widened to whole ticks (1, 2 or 5 times a power of ten), to positions
 * `[start, end]`.
 */
export function linearScale(
  [low, high]: readonly [number, number],
  [start, end]: readonly [number, number],
  options: { readonly count?: number; readonly format?: TickFormat; readonly most?: number } = {},
): Scale {
  const { count = 5, format = "number", most = Infinity } = options;
  // Closer ends than ticks of 12 digits can tell apart are one value.
  const apart = high - low > Math.max(1e-290, 1e-9 * Math.max(Math.abs(low), Math.abs(high)));
  const [from, to] = apart ? [low, high] : [low - (Math.abs(low) / 2 || 0.5), high + (Math.abs(high) / 2 || 0.5)];
  const step = niceStep((to - from) / count);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(Math.min(to, most) / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
  const bottom = ticks[0] as number;
  const top = ticks[ticks.length - 1] as number;
  const decimals = Math.max(0, -Math.floor(Math.log10(format === "percent" ? 100 * step : step) + 1e-9));
  return {
    at: (value) => start + ((clamp(value, bottom, top) - bottom) / (top - bottom)) * (end - start),
    ticks,
    print: (tick) => {
      if (typeof format === "function") return format(tick);
      return format === "percent" ? `${(100 * tick).toFixed(decimals)}%` : plain(tick, decimals);
    },
    low: bottom,
    high: top,
  };
}

/** A logarithmic scale over whole 1-2-5 steps; `low` must be positive. */
export function logScale(
  [low, high]: readonly [number, number],
  [start, end]: readonly [number, number],
  options: { readonly format?: TickFormat } = {},
): Scale {
  const { format = "number" } = options;
  const steps: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of [1, 2, 5]) steps.push(tidy(digit * 10 ** power));
  }
  const first = Math.max(
    0,
    steps.findLastIndex((tick) => tick <= low),
  );
  const above = steps.findIndex((tick, i) => i > first && tick >= high);
  const all = steps.slice(first, (above < 0 ? steps.length - 1 : above) + 1);
  const bottom = all[0] as number;
  const top = all[all.length - 1] as number;
  const length = Math.log(top) - Math.log(bottom);
  const powers = all.filter((tick) => /^1(e|0*$)|^0\.0*1$/.test(String(tick)));
  const every = Math.ceil(powers.length / 8);
  const ticks = all.length > 9 ? powers.filter((_, i) => i % every === 0) : all;
  return {
    at: (value) => start + ((Math.log(clamp(value, bottom, top)) - Math.log(bottom)) / length) * (end - start),
    ticks,
    print: (tick) => {
      if (typeof format === "function") return format(tick);
      const shown = format === "percent" ? tidy(100 * tick) : tick;
      const text = plain(shown, Math.max(0, -Math.floor(Math.log10(shown) + 1e-9)));
      return format === "percent" ? `${text}%` : text;
    },
    low: bottom,
    high: top,
  };
}

/** The same scale with ticks of one's own, written with up to three digits; those beyond its ends are left out. */
export function withTicks(scale: Scale, ticks: readonly number[], format: TickFormat = "number"): Scale {
  return {
    ...scale,
    ticks: ticks.filter((tick) => tick >= scale.low && tick <= scale.high),
    print: (tick) => {
      if (typeof format === "function") return format(tick);
      return format === "percent" ? `${Number((100 * tick).toPrecision(3))}%` : plainDigits(tick);
    },
  };
}

function plainDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return plain(rounded, (String(rounded).split(".")[1] ?? "").length);
}

/** Beyond this a value counts as infinite, so that differences of values are finite. */
const LARGEST = 1e300;

/** The least and the largest of the values that are finite; `fallback` when none is. */
export function extent(values: Iterable<number>, fallback: readonly [number, number]): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!(Math.abs(value) < LARGEST)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : fallback;
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  return tidy((ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10) * power);
}

/** Multiples of a decimal step, without the digits that binary fractions add. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

function plain(value: number, decimals: number): string {
  if (Math.abs(value) >= 1e6 || decimals > 6) return value.toExponential(1).replace(".0e", "e");
  const [whole = "", fraction] = value.toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
