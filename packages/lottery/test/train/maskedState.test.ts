import { tensor } from "@parsimony/core-tensor";
import { expect, test } from "vitest";
import { maskState } from "../../src/train/maskedState.ts";

const state = {
  step: 3,
  params: { w: tensor([1, -2]), "a.w": tensor([3, 4]) },
  optimizer: {
    "0.count": tensor(3),
    "0.moment.w": tensor([5, 6]),
    "0.moment.a.w": tensor([7, 8]),
    "0.other.w": tensor(9),
  },
};

test("writes +0 to masked weights and to their own moments only", () => {
  const { params, optimizer, step } = maskState(state, { w: tensor([true, false]) });
  expect(step).toBe(3);
  expect(Object.is(params["w"]?.dataSync()[1], 0)).toBe(true);
  expect(params["a.w"]).toBe(state.params["a.w"]);
  expect(optimizer["0.moment.w"]?.toArray()).toEqual([5, 0]);
  expect(optimizer["0.moment.a.w"]?.toArray()).toEqual([7, 8]);
  expect(optimizer["0.other.w"]?.item()).toBe(9);
  expect(state.params.w.toArray()).toEqual([1, -2]);
});

test("gives a clean state back as it is; -0 is not clean", () => {
  const mask = { w: tensor([true, false]) };
  const clean = maskState(state, mask);
  expect(maskState(clean, mask)).toBe(clean);
  const negative = maskState({ ...clean, params: { ...clean.params, w: tensor([1, -0]) } }, mask);
  expect(Object.is(negative.params["w"]?.dataSync()[1], 0)).toBe(true);
});

test("knows the moments of a tree that is a single tensor", () => {
  const single = {
    step: 1,
    params: { "": tensor([1, 2]) },
    optimizer: { "0.count": tensor(1), "0.moment": tensor([3, 4]) },
  };
  const { optimizer } = maskState(single, { "": tensor([true, false]) });
  expect(optimizer["0.moment"]?.toArray()).toEqual([3, 0]);
  expect(optimizer["0.count"]).toBe(single.optimizer["0.count"]);
});
