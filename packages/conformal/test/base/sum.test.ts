import { expect, test } from "vitest";
import { compensatedSum } from "../../src/base/sum.ts";

test("equal terms add up to whole numbers of them", () => {
  const add = compensatedSum();
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum = add(0.1);
  expect(sum).toBe(100);
});

test("small terms survive beside large ones of either sign", () => {
  const add = compensatedSum();
  expect([1, 1e100, 1, -1e100].map(add)).toEqual([1, 1e100, 1e100, 2]);
});
