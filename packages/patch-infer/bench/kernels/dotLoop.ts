import { compileLoop } from "./compileLoop.ts";

/** Eight independent sums; the factors differ from round to round, so that no product can be reused. */
const sums = ["a", "b", "c", "d", "e", "f", "g", "h"];
const source = `export function dots(rounds: i32, seed: i32): i32 {
  ${sums.map((name) => `let ${name} = i32x4.splat(seed);`).join("\n  ")}
  ${[0, 1, 2, 3].map((i) => `const w${i} = i32x4.splat(seed * ${i + 1});`).join("\n  ")}
  let x = i32x4.splat(seed);
  let y = i32x4.splat(seed + 1);
  for (let i = 0; i < rounds; i++) {
    ${sums.map((name, i) => `${name} = i32x4.add(${name}, i32x4.dot_i16x8_s(${i < 4 ? "x" : "y"}, w${i % 4}));`).join("\n    ")}
    x = i32x4.add(x, w0);
    y = i32x4.add(y, w1);
  }
  return i32x4.extract_lane(${sums.reduce((left, right) => `i32x4.add(${left}, ${right})`)}, 0);
}`;

/** A function that does 1.28 million multiply-accumulates of 16-bit numbers with 128-bit registers and no memory. */
export async function dotLoop(): Promise<() => unknown> {
  const dots = await compileLoop("dots", source);
  // The optimising compiler comes late.
  for (let i = 0; i < 3000; i++) dots(20_000, 3);
  return () => dots(20_000, 3);
}
