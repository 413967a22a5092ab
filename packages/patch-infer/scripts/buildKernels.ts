// Builds src/kernels/float/float.as and src/kernels/int8/int8.as, with what they import, into the modules beside them.
// Run: node --conditions=@parsimony/source --import tsx packages/patch-infer/scripts/buildKernels.ts
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type * as Asc from "assemblyscript/asc";

const folder = new URL("../src/kernels/", import.meta.url);
const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--importMemory", "--use", "abort="];

export type KernelSource = "float" | "int8";
export const kernelSources: readonly KernelSource[] = ["float", "int8"];

/** What a generated file is made from, as a hash in its first lines: tells without the compiler whether it is up to date. */
export async function kernelSourceHash(name: KernelSource): Promise<string> {
  const hash = createHash("sha256").update(options.join(" "));
  for (const [file, source] of await sourcesOf(name)) hash.update(`\n${file}\n${source}`);
  return hash.digest("hex");
}

/** The generated file. */
export function kernelModuleUrl(name: KernelSource): URL {
  return new URL(`${name}/${name}Module.ts`, folder);
}

/** The text of the generated file: the compiled kernels in base64. */
export async function kernelModuleText(name: KernelSource): Promise<string> {
  const sources = await sourcesOf(name);
  let compiled: Uint8Array | undefined;
  // The compiler is large: who only wants the hash doesn't load it.
  const asc: typeof Asc = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main([`${name}/${name}.ts`, "--outFile", `${name}.wasm`, ...options], {
    readFile: (file) => sources.get(file) ?? null,
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") compiled = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || compiled === undefined) throw new Error(`${name}.as: ${stderr.toString()}`);
  const base64 = Buffer.from(compiled).toString("base64");
  return [
    `// Generated from ${name}.as by packages/patch-infer/scripts/buildKernels.ts. Do not edit.`,
    `// Source and options: SHA-256 ${await kernelSourceHash(name)}`,
    "",
    `/** The compiled kernels (${compiled.length} bytes of WebAssembly), in base64. */`,
    `export const ${name}Module: string =`,
    `  "${base64}";`,
    "",
  ].join("\n");
}

/** The sources in the kernels' own folder and in the one above, in order, by the names that the compiler asks for. */
async function sourcesOf(name: KernelSource): Promise<ReadonlyMap<string, string>> {
  const files = await Promise.all(
    ["", `${name}/`].map(async (within) =>
      (await readdir(new URL(within, folder)))
        .filter((file) => file.endsWith(".as"))
        .toSorted()
        .map((file) => within + file),
    ),
  );
  return new Map(
    await Promise.all(
      files
        .flat()
        .map(async (file) => [file.replace(/\.as$/, ".ts"), await readFile(new URL(file, folder), "utf8")] as const),
    ),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [only] = process.argv.slice(2);
  for (const name of kernelSources) {
    if (only === undefined || only === name) await writeFile(kernelModuleUrl(name), await kernelModuleText(name));
  }
}
