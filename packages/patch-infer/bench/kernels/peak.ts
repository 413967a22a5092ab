import type * as Asc from "assemblyscript/asc";
import { compiledModule, newInstance, newMemory } from "../../src/kernels/wasm.ts";

/** Eight independent sums; the products differ from round to round, so that none can be reused. */
const sums = ["a", "b", "c", "d", "e", "f", "g", "h"];
const source = `export function peak(rounds: i32, seed: f32): f32 {
  ${sums.map((name) => `let ${name} = f32x4.splat(seed);`).join("\n  ")}
  ${[0, 1, 2, 3].map((i) => `const w${i} = f32x4.splat(seed * ${i + 1});`).join("\n  ")}
  let x = f32x4.splat(seed);
  let y = f32x4.splat(seed);
  for (let i = 0; i < rounds; i++) {
    ${sums.map((name, i) => `${name} = f32x4.add(${name}, f32x4.mul(${i < 4 ? "x" : "y"}, w${i % 4}));`).join("\n    ")}
    x = f32x4.add(x, w0);
    y = f32x4.add(y, w1);
  }
  return f32x4.extract_lane(${sums.reduce((left, right) => `f32x4.add(${left}, ${right})`)}, 0);
}`;

/** A function that does 0.64 million multiply-accumulates (of single numbers) with 128-bit registers and no memory. */
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
  return () => peak(20_000, 0.5);
}
