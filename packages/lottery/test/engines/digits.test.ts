import { expect, test } from "vitest";
import { digitsTrainer, goodLoss, tickets } from "../../examples/digits/experiment.ts";
import { findTickets, type LevelResult, stepsTo } from "../../src/index.ts";

test("winning tickets on real digits: the order of ticket, reinitialised ticket and random mask", async () => {
  const trainer = await digitsTrainer();
  const levels: LevelResult[] = [];
  for await (const level of findTickets(trainer, { ...tickets, seed: 1 })) levels.push(level);
  await trainer.dispose();
  const accuracy = (result: { readonly earlyStop: LevelResult["earlyStop"] }): number =>
    result.earlyStop.test["accuracy"] as number;
  const at = (level: number): LevelResult => levels[level] as LevelResult;
  const control = (level: number, name: string): LevelResult["controls"][number] => {
    const found = at(level).controls.find((each) => each.control === name);
    if (found === undefined) throw new Error(`level ${level} has no ${name}`);
    return found;
  };
  expect(levels.map(({ density }) => density.kept).slice(0, 3)).toEqual([50_200, 30_320, 18_352]);

  // As good as the dense net at an eighth of the weights, and 98 % of them can go before a tenth of the images is lost.
  expect(accuracy(at(0)) - accuracy(at(4))).toBeLessThanOrEqual(0.01);
  expect(accuracy(at(8))).toBeGreaterThan(0.9);
  // The weights that the mask came with matter, and more and more; so does where the mask keeps them.
  expect(accuracy(at(6)) - accuracy(control(6, "reinit"))).toBeGreaterThanOrEqual(0.004);
  expect(accuracy(at(8)) - accuracy(control(8, "reinit"))).toBeGreaterThanOrEqual(0.05);
  expect(accuracy(control(8, "reinit")) - accuracy(control(8, "randomMask"))).toBeGreaterThanOrEqual(0.1);
  // It learns faster, too.
  const [ticket, fresh] = [stepsTo(at(2).curve, goodLoss), stepsTo(control(2, "reinit").curve, goodLoss)];
  expect(ticket).toBeLessThanOrEqual(0.7 * (fresh ?? Infinity));
});
