import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { threefry2x32 } from "../../../src/tensor/random/threefry.ts";

function encrypt(key: readonly number[], counter: readonly number[]): number[] {
  const out = new Uint32Array(2);
  threefry2x32(key[0]!, key[1]!, counter[0]!, counter[1]!, out);
  return [...out];
}

test("the known answers of the Random123 distribution (kat_vectors, threefry2x32 with 20 rounds)", () => {
  expect(encrypt([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
  expect(encrypt([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7]);
  expect(encrypt([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
});

test("agrees with a second implementation", () => {
  const { blocks } = JSON.parse(readFileSync(new URL("./fixtures/bits.json", import.meta.url), "utf8")) as {
    blocks: [number[], number[], number[]][];
  };
  for (const [key, counter, words] of blocks) expect(encrypt(key, counter)).toEqual(words);
});
