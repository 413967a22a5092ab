import { type Graph, type GraphNode, type HostTensor, type NodeOf, isNode } from "@parsimony/core-tensor";
import { PatchInferError } from "../../base/errors.ts";
import type { Quantization } from "../../network/quantization.ts";
import type { Constants } from "../constants.ts";
import { dimsOf, float32 } from "../draft.ts";
import { type Lowering, refuse } from "../lowering.ts";
import { doubles } from "./numbers.ts";

type CodeNode = NodeOf<"quantize"> | NodeOf<"dequantize">;

/** Scale and zero point of a node, for int8 codes: those of uint8 are moved by 128. */
function quantizationOf(node: CodeNode, constants: Constants, dtype: string): Quantization {
  const [, scale, zero] = node.inputs.map((name) => constants.get(name)?.value) as (HostTensor | undefined)[];
  if (scale === undefined || zero === undefined) return refuse("has a scale that is computed while the program runs");
  if (scale.size !== 1 || node.attributes.blockSize !== 0) return refuse("has scales per channel for a computed value");
  if (dtype !== "int8" && dtype !== "uint8") return refuse(`has codes of ${dtype}`);
  const [step] = doubles(scale) as unknown as [number];
  const [zeroPoint] = doubles(zero) as unknown as [number];
  if (!(step > 0 && step < Infinity)) {
    const [name] = node.outputs as [string];
    throw new PatchInferError("BAD_MODEL", `"${name}": a scale must be positive, got ${step}`, { layer: name });
  }
  return { scale: step, zeroPoint: dtype === "uint8" ? zeroPoint - 128 : zeroPoint };
}

export function quantize(node: NodeOf<"quantize">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const value = at.value(x);
  const quantization = quantizationOf(node, at.constants, node.attributes.dtype);
  const dims = dimsOf(at.draft.map(value.map));
  const map = at.draft.add({ kind: "convert" }, [value.map], output, dims, { type: "int8", quantization });
  at.set(output, { ...value, map });
}

export function dequantize(node: NodeOf<"dequantize">, at: Lowering): void {
  const [x] = node.inputs as [string];
  const [output] = node.outputs as [string];
  const value = at.value(x);
  const wanted = quantizationOf(node, at.constants, at.dtype(x));
  const { scale, zeroPoint } = at.draft.map(value.map);
  if (scale !== wanted.scale || zeroPoint !== wanted.zeroPoint) {
    const message = `"${x}" is written with scale ${scale} and zero point ${zeroPoint}, but read with ${wanted.scale} and ${wanted.zeroPoint}`;
    throw new PatchInferError("BAD_MODEL", message, { layer: x });
  }
  const map = at.draft.add({ kind: "convert" }, [value.map], output, dimsOf(at.draft.map(value.map)), float32);
  at.set(output, { ...value, map });
}

/** Ops that move or pick elements, and so keep what codes stand for. */
const movers: ReadonlySet<string> = new Set([
  "reshape",
  "transpose",
  "concat",
  "pad",
  "slice",
  "resize2d",
  "gather",
  "reverse",
  "broadcastTo",
  "maxPool2d",
]);

export function movesCodes({ op }: GraphNode): boolean {
  return movers.has(op) || op === "dequantize";
}

/** What the codes of an input stand for: what the first node that makes numbers of them says. */
export function inputQuantization(graph: Graph, input: string, constants: Constants): Quantization {
  const reached = new Set([input]);
  const dtype = (graph.types[input] as { dtype: string }).dtype;
  for (const node of graph.nodes) {
    if (!node.inputs.some((name) => reached.has(name))) continue;
    if (isNode(node, "dequantize") && reached.has(node.inputs[0] as string)) {
      return quantizationOf(node, constants, dtype);
    }
    if (movers.has(node.op)) for (const name of node.outputs) reached.add(name);
  }
  throw new PatchInferError("BAD_MODEL", `input "${input}" has codes of ${dtype}, and nothing says their scale`, {
    layer: input,
  });
}
