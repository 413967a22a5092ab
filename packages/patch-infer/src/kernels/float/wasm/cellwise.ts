import type { LayerMaps } from "../../../layers/rule.ts";
import type { Binary, BinaryFunction, Unary, UnaryFunction } from "../../../network/layer.ts";
import type { FeatureMap } from "../../../network/network.ts";
import type { Region } from "../../kernels.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import type { WasmMachine } from "../../wasmMachine.ts";
import { binary } from "../typescript/binary.ts";
import { unary } from "../typescript/unary.ts";
import { floatBits } from "./floatBits.ts";
import { filledUp } from "./packed.ts";

/** Numbers of functions in cellwise.as. */
const binaryNumbers: Readonly<Record<BinaryFunction, number>> = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  minimum: 4,
  maximum: 5,
  rsub: 6,
  rdiv: 7,
};

/** The same function with its operands the other way round. */
const swapped: Readonly<Record<BinaryFunction, BinaryFunction>> = {
  add: "add",
  sub: "rsub",
  mul: "mul",
  div: "rdiv",
  minimum: "minimum",
  maximum: "maximum",
  rsub: "sub",
  rdiv: "div",
};

/** Word of the record `Binary` with the address of the right operand's numbers. */
const constantWord = 21;

export function wasmBinary(layer: Binary, maps: LayerMaps, machine: WasmMachine): PreparedLayer {
  const { fn, constant, clamp } = layer;
  const { channels } = maps.output;
  const [left, right] = maps.inputs as [FeatureMap, FeatureMap?];
  const bounds = [floatBits(clamp.min), floatBits(clamp.max)];
  const isWhole = (map: FeatureMap): boolean => sameSize(map, maps.output);
  if (right === undefined && isWhole(left)) {
    const numbers = constant as Float32Array;
    const mode = numbers.length === 1 ? 2 : 1;
    const place = machine.place(mode === 2 ? numbers : filledUp(numbers, channels));
    const record = machine.record([channels, binaryNumbers[fn], mode, ...bounds, place]);
    return {
      run: (call) => {
        machine.write(record, call);
        machine.float.binary(record);
      },
    };
  }
  if (right !== undefined && isWhole(left) && isWhole(right)) {
    const record = machine.record([channels, binaryNumbers[fn], 0, ...bounds, 0]);
    return {
      run: (call) => {
        machine.write(record, call);
        machine.float.binary(record);
      },
    };
  }
  const whole = isWhole(left) ? 0 : 1;
  const single = maps.inputs[1 - whole] as FeatureMap;
  // Maps of one channel or of one row are too rare for kernels of their own.
  if (right === undefined || !isWhole(maps.inputs[whole] as FeatureMap) || !isSingle(single, channels)) {
    return binary(layer, maps, machine);
  }
  const number = binaryNumbers[whole === 0 ? fn : swapped[fn]];
  const record = machine.record([channels, number, single.channels === 1 ? 2 : 1, ...bounds, 0]);
  return {
    run: (call) => {
      machine.write(record, call);
      const at = record >> 2;
      if (whole === 1) machine.words.copyWithin(at + 8, at + 12, at + 16);
      const region = call.inputs[1 - whole] as Region;
      machine.words[at + constantWord] = 4 * rowPosition(region, 0, single.channels, 4, machine.arenaStart);
      machine.float.binary(record);
    },
  };
}

function sameSize(a: FeatureMap, b: FeatureMap): boolean {
  return a.height === b.height && a.width === b.width && a.channels === b.channels;
}

function isSingle({ height, width, channels }: FeatureMap, outputs: number): boolean {
  return height === 1 && width === 1 && (channels === 1 || channels === outputs);
}

/** Numbers of functions in cellwise.as; the others run in TypeScript, because only there are exp and log the same everywhere. */
const unaryNumbers: Readonly<Partial<Record<UnaryFunction, number>>> = {
  clamp: 0,
  leakyRelu: 1,
  abs: 3,
  neg: 4,
  sqrt: 5,
  square: 6,
  hardSwish: 7,
  floor: 8,
};

export function wasmUnary(layer: Unary, maps: LayerMaps, machine: WasmMachine): PreparedLayer {
  const { fn, clamp, slope } = layer;
  const { channels } = maps.output;
  const number = unaryNumbers[fn];
  if (number === undefined) return unary(layer, maps, machine);
  const slopes = slope ?? Float32Array.of(0);
  const perChannel = slopes.length > 1;
  const record = machine.record([
    channels,
    fn === "leakyRelu" && perChannel ? 2 : number,
    floatBits(clamp.min),
    floatBits(clamp.max),
    machine.place(perChannel ? filledUp(slopes, channels) : slopes),
  ]);
  return {
    run: (call) => {
      machine.write(record, call);
      machine.float.unary(record);
    },
  };
}
