import { type Dim, dimTerms } from "../tensor/dims.ts";

const decimalUnits = ["", "k", "M", "G", "T", "P", "E"];
const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A number in at most four digits with the unit that makes it so: `864`, `1.25 M`, `3.50 MiB`. */
function scaled(value: number, base: number, units: readonly string[], exactBelow: number): string {
  let [size, unit] = [value, 0];
  if (Math.abs(size) < exactBelow) return [String(size), units[0]].filter((part) => part !== "").join(" ");
  for (; Math.abs(size) >= 999.5 && unit < units.length - 1; unit++) size /= base;
  if (Math.abs(size) >= 999.5) return `${value.toExponential(2)} ${units[0]}`.trim();
  return [size.toPrecision(3), units[unit]].filter((part) => part !== "").join(" ");
}

/** A count with symbols as factors: `12.0 M`, `25.1 k × batch`, `2 × batch × rows + 4`. */
function amount(dim: Dim, show: (value: number) => string): string {
  if (typeof dim === "number") return show(dim);
  const terms = dimTerms(dim).toSorted((a, b) => b.symbols.length - a.symbols.length);
  return terms.reduce((text, { coefficient, symbols }, i) => {
    const sign = coefficient < 0 ? "- " : i > 0 ? "+ " : "";
    const term = [show(Math.abs(coefficient)), ...symbols].join(" × ");
    return `${text}${i > 0 ? " " : ""}${sign}${term}`;
  }, "");
}

/** Numbers of things, in powers of 1000. */
export function formatCount(dim: Dim): string {
  return amount(dim, (value) => scaled(value, 1000, decimalUnits, 1000));
}

/** As `formatCount`, but nothing for a zero: most nodes have no multiplications. */
export function formatNonZero(dim: Dim): string {
  return dim === 0 ? "" : formatCount(dim);
}

/** Bytes, in powers of 1024. */
export function formatBytes(dim: Dim): string {
  return amount(dim, (value) => scaled(value, 1024, binaryUnits, 1000));
}

/** A text from a file, fit for a terminal: what would steer it (escape sequences, other directions) is spelled out. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** At most `width` characters; the middle gives way. */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return [...characters.slice(0, head), "…", ...characters.slice(characters.length - (width - 1 - head))].join("");
}
