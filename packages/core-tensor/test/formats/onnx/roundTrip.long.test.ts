import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { type RoundTripCounts, roundTrips } from "./roundTrip.ts";

const programs = Number(process.env["PARSIMONY_PROGRAMS"] ?? 10_000);
const seed = Number(process.env["PARSIMONY_SEED"] ?? 1);
const counts: Record<string, RoundTripCounts> = {};

/** Two thirds have fixed dimensions, one third a symbolic one that takes three numbers in turn. */
const fixed = Math.ceil((programs * 2) / 3);

test("random programs come back from ONNX with the same bits", () => {
  counts["fixed"] = roundTrips(fixed, seed);
  counts["symbolic"] = roundTrips(programs - fixed, seed, { symbolic: true });
  expect(counts["fixed"].programs + counts["symbolic"].programs).toBe(programs);
});

afterAll(() => {
  const text = JSON.stringify({ programs, seed, counts }, null, 2);
  console.log(text);
  const folder = new URL("../../../../../reports/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("onnx-round-trip.json", folder), `${text}\n`);
});
