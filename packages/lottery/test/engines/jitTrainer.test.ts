import type { Tensor, random } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { adam } from "@parsimony/core-tensor/optim";
import { afterAll, expect, test } from "vitest";
import { examples, loadDigits } from "../../examples/shared/images.ts";
import { type LeNet, initLeNet, lenetLogits } from "../../examples/shared/lenet.ts";
import {
  assertSparse,
  classification,
  jitTrainer,
  onesMask,
  shuffleMask,
  pruneByScore,
  randomScores,
} from "../../src/index.ts";

const digits = examples(await loadDigits());
const trainer = await jitTrainer({
  init: (key: random.Key) => initLeNet(key, 64),
  objective: classification((params: LeNet, x: Tensor) => lenetLogits(params, x, 16)),
  optimizer: adam(2e-3),
  data: { train: digits, validation: digits, test: digits },
  steps: 130,
});
afterAll(() => trainer.dispose());

test("on onnxruntime a run in pieces of any length has the bits of the run in one, and masked weights are +0", async () => {
  const params = await trainer.init(1);
  const ones = onesMask(params);
  const mask = shuffleMask(pruneByScore(randomScores(ones, 1), ones, { density: 0.2 }), { scope: "layer", seed: 2 });
  const start = await trainer.begin(params);
  const whole = await trainer.advance(start, mask, 130, 3);
  let state = start;
  for (const step of [7, 100, 101, 130]) state = await trainer.advance(state, mask, step, 3);
  for (const name of Object.keys(whole.params))
    expect(state.params[name]?.dataSync()).toEqual(whole.params[name]?.dataSync());
  for (const name of Object.keys(whole.optimizer))
    expect(state.optimizer[name]?.dataSync()).toEqual(whole.optimizer[name]?.dataSync());
  assertSparse(whole.params, mask);
  expect((await trainer.evaluate(whole.params, "test"))["accuracy"]).toBeGreaterThan(0.9);
});

test("without a backend it starts onnxruntime itself, and says so", async () => {
  const backend = await onnxruntime();
  expect(trainer.description).toMatchObject({ engine: `${backend.name} (${backend.device})` });
  await backend.dispose();
});
