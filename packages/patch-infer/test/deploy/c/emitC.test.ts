import { describe, expect, test } from "vitest";
import { emitC } from "../../../src/deploy/c/emitC.ts";
import type { Layer } from "../../../src/network/layer.ts";
import type { FeatureMap, Network, Port } from "../../../src/network/network.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { planLayers, planPatches } from "../../../src/plan/planStages.ts";
import { NetworkDraft } from "../../../src/testing/draft.ts";
import { rareLayers, smallMobileNet, twoConvolutions } from "./models.ts";

const mobileNet = smallMobileNet("int8", 16);

/** All code but comments. */
function code(files: Readonly<Record<string, string>>): string {
  return Object.values(files)
    .join("\n")
    .replace(/\/\*[\s\S]*?\*\//g, "");
}

function names(text: string): string[] {
  return [...text.matchAll(/static NET_NOINLINE \w+ (\w+)\(/g)].map(([, name]) => name as string);
}

describe("files", () => {
  const plan = planPatches(mobileNet, { split: 6, grid: { rows: 2, columns: 2 } });
  const source = emitC(mobileNet, plan);

  test("a header, a program, and constants that only the program includes", () => {
    expect(Object.keys(source.files)).toEqual(["net.h", "net.c", "net_weights.h"]);
    expect(source.files["net.c"]).toContain('#include "net.h"');
    expect(source.files["net.c"]).toContain('#include "net_weights.h"');
    expect(source.files["net.h"]).not.toContain("weights");
  });

  test("one static array, of the planned size", () => {
    expect(source.arenaBytes).toBe(plan.arenaBytes);
    expect(source.files["net.h"]).toContain(`#define NET_ARENA_BYTES ${plan.arenaBytes}\n`);
    const memory = [
      ...code(source.files).matchAll(/^static (?!const|inline|NET_NOINLINE|int |void |uint8_t \*)(.*)$/gm),
    ];
    expect(memory.map(([, text]) => text)).toEqual(["NET_ALIGNED uint8_t net_arena[NET_ARENA_BYTES];"]);
  });

  test("no allocation, and no library but string.h where no function of a number needs libm", () => {
    expect(code(source.files)).not.toMatch(/malloc|calloc|alloca|free\(/);
    expect([...code(source.files).matchAll(/#include <(.*)>/g)].map(([, name]) => name)).toEqual([
      "stdint.h",
      "stddef.h",
      "string.h",
    ]);
    expect(source.needsMath).toBe(false);
  });

  test("the same call gives the same text", () => {
    expect(emitC(mobileNet, plan).files).toEqual(source.files);
  });

  test("patches are loops over tables: finer grids make longer tables, not more code", () => {
    const finer = emitC(mobileNet, planPatches(mobileNet, { split: 6, grid: { rows: 4, columns: 4 } }));
    const kernels = (files: Readonly<Record<string, string>>): string =>
      (files["net.c"] as string).replace(/static const (net_part|net_place|net_stage|net_step)[\s\S]*?\n};\n/g, "");
    expect(kernels(finer.files)).toBe(kernels(source.files));
    expect(finer.flashBytes).toBeGreaterThan(source.flashBytes);
    expect(finer.weightBytes).toBe(source.weightBytes);
  });
});

describe("what is written", () => {
  test("only the kernels that the network uses", () => {
    const { files } = emitC(twoConvolutions(), planLayers(twoConvolutions()));
    expect(names(files["net.c"] as string)).toEqual(["net_dot4_f32", "net_dot_f32", "net_conv2d_f32"]);
  });

  test("convolutions that add, and depthwise ones in place, only where the plan says so", () => {
    const kernels = (options: { inPlace: boolean; accumulateIntoResidual: boolean }): string[] =>
      names(emitC(mobileNet, planLayers(mobileNet, options)).files["net.c"] as string);
    const plain = kernels({ inPlace: false, accumulateIntoResidual: false });
    const sparing = kernels({ inPlace: true, accumulateIntoResidual: true });
    expect(plain).toContain("net_each_add_s8");
    expect(plain).not.toContain("net_conv2d_add_s8");
    expect(plain).not.toContain("net_depthwise_in_place_s8");
    expect(sparing).toEqual(expect.arrayContaining(["net_conv2d_add_s8", "net_depthwise_in_place_s8"]));
    expect(sparing).not.toContain("net_each_add_s8");
  });

  test.each([
    ["external", "external", "int net_run(const int8_t *input, int8_t *output);"],
    ["callback", "external", "int net_run(net_reader read, void *context, int8_t *output);"],
    ["resident", "resident", "int net_run(void);"],
    ["external", "resident", "int net_run(const int8_t *input);"],
    ["resident", "external", "int net_run(int8_t *output);"],
  ] as const)("input %s, output %s: %s", (input, output, signature) => {
    const { files } = emitC(mobileNet, planLayers(mobileNet, { input, output }));
    expect(files["net.h"]).toContain(signature);
    expect(files["net.h"]?.includes("int8_t *net_input(void);")).toBe(input === "resident");
    expect(files["net.h"]?.includes("const int8_t *net_output(void);")).toBe(output === "resident");
  });

  test("several ports are numbered", () => {
    const network = rareLayers("float32");
    const { files, needsMath } = emitC(network, planLayers(network));
    expect(files["net.h"]).toContain(
      "int net_run(const float *input, float *output_0, float *output_1, float *output_2);",
    );
    expect(needsMath).toBe(true);
  });

  test("rules for the compiler's arithmetic only where there are floats", () => {
    const floats = twoConvolutions();
    expect(code(emitC(floats, planLayers(floats)).files)).toMatch(/#pragma STDC FP_CONTRACT OFF/);
    expect(code(emitC(mobileNet, planLayers(mobileNet)).files)).not.toMatch(/#pragma|#error "sums/);
  });

  test("guards only when asked for", () => {
    const plan = planLayers(mobileNet);
    expect(code(emitC(mobileNet, plan).files)).not.toMatch(/GUARD/);
    expect(code(emitC(mobileNet, plan, { guard: true }).files)).toMatch(/return NET_ERROR_GUARD/);
  });
});

describe("names", () => {
  const plan = planLayers(mobileNet);

  test.each([
    ["person_detector", "person_detector"],
    ["Face", "Face"],
    ["my net!", "my_net"],
    ["3d", "n3d"],
    ["__x", "x"],
    ["", "net"],
    ["/*", "net"],
    ['a"; int main(void) { } //', "a_int_main_void"],
  ])("prefix %j becomes %s", (prefix, name) => {
    const { files } = emitC(mobileNet, plan, { prefix });
    expect(Object.keys(files)).toEqual([`${name}.h`, `${name}.c`, `${name}_weights.h`]);
    expect(files[`${name}.h`]).toContain(`int ${name}_run(`);
    expect(code(files)).not.toMatch(name === "net" ? /\bother_/ : /\bnet_|\bNET_/);
  });

  test("names of strangers stay inside comments", () => {
    const hostile = '*/ int evil; /* \n#include "x" ??/\n\\ // \u2028 @FILE@ net_run';
    const rename = (name: string): string => hostile + name;
    const renamed = (network: Network): Network => ({
      name: hostile,
      inputs: network.inputs.map((port): Port => ({ ...port, name: rename(port.name), map: rename(port.map) })),
      outputs: network.outputs.map((port): Port => ({ ...port, name: rename(port.name), map: rename(port.map) })),
      layers: network.layers.map(
        (layer): Layer => ({ ...layer, name: hostile, inputs: layer.inputs.map(rename), output: rename(layer.output) }),
      ),
      maps: Object.fromEntries(
        Object.entries(network.maps).map(([name, map]): [string, FeatureMap] => [
          rename(name),
          { ...map, name: rename(name), ...(map.viewOf === undefined ? {} : { viewOf: rename(map.viewOf) }) },
        ]),
      ),
    });
    const network = renamed(mobileNet);
    const { files } = emitC(network, planLayers(network));
    expect(code(files)).toBe(code(emitC(mobileNet, plan).files));
    for (const text of Object.values(files)) {
      expect(text).toMatch(/^[\n -~]*$/);
      expect(text).not.toMatch(/\?\?|\\|evil; \/\*/);
    }
  });
});

describe("sizes", () => {
  test("weights, tables of layers and of the schedule, counted by hand", () => {
    const network = twoConvolutions();
    const source = emitC(network, planLayers(network));
    // Two kernels of 3 floats and two biases; layers of 17 fields.
    expect(source.weightBytes).toBe(4 * (3 + 1 + 3 + 1));
    const fields = (source.files["net.c"] as string).match(/typedef struct \{([^}]*)\} net_conv2d_f32_layer;/)?.[1];
    expect(fields?.trim().split("\n")).toHaveLength(17);
    // Steps: load, convolution, convolution, hand out. Parts: of 1 row, 16, 8 and 8 columns; the last two are shared.
    const schedule = 3 * 6 + 3 * 32 + 20 * 4 + 8 * 2;
    const operands = 2 * (1 + 2 + 2 + 1);
    const widths = 4 + 4;
    expect(source.flashBytes).toBe(source.weightBytes + 2 * 17 * 4 + schedule + operands + widths);
  });

  test("equal arrays are written once", () => {
    const draft = new NetworkDraft("float32", 1);
    const input = draft.input([4, 4, 2]);
    const constant = Float32Array.of(1, 2);
    const add = (map: string): string =>
      draft.add({ kind: "binary", fn: "add", constant, clamp: draft.clamp() }, [map], [4, 4, 2]);
    const network = draft.finish("adds", [input], [add(add(add(input)))]);
    expect(emitC(network, planLayers(network)).weightBytes).toBe(8);
  });
});

describe("what cannot be written", () => {
  test("int8 softmax, with the layer's name", () => {
    const draft = new NetworkDraft("int8", 1);
    const input = draft.input([1, 1, 4]);
    const network = draft.finish("soft", [input], [draft.add({ kind: "softmax" }, [input], [1, 1, 4])]);
    expect(() => emitC(network, planLayers(network))).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_OP",
        layer: "softmax0",
        message: expect.stringContaining("softmax0"),
      }),
    );
  });

  test("int8 quotients, with the layer's name", () => {
    const draft = new NetworkDraft("int8", 1);
    const input = draft.input([2, 2, 1]);
    const quotient = draft.add({ kind: "binary", fn: "div", clamp: draft.clamp() }, [input, input], [2, 2, 1]);
    const network = draft.finish("quotient", [input], [quotient]);
    expect(() => emitC(network, planLayers(network))).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_OP", layer: "binary0" }),
    );
  });

  test("int8 layers without scale", () => {
    const layers = mobileNet.layers.map((layer) =>
      layer.kind === "conv2d" ? (({ requantization: _, ...rest }) => rest)(layer) : layer,
    );
    const broken = { ...mobileNet, layers };
    expect(() => emitC(broken, planLayers(broken))).toThrow(expect.objectContaining({ code: "BAD_MODEL" }));
  });

  test("images with too many rows", () => {
    const draft = new NetworkDraft("int8", 1);
    const input = draft.input([32768, 1, 1]);
    const pool = draft.add({ kind: "globalPool", fn: "max", clamp: draft.clamp() }, [input], [1, 1, 1]);
    const network = draft.finish("tall", [input], [pool]);
    expect(() => emitC(network, planLayers(network))).toThrow(expect.objectContaining({ code: "UNSUPPORTED_OP" }));
  });

  test("a network without layers", () => {
    const draft = new NetworkDraft("int8", 1);
    const input = draft.input([2, 2, 1]);
    const network = draft.finish("nothing", [input], [input]);
    expect(() => emitC(network, planLayers(network))).toThrow(expect.objectContaining({ code: "UNSUPPORTED_OP" }));
  });

  test("a plan of another network", () => {
    const plan: Plan = planLayers(twoConvolutions());
    expect(() => emitC(mobileNet, plan)).toThrow(expect.objectContaining({ code: "PLAN_MISMATCH" }));
  });
});
