import { accessors, parameters, type ProgramShape } from "./header.ts";
import type { CFunction } from "./kernels/variant.ts";
import { wrapped } from "./literals.ts";
import { handingOut, loading, running, stepText, tables as tableTypes, types } from "./runtime.ts";
import { type CTables, kernelNumber } from "./tables.ts";

/** The parts of a generated program. */
export interface ProgramParts {
  /** Types of the layers' constants. */
  readonly structs: readonly string[];
  /** All functions that compute, callees first. */
  readonly functions: readonly CFunction[];
  /** Those that run layers, by layer. */
  readonly kernels: readonly CFunction[];
  /** Those of them that add up what patches make. */
  readonly pools: readonly CFunction[];
  /** The layers' constants. */
  readonly layers: readonly string[];
  readonly tables: CTables;
  readonly needsMath: boolean;
}

/** Do parts of inputs come from outside while the network runs? */
export function loads({ plan }: ProgramShape): boolean {
  return plan.options.input !== "resident" && plan.stages.some((stage) => stage.loads.length > 0);
}

/** Do outputs leave the arena as soon as they are made? */
export function handsOut({ plan, outputs }: ProgramShape): boolean {
  return (
    plan.options.output === "external" &&
    plan.stages.some((stage) => outputs.some(({ root }) => root.name === stage.output))
  );
}

/** The file with the program. */
export function programText(shape: ProgramShape, parts: ProgramParts): string {
  const { plan, inputs, outputs, guard, mostInputs } = shape;
  const { structs, functions, kernels, layers, tables, needsMath } = parts;
  const read = loads(shape);
  const written = handsOut(shape);
  const numbers = [
    ...(read ? ["NET_LOAD"] : []),
    ...(written ? ["NET_HAND_OUT"] : []),
    ...new Set(kernels.map(kernelNumber)),
  ];
  const widths = [
    ...(read && plan.options.input === "external"
      ? [
          widthTable(
            "input",
            inputs.map(({ root }) => root.width),
          ),
        ]
      : []),
    ...(written
      ? [
          widthTable(
            "output",
            outputs.map(({ root }) => root.width),
          ),
        ]
      : []),
  ];
  const floats = Object.values(shape.network.maps).some(({ type }) => type === "float32");
  const macros = /\b(INFINITY|NAN|signbit)\b/;
  const usesMath = needsMath || [...functions.map(({ text }) => text), ...layers].some((text) => macros.test(text));
  return [
    `#include "@FILE@.h"\n\n#include <stddef.h>\n#include <string.h>\n${usesMath ? "#include <math.h>\n" : ""}`,
    ...(floats ? [floatRules] : []),
    arenaText(guard),
    `#define NET_MOST_INPUTS ${mostInputs}\n`,
    types,
    ...structs,
    ...functions.map(({ text }) => text),
    `#include "@FILE@_weights.h"\n`,
    ...layers,
    tableTypes,
    `enum {\n${wrapped(numbers)}\n};\n`,
    tables.text,
    ...widths,
    ioText(shape),
    runKernelText(kernels),
    running,
    ...(read ? [loading[plan.options.input === "callback" ? "callback" : "external"]] : []),
    ...(written ? [handingOut] : []),
    stepText({ loads: read, handsOut: written, pools: [...new Set(parts.pools.map(kernelNumber))] }),
    ...(guard ? [guardText] : []),
    ...accessors(shape).map(
      ({ declaration, port }) =>
        `${declaration}\n{\n  return (${port.type} *)(void *)(NET_ARENA + ${port.offset});\n}\n`,
    ),
    runText(shape, plan.stages.length),
  ].join("\n");
}

const floatRules = `#ifdef __FAST_MATH__
#error "sums are made in a fixed order: compile without -ffast-math"
#endif
/* A product is rounded before it is added, also where the processor could do both at once. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize ("fp-contract=off")
#else
#pragma STDC FP_CONTRACT OFF
#endif
`;

function arenaText(guard: boolean): string {
  return `/* Kernels stay functions of their own: inner loops keep their registers, and the stack holds one of them at a time. */
#if defined(__GNUC__)
#define NET_NOINLINE __attribute__((noinline))
#define NET_ALIGNED __attribute__((aligned(16)))
#elif defined(_MSC_VER)
#define NET_NOINLINE __declspec(noinline)
#define NET_ALIGNED __declspec(align(16))
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define NET_NOINLINE
#define NET_ALIGNED _Alignas(16)
#else
#error "say how this compiler aligns an array to 16 bytes"
#endif

${
  guard
    ? `#define NET_GUARD_BYTES 16
#define NET_GUARD_PATTERN 0xa5

static NET_ALIGNED struct {
  uint8_t before[NET_GUARD_BYTES];
  uint8_t arena[NET_ARENA_BYTES];
  uint8_t behind[NET_GUARD_BYTES];
} net_guarded;
#define NET_ARENA net_guarded.arena
`
    : `/* All memory that a run writes, but for its stack. */
static NET_ALIGNED uint8_t net_arena[NET_ARENA_BYTES];
#define NET_ARENA net_arena
`
}
/* Right shifts of negative numbers must keep the sign. */
typedef char net_needs_arithmetic_shifts[(-1 >> 1) == -1 ? 1 : -1];
`;
}

const guardText = `static int net_guards_are_whole(void)
{
  for (int i = 0; i < NET_GUARD_BYTES; i++) {
    if (net_guarded.before[i] != NET_GUARD_PATTERN || net_guarded.behind[i] != NET_GUARD_PATTERN) return 0;
  }
  return 1;
}
`;

/** Size of the tables of widths. */
export function widthBytes(shape: ProgramShape): number {
  const read = loads(shape) && shape.plan.options.input === "external" ? shape.inputs.length : 0;
  return 4 * (read + (handsOut(shape) ? shape.outputs.length : 0));
}

function widthTable(port: "input" | "output", widths: readonly number[]): string {
  return `static const int32_t net_${port}_widths[${widths.length}] = { ${widths.join(", ")} };\n`;
}

function ioText(shape: ProgramShape): string {
  const { plan, inputs, outputs } = shape;
  const fields = [
    ...(plan.options.input === "external" ? [`  const void *inputs[${inputs.length}];`] : []),
    ...(plan.options.input === "callback" ? ["  net_reader read;", "  void *context;"] : []),
    ...(plan.options.output === "external" ? [`  void *outputs[${outputs.length}];`] : []),
  ];
  return `/* What crosses the border of the arena. */
typedef struct {
${fields.length === 0 ? "  int none;" : fields.join("\n")}
} net_io;
`;
}

function runKernelText(kernels: readonly CFunction[]): string {
  const cases = [...new Map(kernels.map((kernel) => [kernel.name, kernel])).values()].map(
    (kernel) => `    case ${kernelNumber(kernel)}: ${kernel.name}(step->layer, call); break;\n`,
  );
  return `static void net_run_kernel(const net_step *step, const net_call *call)
{
  switch (step->kernel) {
${cases.join("")}    default: break;
  }
}
`;
}

function runText(shape: ProgramShape, stages: number): string {
  const { plan, inputs, outputs, guard } = shape;
  const external = plan.options.input === "external";
  const setUp = [
    ...(external ? inputs.map(({ parameter }, i) => `  io.inputs[${i}] = ${parameter};`) : []),
    ...(plan.options.input === "callback" ? ["  io.read = read;", "  io.context = context;"] : []),
    ...(plan.options.output === "external"
      ? outputs.map(({ parameter }, i) => `  io.outputs[${i}] = ${parameter};`)
      : []),
  ];
  const guardUp = guard
    ? `  memset(net_guarded.before, NET_GUARD_PATTERN, NET_GUARD_BYTES);
  memset(net_guarded.behind, NET_GUARD_PATTERN, NET_GUARD_BYTES);
`
    : "";
  return `int net_run(${parameters(shape)})
{
  net_io io;
  net_call call;
${setUp.length === 0 ? "  io.none = 0;" : setUp.join("\n")}
${guardUp}  for (int32_t i = 0; i < ${stages}; i++) {
    const net_stage *stage = &net_stages[i];
    for (int32_t row = 0; row < stage->rows; row++) {
      for (int32_t column = 0; column < stage->columns; column++) {
        for (int32_t step = stage->first_step; step < stage->end_step; step++) {
          const int status = net_do(&net_steps[step], &io, &call, row, column, stage->rows);
          if (status != 0) return status;
${guard ? "          if (!net_guards_are_whole()) return NET_ERROR_GUARD;\n" : ""}        }
      }
    }
  }
${passThrough(shape)}  return 0;
}
`;
}

/** Outputs that no stage makes: inputs that are given back. */
function passThrough({ plan, inputs, outputs }: ProgramShape): string {
  if (plan.options.output !== "external") return "";
  return outputs
    .filter(({ root }) => !plan.stages.some((stage) => stage.output === root.name))
    .map(({ root, map, parameter, offset }) => {
      const bytes = `(size_t)${map.height * map.width * map.channels} * sizeof *${parameter}`;
      if (offset !== undefined) return `  memcpy(${parameter}, NET_ARENA + ${offset}, ${bytes});\n`;
      const index = inputs.findIndex((input) => input.root.name === root.name);
      const input = inputs[index]?.parameter;
      if (plan.options.input === "external") return `  memcpy(${parameter}, ${input}, ${bytes});\n`;
      const whole = `0, 0, ${root.height}, ${root.width}`;
      return `  {
    const int status = read(context, ${index}, ${whole}, ${parameter}, ${root.width});
    if (status != 0) return status;
  }
`;
    })
    .join("");
}
