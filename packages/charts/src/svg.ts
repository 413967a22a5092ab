import { ChartError } from "./errors.ts";

/** Attributes of an element; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * An SVG element as text. Attribute values are escaped, numbers are rounded to 1/100 of a unit; children are markup
 * already (`textOf` makes text into markup).
 */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : textOf(value as string)}"`);
  const inside = children.join("");
  return inside === "" ? `<${name}${list.join("")}/>` : `<${name}${list.join("")}>${inside}</${name}>`;
}

/** Text that means itself in XML and HTML, in elements and in attributes; what XML can't hold becomes U+FFFD. */
export function textOf(text: string): string {
  return text
    .replace(FORBIDDEN, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Control characters other than tab and line ends, half characters, and the two non-characters that XML excludes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu;

/** A coordinate as text, to 1/100. Throws E_RANGE unless it is finite. */
export function round(value: number): string {
  if (!Number.isFinite(value)) throw new ChartError("E_RANGE", `a coordinate is ${value}`);
  return String(Math.round(100 * value) / 100 + 0);
}

/** Path data through points; `step` goes level to the next x, then up or down. */
export function pathThrough(points: readonly (readonly [x: number, y: number])[], step = false): string {
  return points
    .map(([x, y], i) => {
      if (i === 0) return `M${round(x)} ${round(y)}`;
      return step ? `H${round(x)}V${round(y)}` : `L${round(x)} ${round(y)}`;
    })
    .join("");
}
