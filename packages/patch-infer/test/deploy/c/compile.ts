import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CSource } from "../../../src/deploy/c/source.ts";
import { type CPort, cPorts } from "../../../src/deploy/c/ports.ts";
import type { Cells } from "../../../src/execute/cells.ts";
import type { Network } from "../../../src/network/network.ts";
import type { Plan } from "../../../src/plan/plan.ts";

const harness = fileURLToPath(new URL("harness/", import.meta.url));

/** A compiler, and the machine that runs what it makes. */
export interface Target {
  readonly name: string;
  readonly compiler: string;
  readonly size: string;
  readonly flags: readonly string[];
  /** QEMU's board; none: this machine. */
  readonly board?: string;
}

const strict = [
  "-Wall",
  "-Wextra",
  "-Wpedantic",
  "-Wconversion",
  "-Wshadow",
  "-Wstrict-prototypes",
  "-Wmissing-prototypes",
  "-Wcast-align",
  "-Wvla",
  "-Werror",
  "-fstack-usage",
];

const gcc = { compiler: "gcc", size: "size" };
const arm = { compiler: "arm-none-eabi-gcc", size: "arm-none-eabi-size" };
/** GNU's C multiplies and adds at once where it may: the generated code itself must forbid it. */
const thumb = ["-std=gnu99", "-O2", "-mthumb", "-ffunction-sections", "-fdata-sections"];

export const targets = {
  host: { name: "host -O2", ...gcc, flags: ["-std=c99", "-O2"] },
  hostPlain: { name: "host -O0", ...gcc, flags: ["-std=c99", "-O0"] },
  sanitized: {
    name: "host sanitized",
    ...gcc,
    flags: ["-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  },
  cortexM4: {
    name: "Cortex-M4",
    ...arm,
    flags: [...thumb, "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
    board: "mps2-an386",
  },
  cortexM7: {
    name: "Cortex-M7",
    ...arm,
    flags: [...thumb, "-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-d16"],
    board: "mps2-an500",
  },
} as const satisfies Record<string, Target>;

/** The programs that a target needs and this machine lacks. */
export function missingTools({ compiler, size, board }: Target): readonly string[] {
  const needed = [compiler, size, ...(board === undefined ? [] : ["qemu-system-arm"])];
  return needed.filter((tool) => spawnSync(tool, ["--version"], { stdio: "ignore" }).status !== 0);
}

/** What a compiled network gave and took. */
export interface CompiledRun {
  /** What `net_run` gave. */
  readonly status: number;
  /** Cells of the outputs, by position. */
  readonly outputs: readonly Cells[];
  /** Painted bytes of stack that a run overwrote, and instructions; 0 on this machine. */
  readonly stackBytes: number;
  readonly instructions: number;
  /** Sections of the network's own object. */
  readonly sections: {
    readonly code: number;
    readonly constants: number;
    readonly data: number;
    readonly zeroed: number;
  };
  /** Bytes of stack of each function, as `-fstack-usage` says. */
  readonly frames: Readonly<Record<string, number>>;
}

/** Compiles a network without a warning, links it with the harness, runs it on `inputs` (cells, by position). */
export function compileAndRun(
  { network, plan, source }: { readonly network: Network; readonly plan: Plan; readonly source: CSource },
  inputs: readonly Cells[],
  target: Target,
  {
    readerStatus = 0,
  }: { /** What the function gives that is asked for parts of inputs. */ readonly readerStatus?: number } = {},
): CompiledRun {
  const folder = mkdtempSync(join(tmpdir(), "patch-infer-c-"));
  try {
    for (const [name, text] of Object.entries(source.files)) writeFileSync(join(folder, name), text);
    for (const name of readdirSync(harness)) copyFileSync(join(harness, name), join(folder, name));
    const ins = cPorts(network, plan, "inputs");
    const outs = cPorts(network, plan, "outputs");
    writeFileSync(join(folder, "main.c"), mainText(plan, ins, outs, readerStatus));
    inputs.forEach((cells, i) => {
      writeFileSync(join(folder, `input_${i}.bin`), bytesOf(cells));
    });
    const run = (command: string, args: readonly string[]): string =>
      execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    const files = Object.keys(source.files);
    const code = files.find((name) => name.endsWith(".c")) as string;
    const header = `-DNETWORK_HEADER="${files.find((name) => name.endsWith(".h") && !name.includes("weights"))}"`;
    run(target.compiler, [...strict, ...target.flags, "-c", code, "-o", "network.o"]);
    const machine = target.board === undefined ? "host.c" : "cortexM.c";
    const link =
      target.board === undefined
        ? ["-lm"]
        : ["-nostartfiles", "-T", "cortexM.ld", "-Wl,--gc-sections", "-lm", "-lc", "-lgcc"];
    const warnings = strict.filter((flag) => flag !== "-fstack-usage" && flag !== "-Wpedantic");
    run(target.compiler, [
      ...warnings,
      ...target.flags,
      "-std=gnu99",
      header,
      "main.c",
      machine,
      "network.o",
      "-o",
      "program",
      ...link,
    ]);
    if (target.board === undefined) run("./program", []);
    else run("qemu-system-arm", [...emulator, "-M", target.board, "-kernel", "program"]);
    const report = new Int32Array(new Uint8Array(readFileSync(join(folder, "report.bin"))).buffer);
    const [status = -1, stackBytes = 0, instructions = 0] = report;
    return {
      status,
      stackBytes,
      instructions: instructions >>> 0,
      outputs: outs.map(({ map }, i) => {
        const { buffer } = new Uint8Array(readFileSync(join(folder, `output_${i}.bin`)));
        return map.type === "float32" ? new Float32Array(buffer) : new Int8Array(buffer);
      }),
      sections: sectionsOf(run(target.size, ["-A", "network.o"])),
      frames: framesOf(readFileSync(join(folder, "network.su"), "utf8")),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const emulator = [
  "-nographic",
  "-monitor",
  "none",
  "-serial",
  "none",
  "-icount",
  "shift=0",
  "-semihosting-config",
  "enable=on,target=native",
];

function bytesOf(cells: Cells): Uint8Array {
  return new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength);
}

/** A program that runs the network twice: what the first run leaves in the arena must not matter. */
function mainText(
  { options }: Plan,
  inputs: readonly CPort[],
  outputs: readonly CPort[],
  readerStatus: number,
): string {
  const cells = ({ map }: CPort): number => map.height * map.width * map.channels;
  const residentIn = options.input === "resident";
  const residentOut = options.output === "resident";
  const given = inputs.map((port, i) =>
    residentIn && port.offset !== undefined
      ? `  harness_read("input_${i}.bin", net_${port.parameter}(), ${cells(port)} * (int32_t)sizeof(${port.type}));`
      : `  harness_read("input_${i}.bin", in_${i}, (int32_t)sizeof in_${i});`,
  );
  const taken = outputs.map((port, i) =>
    residentOut
      ? `  harness_write("output_${i}.bin", net_${port.parameter}(), ${cells(port)} * (int32_t)sizeof(${port.type}));`
      : `  harness_write("output_${i}.bin", out_${i}, (int32_t)sizeof out_${i});`,
  );
  const parameters = [
    ...(options.input === "external" ? inputs.map((_, i) => `in_${i}`) : []),
    ...(options.input === "callback" ? ["read_part", "(void *)&context"] : []),
    ...(residentOut ? [] : outputs.map((_, i) => `out_${i}`)),
  ].join(", ");
  const readPart = `static int context;

static int read_part(void *given, int32_t input, int32_t row, int32_t column, int32_t rows, int32_t columns, void *to,
    int32_t row_cells)
{
  if (given != (void *)&context) return 99;
  for (int32_t y = 0; y < rows; y++) {
    const int32_t bytes = cell_bytes[input];
    memcpy((char *)to + y * row_cells * bytes, (const char *)all[input] + ((row + y) * widths[input] + column) * bytes,
        (size_t)(columns * bytes));
  }
  return ${readerStatus};
}
`;
  return `#include NETWORK_HEADER
#include "harness.h"

#include <stddef.h>
#include <string.h>

${residentIn ? "" : inputs.map((port, i) => `static ${port.type} in_${i}[${cells(port)}];\n`).join("")}${
  residentOut ? "" : outputs.map((port, i) => `static ${port.type} out_${i}[${cells(port)}];\n`).join("")
}${
  options.input === "callback"
    ? `static void *const all[] = { ${inputs.map((_, i) => `in_${i}`).join(", ")} };
static const int32_t widths[] = { ${inputs.map(({ map }) => map.width).join(", ")} };
static const int32_t cell_bytes[] = { ${inputs.map(({ map, type }) => `${map.channels} * (int32_t)sizeof(${type})`).join(", ")} };
${readPart}`
    : ""
}
int main(void)
{
  int32_t status = 0;
  uint32_t stack_bytes = 0;
  uint32_t instructions = 0;
  for (int i = 0; i < 2 && status == 0; i++) {
${given.map((line) => `  ${line}`).join("\n")}
    harness_begin();
    status = net_run(${parameters});
    harness_end(&stack_bytes, &instructions);
  }
  const int32_t report[3] = { status, (int32_t)stack_bytes, (int32_t)instructions };
  harness_write("report.bin", report, (int32_t)sizeof report);
${taken.join("\n")}
  return 0;
}
`;
}

/** Bytes of code, constants and memory of an object, from what `size -A` prints. */
function sectionsOf(text: string): CompiledRun["sections"] {
  let [code, constants, data, zeroed] = [0, 0, 0, 0];
  for (const line of text.split("\n")) {
    const [name = "", bytes = "0"] = line.trim().split(/\s+/);
    if (name.startsWith(".text")) code += Number(bytes);
    else if (name.startsWith(".rodata") || name.startsWith(".data.rel.ro")) constants += Number(bytes);
    else if (name.startsWith(".data")) data += Number(bytes);
    else if (name.startsWith(".bss")) zeroed += Number(bytes);
  }
  return { code, constants, data, zeroed };
}

/** Bytes of stack of each function, from what `-fstack-usage` writes. */
function framesOf(text: string): Record<string, number> {
  const frames: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const [place = "", bytes = ""] = line.split("\t");
    const name = place.split(":").at(-1);
    if (name !== undefined && bytes !== "") frames[name] = Number(bytes);
  }
  return frames;
}
