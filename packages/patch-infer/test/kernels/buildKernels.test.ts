import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { kernelModuleUrl, kernelSourceHash, kernelSources } from "../../scripts/buildKernels.ts";

test.each(kernelSources)("the compiled %s kernels were made from the source as it is", async (name) => {
  const committed = await readFile(kernelModuleUrl(name), "utf8");
  expect(committed).toContain(`SHA-256 ${await kernelSourceHash(name)}\n`);
});
