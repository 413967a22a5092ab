import { rootOf } from "../../execute/schedule.ts";
import type { CellType, FeatureMap, Network, Port } from "../../network/network.ts";
import type { Plan } from "../../plan/plan.ts";

/** An input or output as the generated program's caller sees it. */
export interface CPort {
  readonly port: Port;
  /** Name of the parameter, and of the function that gives its address when it stays in the arena. */
  readonly parameter: string;
  readonly type: "float" | "int8_t";
  readonly map: FeatureMap;
  /** The map that holds its bytes. */
  readonly root: FeatureMap;
  /** Where it stands in the arena, for ports that stay there. */
  readonly offset: number | undefined;
}

const cellNames: Readonly<Record<CellType, CPort["type"]>> = { float32: "float", int8: "int8_t" };

/** Inputs and outputs with names for C: `input` or `input_0`, `input_1`, … */
export function cPorts(network: Network, plan: Plan, direction: "inputs" | "outputs"): readonly CPort[] {
  const ports = network[direction];
  const word = direction === "inputs" ? "input" : "output";
  return ports.map((port, index): CPort => {
    const map = network.maps[port.map] as FeatureMap;
    const root = rootOf(network, port.map);
    return {
      port,
      parameter: ports.length === 1 ? word : `${word}_${index}`,
      type: cellNames[map.type],
      map,
      root,
      offset: plan.buffers.find(({ name }) => name === `map:${root.name}`)?.offset,
    };
  });
}
