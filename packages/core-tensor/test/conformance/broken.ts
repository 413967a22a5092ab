import type { Backend, Executable } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { copyGraph } from "../../src/graph/rewrite.ts";
import type { Attributes, Graph, GraphNode } from "../../src/ops/program.ts";
import type { TensorLike } from "../../src/tensor/create.ts";
import { UnsupportedError } from "../../src/tensor/errors.ts";
import type { HostTensor } from "../../src/tensor/host.ts";
import { fromLanes, readLanes } from "../../src/tensor/lanes.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

type Outputs = Record<string, Tensor>;

/** The reference with something wrong about the programs that it compiles, or about what they give. */
function wrapped(wrong: {
  graph?: (graph: Graph) => Graph;
  outputs?: (outputs: Outputs, graph: Graph) => Outputs;
}): Backend {
  const inner = reference();
  return {
    ...inner,
    async compile(graph, options): Promise<Executable> {
      const executable = await inner.compile(wrong.graph?.(graph) ?? graph, options);
      return {
        async run(inputs: Readonly<Record<string, TensorLike>>, runOptions) {
          const outputs = await executable.run(inputs, runOptions);
          return wrong.outputs?.(outputs, graph) ?? outputs;
        },
        dispose: () => executable.dispose(),
      };
    },
  };
}

/** Changes attributes of one op. */
function ignoring(op: string, change: (attributes: Attributes, node: GraphNode) => Attributes): Backend {
  return wrapped({
    graph: (graph) =>
      copyGraph(graph, (node, builder) =>
        node.op === op ? builder.addNode(node.op, node.inputs, change(node.attributes, node), node.outputs) : undefined,
      ),
  });
}

/** Carries out one op as another with the same inputs and attributes. */
function confusing(op: string, other: string): Backend {
  return wrapped({
    graph: (graph) =>
      copyGraph(graph, (node, builder) =>
        node.op === op ? builder.addNode(other, node.inputs, node.attributes, node.outputs) : undefined,
      ),
  });
}

/** Changes every float32 result slightly. */
function perturbed(by: number): Backend {
  return wrapped({
    outputs: (outputs) =>
      Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => [
          name,
          value.dtype === "float32"
            ? fromLanes(
                "float32",
                value.shape,
                readLanes(value as HostTensor).map((x) => x * (1 + by)),
              )
            : value,
        ]),
      ),
  });
}

/** The engine computes every node of one op a little off. */
function imprecise(op: string, by: number): Backend {
  return wrapped({
    graph: (graph) =>
      copyGraph(graph, (node, builder) => {
        const dtype = builder.type(node.inputs[0] ?? "").dtype;
        if (node.op !== op || dtype !== "float32") return undefined;
        const [exact] = builder.addNode(node.op, node.inputs, node.attributes) as [string];
        return builder.add("mul", [exact, builder.constant(fromLanes("float32", [], [1 + by]))], {});
      }),
  });
}

/** Backends that are wrong in one way each, and the section of the report in which that must show. */
export const brokenBackends: Readonly<
  Record<string, { readonly backend: () => Backend; readonly sections: readonly string[] }>
> = {
  "sin is off by 1e-5": { backend: () => imprecise("sin", 1e-5), sections: ["sin"] },
  "every float is off by 1e-6": { backend: () => perturbed(1e-6), sections: ["add", "transpose", "reshape"] },
  "two outputs are exchanged": {
    backend: () =>
      wrapped({
        outputs: (outputs) => {
          const entries = Object.entries(outputs);
          const [first, second] = entries;
          if (first === undefined || second === undefined) return outputs;
          return { ...outputs, [first[0]]: second[1], [second[0]]: first[1] };
        },
      }),
    sections: ["topK", "sort", "maxPool2d"],
  },
  "cumsum ignores exclusive": {
    backend: () => ignoring("cumsum", (own) => ({ ...own, exclusive: false })),
    sections: ["cumsum"],
  },
  "cumsum ignores reverse": {
    backend: () => ignoring("cumsum", (own) => ({ ...own, reverse: false })),
    sections: ["cumsum"],
  },
  "topK takes the largest only": {
    backend: () => ignoring("topK", (own) => ({ ...own, largest: true })),
    sections: ["topK"],
  },
  "avgPool2d counts padding": {
    backend: () => ignoring("avgPool2d", (own) => ({ ...own, countIncludePad: true })),
    sections: ["avgPool2d"],
  },
  "pad pads with zeros": { backend: () => ignoring("pad", (own) => ({ ...own, value: 0 })), sections: ["pad"] },
  "resize2d rounds halves up": {
    backend: () => ignoring("resize2d", (own) => ({ ...own, nearestMode: "round_prefer_ceil" })),
    sections: ["resize2d"],
  },
  "softmax over the last axis only": {
    backend: () => ignoring("softmax", (own, node) => (node.inputs.length > 0 ? { ...own, axis: 0 } : own)),
    sections: ["softmax"],
  },
  "scan runs forwards only": {
    backend: () => ignoring("scan", (own) => ({ ...own, reverse: false })),
    sections: ["scan"],
  },
  "less is lessEqual": { backend: () => confusing("less", "lessEqual"), sections: ["less"] },
  "floor is round": { backend: () => confusing("floor", "round"), sections: ["floor"] },
  "rem has the sign of the dividend": {
    backend: () =>
      wrapped({
        graph: (graph) =>
          copyGraph(graph, (node, builder) => {
            if (node.op !== "rem" || builder.type(node.inputs[0] ?? "").dtype !== "int32") return undefined;
            const [a, b] = node.inputs as [string, string];
            const [quotient] = builder.add("div", [a, b], {}) as [string];
            const [whole] = builder.add("mul", [quotient, b], {}) as [string];
            return builder.add("sub", [a, whole], {});
          }),
      }),
    sections: ["rem"],
  },
  "an output has another dtype": {
    backend: () =>
      wrapped({
        outputs: (outputs) =>
          Object.fromEntries(
            Object.entries(outputs).map(([name, value]) => [
              name,
              value.dtype === "bool" ? fromLanes("uint8", value.shape, readLanes(value as HostTensor)) : value,
            ]),
          ),
      }),
    sections: ["equal", "isNan"],
  },
  "an output is missing": {
    backend: () => wrapped({ outputs: (outputs) => Object.fromEntries(Object.entries(outputs).slice(0, 1)) }),
    sections: ["topK", "aliased outputs"],
  },
  "programs are never let go": {
    backend: () => {
      const inner = reference();
      return {
        ...inner,
        compile: async (graph) => ({ ...(await inner.compile(graph)), dispose: async () => {} }),
      };
    },
    sections: ["lifetimes"],
  },
  "a disposed program still runs": {
    backend: () => {
      const inner = reference();
      let programs = 0;
      return {
        ...inner,
        memory: () => ({ programs, tensors: 0, bytes: 0 }),
        async compile(graph, options) {
          const { run } = await inner.compile(graph, options);
          let live = true;
          programs++;
          return {
            run,
            async dispose() {
              if (live) programs--;
              live = false;
            },
          };
        },
      };
    },
    sections: ["lifetimes"],
  },
  "the symbol keeps its first number": {
    backend: () => {
      const inner = reference();
      return {
        ...inner,
        async compile(graph, options) {
          const executable = await inner.compile(graph, options);
          let first: Promise<Outputs> | undefined;
          return { ...executable, run: (inputs) => (first ??= executable.run(inputs)) };
        },
      };
    },
    sections: ["symbolic dimensions", "errors at run time", "lifetimes"],
  },
  "errors do not name the input": {
    backend: () => {
      const inner = reference();
      return {
        ...inner,
        async compile(graph, options) {
          const executable = await inner.compile(graph, options);
          const vague = (): never => {
            throw new Error("something is wrong");
          };
          return { ...executable, run: (inputs, runOptions) => executable.run(inputs, runOptions).catch(vague) };
        },
      };
    },
    sections: ["errors at run time"],
  },
};

/** The reference without one op. */
export function without(op: string): Backend {
  const inner = reference();
  return {
    ...inner,
    async compile(graph, options) {
      if (graph.nodes.some((node) => node.op === op)) throw new UnsupportedError("partial", [`op "${op}": no kernel`]);
      return inner.compile(graph, options);
    },
  };
}
