// Times LeNet-300-100 in workers that are processes and in workers that are threads, by turns.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/bench/workers/compare.ts [workers] [turns]
import { type JobResult, memoryStore, runSweep, sweepJobs } from "@parsimony/lottery";
import { workerPool } from "@parsimony/lottery/node";

const workers = Number(process.argv[2] ?? 2);
const turns = Number(process.argv[3] ?? 3);
const jobs = sweepJobs({ seeds: Array.from({ length: workers }, (_, i) => i), rounds: 1 });
const tsx = new URL("../../test/engines/sweep/tsxInThreads.mjs", import.meta.url).href;

for (let turn = 1; turn <= turns; turn++) {
  for (const runtime of ["child_process", "worker_threads"] as const) {
    const pool = workerPool<JobResult>(new URL("./worker.ts", import.meta.url), {
      workers,
      runtime,
      execArgv: ["--conditions=@parsimony/source", "--import", runtime === "child_process" ? "tsx" : tsx],
    });
    const sweep = async (): Promise<number> => {
      const started = performance.now();
      await runSweep(jobs, { store: memoryStore(), execute: pool.execute, concurrency: workers });
      return (performance.now() - started) / 1000;
    };
    const first = await sweep();
    const second = await sweep();
    await pool.close();
    console.log(`turn ${turn}, ${runtime}: ${first.toFixed(2)} s with the start, ${second.toFixed(2)} s without`);
  }
}
