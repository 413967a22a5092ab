import { type Graph, simplify, trace } from "@parsimony/core-tensor";
import type { Contender, Workload } from "../contender.ts";
import { forwardContender, trainingContender, trainingStep } from "../engines/ours.ts";
import type { TorchJob } from "../engines/torch.ts";
import { graphFlops } from "../flops.ts";
import type { Batch, ForwardProblem, TrainingProblem } from "../problem.ts";
import type { Setup } from "./setup.ts";

export interface Rivals {
  /** The model's name and sizes in the PyTorch peer. */
  readonly torch: Pick<TorchJob, "model"> & { readonly config: object };
  /** Contenders that are written for this workload alone. */
  readonly own?: readonly (() => Promise<Contender>)[];
  /** Why a contender does not take part, by its name. */
  readonly without?: Readonly<Record<string, string>>;
}

/** Opens contenders one after the other; one that cannot do the work is listed as absent with its reason. */
class Field {
  readonly contenders: Contender[] = [];
  readonly absent: Record<string, string> = {};
  readonly #without: Readonly<Record<string, string>>;

  constructor(without: Readonly<Record<string, string>> = {}) {
    this.#without = without;
    Object.assign(this.absent, without);
  }

  async enter(name: string, open: () => Promise<Contender>): Promise<void> {
    if (name in this.#without) return;
    try {
      this.contenders.push(await open());
    } catch (error) {
      this.absent[name] = error instanceof Error ? error.message : String(error);
    }
  }

  async enterTorch({ torch }: Setup, job: TorchJob): Promise<void> {
    if ("reason" in torch) this.absent["PyTorch"] = torch.reason;
    else for (const own of torch) await this.enter("PyTorch", () => own.contender(job));
  }

  /** The workload, once everybody is there. */
  workload(head: Omit<Workload, "contenders" | "absent" | "dispose">): Workload {
    return {
      ...head,
      contenders: this.contenders,
      absent: this.absent,
      dispose: async () => {
        for (const contender of this.contenders) await contender.dispose();
      },
    };
  }
}

/** The program of one training step, simplified, as `jit` compiles it. */
export function stepGraph<Params>(problem: TrainingProblem<Params>): Graph {
  const { optimizer, step } = trainingStep(problem);
  const { x, y } = problem.batches[0] as Batch;
  const program = (
    params: Params,
    state: ReturnType<typeof optimizer.init>,
    input: typeof x,
    target: typeof y,
  ): unknown => step([params, state], [input, target]);
  return simplify(
    trace(program as (...args: unknown[]) => unknown, problem.params, optimizer.init(problem.params), x, y),
  );
}

/** A training step by all contenders that can do it. */
export async function trainingWorkload<Params>(
  setup: Setup,
  problem: TrainingProblem<Params>,
  { torch, own = [], without }: Rivals,
): Promise<Workload> {
  const field = new Field(without);
  const { onnxruntime, wasm, cpu } = setup;
  await field.enter(onnxruntime.name, () => trainingContender(onnxruntime, problem, "single"));
  await field.enter(`${onnxruntime.name}, scan`, () => trainingContender(onnxruntime, problem, "scan"));
  for (const open of own) await field.enter("a contender of its own", open);
  await field.enterTorch(setup, {
    ...torch,
    name: problem.name,
    training: true,
    params: problem.params,
    batches: problem.batches,
  });
  await field.enter(wasm.name, () => trainingContender(wasm, problem, "single"));
  if (!setup.quick) await field.enter(cpu.name, () => trainingContender(cpu, problem, "single"));
  return field.workload({
    name: problem.name,
    kind: "training",
    work: problem.work,
    flops: graphFlops(stepGraph(problem)),
    undetermined: problem.undetermined ?? [],
  });
}

/** A forward pass by all contenders that can do it. */
export async function forwardWorkload<Params>(
  setup: Setup,
  problem: ForwardProblem<Params>,
  { torch, own = [], without }: Rivals,
): Promise<Workload> {
  const field = new Field(without);
  const { onnxruntime, wasm, cpu } = setup;
  await field.enter(onnxruntime.name, () => forwardContender(onnxruntime, problem));
  for (const open of own) await field.enter("a contender of its own", open);
  const job = { ...torch, name: problem.name, training: false, params: problem.params, batches: [{ x: problem.x }] };
  await field.enterTorch(setup, job);
  await field.enter(wasm.name, () => forwardContender(wasm, problem));
  if (!setup.quick) await field.enter(cpu.name, () => forwardContender(cpu, problem));
  const flops = graphFlops(trace((x) => problem.apply(problem.params, x), problem.x));
  return field.workload({ name: problem.name, kind: "forward", work: problem.work, flops });
}
