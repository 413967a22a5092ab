const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB"];
const decimalUnits = ["", " k", " M", " G", " T"];

/** Bytes in powers of 1024: `171.5 KiB`; below 1024 exact. Up to 10 of a unit are told in the one below: `1280.0 KiB`. */
export function bytesText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; Math.abs(size) >= (unit === 0 ? 1024 : 10_240) && unit < binaryUnits.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${binaryUnits[unit]}`;
}

/** A count in powers of 1000: `300.8 M`; below 1000 exact. */
export function countText(count: number): string {
  let [size, unit] = [count, 0];
  for (; Math.abs(size) >= 999.95 && unit < decimalUnits.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)}${decimalUnits[unit]}`;
}

/** A share in percent with one decimal: `9.3%`. */
export function shareText(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** How much more there is of a than of b, as a share. */
export function excess(a: number, b: number): number {
  return b === 0 ? 0 : a / b - 1;
}

/** A name from a model, fit for a terminal: what would steer it (escape sequences, other directions) is spelled out. */
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

/** Rows of texts under their titles; the first `left` columns stand to the left, numbers after them to the right. */
export function tableText(titles: readonly string[], rows: readonly (readonly string[])[], left: number): string[] {
  const widths = titles.map((_, i) =>
    [titles, ...rows].reduce((most, row) => Math.max(most, [...(row[i] ?? "")].length), 0),
  );
  return [titles, ...rows].map((row) =>
    row
      .map((text, i) => {
        const blank = " ".repeat((widths[i] as number) - [...text].length);
        return i < left ? text + blank : blank + text;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** The unit in which so many bytes are drawn along an axis, so that its numbers are round and short. */
export function axisUnit(bytes: number): { readonly unit: number; readonly name: string } {
  if (bytes < 1024) return { unit: 1, name: "bytes" };
  return bytes < 4 * 1024 ** 2 ? { unit: 1024, name: "KiB" } : { unit: 1024 ** 2, name: "MiB" };
}
