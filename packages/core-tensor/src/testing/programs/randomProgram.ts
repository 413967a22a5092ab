import fc from "fast-check";
import type { OpName } from "../../ops/vocabulary.ts";
import type { Graph } from "../../ops/program.ts";
import { type Dim, evaluateDim } from "../../tensor/dims.ts";
import type { DType } from "../../tensor/dtype.ts";
import { isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tolerance } from "../cases/tolerance.ts";
import { dimensions } from "../arbitraries/shapes.ts";
import { binaryTemplates } from "./binary.ts";
import { castTemplates } from "./cast.ts";
import { type Bounds, epsilonOf, exact, rough } from "./fact.ts";
import { linalgTemplates } from "./linalg.ts";
import { loopTemplates } from "./loops.ts";
import { movementTemplates } from "./movement.ts";
import { reduceTemplates } from "./reduce.ts";
import type { Template } from "./template.ts";
import { unaryTemplates } from "./unary.ts";
import { Inapplicable, ProgramWriter, largestBatch } from "./writer.ts";

const templates: { readonly [Name in OpName]: Template } = {
  ...unaryTemplates,
  ...binaryTemplates,
  ...reduceTemplates,
  ...linalgTemplates,
  ...movementTemplates,
  ...castTemplates,
  ...loopTemplates,
};

/** A random program with values to run it on. */
export interface RandomProgram {
  readonly graph: Graph;
  /** One set of inputs; several, with different numbers for the symbolic dimension, when the program has one. */
  readonly runs: readonly Readonly<Record<string, HostTensor>>[];
  /** How far two correct engines may be apart in an output, from the bounds of every value on the way. */
  readonly allowed: Readonly<Record<string, Tolerance>>;
  toString(): string;
}

export interface RandomProgramOptions {
  /** Float dtype of the program. Default float32. */
  readonly float?: DType;
  /** First dimensions of some inputs are the symbol `batch`. Default false. */
  readonly symbolic?: boolean;
  /** Ops to draw from. Default: all. */
  readonly ops?: readonly OpName[];
  /** Default 1 to 30. */
  readonly minSteps?: number;
  readonly maxSteps?: number;
}

interface InputGene {
  readonly kind: "rough" | "exact" | "int32" | "bool" | "int64" | "int8" | "uint8";
  readonly shape: readonly number[];
  readonly batched: boolean;
  readonly seed: number;
}

interface StepGene {
  readonly op: OpName;
  readonly choices: readonly number[];
}

const kinds: readonly InputGene["kind"][] = [
  "exact",
  "rough",
  "int32",
  "bool",
  "rough",
  "exact",
  "int64",
  "int8",
  "uint8",
];

/**
 * Well-typed programs of up to 30 steps over the whole vocabulary on which correct engines agree: of every value the
 * range and the rounding error are bounded while the program is written; functions are applied where they are smooth,
 * and whatever jumps (comparisons, rounding, indices) to values that no engine rounds. A disagreement is a bug.
 *
 * The ops that TensorFlow.js or ONNX engines carry in fewer bits keep to the range that they share (int64 within int32).
 * Programs shrink by dropping inputs and steps, and to simpler choices in those that stay.
 */
export function randomPrograms(options: RandomProgramOptions = {}): fc.Arbitrary<RandomProgram> {
  const {
    float = "float32",
    symbolic = false,
    ops = Object.keys(templates) as OpName[],
    minSteps = 1,
    maxSteps = 30,
  } = options;
  const input: fc.Arbitrary<InputGene> = fc.record({
    kind: fc.constantFrom(...kinds),
    shape: fc.array(dimensions({ maxDim: 4 }), { maxLength: 3 }),
    batched: symbolic ? fc.boolean() : fc.constant(false),
    seed: fc.integer({ min: 0, max: 1000 }),
  });
  const step: fc.Arbitrary<StepGene> = fc.record({
    op: fc.constantFrom(...ops),
    choices: fc.array(fc.nat({ max: 255 }), { minLength: 12, maxLength: 12, size: "max" }),
  });
  const inputs = fc.array(input, { minLength: 1, maxLength: 4, size: "max" });
  const steps = fc.array(step, { minLength: minSteps, maxLength: maxSteps, size: "max" });
  return fc.tuple(inputs, steps).map(([givens, genes]) => write(float, symbolic, givens, genes));
}

function write(
  float: DType,
  symbolic: boolean,
  givens: readonly InputGene[],
  genes: readonly StepGene[],
): RandomProgram {
  const writer = new ProgramWriter(float);
  const types = givens.map((gene, i) => {
    const shape: readonly Dim[] = gene.batched || (symbolic && i === 0) ? ["batch", ...gene.shape] : gene.shape;
    const dtype = isNumberKind(gene.kind) ? float : gene.kind;
    writer.input(`in${i}`, dtype, shape, boundsOf(gene.kind, float));
    return { name: `in${i}`, dtype, shape, gene };
  });
  for (const { op, choices } of genes) {
    writer.choices = [...choices];
    try {
      templates[op](writer);
    } catch (error) {
      if (!(error instanceof Inapplicable)) throw error;
    }
  }
  const { graph, outputs } = writer.finish();
  const batches = symbolic ? [2, 1, largestBatch] : [1];
  const runs = batches.map((batch) =>
    Object.fromEntries(
      types.map(({ name, dtype, shape, gene }) => [
        name,
        values(
          gene,
          dtype,
          shape.map((dim) => evaluateDim(dim, { batch })),
        ),
      ]),
    ),
  );
  const allowed = Object.fromEntries([...outputs].map(([name, { dtype, error }]) => [name, toleranceOf(dtype, error)]));
  const ops = graph.nodes.map(({ op }) => op).join(", ");
  return { graph, runs, allowed, toString: () => `program of ${graph.nodes.length} nodes (${ops})` };
}

const isNumberKind = (kind: InputGene["kind"]): kind is "rough" | "exact" => kind === "rough" || kind === "exact";

/** Halves between -4 and 4; numbers between -2 and 2 with all digits; small whole numbers. */
function boundsOf(kind: InputGene["kind"], float: DType): Bounds {
  if (kind === "rough") return { ...rough(float, -2, 2, 0, 0), error: 0 };
  if (kind === "exact") return exact(-4, 4, 0.5);
  if (kind === "bool") return exact(0, 1, 1);
  return kind === "uint8" ? exact(0, 9, 1) : exact(-9, 9, 1);
}

/** Two engines may each be off by the bound; the rest is for ranges that were sampled. */
function toleranceOf(dtype: DType, error: number): Tolerance {
  if (!isFloat(dtype) || error === 0) return { ulps: 0, scale: 0 };
  // `agrees` multiplies with max(|expected|, scale): a scale beyond every value makes it absolute.
  const scale = 2 ** 12;
  return { ulps: (4 * error) / (epsilonOf(dtype) * scale), scale };
}

/** Values from a seed; `Math.sin` would differ between engines, so a linear congruence (Knuth, MMIX) modulo 2^31. */
function values({ kind, seed }: InputGene, dtype: DType, shape: readonly number[]): HostTensor {
  let state = (seed * 2654435761 + 12345) % 2 ** 31;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 1;
    return state / 2 ** 31;
  };
  const draw = (): number => {
    const u = next();
    if (kind === "rough") return 4 * u - 2;
    if (kind === "exact") return Math.floor(u * 17) / 2 - 4;
    if (kind === "bool") return Math.floor(u * 2);
    return kind === "uint8" ? Math.floor(u * 10) : Math.floor(u * 19) - 9;
  };
  return fromLanes(dtype, shape, Array.from({ length: sizeOf(shape) }, draw));
}
