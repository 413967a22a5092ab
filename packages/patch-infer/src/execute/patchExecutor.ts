import type { Graph, HostTensor, Signal } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import { fastestKernels } from "../kernels/wasmKernels.ts";
import type { KernelFactory, Kernels } from "../kernels/kernels.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { Network } from "../network/network.ts";
import { checkPlan } from "../plan/checkPlan.ts";
import type { Plan } from "../plan/plan.ts";
import { arenaViews } from "./cells.ts";
import { Exchange } from "./exchange.ts";
import { guardedKernels } from "./guardedKernels.ts";
import type { HighWater } from "./highWater.ts";
import { readySources } from "./inputs.ts";
import { type PatchOrder, patchOrders } from "./patchOrder.ts";
import { type Machine, runPatch } from "./patchRun.ts";
import { deadRanges } from "./poison.ts";
import { type StageSchedule, scheduleOf } from "./schedule.ts";
import type { Inputs, TileSink } from "./source.ts";

/** Options of `PatchExecutor`. */
export interface PatchExecutorOptions {
  /** The arithmetic. Default: WebAssembly SIMD where there is one, else plain TypeScript; both give the same bits. */
  readonly kernels?: KernelFactory;
  /**
   * Look for faults of kernels and plans: bytes that hold nothing are overwritten before each step, and every byte that a
   * kernel has no business to write must stay as it was, also beyond both ends of the arena. Slow. Default false.
   */
  readonly guard?: boolean;
}

/** Options of `PatchExecutor.run`. */
export interface RunOptions {
  /** Takes the outputs part by part, where the plan lets them leave the arena; they are then missing in the result. */
  readonly sink?: TileSink;
  /**
   * In which order the patches of a stage are carried out: their numbers (row-major, from 0), each once. Only stages that compute
   * overlaps again (`recompute`) and do not end with a global pooling can be asked to leave the usual order, and need not. Default: 0, 1, 2, ….
   */
  readonly patchOrder?: PatchOrder;
}

/** How far a run is. */
export interface PatchProgress {
  readonly stage: number;
  /** The patch that was done, in its stage's grid. */
  readonly row: number;
  readonly column: number;
  /** Patches of all stages that are done, and that there are. */
  readonly done: number;
  readonly total: number;
}

/** Options of `PatchExecutor.runAsync`. */
export interface RunAsyncOptions extends RunOptions {
  /** Looked at before each patch; the run rejects with its reason. */
  readonly signal?: Signal;
  readonly onPatch?: (progress: PatchProgress) => void;
  /** Let other work of the process run after so many patches. Default 1. */
  readonly yieldEvery?: number;
}

/** Outputs by name, in the program's shapes and dtypes. */
export type Outputs = Record<string, HostTensor>;

/**
 * Runs a network by a plan, inside one arena of exactly `plan.arenaBytes` bytes. All that a run needs is laid out when the
 * executor is made: patches are carried out without allocating anything.
 *
 * Results have the bits of the network run layer by layer with the same kernels (`runWhole`), whatever the plan.
 *
 * @example
 * using executor = new PatchExecutor(graph, planPatches(graph, { split: 12, grid: { rows: 4, columns: 4 } }));
 * const { scores } = executor.run(image);
 */
export class PatchExecutor {
  readonly network: Network;
  readonly plan: Plan;
  /** `"wasm"`, `"typescript"`, or the name of your own kernels. */
  readonly engine: string;
  /** Bytes that the kernels hold besides the arena: weights, tables, scratch of their own. */
  readonly constantBytes: number;
  /** What holds the arena; undefined when it was let go of. */
  #memory: { readonly machine: Machine; readonly exchange: Exchange } | undefined;
  readonly #schedule: readonly StageSchedule[];
  readonly #mark: HighWater = { bytes: 0 };
  #busy = false;

  /**
   * @throws PatchInferError PLAN_MISMATCH when the plan is of another network or broken; what lowering a graph throws
   */
  constructor(model: Graph | Network, plan: Plan, options: PatchExecutorOptions = {}) {
    const { kernels = fastestKernels, guard = false } = options;
    this.network = networkOf(model);
    this.plan = plan;
    checkPlan(this.network, plan);
    this.#schedule = scheduleOf(this.network, plan);
    const made: Kernels = (guard ? guardedKernels(kernels) : kernels)(this.network, plan.arenaBytes);
    this.engine = made.engine;
    this.constantBytes = made.constantBytes;
    const arena = arenaViews(made.arena);
    const exchange = new Exchange(this.network, plan, arena, this.#mark);
    const dead = guard ? deadRanges(plan) : undefined;
    this.#memory = { machine: { kernels: made, arena, mark: this.#mark, exchange, dead }, exchange };
  }

  /** Bytes of the arena. */
  get arenaBytes(): number {
    return this.plan.arenaBytes;
  }

  /** The highest byte of the arena that was written so far, plus one. After a run it equals `arenaBytes`. */
  get highWaterBytes(): number {
    return this.#mark.bytes;
  }

  /**
   * Runs the network.
   *
   * @param inputs the only input, or inputs by name
   * @throws PatchInferError SHAPE_MISMATCH, DTYPE_MISMATCH; OPTION for inputs that are missing or unknown and for functions
   *   that give promises
   */
  run(inputs: Inputs, options: RunOptions = {}): Outputs {
    const orders = patchOrders(this.plan, options.patchOrder);
    const { machine, exchange } = this.#begin(inputs, options.sink);
    try {
      refusePromise(exchange.fillResident());
      this.#schedule.forEach((schedule, stage) => {
        const { columns } = schedule.stage.grid;
        const order = orders?.[stage];
        for (let i = 0; i < schedule.patches; i++) {
          const patch = order?.[i] ?? i;
          const row = Math.floor(patch / columns);
          const column = patch % columns;
          refusePromise(exchange.ask(schedule, row, column));
          runPatch(machine, schedule, row, column);
          refusePromise(exchange.give(schedule, row, column));
        }
      });
      return exchange.results();
    } finally {
      this.#busy = false;
    }
  }

  /** As `run`, for a network with one output. */
  runSingle(inputs: Inputs): HostTensor {
    const [only, ...others] = this.network.outputs;
    if (only === undefined || others.length > 0)
      throw new PatchInferError("OPTION", `the network has ${this.network.outputs.length} outputs: use run`);
    return this.run(inputs)[only.name] as HostTensor;
  }

  /**
   * As `run`, but functions may give promises, other work gets its turn between patches, and the run can be stopped. One run
   * at a time.
   */
  async runAsync(inputs: Inputs, options: RunAsyncOptions = {}): Promise<Outputs> {
    const { signal, onPatch, yieldEvery = 1 } = options;
    if (!(yieldEvery >= 1)) throw new PatchInferError("OPTION", `yieldEvery must be at least 1, not ${yieldEvery}`);
    const orders = patchOrders(this.plan, options.patchOrder);
    const { machine, exchange } = this.#begin(inputs, options.sink);
    try {
      await exchange.fillResident();
      const total = this.#schedule.reduce((sum, { patches }) => sum + patches, 0);
      let done = 0;
      for (const [stage, schedule] of this.#schedule.entries()) {
        const { columns } = schedule.stage.grid;
        for (let i = 0; i < schedule.patches; i++) {
          const patch = orders?.[stage]?.[i] ?? i;
          const row = Math.floor(patch / columns);
          const column = patch % columns;
          signal?.throwIfAborted();
          await exchange.ask(schedule, row, column);
          runPatch(machine, schedule, row, column);
          await exchange.give(schedule, row, column);
          done++;
          onPatch?.({ stage, row, column, done, total });
          if (done % yieldEvery === 0 && done < total) await turn();
        }
      }
      return exchange.results();
    } finally {
      this.#busy = false;
    }
  }

  /** Lets go of the arena and the kernels. Running afterwards is an error. */
  [Symbol.dispose](): void {
    this.#memory = undefined;
  }

  #begin(inputs: Inputs, sink: TileSink | undefined): { readonly machine: Machine; readonly exchange: Exchange } {
    const memory = this.#memory;
    if (memory === undefined) throw new PatchInferError("OPTION", "this executor was disposed of");
    if (this.#busy) throw new PatchInferError("OPTION", "this executor is running: one run at a time");
    memory.exchange.begin(readySources(this.network, inputs), sink);
    this.#busy = true;
    return memory;
  }
}

function refusePromise(given: Promise<void> | undefined): void {
  if (given === undefined) return;
  // It is not waited for; if it fails, the error that follows is the one to see.
  given.catch(() => {});
  throw new PatchInferError("OPTION", "a source or sink gave a promise: use runAsync");
}

/** Gives other work of the process its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
