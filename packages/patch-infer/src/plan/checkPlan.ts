import { PatchInferError } from "../base/errors.ts";
import type { Network } from "../network/network.ts";
import type { StageChoice } from "./choices.ts";
import { type Draft, alignment, draftPlan } from "./draft.ts";
import { type NetworkFacts, factsOf } from "./facts.ts";
import { networkFingerprint } from "./fingerprint.ts";
import { checkStage } from "./legal.ts";
import type { Plan, PlanOptions } from "./plan.ts";
import { planOptions } from "./planningOptions.ts";
import { finish } from "./planStages.ts";
import { beside, inPlacePairs } from "./relaxInPlace.ts";
import type { DraftBuffer } from "./scratchBlocks.ts";

/**
 * Checks that a plan, which may come from a file, can be run: that it was made for this network, and that everything in it
 * follows from its stages and options but for the places of buffers, of which no two that are alive together overlap, and which
 * depthwise convolutions work in place. Further
 * properties that others wrote into it are left alone.
 *
 * @throws PatchInferError PLAN_MISMATCH, which says where
 */
export function checkPlan(network: Network, plan: Plan): void {
  const raw: unknown = plan;
  if (!isRecord(raw)) throw mismatch("it is no object");
  if (raw["version"] !== 1) throw mismatch(`its version is ${String(raw["version"])}, and this library knows 1`);
  const own = networkFingerprint(network);
  if (raw["fingerprint"] !== own) {
    const made = `${String(raw["network"])} (${String(raw["fingerprint"])})`;
    throw mismatch(`it was made for another network: ${made}, not ${network.name} (${own})`);
  }
  const facts = factsOf(network);
  const options = optionsOf(raw["options"]);
  const tightest = draftPlan(facts, choicesOf(facts, raw["stages"]), options);
  const draft = { ...tightest, buffers: asRelaxed(tightest.buffers, raw["stages"]) };
  const channelBlocks = blocksOf(draft, facts, raw["stages"]);
  place(draft.buffers, raw["buffers"], alignment(facts, draft.buffers, options));
  const arenaBytes = Math.max(0, ...draft.buffers.map(({ offset, bytes }) => offset + bytes));
  const expected = finish(facts, draft, options, { arenaBytes, channelBlocks });
  const difference = differenceOf(expected, raw, "");
  if (difference !== undefined) throw mismatch(`${difference} is not what its stages and options ask for`);
  checkOverlaps(draft.buffers);
}

function mismatch(what: string, cause?: unknown): PatchInferError {
  return new PatchInferError("PLAN_MISMATCH", `the plan cannot be run: ${what}`, cause === undefined ? {} : { cause });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function optionsOf(raw: unknown): PlanOptions {
  if (!isRecord(raw)) throw mismatch("options are missing");
  for (const name of ["input", "output", "inPlace", "accumulateIntoResidual", "align"]) {
    if (raw[name] === undefined) throw mismatch(`options.${name} is missing`);
  }
  try {
    return planOptions(raw);
  } catch (cause) {
    throw mismatch(messageOf(cause), cause);
  }
}

/** The stages, which have to cover all layers in order. */
function choicesOf(facts: NetworkFacts, raw: unknown): Required<StageChoice>[] {
  if (!Array.isArray(raw)) throw mismatch("stages are missing");
  const choices: Required<StageChoice>[] = [];
  let at = 0;
  for (const [i, stage] of (raw as unknown[]).entries()) {
    const where = `stages[${i}]`;
    if (!isRecord(stage) || !isRecord(stage["grid"])) throw mismatch(`${where} has no grid`);
    const { first, end, grid, overlap } = stage as unknown as Required<StageChoice>;
    if (first !== at) throw mismatch(`${where} begins at layer ${String(first)}, not ${at}`);
    const choice = { first, end, grid: { rows: grid.rows, columns: grid.columns }, overlap };
    try {
      checkStage(facts, choice);
    } catch (cause) {
      throw mismatch(`${where}: ${messageOf(cause)}`, cause);
    }
    choices.push(choice);
    at = end;
  }
  if (at !== facts.layers.length) throw mismatch(`its stages end at layer ${at} of ${facts.layers.length}`);
  return choices;
}

/** Depthwise convolutions may also write beside their input: the steps say which do. */
function asRelaxed(buffers: readonly DraftBuffer[], raw: unknown): readonly DraftBuffer[] {
  const used = new Set(
    (raw as readonly { readonly steps?: unknown }[]).flatMap(({ steps }) =>
      (Array.isArray(steps) ? (steps as unknown[]) : []).map((step) =>
        isRecord(step) && isRecord(step["inPlace"]) ? step["inPlace"]["scratch"] : undefined,
      ),
    ),
  );
  return inPlacePairs(buffers)
    .filter(({ scratch }) => !used.has(scratch.name))
    .reduce(beside, buffers);
}

/** Channels per round of depthwise convolutions in place, which also make their scratch buffers larger. */
function blocksOf(draft: Draft, facts: NetworkFacts, raw: unknown): Map<string, number> {
  const blocks = new Map<string, number>();
  for (const buffer of draft.buffers) {
    if (buffer.role !== "scratch" || buffer.stage === undefined) continue;
    const stage = (raw as readonly { readonly steps?: unknown }[])[buffer.stage];
    const steps = Array.isArray(stage?.steps) ? (stage.steps as unknown[]) : [];
    const step = steps.find(
      (each) => isRecord(each) && isRecord(each["inPlace"]) && each["inPlace"]["scratch"] === buffer.name,
    );
    const block = isRecord(step) && isRecord(step["inPlace"]) ? step["inPlace"]["channelBlock"] : undefined;
    const channels = facts.network.maps[buffer.map]?.channels ?? 0;
    if (typeof block !== "number" || !Number.isInteger(block) || block < 1 || block > channels) {
      throw mismatch(`the step that uses ${buffer.name} takes ${String(block)} of ${channels} channels per round`);
    }
    buffer.bytes *= block;
    blocks.set(buffer.name, block);
  }
  return blocks;
}

/** Takes the offsets of a plan. */
function place(buffers: readonly DraftBuffer[], raw: unknown, align: number): void {
  if (!Array.isArray(raw) || raw.length !== buffers.length)
    throw mismatch(`it does not have ${buffers.length} buffers`);
  // No sensible arrangement is larger than all buffers in a row.
  const most = buffers.reduce((sum, { bytes }) => sum + Math.ceil(bytes / align) * align, 0);
  buffers.forEach((buffer, i) => {
    const other: unknown = raw[i];
    const offset = isRecord(other) ? other["offset"] : undefined;
    const fits = typeof offset === "number" && offset >= 0 && offset % align === 0;
    if (!fits || offset + buffer.bytes > most) {
      throw mismatch(
        `buffers[${i}] (${buffer.name}) stands at ${String(offset)}, not at a multiple of ${align} in the arena`,
      );
    }
    buffer.offset = offset;
  });
}

function checkOverlaps(buffers: readonly DraftBuffer[]): void {
  const named = new Map(buffers.map((buffer) => [buffer.name, buffer]));
  for (const { name, takesOver, offset } of buffers) {
    const below = takesOver === undefined ? undefined : named.get(takesOver);
    if (below !== undefined && below.offset !== offset)
      throw mismatch(`${name} takes over ${below.name}, which stands elsewhere`);
  }
  const byOffset = [...buffers].sort((a, b) => a.offset - b.offset);
  byOffset.forEach((a, i) => {
    for (const b of byOffset.slice(i + 1)) {
      if (b.offset >= a.offset + a.bytes) break;
      if (a.first > b.last || b.first > a.last || a.takesOver === b.name || b.takesOver === a.name) continue;
      throw mismatch(`${a.name} and ${b.name} are alive together and share bytes`);
    }
  });
}

/** Properties that change what runs, wherever they stand. */
const optional: ReadonlySet<string> = new Set(["add", "inPlace", "sums", "takesOver", "stage"]);

/** Where a plan differs from the expected one; properties that no plan has are no difference. */
function differenceOf(expected: unknown, actual: unknown, path: string): string | undefined {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return `${path}.length`;
    for (let i = 0; i < expected.length; i++) {
      const difference = differenceOf(expected[i], actual[i], `${path}[${i}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (!isRecord(expected)) return Object.is(expected, actual) ? undefined : path;
  if (!isRecord(actual)) return path;
  const closed = /\.(rows|columns)$/.test(path);
  const extra = Object.keys(actual).find((key) => !Object.hasOwn(expected, key) && (closed || optional.has(key)));
  if (extra !== undefined) return `${path}.${extra}`;
  for (const [key, value] of Object.entries(expected)) {
    const below = path === "" ? key : `${path}.${key}`;
    const difference = Object.hasOwn(actual, key) ? differenceOf(value, actual[key], below) : below;
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
