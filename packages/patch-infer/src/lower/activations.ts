import { type Graph, type GraphNode, isNode, producers } from "@parsimony/core-tensor";
import type { UnaryFunction } from "../network/layer.ts";
import type { Constants } from "./constants.ts";

/** An activation that the program spells out as several nodes. */
export interface Activation {
  readonly fn: UnaryFunction;
  readonly input: string;
  /** `leakyRelu`: the constant with the slopes below zero. */
  readonly slope?: string;
}

/** The number that a constant repeats; undefined if there is none. */
function numberOf(constants: Constants, name: string | undefined): number | undefined {
  const value = name === undefined ? undefined : constants.get(name)?.value;
  if (value === undefined || value.size === 0 || value.size > 4096) return undefined;
  const numbers = value.dataSync() as ArrayLike<number | bigint>;
  const first = Number(numbers[0]);
  return Array.from(numbers).every((number) => Number(number) === first) ? first : undefined;
}

/** Looks for activations that end at a node. */
export class ActivationFinder {
  readonly #makers: ReadonlyMap<string, GraphNode>;
  readonly #constants: Constants;

  constructor(graph: Graph, constants: Constants) {
    this.#makers = producers(graph);
    this.#constants = constants;
  }

  find(node: GraphNode): Activation | undefined {
    if (isNode(node, "where")) return this.#leakyRelu(node);
    if (isNode(node, "mul")) return this.#swish(node);
    if (isNode(node, "div")) return this.#sixthOfProduct(this.#sixth(node.outputs[0]));
    return undefined;
  }

  #maker(name: string | undefined, op: string): GraphNode | undefined {
    const node = name === undefined ? undefined : this.#makers.get(name);
    return node?.op === op ? node : undefined;
  }

  #number(name: string | undefined): number | undefined {
    return numberOf(this.#constants, name);
  }

  /** The operand of a commutative node that is this number's other one. */
  #beside(node: GraphNode | undefined, number: number): string | undefined {
    const [left, right] = node?.inputs ?? [];
    if (Math.fround(number) === this.#number(right)) return left;
    return Math.fround(number) === this.#number(left) ? right : undefined;
  }

  /** where(x > 0, x, x * slope) and where(x < 0, x * slope, x). */
  #leakyRelu(node: GraphNode): Activation | undefined {
    const [condition, whenTrue, whenFalse] = node.inputs as [string, string, string];
    for (const [ops, x, scaled] of [
      [["greater", "greaterEqual"], whenTrue, whenFalse],
      [["less", "lessEqual"], whenFalse, whenTrue],
    ] as const) {
      const test = ops.map((op) => this.#maker(condition, op)).find((found) => found !== undefined);
      if (test === undefined || test.inputs[0] !== x || this.#number(test.inputs[1]) !== 0) continue;
      const product = this.#maker(scaled, "mul");
      const slope = product?.inputs.find((name) => name !== x);
      if (slope === undefined || !product?.inputs.includes(x) || !this.#constants.has(slope)) continue;
      return { fn: "leakyRelu", input: x, slope };
    }
    return undefined;
  }

  /** x * sigmoid(x), and what comes to x * min(max(x / 6 + 1 / 2, 0), 1). */
  #swish(node: GraphNode): Activation | undefined {
    const [left, right] = node.inputs as [string, string];
    for (const [x, gate] of [
      [left, right],
      [right, left],
    ] as const) {
      if (this.#maker(gate, "sigmoid")?.inputs[0] === x) return { fn: "silu", input: x };
      const isHard = this.#lineWithin(gate, 1 / 6, 0.5, 1) === x || this.#relu6OfSum(this.#sixth(gate)) === x;
      if (isHard) return { fn: "hardSwish", input: x };
    }
    return this.#sixthOfProduct(this.#sixth(node.outputs[0]));
  }

  /** What min(max(…, 0), high) is made from. */
  #within(name: string | undefined, high: number): string | undefined {
    const raised = this.#beside(this.#maker(name, "minimum"), high);
    const relu = this.#maker(raised, "relu");
    return relu === undefined ? this.#beside(this.#maker(raised, "maximum"), 0) : relu.inputs[0];
  }

  /** x where the value is min(max(x * factor + shift, 0), high). */
  #lineWithin(name: string, factor: number, shift: number, high: number): string | undefined {
    const scaled = this.#beside(this.#maker(this.#within(name, high), "add"), shift);
    const divided = this.#maker(scaled, "div");
    if (divided !== undefined && this.#number(divided.inputs[1]) === 1 / factor) return divided.inputs[0];
    return this.#beside(this.#maker(scaled, "mul"), factor);
  }

  /** x where the value is min(max(x + 3, 0), 6). */
  #relu6OfSum(name: string | undefined): string | undefined {
    return this.#beside(this.#maker(this.#within(name, 6), "add"), 3);
  }

  /** What is divided by 6. */
  #sixth(name: string | undefined): string | undefined {
    const divided = this.#maker(name, "div");
    if (divided !== undefined) return this.#number(divided.inputs[1]) === 6 ? divided.inputs[0] : undefined;
    return this.#beside(this.#maker(name, "mul"), 1 / 6);
  }

  /** x * min(max(x + 3, 0), 6), which is then divided by 6. */
  #sixthOfProduct(name: string | undefined): Activation | undefined {
    const [left, right] = this.#maker(name, "mul")?.inputs ?? [];
    if (left !== undefined && this.#relu6OfSum(right) === left) return { fn: "hardSwish", input: left };
    if (right !== undefined && this.#relu6OfSum(left) === right) return { fn: "hardSwish", input: right };
    return undefined;
  }
}
