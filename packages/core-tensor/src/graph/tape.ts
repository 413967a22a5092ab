import { apply, plainAttributes } from "../ops/apply.ts";
import { add } from "../ops/elementwise/index.ts";
import { derivatives } from "../ops/derivatives/index.ts";
import type { Derivative, Primitive, Pullback, Tools } from "../ops/primitive.ts";
import { type Recorder, TracedTensor, isTraced, nextLevel } from "../ops/traced.ts";
import { isFloat } from "../tensor/dtype.ts";
import { TraceError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A value on the tape: its number there, and the value one level further out. */
interface OnTape {
  readonly id: number;
  readonly primal: Tensor;
}

interface Entry {
  /** Tape numbers of the inputs; -1 for constants. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly pull: (cotangents: readonly (Tensor | null)[]) => readonly (Tensor | null)[];
}

/**
 * Follows a computation forwards and keeps what is needed to walk it backwards (Griewank and Walther 2008,
 * chapter 3). The values themselves are computed one level further out, so a tape works on numbers as well as
 * inside a function that is being traced, and tapes nest.
 */
class Tape implements Recorder {
  readonly level: number = nextLevel();
  readonly #entries: Entry[] = [];
  readonly #tools: Tools;
  #count = 0;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  watch(primal: Tensor): TracedTensor<OnTape> {
    return new TracedTensor(primal.dtype, primal.shape, this, { id: this.#count++, primal });
  }

  record<A extends object>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): Tensor[] {
    const primals = inputs.map((input) => this.primal(input));
    // The table's row for this op takes this op's attributes: both come under the primitive's name.
    const derivative = (derivatives as Readonly<Record<string, Derivative<never>>>)[primitive.name] as Derivative<A>;
    let outputs: readonly Tensor[];
    let pull: Entry["pull"];
    if (typeof derivative === "object") {
      const step = derivative.linearize(primals, attributes, this.#tools);
      outputs = step.outputs;
      pull = (cotangents) => step.pull(cotangents);
    } else {
      const computed = apply(primitive, primals, attributes, this.#tools);
      if (derivative === "none") return computed;
      outputs = computed;
      const plain = plainAttributes(primitive, attributes);
      pull = (cotangents) => derivative({ inputs: primals, outputs: computed, attributes: plain, cotangents });
    }
    const watched = outputs.map((output) => (isFloat(output.dtype) ? this.watch(output) : output));
    this.#entries.push({
      inputs: inputs.map((input) => this.id(input)),
      outputs: watched.map((output) => this.id(output)),
      pull,
    });
    return watched;
  }

  /** The value one level further out. */
  primal(value: Tensor): Tensor {
    if (!isTraced(value) || value.recorder !== this) {
      if (isTraced(value) && value.recorder.level > this.level) {
        throw new TraceError(
          "a traced value of an inner function was used outside of it; return it from the inner function",
        );
      }
      return value;
    }
    return (value.payload as OnTape).primal;
  }

  /** The number of a value on this tape, -1 when it is not on it. */
  id(value: Tensor): number {
    return isTraced(value) && value.recorder === this ? (value.payload as OnTape).id : -1;
  }

  /** Walks backwards from cotangents of some values to those of others. */
  pull(seeds: ReadonlyMap<number, Tensor>, wanted: readonly number[]): (Tensor | null)[] {
    const cotangents = new Map(seeds);
    for (let at = this.#entries.length - 1; at >= 0; at--) {
      const { inputs, outputs, pull } = this.#entries[at] as Entry;
      const arriving = outputs.map((id) => cotangents.get(id) ?? null);
      if (arriving.every((cotangent) => cotangent === null)) continue;
      pull(arriving).forEach((cotangent, i) => {
        const id = inputs[i] as number;
        if (cotangent !== null && id >= 0) accumulate(cotangents, id, cotangent);
      });
      for (const id of outputs) cotangents.delete(id);
    }
    return wanted.map((id) => cotangents.get(id) ?? null);
  }
}

function accumulate(cotangents: Map<number, Tensor>, id: number, cotangent: Tensor): void {
  const present = cotangents.get(id);
  cotangents.set(id, present === undefined ? cotangent : add(present, cotangent));
}

/** Outputs of a function over flat lists, and the map from output to input cotangents. */
export function tapeVjp(
  fn: (...inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  tools: Tools,
): Pullback {
  const tape = new Tape(tools);
  const watched = inputs.map((input) => (isFloat(input.dtype) ? tape.watch(input) : input));
  const results = fn(...watched);
  const outputIds = results.map((result) => tape.id(result));
  const inputIds = watched.map((input) => tape.id(input));
  return {
    outputs: results.map((result) => tape.primal(result)),
    pull(cotangents) {
      const seeds = new Map<number, Tensor>();
      outputIds.forEach((id, i) => {
        const cotangent = cotangents[i] ?? null;
        if (id >= 0 && cotangent !== null) accumulate(seeds, id, cotangent);
      });
      return tape.pull(seeds, inputIds);
    },
  };
}
