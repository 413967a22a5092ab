import { type Quantization, requantizeTable } from "../../network/quantization.ts";
import { type Draft, type DraftLayer, dimsOf } from "../draft.ts";
import { originOf, readersOf } from "../fold/readers.ts";
import { integerRuleOf } from "./rules.ts";

function quantizationOf(draft: Draft, map: string): Quantization {
  const { scale, zeroPoint } = draft.map(map);
  return { scale: scale as number, zeroPoint: zeroPoint as number };
}

function same(a: Quantization, b: Quantization): boolean {
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

/** The codes that a float map is made from by `dequantize`, with the same dimensions. */
function codesBehind(draft: Draft, makers: ReadonlyMap<string, DraftLayer>, map: string): string | undefined {
  const maker = makers.get(originOf(draft, map));
  const [codes] = maker?.inputs ?? [];
  if (maker?.kind !== "convert" || codes === undefined || draft.map(codes).type !== "int8") return undefined;
  return draft.view(codes, dimsOf(draft.map(map)));
}

/**
 * Float layers whose inputs are codes and whose result becomes codes compute with codes. Layers that have no such form stay
 * as they are, between conversions.
 */
export function formIslands(draft: Draft, outputs: readonly string[]): void {
  const readers = readersOf(draft, outputs);
  const makers = new Map(draft.layers.map((layer) => [layer.output, layer]));
  const done: DraftLayer[] = [];
  const replaced = new Set<DraftLayer>();
  for (const layer of draft.layers) {
    if (replaced.has(layer)) continue;
    const quantize = readers.only(layer.output);
    const codes = layer.inputs.map((name) => codesBehind(draft, makers, name));
    const isIsland =
      layer.kind !== "convert" &&
      quantize?.kind === "convert" &&
      draft.map(quantize.output).type === "int8" &&
      !codes.includes(undefined);
    const layers = isIsland ? island(draft, layer, codes as string[], quantize.output) : undefined;
    if (layers !== undefined) {
      done.push(...layers);
      replaced.add(quantize as DraftLayer);
      continue;
    }
    const moved = codes.length === 0 || codes.includes(undefined) ? [layer] : inCodes(draft, layer, codes as string[]);
    for (const made of moved) makers.set(made.output, made);
    done.push(...moved);
  }
  draft.layers.splice(0, draft.layers.length, ...done);
  bringToScale(draft, makers);
}

/** Does the layer give some of the numbers that it is given, whatever they are? */
function picks(layer: DraftLayer): boolean {
  if (layer.kind === "resize2d") return layer.mode === "nearest";
  if (layer.kind === "maxPool2d") return layer.clamp.min === -Infinity && layer.clamp.max === Infinity;
  return ["pad", "concat", "depthToSpace", "spaceToDepth", "slice", "transpose"].includes(layer.kind);
}

/** A layer that moves codes before they become numbers, instead of numbers: the same bits. */
function inCodes(draft: Draft, layer: DraftLayer, codes: readonly string[]): readonly DraftLayer[] {
  const inputs = codes.map((name) => quantizationOf(draft, name));
  const [first] = inputs as [Quantization];
  if (!picks(layer) || !inputs.every((other) => same(first, other))) return [layer];
  const maps = { inputs, inputMaps: codes.map((name) => draft.map(name)), output: first };
  const made = integerRuleOf(layer).layer(layer, maps);
  if (made === undefined) return [layer];
  const format = { type: "int8", quantization: first } as const;
  const output = draft.addMap(`${layer.output}:codes`, dimsOf(draft.map(layer.output)), format);
  return [
    { ...made, name: output, inputs: codes, output } as DraftLayer,
    { kind: "convert", name: layer.output, inputs: [output], output: layer.output },
  ];
}

/** The layers that compute `output` from codes; undefined where there are none. */
function island(
  draft: Draft,
  layer: DraftLayer,
  codes: readonly string[],
  output: string,
): readonly DraftLayer[] | undefined {
  const rule = integerRuleOf(layer);
  const result = quantizationOf(draft, output);
  const inputs = codes.map((name) => quantizationOf(draft, name));
  const maps = { inputs, inputMaps: codes.map((name) => draft.map(name)), output: result };
  if (rule.keepsScale?.(layer) !== true) {
    const made = rule.layer(layer, maps);
    return made === undefined ? undefined : [{ ...made, name: output, inputs: codes, output } as DraftLayer];
  }
  const [first] = inputs as [Quantization];
  if (inputs.length === 1 && !same(first, result)) {
    const made = rule.layer(layer, { ...maps, output: first });
    if (made === undefined) return undefined;
    const between = draft.addMap(`${output}:codes`, dimsOf(draft.map(output)), { type: "int8", quantization: first });
    return [
      { ...made, name: between, inputs: codes, output: between } as DraftLayer,
      requantize(between, output, first, result),
    ];
  }
  const made = rule.layer(layer, { ...maps, inputs: inputs.map(() => result) });
  if (made === undefined) return undefined;
  const before: DraftLayer[] = [];
  const fitting = codes.map((name, i) => {
    const own = inputs[i] as Quantization;
    if (same(own, result)) return name;
    const format = { type: "int8", quantization: result } as const;
    const scaled = draft.addMap(`${output}:input${i}`, dimsOf(draft.map(name)), format);
    before.push(requantize(name, scaled, own, result));
    return scaled;
  });
  return [...before, { ...made, name: output, inputs: fitting, output } as DraftLayer];
}

function requantize(input: string, output: string, from: Quantization, to: Quantization): DraftLayer {
  return { kind: "convert", name: output, inputs: [input], output, table: requantizeTable(from, to) };
}

/** Codes that are dequantised only to be quantised again: another scale, or nothing at all. */
function bringToScale(draft: Draft, makers: ReadonlyMap<string, DraftLayer>): void {
  const kept = draft.layers.flatMap((layer): DraftLayer[] => {
    if (layer.kind !== "convert" || draft.map(layer.output).type !== "int8") return [layer];
    const [input] = layer.inputs as [string];
    if (draft.map(input).type === "int8") return [layer];
    const codes = codesBehind(draft, makers, input);
    if (codes === undefined) return [layer];
    const [from, to] = [quantizationOf(draft, codes), quantizationOf(draft, layer.output)];
    if (!same(from, to)) return [requantize(codes, layer.output, from, to)];
    draft.identify(layer.output, codes);
    return [];
  });
  draft.layers.splice(0, draft.layers.length, ...kept);
}
