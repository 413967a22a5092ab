import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { kernelModuleText } from "../../../scripts/buildKernels.ts";

test("the compiled kernels are those of their source", async () => {
  const committed = await readFile(new URL("../../../src/sparse/kernels/kernelModule.ts", import.meta.url), "utf8");
  expect(await kernelModuleText()).toBe(committed);
});
