import { expect, test } from "vitest";
import { killedProcesses } from "./resume/killing.ts";

test("a process that is killed leaves a folder that the next one finishes to the same bytes", async () => {
  const { found, expected } = await killedProcesses([[3, 1]]);
  expect(found).toEqual(expected);
});
