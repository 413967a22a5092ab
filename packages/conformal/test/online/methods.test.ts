import { expect, test } from "vitest";
import {
  type OnlineMethod,
  aci,
  agAci,
  conformalPid,
  dtAci,
  onlineFromJSON,
  quantileTracker,
  saocp,
} from "../../src/online/index.ts";
import { codeOf } from "../codeOf.ts";
import { fixture, thresholdsOf } from "./fixture.ts";

const { start: scores, stream } = fixture;
const gammas = [0.01, 0.05, 0.2, 0.5];
const scorecaster = (past: readonly number[]) => past.slice(-5).reduce((a, b) => a + b, 0) / 10;

const methods: readonly (readonly [name: string, () => OnlineMethod])[] = [
  ["aci", () => aci({ alpha: 0.1, gamma: 0.05, scores })],
  ["aciWindow", () => aci({ alpha: 0.1, gamma: 0.3, scores, window: 40 })],
  ["dtAci", () => dtAci({ alpha: 0.1, gammas, interval: 100, scores })],
  ["dtAciWindow", () => dtAci({ alpha: 0.2, gammas, interval: 50, scores, window: 40 })],
  ["agAci", () => agAci({ alpha: 0.1, gammas, scores })],
  ["agAciWindow", () => agAci({ alpha: 0.1, gammas, scores, window: 40 })],
  ["tracker", () => quantileTracker({ alpha: 0.1, eta: 0.2, q0: 1.5 })],
  ["trackerDecay", () => quantileTracker({ alpha: 0.1, eta: 1, q0: 1.5, decay: 0.6 })],
  ["pid", () => conformalPid({ alpha: 0.1, eta: 0.1, kI: 2, cSat: 0.3, q0: 1 })],
  ["pidForecast", () => conformalPid({ alpha: 0.2, eta: 0.05, kI: 1, cSat: 0.05, q0: 0.5, scorecaster })],
  ["saocp", () => saocp({ alpha: 0.1, scale: 4 })],
  ["saocpShort", () => saocp({ alpha: 0.25, scale: 2, lifetime: 1 })],
];
const functionsOf = (name: string) => (name === "pidForecast" ? { scorecaster } : {});

test.each(methods)("%s: thresholds equal those of a separate implementation", (name, make) => {
  const expected = thresholdsOf(name);
  const method = make();
  for (const [t, score] of stream.entries()) {
    const said = method.threshold();
    const step = method.step(score);
    expect(step).toMatchObject(said);
    expect(step.covered).toBe(said.threshold === -Infinity ? false : score <= said.threshold);
    expect(step.finite).toBe(Number.isFinite(step.threshold));
    expect(step.reason === undefined).toBe(step.finite);
    const wanted = expected[t] as number;
    if (Number.isFinite(wanted)) expect(Math.abs(step.threshold - wanted)).toBeLessThan(1e-9);
    else expect(step.threshold).toBe(wanted);
  }
});

test("dtAci: levels equal those of a separate implementation", () => {
  const method = dtAci({ alpha: 0.1, gammas, interval: 100, scores });
  for (const [t, score] of stream.entries()) {
    expect(method.step(score).alpha).toBeCloseTo(fixture.dtAciLevels[t] as number, 12);
  }
});

test.each(methods)("%s: goes on after a trip through JSON with the same bits", (name, make) => {
  const method = make();
  for (const cut of [0, 1, 60, 30]) {
    for (const score of stream.slice(0, cut)) method.step(score);
    const copy = onlineFromJSON(JSON.parse(JSON.stringify(method)), functionsOf(name));
    expect(copy.toJSON()).toEqual(method.toJSON());
    expect(copy).toMatchObject({ method: method.method, alpha: method.alpha, guarantee: method.guarantee });
    for (const score of stream.slice(0, 50)) expect(copy.step(score)).toEqual(method.step(score));
    expect(copy.state()).toEqual(method.state());
  }
});

test.each(methods)("%s: a look changes nothing, and a bad score nothing either", (_, make) => {
  const method = make();
  for (const score of stream.slice(0, 80)) method.step(score);
  const before = method.toJSON();
  method.threshold();
  method.state();
  expect(codeOf(() => method.step(Number.NaN))).toBe("E_NAN");
  expect(codeOf(() => method.step("1" as never))).toBe("E_NAN");
  expect(method.toJSON()).toEqual(before);
});

test.each(methods.filter(([name]) => !name.includes("pid") && !name.includes("saocp")))(
  "%s: infinite scores are missed and learned",
  (_, make) => {
    const method = make();
    for (let t = 0; t < 40; t++) {
      const { covered, threshold } = method.step(t % 3 === 0 ? Infinity : 0.5);
      if (t % 3 === 0) expect(covered).toBe(threshold === Infinity);
      expect(threshold).not.toBeNaN();
    }
    expect(onlineFromJSON(JSON.parse(JSON.stringify(method))).threshold()).toEqual(method.threshold());
  },
);

test("scores of the same shape on another scale give the same decisions", () => {
  for (const factor of [2 ** -20, 2 ** 20]) {
    const pairs = [
      [agAci({ alpha: 0.1, gammas, scores }), agAci({ alpha: 0.1, gammas, scores: scores.map((s) => s * factor) })],
      [saocp({ alpha: 0.1, scale: 4 }), saocp({ alpha: 0.1, scale: 4 * factor })],
      [quantileTracker({ alpha: 0.1, eta: 1 }), quantileTracker({ alpha: 0.1, eta: factor })],
    ] as const;
    for (const [plain, scaled] of pairs) {
      for (const score of stream) expect(scaled.step(score * factor).covered).toBe(plain.step(score).covered);
    }
  }
});

test("saocp keeps about log2(t) experts, each for its lifetime", () => {
  const method = saocp({ alpha: 0.1, scale: 4, lifetime: 1 });
  for (let t = 1; t <= 1000; t++) {
    method.step(stream[t % stream.length] as number);
    const { births, next } = method.state() as { births: number[]; next: number };
    expect(next).toBe(t + 1);
    expect(births.length).toBeLessThanOrEqual(Math.floor(Math.log2(next)) + 1);
    for (const born of births) expect(next - born).toBeLessThan(born & -born);
  }
});

test("bad options", () => {
  const bad = (make: () => unknown) => codeOf(make);
  expect(bad(() => aci({ alpha: 0 }))).toBe("E_ALPHA");
  expect(bad(() => aci({ alpha: 0.1, gamma: 0 }))).toBe("E_RANGE");
  expect(bad(() => aci({ alpha: 0.1, gamma: Number.NaN }))).toBe("E_NAN");
  expect(bad(() => aci({ alpha: 0.1, alpha1: 1.5 }))).toBe("E_RANGE");
  expect(bad(() => aci({ alpha: 0.1, scores: [1, Number.NaN] }))).toBe("E_NAN at 1");
  expect(bad(() => aci({ alpha: 0.1, window: 0 }))).toBe("E_RANGE");
  expect(bad(() => dtAci({ alpha: 2 }))).toBe("E_ALPHA");
  expect(bad(() => dtAci({ alpha: 0.1, gammas: [] }))).toBe("E_RANGE");
  expect(bad(() => dtAci({ alpha: 0.1, gammas: [0.1, -1] }))).toBe("E_RANGE at 1");
  expect(bad(() => dtAci({ alpha: 0.1, interval: 0.5 }))).toBe("E_RANGE");
  expect(bad(() => dtAci({ alpha: 0.1, sigma: -0.1 }))).toBe("E_RANGE");
  expect(bad(() => dtAci({ alpha: 0.1, eta: Infinity }))).toBe("E_RANGE");
  expect(bad(() => agAci({ alpha: 1 }))).toBe("E_ALPHA");
  expect(bad(() => agAci({ alpha: 0.1, gammas: [Number.NaN] }))).toBe("E_NAN at 0");
  expect(bad(() => quantileTracker({ alpha: 0.1, eta: -1 }))).toBe("E_RANGE");
  expect(bad(() => quantileTracker({ alpha: 0.1, eta: 1, q0: Infinity }))).toBe("E_RANGE");
  expect(bad(() => quantileTracker({ alpha: 0.1, eta: 1, decay: 1 }))).toBe("E_RANGE");
  expect(bad(() => conformalPid({ alpha: 0.1, eta: -1, kI: 1 }))).toBe("E_RANGE");
  expect(bad(() => conformalPid({ alpha: 0.1, eta: 1, kI: Number.NaN }))).toBe("E_NAN");
  expect(bad(() => conformalPid({ alpha: 0.1, eta: 1, kI: 1, cSat: 0 }))).toBe("E_RANGE");
  expect(bad(() => conformalPid({ alpha: 0.1, eta: 1, kI: 1, scorecaster: () => Number.NaN }).step(1))).toBe("E_NAN");
  const broken = conformalPid({ alpha: 0.1, eta: 1, kI: 1, saturation: () => Number.NaN });
  broken.step(1);
  expect(broken.guarantee).toBe("none");
  expect(bad(() => broken.step(1))).toBe("E_NAN");
  expect(bad(() => saocp({ alpha: 0.1, scale: 0 }))).toBe("E_RANGE");
  expect(bad(() => saocp({ alpha: 0.1, scale: 1, q0: Number.NaN }))).toBe("E_NAN");
  expect(bad(() => saocp({ alpha: 0.1, scale: 1, lifetime: 0 }))).toBe("E_RANGE");
  expect(bad(() => saocp({ alpha: 0.1, scale: 1 }).step(Infinity))).toBe("E_RANGE");
});

test("onlineFromJSON checks what it reads", () => {
  const read = (json: unknown) => codeOf(() => onlineFromJSON(json));
  expect(read(null)).toBe("E_JSON");
  expect(read({ kind: "other" })).toBe("E_JSON");
  const changed = (make: () => OnlineMethod, part: "options" | "state", change: Record<string, unknown>) => {
    const method = make();
    for (const score of stream.slice(0, 20)) method.step(score);
    const json = JSON.parse(JSON.stringify(method)) as Record<string, Record<string, unknown>>;
    return read({ ...json, [part]: { ...json[part], ...change } });
  };
  const [aciMade, dtAciMade, agAciMade] = [methods[0], methods[2], methods[4]].map((m) => m![1]) as [
    () => OnlineMethod,
    () => OnlineMethod,
    () => OnlineMethod,
  ];
  expect(read({ ...aciMade().toJSON(), method: "toString" })).toBe("E_JSON");
  expect(read({ ...aciMade().toJSON(), version: 2 })).toBe("E_JSON");
  expect(read({ ...aciMade().toJSON(), state: [] })).toBe("E_JSON");
  expect(changed(aciMade, "options", { alpha: "x" })).toBe("E_JSON");
  expect(changed(aciMade, "options", { alpha: 2 })).toBe("E_ALPHA");
  expect(changed(aciMade, "state", { level: null })).toBe("E_JSON");
  expect(changed(aciMade, "state", { level: "Infinity" })).toBe("E_RANGE");
  expect(changed(aciMade, "state", { scores: 3 })).toBe("E_JSON");
  expect(changed(aciMade, "state", { scores: ["NaN"] })).toBe("E_JSON");
  expect(changed(dtAciMade, "state", { weights: [1] })).toBe("E_JSON");
  expect(changed(dtAciMade, "state", { weights: [0.5, 0.1, 0.1, 0.1] })).toBe("E_JSON");
  expect(changed(dtAciMade, "options", { gammas: [] })).toBe("E_RANGE");
  expect(changed(agAciMade, "state", { squares: [1, 1, 1, -1] })).toBe("E_RANGE");
  expect(changed(() => quantileTracker({ alpha: 0.1, eta: 1 }), "state", { steps: -1 })).toBe("E_RANGE");
  expect(changed(() => saocp({ alpha: 0.1, scale: 1 }), "state", { births: [] })).toBe("E_JSON");
  expect(changed(() => saocp({ alpha: 0.1, scale: 1 }), "state", { next: 2 })).toBe("E_RANGE");
  const withForecast = conformalPid({ alpha: 0.1, eta: 1, kI: 1, scorecaster });
  expect(read(withForecast.toJSON())).toBe("E_JSON");
  const without = conformalPid({ alpha: 0.1, eta: 1, kI: 1 }).toJSON();
  expect(codeOf(() => onlineFromJSON(without, { scorecaster }))).toBe("E_JSON");
});
