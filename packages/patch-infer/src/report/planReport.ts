import { type ReportChart, type ReportSection, reportPage } from "@parsimony/charts";
import { type Model, networkOf } from "../lower/networkOf.ts";
import type { Network } from "../network/network.ts";
import { analyze } from "../plan/analyze.ts";
import type { Plan } from "../plan/plan.ts";
import type { PlanPoint, SearchPlanResult } from "../search/searchPlan.ts";
import { arenaChart } from "./arenaChart.ts";
import { memoryChart } from "./memoryChart.ts";
import { type NamedFront, paretoChart } from "./paretoChart.ts";
import { patchPicture } from "./patchPicture.ts";
import { isWhole, stageRows } from "./stageRows.ts";
import { bytesText, countText, excess, shareText } from "./text.ts";

export interface PlanReportOptions {
  /** Default: the network's name. */
  readonly title?: string;
  /** In your words, under the title. */
  readonly paragraphs?: readonly string[];
  /** Facts of your own, such as `["board", "STM32F746"]`. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  /** Drawn into the charts. */
  readonly memoryBudget?: number;
  /** Fronts to show beside the search's, such as those of other overlap modes. */
  readonly fronts?: readonly NamedFront[];
  /** An address or data URI of a picture of the input, under the boxes of patches. */
  readonly image?: string;
  /** Carry the plan as a JSON file inside the page? Default true. */
  readonly downloads?: boolean;
}

/**
 * What a search found as one HTML file without outside parts: facts, memory layer by layer before and after, the arena over time, the trade
 * of memory for computation, the patches of each stage, and tables of stages, buffers and layers.
 *
 * @throws PatchInferError as `analyze`
 */
export function planReport(model: Model, result: SearchPlanResult, options: PlanReportOptions = {}): string {
  const network = networkOf(model);
  const { best, perLayer, pareto } = result;
  const {
    title = `${network.name || "Network"}: patch by patch`,
    paragraphs = [],
    facts = [],
    downloads = true,
  } = options;
  const budget = options.memoryBudget === undefined ? {} : { memoryBudget: options.memoryBudget };
  const plans = [
    { name: "layer by layer", plan: perLayer },
    { name: "patch by patch", plan: best },
  ];
  const charts: ReportChart[] = [
    { svg: memoryChart(plans, budget), caption: "Bytes of feature maps that are alive while each layer runs." },
    {
      svg: arenaChart(best),
      caption:
        "Every buffer of the plan: how long it is alive, and where it stands. A stage of patches is one step per layer.",
    },
  ];
  if (pareto.length > 1 || (options.fronts ?? []).length > 0) {
    charts.push({
      svg: paretoChart([{ name: "searched", points: pareto }, ...(options.fronts ?? [])], budget),
      caption: "No plan of the search space has both less memory and fewer multiply-accumulates than one of these.",
    });
  }
  const sections: ReportSection[] = [
    { paragraphs, facts: [...planFacts(result), ...facts] },
    { title: "Memory", charts },
    ...patchSections(network, best, options.image),
    { title: "Stages", table: stageTable(best) },
    ...(pareto.length > 1 ? [{ title: "Memory against computation", table: frontTable(pareto) }] : []),
    { title: "Layers", paragraphs: [layerWords], table: layerTable(network, best) },
    ...(downloads
      ? [{ title: "Files", downloads: [{ name: "plan.json", type: "application/json", text: JSON.stringify(best) }] }]
      : []),
  ];
  return reportPage({ title, sections });
}

const layerWords = "Memory of each layer when the network runs layer by layer, and what its output sees of the input.";

function planFacts({ best, perLayer }: SearchPlanResult): [string, string][] {
  const stages = best.stages.filter((stage) => !isWhole(stage)).length;
  return [
    ["arena", bytesText(best.arenaBytes)],
    ["layer by layer", bytesText(perLayer.arenaBytes)],
    ["less memory", `${(perLayer.arenaBytes / Math.max(1, best.arenaBytes)).toFixed(1)} times`],
    ["added MACs", shareText(excess(best.macs.plan, best.macs.network))],
    ["MACs", countText(best.macs.plan)],
    ["stages of patches", String(stages)],
  ];
}

/** At most four pictures: stages that are cut. */
function patchSections(network: Network, plan: Plan, image: string | undefined): ReportSection[] {
  const charts = plan.stages
    .map((stage, index) => ({ stage, index }))
    .filter(({ stage }) => !isWhole(stage))
    .slice(0, 4)
    .map(({ stage, index }): ReportChart => {
      const picture = image === undefined || stage.first > 0 ? {} : { image };
      return {
        svg: patchPicture(network, plan, index, { title: `Layers ${stage.first} to ${stage.end - 1}`, ...picture }),
        caption: `${stage.grid.rows} x ${stage.grid.columns} patches, ${stage.overlap}: what one of them reads, and makes.`,
      };
    });
  return charts.length === 0 ? [] : [{ title: "Patches", charts, chartWidth: 320 }];
}

type Table = NonNullable<ReportSection["table"]>;

function stageTable(plan: Plan): Table {
  return {
    columns: ["layers", "patches", "overlap", "output", "size", "MACs", "alive"],
    rows: stageRows(plan).map(({ first, end, patches, overlap, output, size, macs, liveBytes }) => [
      end - first === 1 ? `${first}` : `${first} to ${end - 1}`,
      ...[patches, overlap, output, size, countText(macs), bytesText(liveBytes)],
    ]),
  };
}

function frontTable(points: readonly PlanPoint[]): Table {
  return {
    columns: ["memory alive at once", "added MACs", "stages of patches"],
    rows: spaced(points, 20).map(({ peakBytes, overhead, stages }) => [
      bytesText(peakBytes),
      shareText(overhead),
      stages
        .filter(({ grid }) => grid.rows * grid.columns > 1)
        .map(({ first, end, grid, overlap }) => `${first}-${end - 1}: ${grid.rows} x ${grid.columns} ${overlap}`)
        .join("; "),
    ]),
  };
}

function layerTable(network: Network, { options }: Plan): Table {
  const { align: _, ...own } = options;
  return {
    columns: ["layer", "kind", "output", "MACs", "alive", "sees"],
    rows: analyze(network, own).map(({ index, name, kind, output, macs, liveBytes, receptiveField }) => [
      `${index} ${name}`,
      kind,
      output.join(" x "),
      macs === 0 ? "" : countText(macs),
      bytesText(liveBytes),
      receptiveField.size.join(" x "),
    ]),
  };
}

/** At most so many of a list, evenly spaced, the first and the last among them. */
function spaced<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))] as T);
}
