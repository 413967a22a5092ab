import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { memoryStore } from "../../../src/index.ts";
import { folderStore } from "../../../src/node/index.ts";
import { variants } from "../../tickets/experiment.ts";
import { contentOf } from "../../tickets/helpers.ts";
import { finishedIn } from "../../tickets/killing.ts";

const script = fileURLToPath(new URL("experiment.ts", import.meta.url));

/** Runs the experiment in a process of its own, killed some milliseconds after a number of looks. True when it came to its end. */
function run(folder: string, looks: number, milliseconds: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const flags = ["--conditions=@parsimony/source", "--import", "tsx", script, folder, "5"];
    const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString();
      if (output.split("look").length > looks) setTimeout(() => child.kill("SIGKILL"), milliseconds);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0 && code !== null) reject(new Error(`the experiment ended with ${code}`));
      else resolve(output.includes("finished"));
    });
  });
}

/** Kills a process again and again, and then comes to the end in this one. */
export async function killedProcesses(kills: readonly (readonly [looks: number, milliseconds: number])[]): Promise<{
  readonly found: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, string>>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "killed-"));
  try {
    for (const [looks, milliseconds] of kills) {
      if (await run(folder, looks, milliseconds)) throw new Error("it came to its end before it was killed");
    }
    await finishedIn(folderStore(folder), variants.rewound);
    const whole = memoryStore();
    await finishedIn(whole, variants.rewound);
    return { found: await contentOf(folderStore(folder)), expected: await contentOf(whole) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
