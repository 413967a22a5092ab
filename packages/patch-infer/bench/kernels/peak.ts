import { compileLoop } from "./compileLoop.ts";

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
  const peak = await compileLoop("peak", source);
  return () => peak(10_000, 1e-6);
}
