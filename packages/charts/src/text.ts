import { element, textOf } from "./svg.ts";

/** Text at a point. */
export function label(
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  return element("text", { x, y, ...attributes }, textOf(text) || " ");
}

/** A text of at most so many characters. */
export function shorten(text: string, most: number): string {
  const characters = Array.from(text);
  const room = Math.max(1, Math.floor(most));
  return characters.length <= room ? text : `${characters.slice(0, Math.max(0, room - 1)).join("")}…`;
}

/** A coordinate within path data. */
export function hundredth(value: number): number {
  return Math.round(100 * value) / 100;
}

/** A share in percent with up to two decimals. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))}%`;
}
