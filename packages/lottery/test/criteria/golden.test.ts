import { reference } from "@parsimony/core-tensor/reference";
import { grad, type HostTensor } from "@parsimony/core-tensor";
import { grasp, lamp, onesMask, snip, synflow, taylor } from "@parsimony/lottery";
import { tensor } from "@parsimony/core-tensor";
import { expect, test } from "vitest";
import { mlp, mlpLoss, sumOf, tinyNet, valuesOf } from "./nets.ts";

const backend = reference();
const { params, batch } = tinyNet();
const mask = onesMask(params);

function near(found: readonly number[], wanted: readonly number[], digits: number): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((value, i) =>
    expect(Math.abs(value - (wanted[i] as number))).toBeLessThanOrEqual(0.51 * 10 ** -digits),
  );
}

test("SNIP of the 3-4-2 net, all printed digits", async () => {
  const scores = await snip(mlpLoss, [batch], { backend })(params, mask);
  near(
    valuesOf(scores, "w1"),
    [
      0.1473184926, 0.1125991735, 0.0000206732, 0.0017880314, 0.0604945439, 0.0124679056, 0.0065848158, 0.1041924593,
      0.0448157126, 0.0418441822, 0.00397397, 0.0211291715,
    ],
    10,
  );
  near(
    valuesOf(scores, "w2"),
    [0.1320659604, 0.1205627887, 0.0147745342, 0.0684483626, 0.0123290379, 0.0097388652, 0.062588223, 0.0222630963],
    10,
  );
});

test("the sum of |w g| and |g|² of the 3-4-2 net", () => {
  const gradient = grad(mlpLoss)(params, batch) as Readonly<Record<string, HostTensor>>;
  const scores = taylor(params, gradient, mask);
  expect(sumOf(scores, "w1") + sumOf(scores, "w2")).toBeCloseTo(1.3060229374218748, 14);
  const squares = [...valuesOf(gradient, "w1"), ...valuesOf(gradient, "w2")].reduce((sum, g) => sum + g * g, 0);
  near([squares], [0.3437520011], 10);
});

test("GraSP of the 3-4-2 net, all printed digits", async () => {
  const scores = await grasp(mlpLoss, [batch], { backend })(params, mask);
  near(
    valuesOf(scores, "w1").map((score) => -score),
    [
      -0.13135336, 0.01116512, 0.00015408, 0.00537999, -0.0629761, 0.00309891, -0.00395544, -0.04945472, -0.02937454,
      0.00573343, 0.00430919, -0.00196115,
    ],
    8,
  );
  near(
    valuesOf(scores, "w2").map((score) => -score),
    [-0.10498008, -0.09583614, -0.00048978, -0.0022691, 0.01189323, -0.00939462, -0.03813175, -0.01356375],
    8,
  );
});

test("SynFlow of the 3-4-2 net: the flow, every layer's total, every unit's in and out", async () => {
  const scores = await synflow(mlp, { inputShape: [1, 3], backend })(params, mask);
  const w1 = (scores["w1"] as HostTensor).toArray() as number[][];
  const w2 = (scores["w2"] as HostTensor).toArray() as number[][];
  expect(sumOf(scores, "w1")).toBeCloseTo(7.773888112217298, 14);
  expect(sumOf(scores, "w2")).toBeCloseTo(7.773888112217298, 14);
  const units = [2.6742274137, 1.4813421656, 1.3950267254, 2.2232918075];
  near(
    units.map((_, j) => w1.reduce((sum, row) => sum + (row[j] as number), 0)),
    units,
    10,
  );
  near(
    w2.map((row) => row.reduce((sum, value) => sum + value, 0)),
    units,
    10,
  );
});

test("LAMP of [1, 2, 3, 0.5]", () => {
  const weights = { w: tensor([[1, 2, 3, 0.5]]) };
  near(valuesOf(lamp(weights, onesMask(weights)), "w"), [0.0714285714, 0.3076923077, 1, 0.0175438596], 10);
});
