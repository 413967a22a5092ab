// Builds src/sparse/kernels/kernels.as into src/sparse/kernels/kernelModule.ts.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/scripts/buildKernels.ts
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type * as Asc from "assemblyscript/asc";

const folder = new URL("../src/sparse/kernels/", import.meta.url);
const target = new URL("kernelModule.ts", folder);
const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--importMemory", "--use", "abort="];

/** What the generated file is made from, as a hash in its first lines: tells without the compiler whether it is up to date. */
export async function kernelSourceHash(): Promise<string> {
  const source = await readFile(new URL("kernels.as", folder), "utf8");
  return createHash("sha256").update(options.join(" ")).update(source).digest("hex");
}

/** The text of the generated file: the compiled kernels in base64. */
export async function kernelModuleText(): Promise<string> {
  const source = await readFile(new URL("kernels.as", folder), "utf8");
  let compiled: Uint8Array | undefined;
  // The compiler is large: who only wants the hash doesn't load it.
  const asc: typeof Asc = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main(["kernels.ts", "--outFile", "kernels.wasm", ...options], {
    readFile: (name) => (name === "kernels.ts" ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") compiled = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || compiled === undefined) throw new Error(`kernels.as: ${stderr.toString()}`);
  const base64 = Buffer.from(compiled).toString("base64");
  return [
    "// Generated from kernels.as by packages/lottery/scripts/buildKernels.ts. Do not edit.",
    `// Source and options: SHA-256 ${await kernelSourceHash()}`,
    "",
    `/** The compiled kernels (${compiled.length} bytes of WebAssembly), in base64. */`,
    "export const kernelModule: string =",
    `  "${base64}";`,
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(target, await kernelModuleText());
