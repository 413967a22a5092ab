// Certified sets of digits by networks, rules between what they see, and randomised smoothing, under attack.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/concepts.ts
import { compareRules, gatherEvidence } from "./concepts/pipeline.ts";

const options = {
  training: 20_000,
  epochs: 3,
  calibration: 1000,
  holdout: 600,
  attacked: 200,
  samples: 1000,
  sigma: 0.25,
  radius: 0.125,
  alpha: 0.1,
  failure: 0.001,
  weight: 1,
};

const evidence = await gatherEvidence(options, (line) => console.error(line));
for (const outcome of compareRules(evidence, options)) {
  const { name, accuracy, cleanSize, certified, underAttack, attackedSize } = outcome;
  console.log(
    `${name}: certified coverage ${certified.toFixed(4)} <= coverage under attack ${underAttack.toFixed(4)}; ` +
      `mean set size ${attackedSize.toFixed(2)} under attack, ${cleanSize.toFixed(2)} clean; ` +
      `accuracy ${accuracy.toFixed(4)}`,
  );
}
