import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Tensor } from "../../../src/tensor/tensor.ts";

/** An array as the fixture describes it. */
export interface Described {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In row-major order, as texts. */
  readonly values: readonly string[];
}

interface NumpyArray extends Described {
  readonly title: string;
  readonly file: Uint8Array;
  /** Does writing what was read give the same bytes? */
  readonly same: boolean;
}

interface NumpyArchive {
  readonly title: string;
  readonly file: Uint8Array;
  readonly arrays: Readonly<Record<string, Described>>;
  readonly same: boolean;
}

interface Fixture {
  readonly arrays: readonly NumpyArray[];
  readonly refused: Readonly<Record<string, string>>;
  readonly archives: readonly NumpyArchive[];
}

/** Files that NumPy wrote: fixtures/make_numpy.py. */
export const numpyFiles = JSON.parse(
  readFileSync(new URL("fixtures/numpy.json", import.meta.url), "utf8"),
  (key, value: unknown) => (key === "file" ? new Uint8Array(Buffer.from(value as string, "base64")) : value),
) as Fixture;

export function expectDescribed(read: Tensor | undefined, { dtype, shape, values }: Described): void {
  expect([read?.dtype, read?.shape]).toEqual([dtype, shape]);
  const parse = (text: string): number | bigint => (dtype === "int64" ? BigInt(text) : Number(text));
  const data = read?.dataSync() as Iterable<number | bigint>;
  expect(Array.from(data)).toEqual(values.map(parse));
}
