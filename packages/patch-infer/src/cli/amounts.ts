const factors: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes from a text such as `65536`, `64k`, `1.5M`, `64 KiB`: k, M and G are powers of 1024. NaN when it is none. */
export function parseBytes(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  if (found === null) return Number.NaN;
  return Math.floor(Number(found[1]) * (factors[(found[2] as string).toLowerCase()] as number));
}

/** A share from a text such as `10%` or `0.1`. NaN when it is none. */
export function parseShare(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim());
  if (found === null) return Number.NaN;
  return Number(found[1]) / (found[2] === "%" ? 100 : 1);
}
