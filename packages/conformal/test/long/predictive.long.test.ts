import { afterAll, expect, test } from "vitest";
import { predictiveSystem, vennAbers } from "../../src/predictive/index.ts";
import { type Draw, many, simulations, TRIALS } from "./simulation.ts";
import { uniformStream } from "../../src/base/random.ts";

const { holds, fails, counted, save } = simulations("predictive");
afterAll(save);

/** Heavy tails, ties, and a model that is wrong; the spread grows with x. */
function point(draw: Draw) {
  const x = Math.ceil(5 * draw());
  return { prediction: x, y: Math.round(x * Math.tan(Math.PI * (draw() - 0.5))), scale: x, group: x % 2 };
}

test("the probability integral transform is uniform", () => {
  const pit = (draw: Draw, options: { scaled?: boolean; grouped?: boolean; u?: number }) => {
    const data = many(8, () => point(draw));
    const last = point(draw);
    const given = {
      ...(options.scaled ? { scales: data.map(({ scale }) => scale) } : {}),
      ...(options.grouped ? { groups: data.map(({ group }) => group) } : {}),
    };
    const system = predictiveSystem().calibrate(
      data.map(({ prediction }) => prediction),
      data.map(({ y }) => y),
      given,
    );
    const own = {
      ...(options.scaled ? { scale: last.scale } : {}),
      ...(options.grouped ? { group: last.group } : {}),
    };
    return system.predictDistribution(last.prediction, own).cdf(last.y, options.u ?? draw());
  };
  for (const t of [0.05, 0.3, 0.5, 0.9]) {
    holds(`predictive system, PIT at most ${t}`, { atLeast: t, atMost: t }, (draw) => pit(draw, {}) <= t);
  }
  holds("scaled system, PIT at most 0.2", { atLeast: 0.2, atMost: 0.2 }, (d) => pit(d, { scaled: true }) <= 0.2);
  holds("system by groups, PIT at most 0.2", { atLeast: 0.2, atMost: 0.2 }, (d) => pit(d, { grouped: true }) <= 0.2);
  fails("PIT without randomisation", { atLeast: 0.2, atMost: 0.2 }, (d) => pit(d, { u: 0.5 }) <= 0.2);
});

test("the Venn-Abers probability for the label that comes is calibrated at every value", () => {
  const byValue = (own: boolean) => {
    const draw = uniformStream(5);
    const labelled = () => {
      const score = Math.floor(4 * draw());
      return { score, label: draw() < [0.3, 0.1, 0.8, 0.6][score]! ? 1 : 0 };
    };
    const found = new Map<string, { value: number; trials: number; ones: number }>();
    for (let i = 0; i < TRIALS; i++) {
      const data = many(5, labelled);
      const { score, label } = labelled();
      const { p0, p1 } = vennAbers(
        data.map((d) => d.score),
        data.map((d) => d.label),
      ).predictProbability(score);
      const value = own && label === 0 ? p0 : p1;
      const entry = found.get(value.toFixed(9)) ?? { value, trials: 0, ones: 0 };
      entry.trials++;
      entry.ones += label;
      found.set(value.toFixed(9), entry);
    }
    return [...found.values()].filter(({ value, trials, ones }) => {
      if (value > 0 && value < 1) return true;
      expect(own && ones !== value * trials).toBe(false);
      return false;
    });
  };
  for (const { value, trials, ones } of byValue(true)) {
    counted(`Venn-Abers at ${value.toFixed(4)}`, trials, ones, { atLeast: value, atMost: value });
  }
  const wrong = () => {
    for (const { value, trials, ones } of byValue(false)) {
      counted("broken: p1 whatever the label", trials, ones, { atLeast: value, atMost: value });
    }
  };
  expect(wrong).toThrow();
});
