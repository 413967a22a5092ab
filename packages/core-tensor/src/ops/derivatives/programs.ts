import { isFloat } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply, typeOf } from "../apply.ts";
import { add } from "../elementwise/index.ts";
import type { DerivativeTable, Pullback, Tools } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import { programPrimitives } from "../programs/index.ts";
import type { CustomVjpAttributes, OpAttributes, ScanAttributes } from "../vocabulary.ts";
import { materialize } from "./materialize.ts";

const float = (value: Tensor): boolean => isFloat(value.dtype);
const sliceType = ({ dtype, shape }: ValueType): ValueType => ({ dtype, shape: shape.slice(1) });

/**
 * A scan is differentiated by a scan that walks the other way. The forward run also keeps the carry before each
 * step; the backward one computes each step again from it and pulls the cotangents through.
 */
function linearizeScan(inputs: readonly Tensor[], attributes: ScanAttributes, tools: Tools): Pullback {
  const { body, carries, scanned, length, reverse } = attributes;
  const bodyTypes = body.inputs.map((name) => body.types[name] as ValueType);
  const keepCarry = tools.capture(
    (...args) => [...tools.evaluate(body, args), ...args.slice(0, carries)],
    bodyTypes,
  ).graph;
  const all = apply(programPrimitives.scan, inputs, { ...attributes, body: keepCarry }, tools);
  const outputs = all.slice(0, body.outputs.length);
  const history = all.slice(body.outputs.length);
  const xs = inputs.slice(carries, carries + scanned);
  const constants = inputs.slice(carries + scanned);

  const pull = (cotangents: readonly (Tensor | null)[]): (Tensor | null)[] => {
    const seeds = outputs.map((output, i) => (float(output) ? materialize(cotangents[i] ?? null, output) : null));
    const carrySeeds = seeds.slice(0, carries).filter((seed) => seed !== null);
    const resultSeeds = seeds.slice(carries).filter((seed) => seed !== null);
    const sums = constants.filter(float).map((constant) => materialize(null, constant));
    const backCarry = [...carrySeeds, ...sums];
    const backScanned = [...history, ...xs, ...resultSeeds];

    const step = (...args: Tensor[]): Tensor[] => {
      const take = (count: number): Tensor[] => args.splice(0, count);
      const carryCotangents = take(carrySeeds.length);
      const constantSums = take(sums.length);
      const bodyInputs = [...take(carries), ...take(scanned)];
      const resultCotangents = take(resultSeeds.length);
      bodyInputs.push(...args);
      const arriving = seeds.map((seed, i) => {
        if (seed === null) return null;
        return (i < carries ? carryCotangents.shift() : resultCotangents.shift()) ?? null;
      });
      const pulled = tools.vjp((...values) => tools.evaluate(body, values), bodyInputs).pull(arriving);
      const leaving = pulled.map((cotangent, i) =>
        float(bodyInputs[i] as Tensor) ? materialize(cotangent, bodyInputs[i] as Tensor) : null,
      );
      const floats = (from: number, to?: number): Tensor[] => leaving.slice(from, to).filter((value) => value !== null);
      return [
        ...floats(0, carries),
        ...floats(carries + scanned).map((cotangent, i) => add(constantSums[i] as Tensor, cotangent)),
        ...floats(carries, carries + scanned),
      ];
    };
    const types = [...backCarry.map(typeOf), ...backScanned.map(typeOf).map(sliceType), ...constants.map(typeOf)];
    const { graph, captures } = tools.capture(step, types);
    const pulled = apply(
      programPrimitives.scan,
      [...backCarry, ...backScanned, ...constants, ...captures],
      { body: graph, carries: backCarry.length, scanned: backScanned.length, length, reverse: !reverse },
      tools,
    );
    const carryPart = pulled.splice(0, carrySeeds.length);
    const constantPart = pulled.splice(0, sums.length);
    return inputs.map((input, i) => {
      if (!float(input)) return null;
      return (i < carries ? carryPart : i < carries + scanned ? pulled : constantPart).shift() ?? null;
    });
  };
  return { outputs, pull };
}

/** Runs the user's forward rule and pulls through the user's backward rule. */
function linearizeCustom(
  inputs: readonly Tensor[],
  { primal, forward, backward }: CustomVjpAttributes,
  tools: Tools,
): Pullback {
  const all = tools.evaluate(forward, inputs);
  const outputs = all.slice(0, primal.outputs.length);
  const residuals = all.slice(primal.outputs.length);
  return {
    outputs,
    pull(cotangents) {
      const seeds = outputs.map((output, i) => materialize(cotangents[i] ?? null, output));
      const pulled = tools.evaluate(backward, [...residuals, ...seeds]);
      return inputs.map((input, i) => (float(input) ? (pulled[i] as Tensor) : null));
    },
  };
}

/** Derivatives of the primitives that hold programs. */
export const programDerivatives: DerivativeTable<Pick<OpAttributes, "scan" | "customVjp">> = {
  scan: { linearize: linearizeScan },
  customVjp: { linearize: linearizeCustom },
};
