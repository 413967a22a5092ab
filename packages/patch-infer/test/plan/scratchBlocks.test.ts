import { expect, test } from "vitest";
import { factsOf } from "../../src/plan/facts.ts";
import { type DraftBuffer, raiseBlocks } from "../../src/plan/scratchBlocks.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

/** A depthwise convolution of 5 cells with some channels, and the two buffers of its moment: 100 bytes below, scratch at 112. */
function raise(
  channels: number,
  arenaBytes: number,
  lowerBoundBytes: number,
): [block: number | undefined, scratch: DraftBuffer] {
  const net = new NetworkBuilder();
  const y = net.depthwise(net.input(1, 5, channels), { name: "y" });
  const box = { map: y, rows: 1, columns: 5, first: 3, last: 3 };
  const input: DraftBuffer = { ...box, name: "map:x", role: "map", bytes: 100, offset: 0 };
  const scratch: DraftBuffer = { ...box, name: "scratch:y@1", role: "scratch", bytes: 5, offset: 112 };
  const other: DraftBuffer = { ...box, name: "map:z", role: "map", bytes: 90, offset: 112, first: 4, last: 5 };
  const facts = factsOf(net.build([y]));
  const blocks = raiseBlocks(facts, [input, scratch, other], { align: 16, arenaBytes, lowerBoundBytes });
  return [blocks.get("scratch:y@1"), scratch];
}

test("as many channels per round as fit into the arena, up to 16", () => {
  expect(raise(32, 500, 500)).toMatchObject([16, { bytes: 80, offset: 112 }]);
  expect(raise(32, 191, 500)).toMatchObject([8, { bytes: 40 }]);
  expect(raise(32, 150, 500)).toMatchObject([4, { bytes: 20 }]);
  expect(raise(32, 120, 500)).toMatchObject([1, { bytes: 5 }]);
});

test("never more than there are", () => {
  expect(raise(9, 500, 500)).toMatchObject([8, { bytes: 40 }]);
  expect(raise(3, 500, 500)).toMatchObject([1, { bytes: 5 }]);
});

test("nor more than keeps the bytes alive under the bound of the plan", () => {
  expect(raise(32, 500, 180)).toMatchObject([16, {}]);
  expect(raise(32, 500, 179)).toMatchObject([8, {}]);
  expect(raise(32, 500, 105)).toMatchObject([1, {}]);
});
