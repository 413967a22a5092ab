import type { Network } from "../../network/network.ts";
import type { Plan } from "../../plan/plan.ts";
import { commentText } from "./names.ts";
import type { CPort } from "./ports.ts";

/** What the outside of a generated program depends on. */
export interface ProgramShape {
  readonly network: Network;
  readonly plan: Plan;
  readonly inputs: readonly CPort[];
  readonly outputs: readonly CPort[];
  readonly guard: boolean;
  /** Inputs of the layer with the most. */
  readonly mostInputs: number;
}

/** Parameters of the run function. */
export function parameters({ plan, inputs, outputs }: ProgramShape): string {
  const given =
    plan.options.input === "external"
      ? inputs.map(({ type, parameter }) => `const ${type} *${parameter}`)
      : plan.options.input === "callback"
        ? ["net_reader read", "void *context"]
        : [];
  const taken = plan.options.output === "external" ? outputs.map(({ type, parameter }) => `${type} *${parameter}`) : [];
  return [...given, ...taken].join(", ") || "void";
}

function portComment({ port, parameter, map, type }: CPort): string {
  const scale = type === "int8_t" ? `, real value ${map.scale} * (code - ${map.zeroPoint})` : "";
  const unsigned = port.dtype === "uint8" ? " (the model's uint8 codes less 128)" : "";
  return ` * ${parameter}: ${commentText(port.name)}, ${map.height} x ${map.width} x ${map.channels} ${type}${scale}${unsigned}`;
}

function sizeDefinition({ parameter, map }: CPort): string {
  return `#define NET_${parameter.toUpperCase()}_CELLS ${map.height * map.width * map.channels}`;
}

/** Functions that give the addresses of ports that stay in the arena. */
export function accessors(shape: ProgramShape): readonly { readonly declaration: string; readonly port: CPort }[] {
  const { plan, inputs, outputs } = shape;
  return [
    ...(plan.options.input === "resident" ? inputs : []).map((port) => ({
      declaration: `${port.type} *net_${port.parameter}(void)`,
      port,
    })),
    ...(plan.options.output === "resident" ? outputs : []).map((port) => ({
      declaration: `const ${port.type} *net_${port.parameter}(void)`,
      port,
    })),
  ].filter(({ port }) => port.offset !== undefined);
}

/** The file that callers include. */
export function headerText(shape: ProgramShape): string {
  const { network, plan, inputs, outputs, guard } = shape;
  const resident = [
    ...(plan.options.input === "resident"
      ? ["Inputs are written to the addresses below before every run; a run overwrites them."]
      : []),
    ...(plan.options.output === "resident" ? ["Outputs are read from the addresses below, until the next run."] : []),
  ];
  return `/*
 * ${commentText(network.name)}: a convolutional network, run patch by patch inside a fixed arena.
 *
 * Images are stored row by row, the channels of a cell next to each other.
${[...inputs, ...outputs].map(portComment).join("\n")}
 *
 * C99. One run at a time: the arena is static.
 */
#ifndef NET_H
#define NET_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NET_ARENA_BYTES ${plan.arenaBytes}
${[...inputs, ...outputs].map(sizeDefinition).join("\n")}
${guard ? "\n/* The bytes before or behind the arena have changed. */\n#define NET_ERROR_GUARD (-1)\n" : ""}${
  plan.options.input === "callback"
    ? `
/*
 * Gives a part of an input: writes \`rows\` x \`columns\` cells from cell (row, column) on to \`cells\`; a row begins \`row_cells\` cells
 * after the one before. Anything but 0 ends the run with that value.
 */
typedef int (*net_reader)(void *context, int32_t input, int32_t row, int32_t column, int32_t rows, int32_t columns,
    void *cells, int32_t row_cells);
`
    : ""
}${resident.length === 0 ? "" : `\n/* ${resident.join(" ")} */\n`}${accessors(shape)
  .map(({ declaration }) => `${declaration};\n`)
  .join("")}
/* Runs the network once. Gives 0${guard ? ", or NET_ERROR_GUARD" : ""}. */
int net_run(${parameters(shape)});

#ifdef __cplusplus
}
#endif

#endif
`;
}
