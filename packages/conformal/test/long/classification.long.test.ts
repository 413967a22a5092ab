import { afterAll, test } from "vitest";
import {
  aps,
  clusteredClassifier,
  conformalRank,
  crossClassifier,
  fullClassifier,
  lac,
  mondrianClassifier,
  pValueClassifier,
  splitClassifier,
  weightedClassifier,
} from "../../src/index.ts";
import { nearestMean, scores } from "../classification/methods.ts";
import { type Draw, many, simulations, uncorrected } from "./simulation.ts";

const { holds, fails, save } = simulations("classification");
afterAll(save);

const n = 9;
const alpha = 0.25;
const exact = conformalRank(n, alpha) / (n + 1);

interface Example {
  readonly probabilities: number[];
  readonly label: number;
}

/** Class 0 is common and class 2 rare, and the model is often sure of the wrong one. */
function example(draw: Draw, tied = false): Example {
  const r = draw();
  const label = r < 0.6 ? 0 : r < 0.9 ? 1 : 2;
  const weights = many(3, () => (tied ? 1 + Math.floor(3 * draw()) : draw() ** 4 + 1e-9));
  if (draw() < 0.6) weights[label] = (weights[label] as number) * 4;
  const total = weights.reduce((sum, w) => sum + w);
  return { probabilities: weights.map((w) => w / total), label };
}

const split = (examples: readonly Example[]): [number[][], number[]] => [
  examples.map(({ probabilities }) => probabilities),
  examples.map(({ label }) => label),
];

// Without randomisation a topK score has few values, whatever the probabilities.
const isTied = (name: string) => /^(topK|top-k).*determ|determ.*top/i.test(name);

test.each(scores)("split, $name", (score) => {
  const trial = (level: number, tied: boolean) => (draw: Draw) => {
    const data = many(n, () => example(draw, tied));
    const { probabilities, label } = example(draw, tied);
    const predictor = splitClassifier({ score, alpha: level }).calibrate(...split(data));
    return predictor.predictSet(probabilities).labels.includes(label);
  };
  holds(`split ${score.name}, ties`, { atLeast: 1 - alpha }, trial(alpha, true));
  if (isTied(score.name)) return;
  const both = score.name.includes("determ") ? { atLeast: exact } : { atLeast: exact, atMost: exact };
  holds(`split ${score.name}`, both, trial(alpha, false));
  if (score === lac || score.name === aps().name) {
    fails(`split ${score.name} without the test point`, { atLeast: 1 - alpha }, trial(uncorrected(n, alpha), false));
  }
});

test("within each class, group and cluster", () => {
  /** The model neglects class 2: it gives it a third of what it should. */
  const neglecting = ({ probabilities: [p = 0, q = 0, r = 0], label }: Example): Example => {
    const total = p + q + r / 3;
    return { probabilities: [p / total, q / total, r / 3 / total], label };
  };
  const perClass = (label: number, mondrian: "none" | "label") => (draw: Draw) => {
    const data = many(20, () => neglecting(example(draw)));
    let last = neglecting(example(draw));
    while (last.label !== label) last = neglecting(example(draw));
    const predictor = splitClassifier({ score: lac, alpha, mondrian }).calibrate(...split(data));
    return predictor.predictSet(last.probabilities).labels.includes(label);
  };
  for (const label of [0, 2]) {
    holds(`label-conditional LAC, class ${label}`, { atLeast: 1 - alpha }, perClass(label, "label"));
  }
  fails("one threshold for all classes, class 2", { atLeast: 1 - alpha }, perClass(2, "none"));
  holds("Mondrian groups, the rarer one", { atLeast: 1 - alpha }, (draw) => {
    const groups = many(14, () => (draw() < 0.3 ? "rare" : "common"));
    const data = groups.map((group) => example(draw, group === "rare"));
    const { probabilities, label } = example(draw, true);
    const predictor = mondrianClassifier(splitClassifier({ score: lac, alpha })).calibrate(...split(data), { groups });
    return predictor.predictSet(probabilities, { group: "rare" }).labels.includes(label);
  });
  holds("clustered, marginally", { atLeast: 1 - alpha }, (draw, i) => {
    const data = many(24, () => example(draw));
    const { probabilities, label } = example(draw);
    const predictor = clusteredClassifier({ score: lac, alpha, clusters: 2, seed: i }).calibrate(...split(data));
    return predictor.predictSet(probabilities).labels.includes(label);
  });
});

test("weighted", () => {
  /** The larger x, the worse the model; test points have larger x, with density 3x^2. */
  const at = (x: number, draw: Draw) => {
    const p = 1 - x ** 4 * (0.05 + 0.9 * draw());
    return { probabilities: [p, 1 - p], label: 0 };
  };
  const trial = (weighted: boolean) => (draw: Draw) => {
    const xs = many(n, draw);
    const data = xs.map((x) => at(x, draw));
    const x = Math.max(draw(), draw(), draw());
    const { probabilities } = at(x, draw);
    const ratio = (value: number) => (weighted ? 3 * value * value : 1);
    const predictor = weightedClassifier({ score: lac, alpha }).calibrate(...split(data), xs.map(ratio));
    return predictor.predictSet(probabilities, ratio(x)).labels.includes(0);
  };
  holds("weighted LAC", { atLeast: 1 - alpha }, trial(true));
  fails("LAC without weights under shift", { atLeast: 1 - alpha }, trial(false));
});

test("full, CV+ and p-values", () => {
  const point = (draw: Draw) => {
    const label = draw() < 0.5 ? 0 : 1;
    return { value: Math.floor(4 * (label + 2 * draw())), label };
  };
  holds("full conformal, nearest mean", { atLeast: 1 - alpha }, (draw) => {
    const data = many(7, () => point(draw));
    const last = point(draw);
    const options = { classes: 2, fit: nearestMean(2), score: lac, alpha };
    return fullClassifier(
      data.map(({ value }) => value),
      data.map(({ label }) => label),
      options,
    )
      .predictSet(last.value)
      .labels.includes(last.label);
  });
  const pValue = (tieBreak: (draw: Draw) => number, draw: Draw) => {
    const data = many(n, () => example(draw, true));
    const { probabilities, label } = example(draw, true);
    const predictor = pValueClassifier({ score: lac }).calibrate(...split(data));
    return predictor.pValues(probabilities, { tieBreak: tieBreak(draw) })[label] as number;
  };
  holds("smoothed p-value at most 0.13", { atLeast: 0.13, atMost: 0.13 }, (draw) => pValue((d) => d(), draw) <= 0.13);
  fails("p-value with ties never counted", { atMost: 0.13 }, (draw) => pValue(() => 0, draw) <= 0.13);
  holds("CV+ of given probabilities, 3 folds", { atLeast: 1 - 2 * alpha }, (draw) => {
    const data = many(n, () => example(draw, true));
    const { probabilities, label } = example(draw, true);
    const folds = data.map((_, i) => i % 3);
    const predictor = crossClassifier({ score: lac, alpha }).calibrate(...split(data), folds);
    return predictor.predictSet([probabilities, probabilities, probabilities]).labels.includes(label);
  });
});
