import { basename, join } from "node:path";
import { PatchInferError } from "../base/errors.ts";
import { verifyPlan } from "../execute/verifyPlan.ts";
import { toNetwork } from "../lower/toNetwork.ts";
import type { Network } from "../network/network.ts";
import { analyze } from "../plan/analyze.ts";
import type { Plan } from "../plan/plan.ts";
import { formatAnalysis } from "../report/formatAnalysis.ts";
import { formatPlan } from "../report/formatPlan.ts";
import { planReport } from "../report/planReport.ts";
import { type SearchPlanResult, searchPlan } from "../search/searchPlan.ts";
import type { PlanCommand } from "./arguments.ts";
import { readModel, writeResult } from "./files.ts";

export const exitCodes = { fine: 0, noPlan: 1, usage: 2, file: 3, different: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Where the command writes: the terminal in real life. */
export interface Terminal {
  print(text: string): void;
  complain(text: string): void;
}

/**
 * Reads a model, plans it, prints the plan and writes what was asked for.
 *
 * @throws UsageError; errors of core-tensor and of this package for the model; the system's errors
 */
export async function runPlan(command: PlanCommand, { print, complain }: Terminal): Promise<ExitCode> {
  const network = toNetwork(readModel(command));
  if (network.layers.length === 0)
    throw new PatchInferError("BAD_MODEL", "there is nothing to plan: no layer is in it");
  const { align: _, ...analyzed } = { align: 1, ...planningOf(command) };
  print(`${command.file}\n${formatAnalysis(analyze(network, analyzed))}\n`);
  const found = search(network, command);
  if (found.error !== undefined) {
    complain(found.error.message);
    print(`\nthe smallest that can be reached:\n${formatPlan(found.error.plan as Plan)}\n`);
    return exitCodes.noPlan;
  }
  const { best } = found.result;
  print(`\n${formatPlan(best)}\n`);
  if (command.verify && !verify(network, best, { print, complain })) return exitCodes.different;
  for (const [path, content] of await filesOf(network, found.result, command)) {
    writeResult(path, content);
    print(`wrote ${path}\n`);
  }
  return exitCodes.fine;
}

type Found =
  | { readonly result: SearchPlanResult; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: PatchInferError };

function search(network: Network, command: PlanCommand): Found {
  try {
    return { result: searchPlan(network, command.search) };
  } catch (error) {
    if (error instanceof PatchInferError && error.code === "BUDGET_INFEASIBLE") return { error };
    throw error;
  }
}

function planningOf({ search: { input, output, inPlace, accumulateIntoResidual } }: PlanCommand): object {
  const given = { input, output, inPlace, accumulateIntoResidual };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Runs the plan on random inputs. */
function verify(network: Network, plan: Plan, { print, complain }: Terminal): boolean {
  const { exact, trials, highWaterBytes, firstMismatch, macs } = verifyPlan(network, plan);
  const isRight = exact && highWaterBytes === plan.arenaBytes && macs.counted === macs.planned;
  if (isRight) {
    print(
      `\nverified: ${trials} random inputs, the same bits as layer by layer, ${highWaterBytes} bytes of arena touched\n`,
    );
  } else {
    const where = firstMismatch === undefined ? "" : `: ${JSON.stringify(firstMismatch)}`;
    complain(`the plan does not do what it promises${where}; this is a fault of patch-infer, please report it`);
  }
  return isRight;
}

/** What to write, by path. Writers are loaded when they are needed. */
async function filesOf(
  network: Network,
  result: SearchPlanResult,
  { file, report, json, onnx, c, search: { memoryBudget } }: PlanCommand,
): Promise<[path: string, content: string | Uint8Array][]> {
  const files: [string, string | Uint8Array][] = [];
  if (report !== undefined) {
    const budget = memoryBudget === undefined ? {} : { memoryBudget };
    files.push([report, planReport(network, result, { title: `${basename(file)}, patch by patch`, ...budget })]);
  }
  if (json !== undefined) files.push([json, `${JSON.stringify(result.best, null, 2)}\n`]);
  if (onnx !== undefined) {
    const { exportOnnx } = await import("../deploy/exportOnnx.ts");
    files.push([onnx, exportOnnx(network, result.best)]);
  }
  if (c !== undefined) {
    const { emitC } = await import("../deploy/c/emitC.ts");
    for (const [name, text] of Object.entries(emitC(network, result.best).files)) files.push([join(c, name), text]);
  }
  return files;
}
