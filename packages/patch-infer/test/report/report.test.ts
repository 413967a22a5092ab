import { describe, expect, test } from "vitest";
import { PatchInferError } from "../../src/base/errors.ts";
import { analyze } from "../../src/plan/analyze.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planLayers, planPatches, planStages } from "../../src/plan/planStages.ts";
import { arenaChart } from "../../src/report/arenaChart.ts";
import { formatAnalysis } from "../../src/report/formatAnalysis.ts";
import { formatPlan } from "../../src/report/formatPlan.ts";
import { memoryChart } from "../../src/report/memoryChart.ts";
import { paretoChart } from "../../src/report/paretoChart.ts";
import { patchPicture } from "../../src/report/patchPicture.ts";
import { planReport } from "../../src/report/planReport.ts";
import { axisUnit, bytesText, countText, shareText, shorten, tableText } from "../../src/report/text.ts";
import { searchPlan } from "../../src/search/searchPlan.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { smallNet } from "../nets/smallNet.ts";

const network = smallNet();
const patched = planPatches(network, { split: 4, grid: { rows: 4, columns: 2 }, overlap: "cacheBoth" });

describe("text", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [175616, "171.5 KiB"],
    [1404928, "1372.0 KiB"],
    [12 * 2 ** 20, "12.0 MiB"],
    [3 * 2 ** 30, "3072.0 MiB"],
    [30 * 2 ** 30, "30.0 GiB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  test("counts, shares, units, short names, tables", () => {
    expect([0, 999, 1000, 30760960, 300774272].map(countText)).toEqual(["0", "999", "1.0 k", "30.8 M", "300.8 M"]);
    expect([0, 0.0928, 1.5].map(shareText)).toEqual(["0.0%", "9.3%", "150.0%"]);
    expect([5, 5000, 5e6].map((bytes) => axisUnit(bytes).name)).toEqual(["bytes", "KiB", "MiB"]);
    expect([shorten("abcdefgh", 5), shorten("abc", 5)]).toEqual(["ab…gh", "abc"]);
    expect(
      tableText(
        ["name", "n"],
        [
          ["a", "10"],
          ["long", ""],
        ],
        1,
      ),
    ).toEqual(["name   n", "a     10", "long"]);
  });
});

describe("formatPlan", () => {
  test("layers by themselves share a row", () => {
    expect(`\n${formatPlan(patched)}\n`).toMatchInlineSnapshot(`
      "
      arena  10.3 KiB (10496 bytes, what is alive at once)
      MACs   944.2 k (nothing is computed twice)

      layers  patches  overlap    output  size        MACs     alive
      0-3     4 x 2    cacheBoth  conv3   16 x 16  622.6 k   9.7 KiB
      4-12    whole               conv12  1 x 1    321.6 k  10.3 KiB
      "
    `);
  });

  test("or have one each", () => {
    const rows = formatPlan(patched, { everyLayer: true }).split("\n").length;
    expect(rows - formatPlan(patched).split("\n").length).toBe(patched.stages.length - 2);
  });

  test("what is computed again is said", () => {
    const plan = planPatches(network, { split: 4, grid: { rows: 4, columns: 2 } });
    expect(formatPlan(plan)).toMatch(/MACs {3}1\.0 M \(6\.5% more than the network's 944\.2 k\)/);
  });

  test("names cannot steer the terminal", () => {
    const net = new NetworkBuilder("\u001b[2J");
    const evil = planLayers(net.build([net.conv(net.input(4, 4, 2), 2, { name: "\u001b[2J" })]));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(formatPlan(evil)).not.toMatch(/\u001b/);
  });
});

test("formatAnalysis", () => {
  expect(`\n${formatAnalysis(analyze(network), { layers: 3 })}\n`).toMatchInlineSnapshot(`
    "
    13 layers, 944.2 k MACs, 3.8 KiB of weights
    layer by layer 40.0 KiB are alive at once; the layers that need the most:

    layer  kind             name        output           MACs     alive
    0      conv2d           conv0       32 x 32 x 8   221.2 k  11.0 KiB
    1      conv2d           conv1       32 x 32 x 32  262.1 k  40.0 KiB
    2      depthwiseConv2d  depthwise2  16 x 16 x 32   73.7 k  32.3 KiB
    "
  `);
});

/** Every number of an attribute of the elements with a class. */
const attributes = (svg: string, element: RegExp, name: string): number[] =>
  [...svg.matchAll(element)].map(([text]) => Number(new RegExp(` ${name}="([^"]*)"`).exec(text)?.[1]));

describe("charts", () => {
  test("memoryChart: a line per plan, and the budget", () => {
    const plans = [
      { name: "before", plan: planLayers(network) },
      { name: "after", plan: patched },
    ];
    const svg = memoryChart(plans, { memoryBudget: 9000 });
    expect(svg.match(/<path class="pc-line[12]"/g)?.length).toBeGreaterThanOrEqual(2);
    for (const { name, plan } of plans) expect(svg).toContain(`${name}: ${bytesText(plan.lowerBoundBytes)}`);
    expect(svg).toContain("budget 8.8 KiB");
    expect(memoryChart(plans)).not.toContain("budget");
  });

  test("memoryChart: a network of one layer has a line too", () => {
    const net = new NetworkBuilder();
    const single = net.build([net.conv(net.input(8, 8, 3), 4)]);
    const svg = memoryChart([{ name: "only", plan: planLayers(single) }]);
    const lines = Array.from(svg.matchAll(/<path class="pc-line1"[^>]* d="([^"]*)"/g), ([, path]) => path as string);
    const widths = lines.map((line) => {
      const xs = Array.from(line.matchAll(/[MLH] ?(-?[\d.]+)/g), ([, x]) => Number(x));
      return Math.max(...xs) - Math.min(...xs);
    });
    // Wider than the mark of the legend.
    expect(Math.max(...widths)).toBeGreaterThan(100);
  });

  test("arenaChart: a rectangle per buffer, none over another", () => {
    const svg = arenaChart(patched);
    const rectangles = /<rect class="pc-fill\d"[^>]*fill-opacity[^>]*>/g;
    expect(svg.match(rectangles)).toHaveLength(patched.buffers.length);
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => attributes(svg, rectangles, name));
    const roomOf = (i: number): number[] => [x?.[i], y?.[i], width?.[i], height?.[i]] as number[];
    patched.buffers.forEach((buffer, i) => {
      const [left, top, wide, high] = roomOf(i) as [number, number, number, number];
      expect(wide / high).toBeGreaterThan(0);
      patched.buffers.slice(0, i).forEach((other, j) => {
        if (buffer.takesOver === other.name || other.takesOver === buffer.name) return;
        const [left2, top2, wide2, high2] = roomOf(j) as [number, number, number, number];
        const across = Math.min(left + wide, left2 + wide2) - Math.max(left, left2);
        const down = Math.min(top + high, top2 + high2) - Math.max(top, top2);
        // Positions are rounded to 1/100; very flat ones are drawn half a pixel high.
        expect(Math.min(across, down)).toBeLessThan(0.55);
      });
    });
    for (const name of ["whole maps", "parts of maps"]) expect(svg).toContain(name);
    expect(svg).not.toContain(`>${"nobody"}<`);
  });

  test("paretoChart: a mark per plan", () => {
    const points = [
      { peakBytes: 2000, overhead: 0.5 },
      { peakBytes: 4000, overhead: 0 },
    ];
    const svg = paretoChart(
      [
        { name: "ours", points },
        { name: "theirs", points: points.slice(1) },
      ],
      { memoryBudget: 3000 },
    );
    expect(svg.match(/<circle/g)?.length).toBeGreaterThanOrEqual(2);
    expect(svg).toContain("peak memory in KiB");
  });

  test("patchPicture: what is read lies around what is made", () => {
    const plan = planPatches(network, { split: 4, grid: { rows: 4, columns: 4 } });
    const svg = patchPicture(network, plan, 0, { row: 1, column: 1, image: "data:image/png;base64,AA==" });
    expect(svg).toContain('href="data:image/png;base64,AA=="');
    // A 3 x 3 window of stride 2 and one of stride 1: 4 -> 9 -> 11.
    expect(svg).toContain("reads 11 x 11 of 32 x 32 of image");
    expect(svg).toContain(`makes 4 x 4 of 16 x 16 of ${plan.stages[0]?.output}`);
    const of = (name: string): number[] => attributes(svg, /<rect class="pc-line\d"[^>]*>/g, name);
    const [x, y, width, height] = [of("x"), of("y"), of("width"), of("height")];
    const last = x.length - 1;
    expect((width[0] as number) / (width[last] as number)).toBeCloseTo(11 / 32 / (4 / 16), 2);
    expect(x[0]).toBeLessThan(x[last] as number);
    expect((y[0] as number) + (height[0] as number)).toBeGreaterThan((y[last] as number) + (height[last] as number));
  });

  test.each([
    ["stage: expected 0 to 8, got 99", 99, {}],
    ["row and column: expected a patch of 4 x 2, got 4, 0", 0, { row: 4, column: 0 }],
  ])("patchPicture: %s", (message, stage, options) => {
    expect(() => patchPicture(network, patched, stage, options)).toThrow(new PatchInferError("OPTION", message));
  });
});

describe("planReport", () => {
  const result = searchPlan(network, { maxGrid: 4 });

  test("a page without outside parts", () => {
    const html = planReport(network, result, {
      title: "A <net>",
      paragraphs: ["In our words."],
      facts: [["board", "none"]],
      memoryBudget: 5000,
      fronts: [{ name: "others", points: [{ peakBytes: 9000, overhead: 0 }] }],
      image: "data:image/png;base64,AA==",
    });
    expect(html).toContain("<h1>A &lt;net&gt;</h1>");
    for (const text of ["In our words.", "board", "others", "budget 4.9 KiB", 'download="plan.json"']) {
      expect(html).toContain(text);
    }
    expect(html).not.toMatch(/<script|<link|src=/);
    const found = /href="data:application\/json;charset=utf-8,([^"]*)"/.exec(html)?.[1] as string;
    expect(JSON.parse(decodeURIComponent(found).replaceAll("&#39;", "'")) as Plan).toEqual(result.best);
  });

  test("without patches, points or files", () => {
    const plan = planStages(network, { stages: [] });
    const html = planReport(network, { best: plan, perLayer: plan, pareto: [] }, { downloads: false });
    expect(html).not.toContain("Patches");
    expect(html).not.toContain("download=");
    expect(html.match(/<svg/g)).toHaveLength(2);
  });

  test("a network of one layer", () => {
    const net = new NetworkBuilder();
    const single = net.build([net.globalPool(net.input(4, 4, 2))]);
    expect(planReport(single, searchPlan(single)).match(/<svg/g)).toHaveLength(2);
  });
});
