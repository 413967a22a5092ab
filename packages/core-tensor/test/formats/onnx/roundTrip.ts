import fc from "fast-check";
import { readOnnx, writeOnnx } from "../../../src/formats/onnx/index.ts";
import { interpret } from "../../../src/graph/interpret.ts";
import { type HostTensor, denseStorage } from "../../../src/tensor/host.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { type RandomProgram, type RandomProgramOptions, randomPrograms } from "../../../src/testing/index.ts";

/**
 * Writes a program as ONNX, reads it back and runs both in the reference. Gives the first difference in the bits of an
 * output; `undefined` where there is none.
 */
export function differenceAfterRoundTrip({ graph, runs }: RandomProgram): string | undefined {
  const back = readOnnx(writeOnnx(graph));
  for (const inputs of runs) {
    const expected = interpret(graph, inputs);
    const found = interpret(back, inputs);
    for (const [name, want] of Object.entries(expected)) {
      // An output that bears the name of an input is named apart in the file.
      const got = found[name] ?? found[`${name}_output`];
      if (got === undefined) return `there is no output ${name} among ${Object.keys(found).join(", ")}`;
      const difference = differentBits(got, want);
      if (difference !== undefined) return `${name}: ${difference}`;
    }
  }
  return undefined;
}

function differentBits(got: Tensor, want: Tensor): string | undefined {
  const types = [got, want].map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`) as [string, string];
  if (types[0] !== types[1]) return `${types[0]}, expected ${types[1]}`;
  const codes = (value: Tensor): ArrayLike<number | bigint> => denseStorage(value as HostTensor);
  const [a, b] = [codes(got), codes(want)];
  for (let i = 0; i < b.length; i++) if (!Object.is(a[i], b[i])) return `element ${i} is ${a[i]}, expected ${b[i]}`;
  return undefined;
}

export interface RoundTripCounts {
  readonly programs: number;
  readonly nodes: number;
  readonly runs: number;
}

/** Sends random programs through the file and back; throws at the first that comes back with other bits. */
export function roundTrips(count: number, seed: number, options: RandomProgramOptions = {}): RoundTripCounts {
  let [programs, nodes, runs] = [0, 0, 0];
  fc.assert(
    fc.property(randomPrograms(options), (program) => {
      const difference = differenceAfterRoundTrip(program);
      if (difference !== undefined) throw new Error(difference);
      programs++;
      nodes += program.graph.nodes.length;
      runs += program.runs.length;
    }),
    { numRuns: count, seed },
  );
  return { programs, nodes, runs };
}
