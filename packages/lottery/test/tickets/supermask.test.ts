import { tensor } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import { type Metrics, evaluateSupermask, supermaskParams } from "../../src/index.ts";
import { rejection } from "./helpers.ts";

const params = {
  w: tensor(
    [
      [-1, 0],
      [3, -2],
    ],
    { dtype: "float64" },
  ),
  b: tensor([7], { dtype: "float64" }),
};
const mask = {
  w: tensor([
    [true, true],
    [false, true],
  ]),
};

describe("supermasks", () => {
  test("initial weights under the mask", () => {
    const { w, b } = supermaskParams(params, mask);
    expect([w?.toArray(), b?.toArray()]).toEqual([
      [
        [-1, 0],
        [0, -2],
      ],
      [7],
    ]);
  });

  test("signed constants: the deviation of the whole tensor, zero is positive", () => {
    const { w, b } = supermaskParams(params, mask, { values: "signedConstant" });
    // Mean 0, mean square 14 / 4.
    const constant = Math.sqrt(3.5);
    expect([w?.toArray(), b?.toArray()]).toEqual([
      [
        [-constant, constant],
        [0, -constant],
      ],
      [7],
    ]);
  });

  test("constants of one's own", () => {
    const { w } = supermaskParams(params, mask, { values: "signedConstant", constants: { w: 0.5 } });
    expect(w?.toArray()).toEqual([
      [-0.5, 0.5],
      [0, -0.5],
    ]);
    expect(params.w.toArray()).toEqual([
      [-1, 0],
      [3, -2],
    ]);
  });

  test("are evaluated on the test set, or another", async () => {
    const parts: string[] = [];
    const trainer = {
      evaluate: async (given: typeof params, part: string): Promise<Metrics> => {
        parts.push(part);
        return { loss: given.w.dataSync()[0] as number };
      },
    };
    const evaluate = trainer as unknown as Parameters<typeof evaluateSupermask>[0];
    expect(await evaluateSupermask(evaluate, params, mask)).toEqual({ loss: -1 });
    await evaluateSupermask(evaluate, params, mask, { part: "validation", values: "signedConstant" });
    expect(parts).toEqual(["test", "validation"]);
  });

  test("what is refused", async () => {
    const refused = async (...args: Parameters<typeof supermaskParams>): Promise<string> =>
      (await rejection(Promise.resolve().then(() => supermaskParams(...args)))).code;
    expect(await refused(params, { v: mask.w })).toBe("E_MASK");
    expect(await refused(params, mask, { values: "ones" as "init" })).toBe("E_OPTION");
    expect(await refused(params, mask, { values: "signedConstant", constants: { w: Number.NaN } })).toBe("E_OPTION");
    expect(await refused(params, mask, { values: "signedConstant", constants: { weight: 1 } })).toBe("E_OPTION");
  });
});
