import { existsSync, writeFileSync } from "node:fs";
import { add, matmul, random, relu, type Tensor, tensor } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { adam } from "@parsimony/core-tensor/optim";
import { classification, executeJob, jitTrainer, type JitTrainer, type LabelledBatch } from "@parsimony/lottery";
import { folderStore, jobWorker } from "@parsimony/lottery/node";

interface Net {
  readonly hidden: { readonly weight: Tensor; readonly bias: Tensor };
  readonly output: { readonly weight: Tensor; readonly bias: Tensor };
}

const [inputs, units, classes] = [16, 24, 2];

function init(key: random.Key): Net {
  const [a, b] = random.split(key) as [random.Key, random.Key];
  return {
    hidden: { weight: random.normal(a, [inputs, units], { std: 0.3 }), bias: tensor(new Float32Array(units)) },
    output: { weight: random.normal(b, [units, classes], { std: 0.3 }), bias: tensor(new Float32Array(classes)) },
  };
}

/** Is the sum of the squares of the first half larger than that of the second? */
function examples(seed: number, count: number): LabelledBatch {
  const drawn = random.normal(random.key(seed), [count, inputs]);
  const labels = (drawn.toArray() as number[][]).map((row) => {
    const squares = (values: number[]): number => values.reduce((sum, value) => sum + value * value, 0);
    return squares(row.slice(0, inputs / 2)) > squares(row.slice(inputs / 2)) ? 1 : 0;
  });
  return { inputs: drawn, labels: tensor(Int32Array.from(labels)) };
}

/** Compiled once in each worker; one thread of the engine, because there is one worker per core. */
let trainer: Promise<JitTrainer> | undefined;

export async function compile(): Promise<JitTrainer> {
  return jitTrainer({
    init,
    objective: classification((net: Net, x: Tensor) =>
      add(matmul(relu(add(matmul(x, net.hidden.weight), net.hidden.bias)), net.output.weight), net.output.bias),
    ),
    optimizer: adam(0.01),
    data: { train: examples(1, 400), validation: examples(2, 200), test: examples(3, 200) },
    steps: 40,
    batch: 20,
    backend: await onnxruntime({ intraOpNumThreads: 1 }),
  });
}

export const tickets = { rate: 0.4, evalEvery: 10, checkpointEvery: 1 } as const;

export interface WorkerData {
  readonly folder: string;
  /** The first worker that comes here is killed. */
  readonly killAt?: { readonly id: string; readonly level: number; readonly step: number; readonly marker: string };
}

export default jobWorker(async (job, { data, onProgress }) => {
  trainer ??= compile();
  const { folder, killAt } = data as unknown as WorkerData;
  return executeJob(await trainer, job, folderStore(folder), {
    tickets,
    onProgress: (progress) => {
      onProgress(progress);
      const { level, step } = progress;
      if (job.id !== killAt?.id || level !== killAt.level || step !== killAt.step || existsSync(killAt.marker)) return;
      writeFileSync(killAt.marker, "");
      process.kill(process.pid, "SIGKILL");
    },
  });
});
