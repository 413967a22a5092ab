import { expect, test } from "vitest";
import { MAX_MESSAGES, decodeModel } from "../../../src/formats/onnx/decode.ts";
import { recordFuzz } from "../fuzz.ts";
import { fuzzDecode } from "./decodeFuzz.ts";
import { delimited } from "./wire.ts";

const count = Number(process.env["PARSIMONY_MUTATIONS"] ?? 10_000);
const seed = Number(process.env["PARSIMONY_SEED"] ?? 1);

test("damaged ONNX files are decoded or refused in order", async () => {
  const counts = await fuzzDecode(count, seed);
  recordFuzz("onnx-decode", counts);
  for (const { runs, files } of counts) expect(runs).toBe(files * count);
});

test("more messages than any model has are refused in seconds", () => {
  const nodes = new Uint8Array(2 * (MAX_MESSAGES + 10)).map((_, i) => (i % 2 === 0 ? 10 : 0));
  const file = delimited(7, nodes);
  const start = performance.now();
  expect(() => decodeModel(file)).toThrow(/expected at most 4194304 messages/);
  expect(performance.now() - start).toBeLessThan(30_000);
});
