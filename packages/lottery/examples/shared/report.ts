import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  aggregate,
  instability,
  type Instability,
  type JobResult,
  type JitTrainer,
  readTickets,
  subStore,
  type SweepResult,
  toCsv,
} from "@parsimony/lottery";
import { folderStore } from "@parsimony/lottery/node";
import { ticketCharts, type TicketReportOptions, ticketReport } from "@parsimony/lottery/report";

export interface ExperimentReport extends Omit<TicketReportOptions, "tickets" | "connectivity"> {
  /** Where the sweep keeps everything. */
  readonly folder: string;
  /** The report's folder. */
  readonly output: string;
  readonly results: readonly SweepResult<JobResult>[];
  readonly trainer: JitTrainer;
  /** Seed and levels whose tickets are trained twice, to see whether the two nets are connected. */
  readonly connect: { readonly seed: number; readonly levels: readonly number[] };
}

/** Writes the report, its numbers, and two of its charts as pictures. */
export async function writeReport(experiment: ExperimentReport): Promise<void> {
  const { folder, output, results, trainer, connect, ...options } = experiment;
  const tickets = await readTickets(subStore(folderStore(folder), `jobs/main-seed${connect.seed}-tickets/`));
  if (tickets === undefined) throw new Error(`there are no tickets of seed ${connect.seed} in ${folder}`);
  const connectivity = [];
  for (const level of connect.levels) {
    const found = tickets.levels[level];
    if (found === undefined) throw new Error(`there is no level ${level}`);
    const name = `${(100 * found.density.density).toFixed(1)} % of the weights`;
    console.log(`training the net of ${name} twice more ...`);
    const line = await kept(join(folder, `connectivity-${level}.json`), () =>
      instability(trainer, { from: found.ticket.state, mask: found.mask, dataSeeds: [101, 102], parts: ["test"] }),
    );
    connectivity.push({ name, line });
  }
  const summary = aggregate(results, options);
  await mkdir(output, { recursive: true });
  await writeFile(
    join(output, "index.html"),
    ticketReport(results, { downloads: false, ...options, tickets, connectivity }),
  );
  await writeFile(join(output, "summary.csv"), toCsv(summary));
  const [accuracy, , earlyStop] = ticketCharts(results, options);
  for (const [name, chart] of Object.entries({ accuracy, earlyStop })) {
    if (chart !== undefined) await writeFile(join(output, `${name}.svg`), chart.svg);
  }
  console.log(`wrote ${output}`);
}

/** A result that takes long, from the file where it was kept. */
async function kept(file: string, compute: () => Promise<Instability>): Promise<Omit<Instability, "ends">> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Omit<Instability, "ends">;
  } catch {
    const { ends: _ends, ...line } = await compute();
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(line));
    return line;
  }
}
