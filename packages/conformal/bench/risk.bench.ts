import { bench, describe } from "vitest";
import { uniformStream } from "@parsimony/conformal";
import {
  bettingPValue,
  conformalRiskControl,
  hoeffdingBentkusBound,
  hoeffdingBound,
  learnThenTest,
  lossMatrix,
  rcps,
  waudbySmithRamdasBound,
} from "@parsimony/conformal/risk";

const uniform = uniformStream(1);
const points = 10_000;
const lambdas = Array.from({ length: 100 }, (_, j) => j / 99);
const hard = Float64Array.from({ length: points }, uniform);
const losses = lossMatrix(points, lambdas, (i, lambda) => Math.max(0, (hard[i] as number) ** 2 - lambda));

describe("1e4 points, 100 settings", () => {
  bench("conformalRiskControl", () => {
    conformalRiskControl(losses, lambdas, { alpha: 0.1 });
  });
  for (const [name, upperConfidenceBound] of Object.entries({
    hoeffdingBound,
    hoeffdingBentkusBound,
    waudbySmithRamdasBound,
  })) {
    bench(`rcps, ${name}`, () => {
      rcps(losses, lambdas, { alpha: 0.1, delta: 0.1, upperConfidenceBound });
    });
  }
  bench("learnThenTest, Hoeffding-Bentkus", () => {
    learnThenTest(losses, { alpha: 0.1, delta: 0.1 });
  });
  bench("learnThenTest, betting", () => {
    learnThenTest(losses, { alpha: 0.1, delta: 0.1, pValue: bettingPValue() });
  });
});
