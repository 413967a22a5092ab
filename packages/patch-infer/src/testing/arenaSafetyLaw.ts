import { PatchExecutor } from "../execute/patchExecutor.ts";
import { randomInputs } from "../execute/randomInputs.ts";
import { fastestKernels } from "../kernels/wasmKernels.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { ArenaBuffer, Plan } from "../plan/plan.ts";
import { differenceText, type LawOptions, type Model } from "./runner.ts";
import { type LawVerdict, verdictOf } from "./verdict.ts";

/**
 * Is the arena safe? Buffers that are alive at the same time share no byte (unless one takes over the other) and end inside the
 * arena, which is no smaller than what is alive at any moment; kernels write nothing but their boxes (canaries around the arena, every
 * other byte compared); and nothing is read that was not written: bytes that hold nothing are overwritten before each step, and
 * the outputs stay the same.
 */
export function arenaSafetyLaw(model: Model, plan: Plan, options: LawOptions = {}): LawVerdict {
  const found = overlapText(plan) ?? guardText(model, plan, options);
  return verdictOf(
    "arenaSafetyLaw",
    found,
    `${plan.buffers.length} buffers in ${plan.arenaBytes} bytes, none in another's way`,
  );
}

function overlapText({ buffers, arenaBytes, lowerBoundBytes, moments }: Plan): string | undefined {
  if (arenaBytes < lowerBoundBytes)
    return `the arena has ${arenaBytes} bytes, but ${lowerBoundBytes} are alive at one moment`;
  const crowded = moments.find(({ liveBytes }) => liveBytes > lowerBoundBytes);
  if (crowded !== undefined)
    return `${crowded.liveBytes} bytes are alive in layer "${crowded.layer}", above the lower bound`;
  for (const [i, buffer] of buffers.entries()) {
    if (buffer.offset + buffer.bytes > arenaBytes) return `"${buffer.name}" ends beyond the arena`;
    for (const other of buffers.slice(i + 1)) {
      if (!collide(buffer, other)) continue;
      return `"${buffer.name}" and "${other.name}" are alive together and share bytes`;
    }
  }
  return undefined;
}

function collide(a: ArenaBuffer, b: ArenaBuffer): boolean {
  const together = a.first <= b.last && b.first <= a.last;
  const share = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
  if (!together || !share) return false;
  // What takes over another buffer lives at its place from the other's last moment on.
  const follows = (next: ArenaBuffer, before: ArenaBuffer): boolean =>
    next.takesOver === before.name && next.first === before.last && next.offset === before.offset;
  return !follows(a, b) && !follows(b, a);
}

function guardText(model: Model, plan: Plan, options: LawOptions): string | undefined {
  const { kernels = fastestKernels, trials = 2, seed = 0 } = options;
  const network = networkOf(model);
  using plain = new PatchExecutor(network, plan, { kernels });
  try {
    using guarded = new PatchExecutor(network, plan, { kernels, guard: true });
    for (let trial = 0; trial < trials; trial++) {
      const inputs = randomInputs(network, seed + trial);
      const text = differenceText(plain.run(inputs), guarded.run(inputs));
      if (text !== undefined) return `with dead bytes overwritten, input ${trial}: ${text}`;
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return undefined;
}
