import { expect, test } from "vitest";
import { killedProcesses } from "./resume/killing.ts";

test("twenty kills, at other places each time", async () => {
  for (let round = 0; round < 5; round++) {
    const kills = [0, 1, 2, 3].map((i) => [1 + ((round + i) % 2), (7 * round + 3 * i) % 11] as const);
    const { found, expected } = await killedProcesses(kills);
    expect(found).toEqual(expected);
  }
});
