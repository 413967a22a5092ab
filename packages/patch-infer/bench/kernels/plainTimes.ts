// Times of plain loops, each kind of loop in a process of its own. In one process with others the same loop was measured to be
// up to ten times slower: where a memory of WebAssembly has grown (as that of tfjs does) the engine throws away optimised code
// that reads typed arrays; every first shape of a kind does the same; and on a busy machine the compiler's thread comes late, so
// that code which is not optimised was measured. Here all shapes are run before the first is measured, and the compiler does not
// run beside the loops.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { typescriptKernels } from "../../src/kernels/typescriptKernels.ts";
import * as float from "./floatCase.ts";
import * as int8 from "./int8Case.ts";
import { inTurns } from "./inTurns.ts";
import { type Shape, macs, outputSize, shapeSets } from "./shapes.ts";

export type PlainLoop = "naive" | "typescript";

/** Milliseconds of one convolution, for each shape of a list. */
export function plainTimes(cells: "float32" | "int8", set: string, loop: PlainLoop): readonly number[] {
  const flags = [...process.execArgv, "--no-concurrent-recompilation", fileURLToPath(import.meta.url)];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, cells, set, loop], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as number[];
}

/** So many rows that a run is short: it is interrupted less often. */
function rowsOf(shape: Shape): number {
  const out = outputSize(shape);
  return Math.max(1, Math.min(out, Math.round((out * 1e6) / macs(shape))));
}

function runOf(cells: string, loop: string, shape: Shape): () => unknown {
  const rows = rowsOf(shape);
  if (cells === "int8") {
    const one = int8.int8CaseOf(shape);
    return (loop === "naive" ? int8.naive(one, rows) : int8.ours(typescriptKernels, one, rows)).run;
  }
  const one = float.caseOf(shape);
  return (loop === "naive" ? float.naive(one, rows) : float.ours(typescriptKernels, one, rows)).run;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , cells = "", set = "", loop = ""] = process.argv;
  const shapes = shapeSets[set] ?? [];
  const runs = shapes.map((shape) => runOf(cells, loop, shape));
  for (let round = 0; round < 5; round++) for (const run of runs) run();
  const times: number[] = [];
  for (const [index, run] of runs.entries()) {
    const shape = shapes[index] as Shape;
    const [time] = await inTurns([run], { milliseconds: 300 });
    times.push(((time?.min ?? Number.NaN) * outputSize(shape)) / rowsOf(shape));
  }
  console.log(JSON.stringify(times));
}
