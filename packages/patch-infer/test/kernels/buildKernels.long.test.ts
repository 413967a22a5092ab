import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { kernelModuleText, kernelModuleUrl, kernelSources } from "../../scripts/buildKernels.ts";

test.each(kernelSources)("compiling the %s kernels again gives the same bytes", async (name) => {
  expect(await kernelModuleText(name)).toBe(await readFile(kernelModuleUrl(name), "utf8"));
});
