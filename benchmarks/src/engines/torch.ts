import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Interface, createInterface } from "node:readline";
import type { Tensor } from "@parsimony/core-tensor";
import { writeSafetensors } from "@parsimony/core-tensor/safetensors";
import type { Contender } from "../contender.ts";
import { type Batch, namedLeaves } from "../problem.ts";

/** What a job in Python computes. */
export interface TorchJob {
  readonly name: string;
  readonly model: "lenet" | "convNet" | "transformer" | "mobileNet";
  readonly training: boolean;
  readonly params: unknown;
  readonly batches: readonly Partial<Batch>[];
  readonly config: object;
}

interface Answer {
  readonly error?: string;
  readonly losses?: readonly number[];
  readonly values?: Readonly<Record<string, string>>;
  readonly milliseconds?: number;
}

/** How PyTorch's threads wait for each other; the names are those of OpenMP's `OMP_WAIT_POLICY`. */
export type Waiting = "passive" | "default";

/** PyTorch in a process of its own that lives through the whole run; it measures its own time. */
export class Torch {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;
  readonly #name: string;

  private constructor(process: ChildProcessWithoutNullStreams, lines: Interface, folder: string, waiting: Waiting) {
    this.#process = process;
    this.#name = waiting === "passive" ? "PyTorch" : "PyTorch, default waiting";
    this.#lines = lines[Symbol.asyncIterator]();
    this.#folder = folder;
  }

  /**
   * Starts it with the first Python that has PyTorch; gives the reason where there is none.
   *
   * @param waiting where matrix products have a pool of threads of their own (OpenBLAS with pthreads), the threads of both
   *   pools wait by spinning and take each other's cores; `"passive"` lets OpenMP's sleep.
   */
  static async open(
    threads: number,
    waiting: Waiting,
  ): Promise<{ torch: Torch; description: string } | { reason: string }> {
    const candidates = [process.env["PYTHON"], "python3", "/usr/bin/python3"].filter(
      (name) => name !== undefined && name !== "",
    );
    const python = candidates.find((name) => spawnSync(name as string, ["-c", "import torch, numpy"]).status === 0);
    if (python === undefined) return { reason: `none of ${candidates.join(", ")} can import torch and numpy` };
    const count = String(threads);
    const policy = waiting === "passive" ? { OMP_WAIT_POLICY: "PASSIVE" } : {};
    const env = {
      ...process.env,
      OMP_NUM_THREADS: count,
      OPENBLAS_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
      ...policy,
    };
    const child = spawn(python, [join(import.meta.dirname, "torch_peer.py"), String(threads)], { env });
    child.stderr.pipe(process.stderr);
    const torch = new Torch(
      child,
      createInterface({ input: child.stdout }),
      await mkdtemp(join(tmpdir(), "parsimony-bench-")),
      waiting,
    );
    const {
      version,
      threads: used,
      blas,
    } = (await torch.#line()) as { version: string; threads: number; blas: string };
    return { torch, description: `PyTorch ${version}, ${used} threads${blas === "" ? "" : `, ${blas}`}` };
  }

  async #line(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the PyTorch process ended early");
    return JSON.parse(value as string);
  }

  async #ask(command: object): Promise<Answer> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = (await this.#line()) as Answer;
    if (answer.error !== undefined) throw new Error(`PyTorch: ${answer.error}`);
    return answer;
  }

  async contender({ name: job, model, training, params, batches, config }: TorchJob): Promise<Contender> {
    const tensors: Record<string, Tensor> = {};
    for (const { name, value } of namedLeaves(params)) tensors[`param.${name}`] = value;
    batches.forEach(({ x, y }, i) => {
      if (x !== undefined) tensors[`x.${i}`] = x;
      if (y !== undefined) tensors[`y.${i}`] = y;
    });
    const file = join(this.#folder, `${job.replaceAll(/\W+/g, "-")}.safetensors`);
    await writeFile(file, writeSafetensors(tensors));
    await this.#ask({ do: "load", job, model, training, file, config });
    return {
      name: this.#name,
      stepsPerCall: 1,
      evidence: async (calls) => {
        const { losses = [], values = {} } = await this.#ask({ do: "evidence", job, calls });
        return {
          losses,
          values: Object.fromEntries(Object.entries(values).map(([name, text]) => [name, floats(text)])),
        };
      },
      time: async (calls) => (await this.#ask({ do: "time", job, calls })).milliseconds as number,
      dispose: async () => void (await this.#ask({ do: "drop", job })),
    };
  }

  async dispose(): Promise<void> {
    this.#process.stdin.end();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function floats(base64: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  return new Float32Array(bytes.buffer);
}
