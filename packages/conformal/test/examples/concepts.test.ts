import { expect, test } from "vitest";
import { binomialCdf } from "../../src/base/binomial.ts";
import { compareRules, gatherEvidence } from "../../examples/concepts/pipeline.ts";

// The example with fewer images and copies: what it claims must hold at any size.
test("concepts.ts: certified coverage is below the coverage under attack, and that is what was asked for", async () => {
  const options = {
    training: 3000,
    epochs: 1,
    calibration: 150,
    holdout: 100,
    attacked: 30,
    samples: 60,
    sigma: 0.25,
    radius: 0.125,
    alpha: 0.2,
    failure: 0.01,
    weight: 1,
  };
  const outcomes = compareRules(await gatherEvidence(options, () => undefined), options);
  expect(outcomes.map(({ name }) => name)).toEqual(["without rules", "with rules"]);
  for (const { certified, underAttack, attackedSize, cleanSize } of outcomes) {
    expect(certified).toBeGreaterThan(0);
    expect(certified).toBeLessThanOrEqual(underAttack);
    // So few of 30 attacked digits covered would have probability 1e-6 at most, were the coverage given calibration 0.6.
    const covered = Math.round(underAttack * options.attacked);
    expect(binomialCdf(covered, options.attacked, 0.6)).toBeGreaterThan(1e-6);
    expect(Math.min(attackedSize, cleanSize)).toBeGreaterThan(0.8);
  }
});
