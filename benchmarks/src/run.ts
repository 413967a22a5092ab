import { mkdir, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Backend } from "@parsimony/core-tensor";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { checkAgreement } from "./agreement.ts";
import type { Workload } from "./contender.ts";
import { type EagerMatmul, eagerMatmul } from "./eager.ts";
import { peakFlops } from "./engines/handBuilt.ts";
import { describeWasm, tfjsEngine } from "./engines/tfjs.ts";
import { Torch } from "./engines/torch.ts";
import { checkGoals } from "./goals.ts";
import { describeMachine } from "./machine.ts";
import { measure } from "./measure.ts";
import { type Options, isWanted, readOptions, usage } from "./options.ts";
import { printEager, printGoals, printMachine, printPrograms, printWorkload } from "./print.ts";
import { type ProgramCost, programCosts } from "./programs.ts";
import type { Results, WorkloadResult } from "./results.ts";
import type { Setup } from "./workloads/setup.ts";
import { workloads } from "./workloads/index.ts";

const root = resolve(import.meta.dirname, "../..");

async function main(options: Options): Promise<void> {
  const backend = await onnxruntime({ intraOpNumThreads: options.threads });
  // First of all: what a program costs in a process that has not made one yet.
  const programs: ProgramCost[] = isWanted(options, "programs")
    ? await programCosts(backend, options.quick ? 1 : 3)
    : [];
  const opened: OpenedTorch[] = [await Torch.open(options.threads, "passive")];
  if (!options.quick && "torch" in (opened[0] as OpenedTorch))
    opened.push(await Torch.open(options.threads, "default"));
  try {
    await runWith(options, backend, programs, opened);
  } finally {
    for (const peer of opened) if ("torch" in peer) await peer.torch.dispose();
    await backend.dispose();
  }
}

type OpenedTorch = Awaited<ReturnType<typeof Torch.open>>;

async function runWith(
  options: Options,
  backend: Backend,
  programs: readonly ProgramCost[],
  opened: readonly OpenedTorch[],
): Promise<void> {
  const machine = describeMachine({
    "tfjs-backend-wasm": await describeWasm(),
    onnxruntime: `${backend.device}, ${options.threads} threads`,
    PyTorch: opened.map((peer) => ("reason" in peer ? `not there: ${peer.reason}` : peer.description))[0] as string,
  });
  console.log(`${printMachine(machine)}\n`);
  if (programs.length > 0) console.log(`${printPrograms(programs)}\n`);
  const peak = await peakFlops(options);
  console.log(`onnxruntime's best matrix product: ${(peak / 1e9).toFixed(0)} GFLOP/s with ${options.threads} threads`);
  const eager: EagerMatmul | undefined = isWanted(options, "eager matmul") ? eagerMatmul(options.rounds) : undefined;
  if (eager !== undefined) console.log(printEager(eager));
  console.log();

  const setup = {
    quick: options.quick,
    threads: options.threads,
    onnxruntime: { name: "jit on onnxruntime", backend },
    wasm: await tfjsEngine("wasm"),
    cpu: await tfjsEngine("cpu"),
    torch: torchPeers(opened),
  };
  const measured: WorkloadResult[] = [];
  for (const [name, open] of Object.entries(workloads)) {
    if (!isWanted(options, name)) continue;
    const workload = await open(setup);
    const result = await runWorkload(workload, peak, options);
    measured.push(result);
    console.log(`${printWorkload(result)}\n`);
    await workload.dispose();
  }

  machine.loadAfter = loadavg();
  const part = {
    machine,
    arguments: process.argv.slice(2),
    peakFlops: peak,
    ...(eager === undefined ? {} : { eager }),
    programs,
    workloads: measured,
  };
  const results: Results = { ...part, goals: checkGoals(part) };
  console.log(printGoals(results.goals));
  console.log(`\nload average after: ${machine.loadAfter.map((load) => load.toFixed(2)).join(" ")}`);
  await mkdir(dirname(options.output), { recursive: true });
  await writeFile(options.output, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`written to ${options.output}`);
}

function torchPeers(opened: readonly OpenedTorch[]): Setup["torch"] {
  const missing = opened.find((peer) => "reason" in peer);
  return missing ?? opened.flatMap((peer) => ("torch" in peer ? [peer.torch] : []));
}

async function runWorkload(workload: Workload, peak: number, { quick, rounds }: Options): Promise<WorkloadResult> {
  const { agreement, contenders: fit, failed, wrong } = await checkAgreement(workload);
  if (Object.keys(wrong).length > 0) process.exitCode = 1;
  const spreads = await measure(fit, { rounds, turnMs: quick ? 40 : 100, budgetMs: quick ? 3000 : 20_000, restMs: 20 });
  const { name, kind, work, flops } = workload;
  const absent = { ...workload.absent, ...failed, ...wrong };
  const limit = (flops / peak) * 1000;
  const ours = spreads.get(fit[0]?.name as string)?.median as number;
  const contenders = [...spreads].map(([contender, times]) => ({
    contender,
    ...times,
    timesOurs: times.median / ours,
    shareOfPeak: limit / times.median,
  }));
  return { name, kind, work, flops, limit, agreement, contenders, absent };
}

try {
  const options = readOptions(process.argv.slice(2), join(root, "reports/benchmarks/latest.json"));
  if (options === undefined) console.log(usage);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
}
