import { expect, test } from "vitest";
import { recordFuzz } from "../fuzz.ts";
import { fuzzRead } from "./readFuzz.ts";

const count = Number(process.env["PARSIMONY_MUTATIONS"] ?? 10_000);
const seed = Number(process.env["PARSIMONY_SEED"] ?? 1);

test("damaged networks are read or refused in order", async () => {
  const counts = await fuzzRead(count, seed);
  recordFuzz("onnx-read", [counts]);
  expect(counts.runs).toBe(counts.files * count);
});
