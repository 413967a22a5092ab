import type * as Asc from "assemblyscript/asc";
import { compiledModule, newInstance, newMemory } from "../../src/kernels/wasm.ts";

/** Compiles AssemblyScript that exports one function over two numbers: the loops whose speed is a limit. */
export async function compileLoop(name: string, source: string): Promise<(rounds: number, seed: number) => number> {
  const asc: typeof Asc = await import("assemblyscript/asc");
  let code: Uint8Array = new Uint8Array(0);
  const { error, stderr } = await asc.main(
    ["p.ts", "--outFile", "p.wasm", "-O3", "--runtime", "stub", "--enable", "simd"],
    {
      readFile: (file) => (file === "p.ts" ? source : null),
      writeFile: (_name, contents) => {
        if (typeof contents !== "string") code = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null) throw new Error(stderr.toString());
  const instance = newInstance<Readonly<Record<string, (rounds: number, seed: number) => number>>>(
    compiledModule(name, Buffer.from(code).toString("base64")),
    newMemory(65_536),
  );
  const loop = instance[name];
  if (loop === undefined) throw new Error(`no function ${name} is exported`);
  return loop;
}
