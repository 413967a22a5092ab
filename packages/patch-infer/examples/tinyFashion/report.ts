import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Row } from "./experiment.ts";
import type { Settings } from "./settings.ts";

/** Writes what was found as text. */
export async function writeReport(folder: string, rows: readonly Row[], _settings: Settings): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "rows.json"), JSON.stringify(rows, null, 1));
}
