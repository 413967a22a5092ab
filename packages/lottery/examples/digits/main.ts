// Winning tickets in seconds: the lottery ticket experiment on small digits.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/examples/digits/main.ts [seed]
import { findTickets, stepsTo } from "@parsimony/lottery";
import { digitsTrainer, goodLoss, tickets } from "./experiment.ts";

const trainer = await digitsTrainer();
const percent = (share: number | undefined): string => `${(100 * (share ?? 0)).toFixed(1)} %`;
console.log("level  weights left   test accuracy   steps to a validation loss of 0.2");
for await (const { level, density, earlyStop, curve, controls } of findTickets(trainer, {
  ...tickets,
  seed: Number(process.argv[2] ?? 1),
})) {
  const row = (name: string, accuracy: number | undefined, steps: number | undefined): void =>
    console.log(`${name.padEnd(12)} ${percent(accuracy).padStart(16)} ${String(steps ?? "never").padStart(12)}`);
  row(`${level}  ${percent(density.density)}`, earlyStop.test["accuracy"], stepsTo(curve, goodLoss));
  for (const each of controls) row(`  ${each.control}`, each.earlyStop.test["accuracy"], stepsTo(each.curve, goodLoss));
}
await trainer.dispose();
