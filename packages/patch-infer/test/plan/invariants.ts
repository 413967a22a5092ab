import { expect } from "vitest";
import { mapsOf } from "../../src/layers/rules.ts";
import type { Axis } from "../../src/layers/rule.ts";
import type { Layer } from "../../src/network/layer.ts";
import type { FeatureMap, Network } from "../../src/network/network.ts";
import type { ArenaBuffer, AxisParts, Plan, Stage } from "../../src/plan/plan.ts";
import { reads } from "../layers/reads.ts";

const sizeOf = (map: FeatureMap, axis: Axis): number => (axis === "rows" ? map.height : map.width);
const bytesOf = (map: FeatureMap): number => map.channels * (map.type === "int8" ? 1 : 4);
const range = (start: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);

/** Everything that has to hold of any plan, found out by counting and not by the planner's formulas. */
export function expectSound(network: Network, plan: Plan): void {
  expectCover(network, plan);
  for (const stage of plan.stages) {
    expectParts(network, stage, "rows");
    expectParts(network, stage, "columns");
  }
  expectBuffers(network, plan);
  expectArena(plan);
}

function rootOf(network: Network, name: string): string {
  return network.maps[name]?.viewOf ?? name;
}

function expectCover(network: Network, plan: Plan): void {
  expect(plan.stages.map(({ first }) => first)).toEqual(
    [0, ...plan.stages.slice(0, -1).map(({ end }) => end)].slice(0, plan.stages.length),
  );
  expect(plan.stages.at(-1)?.end ?? 0).toBe(network.layers.length);
  const run = plan.stages.flatMap(({ steps }) =>
    steps.flatMap(({ layer, add }) => (add === undefined ? [layer] : [layer, add])),
  );
  expect(run).toEqual(network.layers.map((_, i) => i));
}

/** What each patch reads is there, and what is kept was made before and not made again. */
function expectParts(network: Network, stage: Stage, axis: Axis): void {
  const parts = stage[axis];
  const count = stage.grid[axis];
  const cached = stage.overlap === "cacheBoth" || stage.overlap === (axis === "rows" ? "cacheRows" : "cacheColumns");
  for (const [name, { from, compute, to }] of Object.entries(parts)) {
    const size = sizeOf(network.maps[name] as FeatureMap, axis);
    expect([from.length, compute.length, to.length]).toEqual([count, count, count]);
    for (const i of range(0, count)) {
      const [start, anew, end] = [from[i], compute[i], to[i]] as [number, number, number];
      const ordered = 0 <= start && start <= anew && anew <= end && end <= size;
      if (!ordered || (!cached && start !== anew)) expect([name, axis, i, start, anew, end]).toBe("in order");
      if (start === anew || i === 0) continue;
      // Kept positions stood there for the patch before, right up to what is new.
      expect([name, (from[i - 1] as number) <= start, to[i - 1]]).toEqual([name, true, anew]);
    }
    if (cached)
      for (const i of range(1, count)) expect(compute[i] as number).toBeGreaterThanOrEqual(to[i - 1] as number);
    if (cached) expect(from[0]).toBe(compute[0]);
  }
  const output = parts[stage.output] as AxisParts;
  const made = range(0, count).flatMap((i) => range(output.compute[i] as number, output.to[i] as number));
  expect(made).toEqual(range(0, sizeOf(network.maps[stage.output] as FeatureMap, axis)));
  const isPooled = stage.steps.at(-1)?.sums !== undefined;
  if (isPooled) {
    // The last patch makes the output; every cell of what is pooled belongs to one patch, in order.
    expect(output.to.map((to, i) => to - (output.from[i] as number))).toEqual(
      range(0, count).map((i) => (i === count - 1 ? 1 : 0)),
    );
    const name = (network.layers[stage.end - 1] as Layer).inputs[0] as string;
    const { from, to } = parts[name] as AxisParts;
    expect(range(0, count).flatMap((i) => range(from[i] as number, to[i] as number))).toEqual(
      range(0, sizeOf(network.maps[name] as FeatureMap, axis)),
    );
  }
  for (const index of range(stage.first, isPooled ? stage.end - 1 : stage.end)) {
    const layer = network.layers[index] as Layer;
    const own = parts[layer.output] as AxisParts;
    layer.inputs.forEach((name, input) => {
      const root = rootOf(network, name);
      const there = parts[root];
      if (there === undefined) return;
      for (const i of range(0, count)) {
        const positions = range(own.compute[i] as number, own.to[i] as number);
        const needed = positions.flatMap((p) => reads(layer, input, axis, p, mapsOf(network, layer)));
        const whole = range(0, sizeOf(network.maps[root] as FeatureMap, axis));
        const asked = root === name ? needed : positions.length > 0 ? whole : [];
        const missing = asked.filter((p) => p < (there.from[i] as number) || p >= (there.to[i] as number));
        if (missing.length > 0) expect(missing, `${layer.name} reads ${name} along ${axis} in patch ${i}`).toEqual([]);
      }
    });
  }
}

/** Buffers have the size of what they hold and are there when they are read and written. */
function expectBuffers(network: Network, plan: Plan): void {
  const named = new Map(plan.buffers.map((buffer) => [buffer.name, buffer]));
  expect(named.size).toBe(plan.buffers.length);
  const last = plan.moments.length - 1;
  const seen = new Set<string>();
  let moment = 0;
  plan.stages.forEach((stage, index) => {
    const patches = stage.grid.rows * stage.grid.columns;
    const start = moment;
    const end = start + stage.steps.length - 1;
    const place = (map: string): ArenaBuffer | undefined =>
      named.get(`patch:${map}@${index}`) ?? named.get(`map:${map}`);
    const stored = (map: string): number => {
      const most = (axis: Axis): number =>
        Math.max(
          ...(stage[axis][map] as AxisParts).to.map(
            (to, i) => to - ((stage[axis][map] as AxisParts).from[i] as number),
          ),
        );
      return most("rows") * most("columns");
    };
    const keeps = (map: string, axis: Axis): number => {
      const own = stage[axis][map] as AxisParts;
      return Math.max(...own.compute.map((compute, i) => compute - (own.from[i] as number)));
    };
    for (const step of stage.steps) {
      const layers = [step.layer, ...(step.add === undefined ? [] : [step.add])].map((i) => network.layers[i] as Layer);
      const made = layers.at(-1)?.output as string;
      const read = new Set(layers.flatMap(({ inputs }) => inputs.map((name) => rootOf(network, name))));
      if (step.add !== undefined) read.delete(layers[0]?.output as string);
      for (const map of [...read, made]) {
        const buffer = place(map);
        const isEmpty = stage.rows[map] !== undefined && stored(map) === 0;
        if (buffer === undefined && isEmpty) continue;
        const what = `${map} in step ${layers[0]?.name}`;
        if (buffer === undefined) expect(buffer, what).toBeDefined();
        seen.add(buffer?.name as string);
        const alive = (buffer?.first as number) <= moment && moment <= (buffer?.last as number);
        if (!alive) expect(buffer, what).toBe("alive");
        // Later patches read maps from outside again, and write the output piece by piece.
        if (buffer?.role === "map" && patches > 1 && (map !== made || step.sums === undefined))
          expect(buffer.first <= start && end <= buffer.last, what).toBe(true);
      }
      if (step.inPlace !== undefined) {
        const scratch = named.get(step.inPlace.scratch) as ArenaBuffer;
        const map = network.maps[made] as FeatureMap;
        const fresh = (axis: Axis): number =>
          Math.max(
            ...(stage[axis][made] as AxisParts).to.map(
              (to, i) => to - ((stage[axis][made] as AxisParts).compute[i] as number),
            ),
          );
        const cells = fresh("rows") * fresh("columns");
        expect(scratch.bytes).toBe((cells * step.inPlace.channelBlock * bytesOf(map)) / map.channels);
        expect([scratch.first, scratch.last]).toEqual([moment, moment]);
        expect(place(made)?.takesOver).toBe(place(rootOf(network, layers[0]?.inputs[0] as string))?.name);
        seen.add(scratch.name);
      }
      if (step.sums !== undefined) {
        const sums = named.get(step.sums) as ArenaBuffer;
        expect(sums.bytes).toBe(4 * (network.maps[made] as FeatureMap).channels);
        expect([sums.role, sums.offset % 4, sums.first, sums.last]).toEqual(["sums", 0, start, end]);
        seen.add(sums.name);
      }
      if (step.add !== undefined) expect(place(made)?.takesOver).toBeDefined();
      moment++;
    }
    for (const map of Object.keys(stage.rows)) {
      const buffer = named.get(`patch:${map}@${index}`);
      const lines = named.get(`lines:${map}@${index}`);
      const cell = bytesOf(network.maps[map] as FeatureMap);
      const keptInPatch = keeps(map, "columns") > 0 || (stage.grid.columns === 1 && keeps(map, "rows") > 0);
      if (buffer !== undefined) {
        expect(buffer.bytes).toBe(stored(map) * cell);
        expect(buffer.bytes).toBe(buffer.rows * buffer.columns * cell);
        if (keptInPatch) {
          expect([buffer.first, buffer.last, buffer.takesOver]).toEqual([start, end, undefined]);
          expect(plan.buffers.some(({ takesOver }) => takesOver === buffer.name)).toBe(false);
        }
      }
      expect(lines !== undefined, `lines of ${map}`).toBe(stage.grid.columns > 1 && keeps(map, "rows") > 0);
      if (lines === undefined) continue;
      seen.add(lines.name);
      const to = (stage.columns[map] as AxisParts).to;
      expect([lines.rows, lines.columns]).toEqual([keeps(map, "rows"), Math.max(...to)]);
      expect([lines.bytes, lines.first, lines.last]).toEqual([lines.rows * lines.columns * cell, start, end]);
    }
  });
  expect(plan.buffers.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  for (const { map } of plan.options.input === "resident" ? network.inputs : []) {
    const buffer = named.get(`map:${rootOf(network, map)}`);
    if (buffer !== undefined) expect(buffer.first).toBe(0);
  }
  const isOutside = (map: string): boolean =>
    plan.options.input !== "resident" && network.inputs.some((input) => input.map === rootOf(network, map));
  for (const { map } of plan.options.output === "resident" ? network.outputs : []) {
    if (isOutside(map)) continue;
    expect(named.get(`map:${rootOf(network, map)}`)?.last, map).toBe(last);
  }
  for (const buffer of plan.buffers) {
    const under = buffer.takesOver === undefined ? undefined : named.get(buffer.takesOver);
    expect([buffer.name, under === undefined]).toEqual([buffer.name, buffer.takesOver === undefined]);
    if (under === undefined) continue;
    expect([under.offset, under.last]).toEqual([buffer.offset, buffer.first]);
    expect(buffer.bytes).toBeLessThanOrEqual(under.bytes);
  }
}

/** No two buffers that are alive together share a byte, and the sums are right. */
function expectArena(plan: Plan): void {
  const live = plan.moments.map((_, moment) => {
    const here = plan.buffers.filter(({ first, last }) => first <= moment && moment <= last);
    for (const a of here) {
      for (const b of here) {
        if (a === b || a.takesOver === b.name || b.takesOver === a.name) continue;
        const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
        if (!apart) expect(a).toBe(b);
      }
    }
    const under = new Set(here.map(({ takesOver }) => takesOver));
    const counted = here.filter(
      ({ name, takesOver }) => takesOver === undefined || under.has(name) || !here.some((b) => b.name === takesOver),
    );
    return counted.reduce((sum, { bytes }) => sum + bytes, 0);
  });
  expect(plan.moments.map(({ liveBytes }) => liveBytes)).toEqual(live);
  expect(plan.lowerBoundBytes).toBe(Math.max(0, ...live));
  expect(plan.arenaBytes).toBe(Math.max(0, ...plan.buffers.map(({ offset, bytes }) => offset + bytes)));
  expect(plan.arenaBytes).toBeGreaterThanOrEqual(plan.lowerBoundBytes);
  for (const { offset } of plan.buffers) expect(offset % plan.options.align).toBe(0);
}
