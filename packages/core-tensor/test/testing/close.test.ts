import { describe, expect, test } from "vitest";
import { tensor } from "../../src/tensor/create.ts";
import { NotCloseError, allClose, assertAllClose } from "../../src/testing/index.ts";

describe("allClose", () => {
  test("tensors, numbers and nested arrays", () => {
    expect(allClose(tensor([1, 2]), tensor([1, 2 + 1e-6])).close).toBe(true);
    expect(allClose(tensor([[1, 2]]), [[1, 2]]).close).toBe(true);
    expect(allClose(tensor(3), 3).close).toBe(true);
    expect(allClose(1, 1 + 1e-7).close).toBe(true);
    expect(allClose({ a: tensor(1), b: [tensor([2]), 3] }, { a: 1, b: [[2], 3] }).close).toBe(true);
  });

  test("the first element that differs, with both values", () => {
    const verdict = allClose(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [1, 2],
        [3.5, 5],
      ]),
    );
    expect(verdict).toMatchObject({
      close: false,
      path: "",
      mismatch: { index: [1, 0], actual: 3, expected: 3.5, count: 2, size: 4, largest: 1 },
    });
    expect(verdict.message).toBe("element [1, 0]: 3, expected 3.5 (2 of 4 elements differ, by up to 1)");
  });

  test("the place in a tree", () => {
    expect(allClose({ layers: [{ w: tensor([1]) }] }, { layers: [{ w: tensor([2]) }] })).toMatchObject({
      path: "layers.0.w",
    });
    expect(allClose({ a: 1 }, { b: 1 }).message).toBe("expected the keys b, got a");
    expect(allClose({ x: { a: 1, b: 2 } }, { x: { a: 1 } }).message).toBe("x: expected the keys a, got a, b");
  });

  test("dtypes and shapes must be equal", () => {
    expect(allClose(tensor([1]), tensor([1], { dtype: "int32" })).message).toBe("expected int32, got float32");
    expect(allClose(tensor([1]), tensor([[1]])).message).toBe("expected shape [1, 1], got [1]");
  });

  test("tolerances are relative to the expected value, plus an absolute part", () => {
    expect(allClose(tensor(101), 100, { rtol: 0.0101, atol: 0 }).close).toBe(true);
    expect(allClose(tensor(101), 100, { rtol: 0.0099, atol: 0 }).close).toBe(false);
    expect(allClose(tensor(1e-3), 0, { atol: 1e-2 }).close).toBe(true);
    expect(allClose(tensor(1e30), Infinity, { rtol: 1 }).close).toBe(false);
  });

  test("NaN agrees with NaN unless told otherwise", () => {
    expect(allClose(tensor([NaN]), [NaN]).close).toBe(true);
    expect(allClose(tensor([NaN]), [NaN], { equalNaN: false }).close).toBe(false);
    expect(allClose(tensor([NaN]), [1]).close).toBe(false);
  });

  test("int64 beyond doubles is compared exactly", () => {
    const big = (value: bigint) => tensor(BigInt64Array.of(value));
    expect(allClose(big(2n ** 53n + 1n), big(2n ** 53n)).mismatch).toMatchObject({
      actual: 2n ** 53n + 1n,
      expected: 2n ** 53n,
    });
    expect(allClose(big(2n ** 53n + 1n), big(2n ** 53n + 1n)).close).toBe(true);
  });

  test("what is no tensor is refused", () => {
    expect(() => allClose(tensor([1]), { a: 1 })).toThrow(TypeError);
    expect(() => allClose(tensor([1]), null)).toThrow("got null");
  });
});

test("assertAllClose throws the verdict", () => {
  expect(() => assertAllClose(tensor([1]), [1])).not.toThrow();
  expect(() => assertAllClose(tensor([1]), [2])).toThrow(NotCloseError);
  expect(() => assertAllClose({ a: tensor([1]) }, { a: [2] })).toThrow("a: element [0]: 1, expected 2");
});
