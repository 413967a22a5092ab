import type { Graph } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { Inputs } from "../execute/source.ts";
import { networkOf } from "../lower/networkOf.ts";
import type { Layer } from "../network/layer.ts";
import type { FeatureMap, Network, Port } from "../network/network.ts";
import type { Quantization } from "../network/quantization.ts";
import type { MapRunnerOptions } from "./mapValues.ts";
import { activationQuantization } from "./parameters.ts";
import { type ValueRange, observeRanges } from "./ranges.ts";
import { quantizeRuleOf } from "./rules.ts";
import { Conversions } from "./conversions.ts";

export interface QuantizeInt8Options extends MapRunnerOptions {
  /**
   * What the program takes and gives: `"float32"` (default) as before, with conversions inside; `"int8"` codes, whose scale and zero
   * point stand at the maps of the ports. int8 ports make the arena smaller: a float32 image takes four times its bytes.
   */
  readonly ports?: "float32" | "int8";
}

/**
 * A float32 network as an int8 one after training: weights with one scale per output channel, feature maps with one scale and
 * zero point from the smallest and largest value that the samples show, biases as int32, arithmetic by TFLite's rules (Jacob et
 * al. 2018). Layers that have no int8 form (softmax, division) stay float32 between conversions. Layers that only move or compare
 * codes (pooling, concatenation, …) tie their inputs and output to one quantisation, as TFLite asks for.
 *
 * @param samples some tens of typical inputs; each as `PatchExecutor.run` takes them.
 * @throws PatchInferError DTYPE_MISMATCH for a network that has int8 maps already; OPTION without samples; BAD_MODEL when a value is
 *   not finite; what lowering a graph throws.
 */
export function quantizeInt8(
  model: Graph | Network,
  samples: Iterable<Inputs>,
  options: QuantizeInt8Options = {},
): Network {
  const network = networkOf(model);
  const coded = Object.values(network.maps).find(({ type }) => type !== "float32");
  if (coded !== undefined)
    throw new PatchInferError("DTYPE_MISMATCH", `map "${coded.name}" is ${coded.type} already`, { layer: coded.name });
  return quantizeWithRanges(network, observeRanges(network, samples, options), options);
}

/**
 * As `quantizeInt8`, with ranges of one's own by map.
 *
 * @throws PatchInferError OPTION for a map without a range, or with one that is not finite or the wrong way round.
 */
export function quantizeWithRanges(
  network: Network,
  ranges: Readonly<Record<string, ValueRange>>,
  { ports = "float32" }: Pick<QuantizeInt8Options, "ports"> = {},
): Network {
  if (ports !== "float32" && ports !== "int8")
    throw new PatchInferError("OPTION", `ports: "float32" or "int8", not "${ports}"`);
  const quantizations = quantizationsOf(network, ranges);
  const conversions = new Conversions(network, quantizations);
  const inputs = network.inputs.map((port): Port => {
    if (ports === "int8") return { ...port, map: conversions.declare(port.map, "int8"), dtype: "int8" };
    return { ...port, map: conversions.declare(port.map, "float32") };
  });
  for (const layer of network.layers) {
    const rule = quantizeRuleOf(layer);
    const type = rule.quantizes?.(layer) === false ? "float32" : "int8";
    const sources = layer.inputs.map((name) => conversions.use(name, type));
    const output = conversions.declare(layer.output, type);
    const own = { ...layer, inputs: sources, output } as Layer;
    conversions.add(
      type === "float32"
        ? own
        : rule.quantize(own, {
            inputs: layer.inputs.map((name) => quantizations(name)),
            output: quantizations(layer.output),
            inputMaps: layer.inputs.map((name) => network.maps[name] as FeatureMap),
          }),
    );
  }
  const outputs = network.outputs.map(
    (port): Port => ({ ...port, map: conversions.use(port.map, ports), dtype: ports }),
  );
  return { name: network.name, inputs, outputs, layers: conversions.layers, maps: conversions.maps };
}

/** One quantisation for every map; maps that a layer ties together share the hull of their ranges. */
function quantizationsOf(
  network: Network,
  ranges: Readonly<Record<string, ValueRange>>,
): (map: string) => Quantization {
  const root = (name: string): string => network.maps[name]?.viewOf ?? name;
  const leader = new Map<string, string>();
  const find = (name: string): string => {
    let top = name;
    while (leader.get(top) !== undefined) top = leader.get(top) as string;
    return top;
  };
  const hulls = new Map<string, ValueRange>();
  const widen = (name: string, { min, max }: ValueRange): void => {
    const top = find(name);
    const known = hulls.get(top) ?? { min: 0, max: 0 };
    hulls.set(top, { min: Math.min(known.min, min), max: Math.max(known.max, max) });
  };
  for (const map of Object.values(network.maps)) {
    if (map.viewOf !== undefined) continue;
    const range = ranges[map.name];
    if (range === undefined)
      throw new PatchInferError("OPTION", `there is no range for map "${map.name}"`, { layer: map.name });
    if (!(Number.isFinite(range.min) && Number.isFinite(range.max) && range.min <= range.max)) {
      const text = `the range of map "${map.name}" goes from ${range.min} to ${range.max}`;
      throw new PatchInferError("OPTION", text, { layer: map.name });
    }
    widen(map.name, range);
  }
  for (const layer of network.layers) {
    const rule = quantizeRuleOf(layer);
    if (rule.quantizes?.(layer) === false) continue;
    const output = root(layer.output);
    if (rule.sameScale?.(layer) === true) {
      for (const input of layer.inputs) {
        const [a, b] = [find(output), find(root(input))];
        if (a === b) continue;
        leader.set(b, a);
        widen(a, hulls.get(b) as ValueRange);
      }
    }
    const extra = rule.range?.(layer);
    if (extra !== undefined) widen(output, extra);
  }
  const known = new Map<string, Quantization>();
  return (name) => {
    const top = find(root(name));
    let quantization = known.get(top);
    if (quantization === undefined) {
      quantization = activationQuantization(hulls.get(top) as ValueRange);
      known.set(top, quantization);
    }
    return quantization;
  };
}
