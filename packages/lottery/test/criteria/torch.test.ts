import { type Named, type Scores, classification, grasp, snip, synflow, withTemperature } from "@parsimony/lottery";
import { reference } from "@parsimony/core-tensor/reference";
import { describe, expect, test } from "vitest";
import { torchNet, valuesOf } from "./nets.ts";

const backend = reference();

/** Agreement to 1e-11 of the largest value. */
function agree(found: Scores, wanted: Readonly<Record<string, readonly number[]>>): void {
  expect(Object.keys(found)).toEqual(Object.keys(wanted).sort());
  const scale = Math.max(...Object.values(wanted).flat().map(Math.abs));
  expect(scale).toBeGreaterThan(0);
  for (const [name, values] of Object.entries(wanted)) {
    const own = valuesOf(found, name);
    expect(own.length).toBe(values.length);
    own.forEach((value, i) => expect(Math.abs(value - (values[i] as number))).toBeLessThanOrEqual(1e-11 * scale));
  }
}

const timesWeights = (
  products: Readonly<Record<string, readonly number[]>>,
  params: Named,
): Record<string, readonly number[]> =>
  Object.fromEntries(
    Object.entries(products).map(([name, values]) => {
      const weights = valuesOf(params, name);
      return [name, values.map((value, i) => value * (weights[i] as number))];
    }),
  );

describe.each(["mlp", "conv"] as const)("as torch: %s", (title) => {
  const { forward, params, unshifted, batch, inputShape, cases } = torchNet(title);
  const loss = classification(forward).loss;

  test.each(["dense", "masked"])("%s", async (kind) => {
    const { mask, expected } = cases[kind === "dense" ? 0 : 1] as (typeof cases)[number];
    agree(await snip(loss, [batch], { backend })(params, mask), expected.snip);
    agree(await grasp(loss, [batch], { backend })(params, mask), timesWeights(expected.hessianProduct, params));
    const flat = classification(withTemperature(forward, 200)).loss;
    agree(await grasp(flat, [batch], { backend })(params, mask), timesWeights(expected.hessianProduct200, params));
    agree(await synflow(forward, { inputShape, backend })(unshifted, mask), expected.synflow);
  });
});

test("SynFlow passes over biases: with or without them the scores are those of torch without", async () => {
  const { forward, params, inputShape, cases } = torchNet("mlp");
  for (const { mask, expected } of cases) {
    agree(await synflow(forward, { inputShape, backend })(params, mask), expected.synflow);
  }
});
