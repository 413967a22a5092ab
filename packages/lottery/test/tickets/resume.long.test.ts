import { expect, test } from "vitest";
import type { Cut } from "./brokenStore.ts";
import { variants } from "./experiment.ts";
import { killAndResume, measured } from "./killing.ts";

for (const [name, options] of Object.entries(variants)) {
  for (const cut of ["before", "torn", "after"] as const satisfies readonly Cut[]) {
    test(`${name}: killed at every change of the store (${cut} it), the same bytes in every file`, async () => {
      const { changes } = await measured(options);
      expect(changes).toBeGreaterThan(20);
      await killAndResume(
        options,
        Array.from({ length: changes }, (_, change) => change),
        [cut],
      );
    });
  }
}
