import { type NetworkFacts, mapOf } from "./facts.ts";
import { gapFor } from "./packing.ts";
import type { ArenaBuffer } from "./plan.ts";

/** A buffer that is yet to get its place. */
export type DraftBuffer = { -readonly [K in keyof ArenaBuffer]: ArenaBuffer[K] };

/** Channels per round of a depthwise convolution in place, the most first: vectors of 16 int8 or 4 float32 numbers. */
const blocks = [16, 8, 4];

/**
 * Gives depthwise convolutions in place more channels per round, for speed, where neither the arena nor the most bytes alive
 * grow. All other buffers stay where they are.
 *
 * @returns channels per round by name of the scratch buffer
 */
export function raiseBlocks(
  facts: NetworkFacts,
  buffers: readonly DraftBuffer[],
  { align, arenaBytes, lowerBoundBytes }: { align: number; arenaBytes: number; lowerBoundBytes: number },
): Map<string, number> {
  const channelBlocks = new Map<string, number>();
  for (const scratch of buffers) {
    if (scratch.role !== "scratch") continue;
    const moment = scratch.first;
    const others = buffers.filter((other) => other !== scratch && other.first <= moment && moment <= other.last);
    const alive = others.filter(({ first, takesOver }) => takesOver === undefined || first < moment);
    const room = lowerBoundBytes - alive.reduce((sum, { bytes }) => sum + bytes, 0);
    const { channels } = mapOf(facts.network, scratch.map);
    let block = 1;
    for (const more of blocks) {
      const bytes = scratch.bytes * more;
      if (more > channels || bytes > room) continue;
      const offset = gapFor({ first: moment, last: moment, bytes }, others, align, arenaBytes);
      if (offset === undefined) continue;
      scratch.offset = offset;
      scratch.bytes = bytes;
      block = more;
      break;
    }
    channelBlocks.set(scratch.name, block);
  }
  return channelBlocks;
}
