import fc from "fast-check";
import { expect, test } from "vitest";
import {
  fingerprint,
  fingerprintGraph,
  fingerprintText,
  fingerprintTree,
  mul,
  scan,
  spec,
  tensor,
  trace,
  type Tensor,
} from "../../src/index.ts";

test("depends on the bytes, not on where they lie", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (bytes, offset) => {
      const shifted = new Uint8Array(bytes.length + offset);
      shifted.set(bytes, offset);
      expect(fingerprint(shifted.subarray(offset))).toBe(fingerprint(bytes.slice()));
    }),
  );
});

test("one changed bit, one byte more and another order are seen", () => {
  const seen = new Set<string>();
  const base = new Uint8Array(64).map((_, i) => i);
  seen.add(fingerprint(base));
  for (let bit = 0; bit < 8 * base.length; bit++) {
    const other = base.slice();
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
    seen.add(fingerprint(other));
  }
  for (let length = 0; length < 64; length++) seen.add(fingerprint(new Uint8Array(length)));
  seen.add(fingerprint(base.slice().reverse()));
  expect(seen.size).toBe(1 + 512 + 64 + 1);
  expect(fingerprintText("")).toMatch(/^[0-9a-f]{16}$/);
});

test("trees: names, dtypes, shapes and values count; the order of keys does not", () => {
  const a = tensor([1, 2]);
  const prints = [
    { a },
    { b: a },
    { a: tensor([2, 1]) },
    { a: tensor([[1, 2]]) },
    { a: tensor([1, 2], { dtype: "float64" }) },
    { a, b: a },
  ];
  expect(new Set(prints.map(fingerprintTree)).size).toBe(prints.length);
  expect(fingerprintTree({ a, b: tensor(1) })).toBe(fingerprintTree({ b: tensor(1), a }));
});

test("programs: a constant inside a loop counts", () => {
  const program = (factor: number) =>
    trace(
      (x: Tensor) => scan((carry: Tensor, slice: Tensor) => [mul(carry, mul(slice, factor)), []], tensor(1), x)[0],
      spec([3]),
    );
  expect(fingerprintGraph(program(2))).toBe(fingerprintGraph(program(2)));
  expect(fingerprintGraph(program(2))).not.toBe(fingerprintGraph(program(3)));
});
