import fc from "fast-check";
import { expect, test } from "vitest";
import { PatchInferError } from "../../src/base/errors.ts";
import { checkNetwork } from "../../src/lower/checkNetwork.ts";
import { networkOf } from "../../src/lower/networkOf.ts";
import type { FeatureMap, Network, Port } from "../../src/network/network.ts";
import { planLayers } from "../../src/plan/planStages.ts";
import { networks } from "../../src/testing/arbitraries.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

function sound(): Network {
  const net = new NetworkBuilder();
  const y = net.conv(net.input(6, 6, 2), 4, { name: "y" });
  return net.build([net.unary(net.view(y, 1, 36, 4))]);
}

function fault(network: unknown): string {
  try {
    planLayers(network as Network);
  } catch (error) {
    if (error instanceof PatchInferError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

test("networks that hang together", () => {
  expect(fault(sound())).toBe("none");
  fc.assert(
    fc.property(networks({ maxSize: 6 }), (network) => checkNetwork(network)),
    { numRuns: 30, seed: 8 },
  );
});

const base = sound();
const [conv, unary] = base.layers as [Network["layers"][number], Network["layers"][number]];
const [input] = base.inputs as [Port];
const view = Object.values(base.maps).find(({ viewOf }) => viewOf !== undefined) as FeatureMap;
const withMap = (name: string, change: Partial<FeatureMap>): Network => ({
  ...base,
  maps: { ...base.maps, [name]: { ...(base.maps[name] as FeatureMap), ...change } },
});

test.each<[string, unknown]>([
  ["not undefined", undefined],
  ["not graph", "graph"],
  ["no lists", {}],
  ["no lists", { ...base, maps: null }],
  ["before it is made", { ...base, layers: [unary, conv] }],
  ["before it is made", { ...base, layers: [{ ...conv, inputs: ["y"] }, unary] }],
  ["which is there before", { ...base, layers: [conv, conv, unary] }],
  ["which is there before", { ...base, inputs: [input, { ...input, name: "other" }] }],
  ["which there is not", { ...base, layers: [{ ...conv, inputs: ["toString"] }, unary] }],
  ["which there is not", { ...base, outputs: [{ ...input, map: "z" }] }],
  ["before it is made", { ...base, layers: [], outputs: [{ ...input, map: "y", shape: [1, 6, 6, 4] }] }],
  ["which is a view", { ...base, layers: [conv, { ...unary, inputs: ["y"], output: view.name }] }],
  ["no known kind: constructor", { ...base, layers: [{ ...conv, kind: "constructor" }, unary] }],
  ["reads nothing", { ...base, layers: [{ ...conv, inputs: [] }, unary] }],
  ["calls itself", withMap("y", { name: "z" })],
  ["0 x 6 x 4 cells", withMap("y", { height: 0 })],
  ["6.5 x 6 x 4 cells", withMap("y", { height: 6.5 })],
  ["cells of float64", withMap("y", { type: "float64" as "float32" })],
  ["does not show", withMap(view.name, { channels: 5 })],
  ["does not show", withMap(view.name, { viewOf: view.name })],
  ["its map 72 cells", { ...base, inputs: [{ ...input, shape: [1, 2] }] }],
  ["two outputs are named", { ...base, outputs: [...base.outputs, ...base.outputs] }],
])("%s", (text, network) => {
  expect(fault(network)).toMatch(/^BAD_MODEL: /);
  expect(fault(network)).toContain(text);
});

test("a network is given back as it is", () => {
  expect(networkOf(base)).toBe(base);
});
