import type * as Asc from "assemblyscript/asc";
import { compiledModule, newInstance, newMemory } from "../../src/kernels/wasm.ts";

/** Twelve sums, each of which gets a share of the next: a multiplication and an addition do not wait for one another. */
const sums = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const source = `export function peak(rounds: i32, share: f32): f32 {
  ${sums.map((name, i) => `let ${name} = f32x4.splat(${i + 1});`).join("\n  ")}
  const w = f32x4.splat(share);
  for (let n = 0; n < rounds; n++) {
    ${sums.map((name, i) => `${name} = f32x4.add(${name}, f32x4.mul(w, ${sums[(i + 1) % 12]}));`).join("\n    ")}
  }
  return f32x4.extract_lane(${sums.reduce((left, right) => `f32x4.add(${left}, ${right})`)}, 0);
}`;

/** A function that does 0.48 million multiply-accumulates (of single numbers) with 128-bit registers and no memory. */
export async function peakLoop(): Promise<() => unknown> {
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
  const { peak } = newInstance<{ readonly peak: (rounds: number, seed: number) => number }>(
    compiledModule("peak", Buffer.from(code).toString("base64")),
    newMemory(65_536),
  );
  return () => peak(10_000, 1e-6);
}
