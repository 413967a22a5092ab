import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { kernelSourceHash } from "../../../scripts/buildKernels.ts";

test("the compiled kernels were made from their source as it is", async () => {
  const committed = await readFile(new URL("../../../src/sparse/kernels/kernelModule.ts", import.meta.url), "utf8");
  expect(committed).toContain(`SHA-256 ${await kernelSourceHash()}\n`);
});
