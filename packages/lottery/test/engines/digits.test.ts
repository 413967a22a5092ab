import { expect, test } from "vitest";
import { digitsTrainer, goodLoss, tickets } from "../../examples/digits/experiment.ts";
import { findTickets, type LevelResult, stepsTo } from "../../src/index.ts";

test("winning tickets on real digits: the order of ticket, reinitialised ticket and random mask", async () => {
  const trainer = await digitsTrainer();
  const levels: LevelResult[] = [];
  // The example's rounds two at a time: half the nets to train.
  const twice = (rate: number): number => 1 - (1 - rate) ** 2;
  const { rate = 0, outputRate = 0 } = tickets;
  const experiment = findTickets(trainer, {
    ...tickets,
    rounds: 4,
    rate: twice(rate as number),
    outputRate: twice(outputRate),
    controls: [
      { kind: "reinit", levels: [1, 3, 4] },
      { kind: "randomMask", scope: "layer", levels: [4] },
    ],
    seed: 1,
  });
  for await (const level of experiment) levels.push(level);
  await trainer.dispose();
  const accuracy = (result: { readonly earlyStop: LevelResult["earlyStop"] }): number =>
    result.earlyStop.test["accuracy"] as number;
  const at = (level: number): LevelResult => levels[level] as LevelResult;
  const control = (level: number, name: string): LevelResult["controls"][number] => {
    const found = at(level).controls.find((each) => each.control === name);
    if (found === undefined) throw new Error(`level ${level} has no ${name}`);
    return found;
  };
  expect(levels.map(({ density }) => density.kept)).toEqual([50_200, 18_352, 6786, 2558, 995]);

  // As good as the dense net at an eighth of the weights, and 98 % of them can go before a tenth of the images is lost.
  expect(accuracy(at(0)) - accuracy(at(2))).toBeLessThanOrEqual(0.01);
  expect(accuracy(at(4))).toBeGreaterThan(0.9);
  // The weights that the mask came with matter, and more and more; so does where the mask keeps them.
  expect(accuracy(at(3)) - accuracy(control(3, "reinit"))).toBeGreaterThanOrEqual(0.01);
  expect(accuracy(at(4)) - accuracy(control(4, "reinit"))).toBeGreaterThanOrEqual(0.05);
  expect(accuracy(control(4, "reinit")) - accuracy(control(4, "randomMask"))).toBeGreaterThanOrEqual(0.1);
  // It learns faster, too.
  const [ticket, fresh] = [stepsTo(at(1).curve, goodLoss), stepsTo(control(1, "reinit").curve, goodLoss)];
  expect(ticket).toBeLessThanOrEqual(0.6 * (fresh ?? Infinity));
});
