/** Protobuf by hand, for bytes that our encoder would not write. Parts are bytes or texts. */
type Part = Uint8Array | readonly number[] | string;

/** The parts, one after the other. */
export function join(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    parts.flatMap((part) => [...(typeof part === "string" ? new TextEncoder().encode(part) : part)]),
  );
}

export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** A field's key. */
export const key = (field: number, wireType: number): Uint8Array => varint(field * 8 + wireType);

/** A field whose value is a number. */
export const number = (field: number, value: number | bigint): Uint8Array => join(key(field, 0), varint(value));

/** A field whose value stands behind its length: a message, a text or packed numbers. */
export function delimited(field: number, ...parts: readonly Part[]): Uint8Array {
  const content = join(...parts);
  return join(key(field, 2), varint(content.length), content);
}
