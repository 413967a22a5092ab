import { PatchInferError } from "../../base/errors.ts";
import { integerRules } from "../../lower/integer/rules.ts";
import type { Binary, BinaryFunction, Convert, Layer, Softmax, Unary, UnaryFunction } from "../../network/layer.ts";
import type { FeatureMap } from "../../network/network.ts";
import { requantizeTable } from "../../network/quantization.ts";
import { type Around, demandOf, finished, real, sameBox, stored, windowOf } from "./around.ts";
import { type GraphWriter, quantizationOf } from "./writer.ts";

type BinaryOp = "add" | "sub" | "mul" | "div" | "minimum" | "maximum";

const operands: Readonly<Record<BinaryFunction, readonly [op: BinaryOp, turned: boolean]>> = {
  add: ["add", false],
  sub: ["sub", false],
  mul: ["mul", false],
  div: ["div", false],
  minimum: ["minimum", false],
  maximum: ["maximum", false],
  rsub: ["sub", true],
  rdiv: ["div", true],
};

function rightOperand(layer: Binary, around: Around): string {
  const { writer, maps } = around;
  const { constant, constantScale: scale, constantZeroPoint: zeroPoint } = layer;
  const [, second] = maps.inputs;
  if (second !== undefined) {
    const { value } = windowOf(1, demandOf(layer, 1, around), around);
    return real(value as string, second, around);
  }
  if (constant === undefined) throw new PatchInferError("BAD_MODEL", `layer "${layer.name}" has one operand`);
  const value = writer.constant(constant, constant.length === 1 ? [] : [constant.length, 1, 1]);
  return scale === undefined || zeroPoint === undefined ? value : writer.dequantize(value, { scale, zeroPoint });
}

export function binary(layer: Binary, around: Around): string {
  const [op, turned] = operands[layer.fn];
  const left = real(
    windowOf(0, demandOf(layer, 0, around), around).value as string,
    around.maps.inputs[0] as FeatureMap,
    around,
  );
  const right = rightOperand(layer, around);
  return finished(around.writer.op(op, turned ? [right, left] : [left, right], {}), layer.clamp, around);
}

const functions: Readonly<Record<Exclude<UnaryFunction, "leakyRelu">, (x: string, writer: GraphWriter) => string>> = {
  clamp: (x) => x,
  abs: (x, writer) => writer.op("abs", [x], {}),
  neg: (x, writer) => writer.op("neg", [x], {}),
  sigmoid: (x, writer) => writer.op("sigmoid", [x], {}),
  tanh: (x, writer) => writer.op("tanh", [x], {}),
  exp: (x, writer) => writer.op("exp", [x], {}),
  log: (x, writer) => writer.op("log", [x], {}),
  sqrt: (x, writer) => writer.op("sqrt", [x], {}),
  square: (x, writer) => writer.op("pow", [x, writer.number(2)], {}),
  hardSwish: (x, writer) => {
    const line = writer.op("add", [writer.op("div", [x, writer.number(6)], {}), writer.number(0.5)], {});
    const gate = writer.op("minimum", [writer.op("maximum", [line, writer.number(0)], {}), writer.number(1)], {});
    return writer.op("mul", [x, gate], {});
  },
  silu: (x, writer) => writer.op("mul", [x, writer.op("sigmoid", [x], {})], {}),
  softplus: (x, writer) => writer.op("softplus", [x], {}),
  floor: (x, writer) => writer.op("floor", [x], {}),
};

/** x above 0, a multiple of it below. */
function leakyRelu(x: string, slope: Float32Array, writer: GraphWriter): string {
  const factor = writer.constant(slope, slope.length === 1 ? [] : [slope.length, 1, 1]);
  const isBelow = writer.op("less", [x, writer.number(0)], {});
  return writer.op("where", [isBelow, writer.op("mul", [x, factor], {}), x], {});
}

export function unary(layer: Unary, around: Around): string {
  const { writer, maps } = around;
  const { fn, slope = Float32Array.of(0), table } = layer;
  const input = maps.inputs[0] as FeatureMap;
  if (table !== undefined) checkTable(layer, table, tableOf(layer, around));
  const x = real(sameBox(0, around), input, around);
  const value = fn === "leakyRelu" ? leakyRelu(x, slope, writer) : functions[fn](x, writer);
  const isBounded = fn === "clamp" || maps.output.type === "int8";
  return isBounded ? finished(value, layer.clamp, around) : stored(value, around);
}

/** The table that the layer's function gives by the rules of this package. */
function tableOf(layer: Unary, { maps }: Around): Int8Array | undefined {
  const around = {
    inputs: maps.inputs.map(quantizationOf),
    inputMaps: maps.inputs,
    output: quantizationOf(maps.output),
  };
  // Bounds in codes are brought back as they are: the table holds them already.
  const made = integerRules.unary.layer({ ...layer, clamp: boundsInNumbers(layer, maps.output) }, around);
  return made?.kind === "unary" ? made.table : undefined;
}

function boundsInNumbers({ clamp }: Unary, output: FeatureMap): Unary["clamp"] {
  const { scale, zeroPoint } = quantizationOf(output);
  const number = (code: number): number => Math.fround(Math.fround(scale) * (code - zeroPoint));
  return {
    min: clamp.min > -128 ? number(clamp.min) : -Infinity,
    max: clamp.max < 127 ? number(clamp.max) : Infinity,
  };
}

function checkTable({ name }: Layer, table: Int8Array, expected: Int8Array | undefined): void {
  if (expected !== undefined && table.length === expected.length && table.every((code, i) => code === expected[i]))
    return;
  const message = `layer "${name}": its table is not what its function gives, and standard programs have no tables`;
  throw new PatchInferError("UNSUPPORTED_OP", message, { layer: name });
}

export function convert(layer: Convert, around: Around): string {
  const input = around.maps.inputs[0] as FeatureMap;
  const { output } = around.maps;
  if (layer.table !== undefined) {
    checkTable(layer, layer.table, requantizeTable(quantizationOf(input), quantizationOf(output)));
  }
  return stored(real(sameBox(0, around), input, around), around);
}

export function softmax(_layer: Softmax, around: Around): string {
  const x = real(sameBox(0, around), around.maps.inputs[0] as FeatureMap, around);
  return stored(around.writer.op("softmax", [x], { axis: 1 }), around);
}
