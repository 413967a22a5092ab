import { interpret } from "../../graph/interpret.ts";
import { tensor } from "../../tensor/create.ts";
import { DeviceError } from "../../tensor/errors.ts";
import type { Backend } from "../backend.ts";

export type { Backend, Executable } from "../backend.ts";

/**
 * The reference: every op by its own kernel, float64 accumulation, no engine. Slow, and the definition of what
 * the other backends compute.
 */
export function reference(): Backend {
  let programs = 0;
  return {
    name: "reference",
    device: "javascript",
    async compile(graph, options) {
      options?.signal?.throwIfAborted();
      let live = true;
      programs++;
      return {
        async run(inputs, runOptions) {
          runOptions?.signal?.throwIfAborted();
          if (!live) throw new DeviceError(`reference: the program "${graph.name}" was run after it was disposed of`);
          return interpret(graph, inputs);
        },
        async dispose() {
          if (live) programs--;
          live = false;
        },
      };
    },
    async put(value) {
      return tensor(value);
    },
    memory: () => ({ programs, tensors: 0, bytes: 0 }),
    async dispose() {},
  };
}
