import { mkdirSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CoreTensorError, FormatError } from "../../src/tensor/errors.ts";
import { type ByteRange, mutate } from "./mutate.ts";

export { type ByteRange, mutate } from "./mutate.ts";

export interface FuzzFile {
  readonly bytes: Uint8Array;
  /** Parts where half of the damage is done: see `mutate`. */
  readonly structural?: readonly ByteRange[];
}

export interface FuzzOptions {
  /** Name of the reader, for messages and reports. */
  readonly name: string;
  /** Well-formed files by name. */
  readonly files: Readonly<Record<string, Uint8Array | FuzzFile>>;
  /** What is tested; what it gives is kept until its memory has been measured. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** Mutations of each file. */
  readonly count: number;
  /** The mutations are `mutate(file, seed)`, `mutate(file, seed + 1)`, … */
  readonly seed: number;
  /** Longest time for one read. Default: 2000. */
  readonly maxMilliseconds?: number;
  /** Most memory for one read of a file of this many bytes. Default: 64 times the file and 16 MiB. */
  readonly maxBytes?: (fileBytes: number) => number;
  /** May the reader refuse a file with this error, which is no FormatError? Default: no. */
  readonly allows?: (error: CoreTensorError) => boolean;
}

/** What came of it, for the record. */
export interface FuzzCounts {
  readonly name: string;
  readonly seed: number;
  readonly files: number;
  readonly runs: number;
  readonly accepted: number;
  readonly refused: number;
  /** Refusals by class, and by `code` where the error has one. */
  readonly errors: Readonly<Record<string, number>>;
  readonly slowestMilliseconds: number;
  /** Most memory that a read took, as far as the garbage collector left it to be seen. */
  readonly largestBytes: number;
}

const MEBIBYTE = 2 ** 20;

setFlagsFromString("--expose-gc");
/** A full collection, now. */
export const collectGarbage = runInNewContext("gc") as () => void;

/**
 * Reads damaged copies of real files. Each must be read or refused with a FormatError whose `offset` is a byte of the
 * file, in bounded time and memory.
 *
 * @throws Error at the first damaged file for which this does not hold; the message names the file and the seed with
 *   which `mutate` makes it again.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzCounts> {
  const { name, files, count, seed } = options;
  const errors = new Map<string, number>();
  let [accepted, refused, slowest, largest, litter] = [0, 0, 0, 0, 0];
  for (const [title, file] of Object.entries(files)) {
    const { bytes, structural } = file instanceof Uint8Array ? { bytes: file } : file;
    const whole = await attempt(options, new Uint8Array(bytes));
    if (whole.error !== undefined) {
      throw new Error(`fuzz ${name}: the file ${title} itself is refused: ${whole.error}`, { cause: whole.error });
    }
    for (let i = 0; i < count; i++) {
      // Garbage that is collected during a read would hide what the read itself takes.
      litter += bytes.length;
      if (litter > 64 * MEBIBYTE) {
        collectGarbage();
        litter = 0;
      }
      const damaged = mutate(bytes, seed + i, structural);
      let outcome = await attempt(options, damaged);
      // The machine may have been busy with something else.
      if (outcome.milliseconds > (options.maxMilliseconds ?? 2000)) outcome = await attempt(options, damaged);
      const problem = complaint(options, damaged.length, outcome);
      if (problem !== undefined) {
        throw new Error(`fuzz ${name}: file ${title}, seed ${seed + i}: ${problem}`, { cause: outcome.error });
      }
      slowest = Math.max(slowest, outcome.milliseconds);
      largest = Math.max(largest, outcome.bytes);
      if (outcome.error === undefined) accepted++;
      else {
        refused++;
        const kind = kindOf(outcome.error);
        errors.set(kind, (errors.get(kind) ?? 0) + 1);
      }
    }
  }
  return {
    name,
    seed,
    files: Object.keys(files).length,
    runs: accepted + refused,
    accepted,
    refused,
    errors: Object.fromEntries([...errors].sort(([a], [b]) => (a < b ? -1 : 1))),
    slowestMilliseconds: Math.round(slowest * 10) / 10,
    largestBytes: largest,
  };
}

/** Prints what came of it and keeps it in `reports/fuzz-<format>.json`. */
export function recordFuzz(format: string, counts: readonly FuzzCounts[]): void {
  const text = JSON.stringify(counts, null, 2);
  console.log(text);
  const folder = new URL("../../../../reports/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`fuzz-${format}.json`, folder), `${text}\n`);
}

interface Outcome {
  /** What the reader threw, wrapped if it was no Error; undefined when it read the file. */
  readonly error: Error | undefined;
  readonly milliseconds: number;
  readonly bytes: number;
}

async function attempt({ read }: FuzzOptions, bytes: Uint8Array): Promise<Outcome> {
  const before = process.memoryUsage();
  const start = performance.now();
  let error: Error | undefined;
  let result: unknown;
  try {
    result = await read(bytes);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(`threw no Error: ${String(thrown)}`);
  }
  const milliseconds = performance.now() - start;
  const after = process.memoryUsage();
  // Buffers count from their allocation until they are collected, also while no page of them was touched.
  const buffers = Math.max(0, after.arrayBuffers - before.arrayBuffers);
  const heap = Math.max(0, after.heapUsed - before.heapUsed);
  return keep(result, { error, milliseconds, bytes: buffers + heap });
}

/** The result is reachable until here, so that its memory counts. */
function keep(_result: unknown, outcome: Outcome): Outcome {
  return outcome;
}

function complaint(options: FuzzOptions, length: number, { error, milliseconds, bytes }: Outcome): string | undefined {
  const limit = options.maxMilliseconds ?? 2000;
  if (milliseconds > limit) return `took ${Math.round(milliseconds)} ms of at most ${limit}`;
  const budget = options.maxBytes?.(length) ?? 64 * length + 16 * MEBIBYTE;
  if (bytes > budget) return `took ${bytes} bytes of at most ${budget} for a file of ${length}`;
  if (error === undefined) return undefined;
  if (error instanceof FormatError) {
    const inside = Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= length;
    return inside ? undefined : `offset ${error.offset} is no byte of ${length}: ${error}`;
  }
  if (error instanceof CoreTensorError && options.allows?.(error) === true) return undefined;
  return `expected a FormatError, got ${error}`;
}

function kindOf(error: Error): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? `${error.name}: ${code}` : error.name;
}
