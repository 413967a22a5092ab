import { afterAll, test } from "vitest";
import {
  binomialPValue,
  bonferroni,
  clopperPearsonBound,
  conformalRiskControl,
  empiricalBernsteinBound,
  fixedSequence,
  hoeffdingBentkusBound,
  hoeffdingBentkusPValue,
  hoeffdingBound,
  holm,
  learnThenTest,
  lossMatrix,
  rcps,
} from "../../src/risk/index.ts";
import { type Draw, many, simulations } from "./simulation.ts";

const { holds, fails, save } = simulations("risk");
afterAll(save);

const lambdas = Array.from({ length: 21 }, (_, i) => i / 20);
/** Losses of a point of strangeness s: 0/1, or by how much it is missed. */
const missed = (s: number, lambda: number): number => (s > lambda ? 1 : 0);
const shortfall = (s: number, lambda: number): number => Math.max(0, s - lambda);

test("conformal risk control", () => {
  const alpha = 0.25;
  const n = 9;
  const trial =
    (
      loss: typeof missed,
      strangeness: (draw: Draw) => number,
      choose: (losses: ReturnType<typeof lossMatrix>) => number,
    ) =>
    (draw: Draw) => {
      const data = many(n, () => strangeness(draw));
      const lambda = choose(lossMatrix(n, lambdas, (i, setting) => loss(data[i] as number, setting)));
      // A loss of l becomes a success with probability l.
      return draw() < loss(strangeness(draw), lambda);
    };
  const controlled = (losses: ReturnType<typeof lossMatrix>) => conformalRiskControl(losses, lambdas, { alpha }).lambda;
  /** The mean loss itself, without the test point. */
  const plain = ({ data }: ReturnType<typeof lossMatrix>) => {
    const j = lambdas.findIndex((_, at) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += data[i * lambdas.length + at] as number;
      return sum <= alpha * n;
    });
    return lambdas[j] as number;
  };
  const uniform = (draw: Draw) => draw();
  // Most points are nearly 0 or exactly 1: the shortfall at 0.7 is hardly smaller than at 0.
  const twoSorts = (draw: Draw) => (draw() < 0.4 ? 1 : draw() ** 4);
  holds("risk control, 0/1 loss", { atMost: alpha }, trial(missed, uniform, controlled));
  holds("risk control, shortfall", { atMost: alpha }, trial(shortfall, uniform, controlled));
  holds("risk control, shortfall of two sorts", { atMost: alpha }, trial(shortfall, twoSorts, controlled));
  fails("risk control without the test point, 0/1 loss", { atMost: alpha }, trial(missed, uniform, plain));
});

test("risk-controlling prediction sets", () => {
  const alpha = 0.2;
  const delta = 0.1;
  const risks: readonly (readonly [string, typeof missed, (lambda: number) => number])[] = [
    ["0/1 loss", missed, (lambda) => 1 - lambda],
    ["shortfall", shortfall, (lambda) => (1 - lambda) ** 2 / 2],
  ];
  const coarse = [0, 0.3, 0.5, 0.7, 0.79, 0.81, 0.9, 1];
  for (const [name, loss, risk] of risks) {
    const trial = (upperConfidenceBound: typeof hoeffdingBound) => (draw: Draw) => {
      const data = many(40, draw);
      const losses = lossMatrix(40, coarse, (i, lambda) => loss(data[i] as number, lambda));
      return risk(rcps(losses, coarse, { alpha, delta, upperConfidenceBound }).lambda) > alpha;
    };
    for (const bound of [hoeffdingBound, hoeffdingBentkusBound, empiricalBernsteinBound, clopperPearsonBound]) {
      if (loss === shortfall && bound !== hoeffdingBentkusBound) continue;
      holds(`RCPS, ${bound.name}, ${name}`, { atMost: delta }, trial(bound));
    }
    fails(
      `RCPS by the mean itself, ${name}`,
      { atMost: delta },
      trial((losses) => losses.reduce((a, b) => a + b) / 40),
    );
  }
});

test("learn then test", () => {
  const alpha = 0.3;
  const delta = 0.2;
  /** Settings with risks just above alpha, and two below it; the losses of one point go together only in part. */
  const risks = [0.3001, 0.1, 0.3001, 0.3001, 0.02];
  const trial =
    (procedure: typeof holm, pValue: typeof binomialPValue) =>
    (draw: Draw): boolean => {
      const losses = many(20, () => {
        const common = draw();
        return risks.map((risk) => ((draw() < 0.3 ? common : draw()) < risk ? 1 : 0));
      });
      const { selected } = learnThenTest(losses, { alpha, delta, procedure, pValue });
      return selected.some((j) => (risks[j] as number) > alpha);
    };
  holds("learn then test, Holm", { atMost: delta }, trial(holm, binomialPValue));
  holds("learn then test, Holm, Hoeffding-Bentkus", { atMost: delta }, trial(holm, hoeffdingBentkusPValue));
  holds("learn then test, Bonferroni", { atMost: delta }, trial(bonferroni, binomialPValue));
  const order = [4, 1, 0, 2, 3];
  holds("learn then test, fixed sequence", { atMost: delta }, trial(fixedSequence({ order }), binomialPValue));
  const each = (p: ArrayLike<number>, level: number) =>
    Array.from(p, (_, j) => j).filter((j) => (p[j] as number) <= level);
  fails("each setting tested by itself", { atMost: delta }, trial(each, binomialPValue));
});
