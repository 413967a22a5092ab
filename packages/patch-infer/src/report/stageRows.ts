import type { Plan, Stage } from "../plan/plan.ts";

/** A stage, or a run of stages that each are one layer on the whole image. */
export interface StageRow {
  /** Positions of the stages. */
  readonly stages: readonly number[];
  /** Layers `first`, …, `end - 1`. */
  readonly first: number;
  readonly end: number;
  readonly patches: string;
  readonly overlap: string;
  /** The map it makes, and its size. */
  readonly output: string;
  readonly size: string;
  readonly macs: number;
  /** The most bytes that are alive while it runs. */
  readonly liveBytes: number;
}

/** Whether a stage is carried out on the whole image at once. */
export function isWhole({ grid }: Stage): boolean {
  return grid.rows * grid.columns === 1;
}

/** The stages of a plan as rows of a table; layers that run by themselves one after the other share a row unless `each`. */
export function stageRows(plan: Plan, each = false): StageRow[] {
  const live = plan.stages.map(() => 0);
  for (const { stage, liveBytes } of plan.moments) live[stage] = Math.max(live[stage] ?? 0, liveBytes);
  const rows: StageRow[] = [];
  plan.stages.forEach((stage, index) => {
    const row = rowOf(plan, stage, index, live[index] as number);
    const before = rows.at(-1);
    const isRun = !each && isWhole(stage) && before !== undefined && isWhole(plan.stages[index - 1] as Stage);
    if (!isRun) {
      rows.push(row);
      return;
    }
    rows[rows.length - 1] = {
      ...row,
      stages: [...before.stages, index],
      first: before.first,
      macs: before.macs + row.macs,
      liveBytes: Math.max(before.liveBytes, row.liveBytes),
    };
  });
  return rows;
}

function rowOf(plan: Plan, stage: Stage, index: number, liveBytes: number): StageRow {
  const { first, end, grid, output, macs } = stage;
  const buffer = plan.buffers.find(({ role, map }) => role === "map" && map === output);
  const [rows, columns] = [stage.rows[output]?.to.at(-1), stage.columns[output]?.to.at(-1)];
  return {
    stages: [index],
    first,
    end,
    patches: isWhole(stage) ? "whole" : `${grid.rows} x ${grid.columns}`,
    overlap: isWhole(stage) ? "" : stage.overlap,
    output,
    size: `${rows ?? buffer?.rows ?? "?"} x ${columns ?? buffer?.columns ?? "?"}`,
    macs,
    liveBytes,
  };
}
