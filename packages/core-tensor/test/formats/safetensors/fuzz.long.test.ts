import { expect, test } from "vitest";
import { recordFuzz } from "../fuzz.ts";
import { fuzzSafetensors } from "./fuzz.ts";

const count = Number(process.env["PARSIMONY_MUTATIONS"] ?? 10_000);
const seed = Number(process.env["PARSIMONY_SEED"] ?? 1);

test("damaged safetensors files are read or refused in order", async () => {
  const counts = await fuzzSafetensors(count, seed);
  recordFuzz("safetensors", counts);
  for (const { runs, files } of counts) expect(runs).toBe(files * count);
});
