import { matmul, random } from "@parsimony/core-tensor";
import { type Spread, spread } from "./statistics.ts";

/** The eager reference's matrix product of two squares. */
export interface EagerMatmul {
  readonly size: number;
  readonly milliseconds: Spread;
  readonly gigaflops: number;
}

export function eagerMatmul(repetitions: number, size = 512): EagerMatmul {
  const [a, b] = (random.split(random.key(4)) as [random.Key, random.Key]).map((key) =>
    random.normal(key, [size, size]),
  ) as [ReturnType<typeof random.normal>, ReturnType<typeof random.normal>];
  matmul(a, b);
  const times = Array.from({ length: repetitions }, () => {
    const start = performance.now();
    matmul(a, b);
    return performance.now() - start;
  });
  const milliseconds = spread(times);
  return { size, milliseconds, gigaflops: (2 * size ** 3) / milliseconds.median / 1e6 };
}
