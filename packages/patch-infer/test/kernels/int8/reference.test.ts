import { describe, expect, test } from "vitest";
import type { Kernels, Region } from "../../../src/kernels/kernels.ts";
import { typescriptKernels } from "../../../src/kernels/typescriptKernels.ts";
import { wasmKernels } from "../../../src/kernels/wasmKernels.ts";
import type { Layer } from "../../../src/network/layer.ts";
import type { FeatureMap } from "../../../src/network/network.ts";
import { callOf, getCells, networkOf, runLayer, setCells, wholeBox } from "../oneLayer.ts";
import { type FixtureCase, codesOf, layerOf, mapOf, readFixture } from "./fixture.ts";

const fixture = readFixture();
const engines = { typescriptKernels, wasmKernels };

function title({ kind, fn, kernel, strides, xShape }: FixtureCase, index: number): string {
  return [index, kind, fn, kernel?.join("x"), strides?.join("/"), xShape.join("x")].filter(Boolean).join(" ");
}

describe("layers give the codes of an implementation in numpy", () => {
  for (const [index, one] of fixture.layers.entries()) {
    test(title(one, index), () => {
      const inputs = [codesOf(one.x as string), ...(one.other === undefined ? [] : [codesOf(one.other)])];
      const maps = [
        mapOf("x", one.xShape, one.input),
        ...(one.other === undefined
          ? []
          : [mapOf("other", one.otherShape as [number, number, number], one.right as [number, number])]),
        mapOf("y", one.yShape, one.output),
      ];
      const layer = layerOf(
        one,
        "layer",
        maps.slice(0, -1).map(({ name }) => name),
        "y",
      );
      for (const factory of Object.values(engines)) {
        expect(runLayer(factory, networkOf(maps, [layer]), inputs)).toEqual(codesOf(one.y));
      }
    });
  }
});

describe("a small network gives the codes of an implementation in numpy", () => {
  const { x, xShape, steps, skip } = fixture.network;
  const first = steps[0] as FixtureCase;
  const maps: FeatureMap[] = [mapOf("m0", xShape, first.input)];
  const layers: Layer[] = [];
  for (const [index, step] of steps.entries()) {
    maps.push(mapOf(`m${index + 1}`, step.yShape, step.output));
    const inputs = step.kind === "binary" ? [`m${skip + 1}`, `m${index}`] : [`m${index}`];
    layers.push(layerOf(step, `layer ${index}`, inputs, `m${index + 1}`));
  }
  const network = networkOf(maps, layers);
  let end = 0;
  const regions: Record<string, Region> = {};
  for (const { name, height, width, channels } of maps) {
    regions[name] = { address: end, top: 0, left: 0, rowCells: width };
    end += height * width * channels;
  }
  const call = (layer: Layer, output: string) =>
    callOf(
      wholeBox(network.maps[output] as FeatureMap),
      layer.inputs.map((name) => regions[name] as Region),
      regions[output] as Region,
    );
  const start = (factory: typeof wasmKernels): Kernels => {
    const kernels = factory(network, end);
    setCells(
      kernels.arena,
      maps[0] as FeatureMap,
      wholeBox(maps[0] as FeatureMap),
      regions["m0"] as Region,
      codesOf(x),
    );
    return kernels;
  };
  const codesIn = ({ arena }: Kernels, name: string) => {
    const map = network.maps[name] as FeatureMap;
    return getCells(arena, map, wholeBox(map), regions[name] as Region);
  };

  for (const [name, factory] of Object.entries(engines)) {
    test(name, () => {
      const kernels = start(factory);
      for (const [index, layer] of layers.entries()) {
        kernels.run(index, call(layer, layer.output));
        expect(codesIn(kernels, layer.output)).toEqual(codesOf((steps[index] as FixtureCase).y));
      }
    });

    test(`${name}: the convolution before the addition adds to the skipped map`, () => {
      const kernels = start(factory);
      const add = steps.findIndex(({ kind }) => kind === "binary");
      for (const [index, layer] of layers.slice(0, add - 1).entries()) kernels.run(index, call(layer, layer.output));
      const convolution = layers[add - 1] as Layer;
      const shared = `m${skip + 1}`;
      kernels.runAccumulating(add - 1, add, {
        ...call(convolution, convolution.output),
        output: regions[shared] as Region,
      });
      expect(codesIn(kernels, shared)).toEqual(codesOf((steps[add] as FixtureCase).y));
    });
  }
});
