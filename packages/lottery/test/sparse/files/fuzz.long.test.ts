import { expect, test } from "vitest";
import { fuzzSparse } from "./fuzz.ts";

const count = Number(process.env["PARSIMONY_MUTATIONS"] ?? 10_000);

test("damaged files are read or refused in order", () => {
  const counts = fuzzSparse(count);
  console.log(JSON.stringify(counts));
  expect(counts.runs).toBe(13 * count * 2);
});
