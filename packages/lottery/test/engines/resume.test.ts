import { expect, test } from "vitest";
import { killedProcesses } from "./resume/killing.ts";

test("a process that is killed twice leaves a folder that the next one finishes to the same bytes", async () => {
  const { found, expected } = await killedProcesses([
    [2, 1],
    [4, 3],
  ]);
  expect(found).toEqual(expected);
});
