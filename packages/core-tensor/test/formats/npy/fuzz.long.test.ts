import { expect, test } from "vitest";
import { recordFuzz } from "../fuzz.ts";
import { fuzzNpy } from "./fuzz.ts";

const count = Number(process.env["PARSIMONY_MUTATIONS"] ?? 10_000);
const seed = Number(process.env["PARSIMONY_SEED"] ?? 1);

test("damaged npy and npz files are read or refused in order", async () => {
  const counts = await fuzzNpy(count, seed);
  recordFuzz("npy", counts);
  for (const { runs, files } of counts) expect(runs).toBe(files * count);
});
