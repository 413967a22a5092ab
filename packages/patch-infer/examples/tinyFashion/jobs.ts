import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Results by name in a folder: what is there is not computed again, so a run that was stopped goes on where it was. */
export class Results {
  constructor(private readonly folder: string) {}

  async once<T>(name: string, compute: () => Promise<T>): Promise<T> {
    const known = await this.get<T>(name);
    if (known !== undefined) return known;
    const result = await compute();
    await this.put(name, result);
    return result;
  }

  async get<T>(name: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.#path(name), "utf8")) as T;
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Whole or not at all. */
  async put(name: string, result: unknown): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const path = this.#path(name);
    await writeFile(`${path}.part`, JSON.stringify(result));
    await rename(`${path}.part`, path);
  }

  #path(name: string): string {
    return join(this.folder, `${name}.json`);
  }
}
