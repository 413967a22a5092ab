/** First and last byte (exclusive) of a part of a file. */
export type ByteRange = readonly [begin: number, end: number];

/** Bytes at the beginning and at the end of a file in which formats keep what describes the rest. */
const HEAD_BYTES = 4096;
const TAIL_BYTES = 512;

/**
 * A damaged copy of a file, the same for the same seed: one to four flipped bits, changed bytes, cuts, inserted,
 * repeated or missing stretches, and numbers (fixed width, varint or decimal) that became zero, huge, negative or a
 * little wrong.
 *
 * @param structural parts that describe the file, where half of the damage is done. Default: the first 4 KiB and the
 *   last 512 bytes.
 */
export function mutate(bytes: Uint8Array, seed: number, structural?: readonly ByteRange[]): Uint8Array<ArrayBuffer> {
  const random = generator(seed);
  const ranges = structural ?? [
    [0, HEAD_BYTES],
    [bytes.length - TAIL_BYTES, bytes.length],
  ];
  let result = new Uint8Array(bytes);
  const changes = random.below(2) === 0 ? 1 : 1 + random.below(4);
  for (let i = 0; i < changes; i++) {
    const at = place(result.length, ranges, random);
    result = random.pick(changesOfFiles)(result, at, random);
  }
  return result;
}

/** Draws whole numbers: xorshift (Marsaglia, Journal of Statistical Software, 2003) from a scrambled seed. */
interface Random {
  /** A number from 0 to `limit - 1`; 0 for a limit below 1. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

function generator(seed: number): Random {
  let state = (Math.imul(seed ^ (seed >>> 16), 0x45d9f3b) ^ 0x9e3779b9) | 0 || 1;
  const below = (limit: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return limit < 1 ? 0 : (state >>> 0) % limit;
  };
  // Seeds that are neighbours start with similar numbers.
  for (let i = 0; i < 8; i++) below(1);
  return { below, pick: (items) => items[below(items.length)] as never };
}

function place(length: number, ranges: readonly ByteRange[], random: Random): number {
  if (random.below(2) === 0) return random.below(length);
  const [begin, end] = random.pick(ranges);
  const first = Math.max(0, Math.min(begin, length));
  return Math.min(first + random.below(Math.min(end, length) - first), Math.max(0, length - 1));
}

/** Damage at a place: in the array itself, or in another one. */
type Change = (bytes: Uint8Array<ArrayBuffer>, at: number, random: Random) => Uint8Array<ArrayBuffer>;

const flipBit: Change = (bytes, at, random) => {
  if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  return bytes;
};

const changeByte: Change = (bytes, at, random) => {
  if (at < bytes.length) bytes[at] = random.below(2) === 0 ? random.below(256) : random.pick([0, 1, 0x7f, 0x80, 0xff]);
  return bytes;
};

const truncate: Change = (bytes, at) => bytes.slice(0, at);

const insert: Change = (bytes, at, random) => {
  const filler = random.pick([0, 0x20, 0x30, 0xff, -1]);
  const stretch = new Uint8Array(stretchLength(random));
  return splice(
    bytes,
    at,
    0,
    stretch.map(() => (filler < 0 ? random.below(256) : filler)),
  );
};

const remove: Change = (bytes, at, random) => splice(bytes, at, stretchLength(random), new Uint8Array(0));

const duplicate: Change = (bytes, at, random) =>
  splice(bytes, at, 0, bytes.slice(at, at + stretchLength(random) * (1 + random.below(8))));

const copyOver: Change = (bytes, at, random) => {
  const from = random.below(bytes.length);
  bytes.copyWithin(at, from, from + Math.min(stretchLength(random), bytes.length - at));
  return bytes;
};

/** A number in 1, 2, 4 or 8 bytes, of either byte order, aligned or not. */
const overwriteField: Change = (bytes, at, random) => {
  const { view, start, width } = field(bytes, at, random);
  if (view !== undefined) writeField(view, start, width, extreme(bytes.length, random), random.below(4) > 0);
  return bytes;
};

/** A number that is wrong by a little: the errors that a check with < for <= lets through. */
const nudgeField: Change = (bytes, at, random) => {
  const { view, start, width } = field(bytes, at, random);
  if (view === undefined) return bytes;
  const little = random.below(4) > 0;
  let value = 0n;
  for (let i = 0; i < width; i++) value |= BigInt(view.getUint8(start + (little ? i : width - 1 - i))) << BigInt(8 * i);
  writeField(view, start, width, value + BigInt(random.pick([-8, -4, -2, -1, 1, 2, 4, 8])), little);
  return bytes;
};

/** A varint as protobuf has it, in up to ten bytes, some of them without an end. */
const overwriteVarint: Change = (bytes, at, random) => {
  let rest = BigInt.asUintN(64, extreme(bytes.length, random));
  const endless = random.below(4) === 0;
  const varint: number[] = [];
  do {
    varint.push(Number(rest & 127n) | (rest > 127n || endless ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return random.below(2) === 0
    ? splice(bytes, at, varint.length, Uint8Array.from(varint))
    : splice(bytes, at, varintLength(bytes, at), Uint8Array.from(varint));
};

const decimals = ["0", "1", "-1", "00", "255", "65536", "2147483648", "4294967296", "9007199254740993", "1e9", "1.5"];

/** The next whole number that is written as text becomes another one. */
const overwriteDecimal: Change = (bytes, at, random) => {
  const isDigit = (index: number): boolean => (bytes[index] as number) >= 0x30 && (bytes[index] as number) <= 0x39;
  let start = at;
  while (start < bytes.length && start < at + 256 && !isDigit(start)) start++;
  let end = start;
  while (end < bytes.length && isDigit(end)) end++;
  return splice(bytes, start, end - start, new TextEncoder().encode(random.pick(decimals)));
};

const changesOfFiles: readonly Change[] = [
  flipBit,
  flipBit,
  changeByte,
  changeByte,
  truncate,
  insert,
  remove,
  duplicate,
  copyOver,
  overwriteField,
  overwriteField,
  nudgeField,
  overwriteVarint,
  overwriteDecimal,
];

function stretchLength(random: Random): number {
  return 1 + random.below(random.pick([4, 16, 256]));
}

function splice(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array<ArrayBuffer> {
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const result = new Uint8Array(at + added.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(rest, at + added.length);
  return result;
}

/** Where a number may stand; no view where the file is too short for one. */
function field(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  random: Random,
): { view: DataView | undefined; start: number; width: number } {
  const width = random.pick([1, 2, 4, 8]);
  const start = Math.min(random.below(2) === 0 ? at : at - (at % width), bytes.length - width);
  return { view: start < 0 ? undefined : new DataView(bytes.buffer), start, width };
}

function writeField(view: DataView, start: number, width: number, value: bigint, little: boolean): void {
  for (let i = 0; i < width; i++) {
    view.setUint8(start + (little ? i : width - 1 - i), Number((value >> BigInt(8 * i)) & 255n));
  }
}

function extreme(length: number, random: Random): bigint {
  const bits = BigInt(random.below(64));
  return random.pick([
    0n,
    1n,
    -1n,
    -BigInt(random.below(256)),
    BigInt(length),
    BigInt(length + random.below(3) - 1),
    (1n << bits) - 1n,
    1n << bits,
    -(1n << bits),
    BigInt(random.below(2 ** 32)),
  ]);
}

function varintLength(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && end < at + 10 && (bytes[end] as number) >= 128) end++;
  return Math.min(end + 1, bytes.length) - at;
}
