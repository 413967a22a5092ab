import { bench, describe } from "vitest";
import { matmul } from "../src/ops/linalg/matmul.ts";
import { tensor } from "../src/tensor/create.ts";

const matrix = (rows: number, columns: number) =>
  tensor(
    Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
    { shape: [rows, columns] },
  );

describe("matmul, float32", () => {
  for (const [n, k, m] of [
    [512, 512, 512],
    [1, 1024, 1024],
    [64, 784, 128],
  ] as const) {
    const a = matrix(n, k);
    const b = matrix(k, m);
    bench(`${n} x ${k} x ${m}`, () => void matmul(a, b), { time: 2000 });
  }
});
