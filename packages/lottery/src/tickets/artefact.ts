import { fingerprint } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import type { RunProgress } from "../train/run.ts";
import type { Json } from "../train/trainer.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./encode.ts";
import { type Journal, decodeJournal, differences, encodeJournal, exactJson, parseExactJson } from "./journal.ts";
import type { Store } from "./store.ts";

const journalName = "journal.json";
// A second copy, written first: a store that is cut in the middle of a write leaves one of the two whole.
const nextJournalName = "journal.next.json";
const checkpointName = "checkpoint.bin";

/** Names of an experiment's files. */
export const fileNames = {
  state: (step: number): string => `state-${step}.safetensors`,
  mask: (level: number): string => `level-${level}/mask.safetensors`,
  start: (level: number): string => `level-${level}/start.safetensors`,
  continued: (level: number): string => `level-${level}/continued.safetensors`,
  trained: (level: number): string => `level-${level}/trained.safetensors`,
} as const;

const ownName = /^(checkpoint\.bin|journal\.next\.json|state-\d+\.safetensors|level-\d+\/[a-z]+\.safetensors)$/;

/**
 * An experiment in a store. Files are written first and count once the journal lists them, so that the store always holds a
 * state from which the experiment goes on.
 */
export class Artefact {
  readonly #store: Store;
  #journal: Journal;
  /** Is it the journal itself that was read, and not its second copy? */
  readonly #whole: boolean;

  private constructor(store: Store, journal: Journal, whole = true) {
    this.#store = store;
    this.#journal = journal;
    this.#whole = whole;
  }

  /** The experiment that a store holds; undefined when it holds none. Throws E_RESUME when its journal is damaged. */
  static async find(store: Store): Promise<Artefact | undefined> {
    const bytes = await store.read(journalName);
    const next = await store.read(nextJournalName);
    if (bytes === undefined && next === undefined) return undefined;
    if (bytes !== undefined) {
      try {
        return new Artefact(store, decodeJournal(journalName, bytes));
      } catch (error) {
        if (next === undefined) throw error;
      }
    }
    try {
      return new Artefact(store, decodeJournal(nextJournalName, next as Uint8Array), false);
    } catch (error) {
      // Cut in the first write of all: there is nothing yet.
      if (bytes === undefined) return undefined;
      throw error;
    }
  }

  /** The experiment of a store that is described like this, or a new one. Throws E_RESUME when the store holds another. */
  static async open(store: Store, fresh: Journal): Promise<Artefact> {
    const found = await Artefact.find(store);
    // As it will be read again: what JSON drops, such as an undefined, is no difference.
    const experiment = parseExactJson(exactJson(fresh.experiment)) as Json;
    if (found === undefined) return new Artefact(store, { ...fresh, experiment });
    const differing = differences(found.journal.experiment, experiment);
    if (differing.length > 0) {
      const message = `findTickets: the store holds another experiment: ${differing.join("; ")}`;
      throw new LotteryError("E_RESUME", message);
    }
    // The other copy is removed in the end, so this one has to be whole; until it is, the other stays as it is.
    if (!found.#whole) await store.write(journalName, encodeJournal(found.journal));
    return found;
  }

  get journal(): Journal {
    return this.#journal;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#journal.files, name);
  }

  /**
   * What a file holds.
   *
   * @throws LotteryError E_RESUME with its name when it is not there, or not what was written.
   */
  async read<T>(name: string, decode: (bytes: Uint8Array) => T): Promise<T> {
    const record = this.#journal.files[name];
    const bytes = await this.#store.read(name);
    const fail = (reason: string, cause?: unknown): never => {
      throw new LotteryError("E_RESUME", `${name} ${reason}; put it back, or start with an empty store`, { cause });
    };
    if (record === undefined || bytes === undefined) return fail("is missing");
    if (bytes.length !== record.bytes) fail(`is damaged: it has ${bytes.length} bytes, not ${record.bytes}`);
    if (fingerprint(bytes) !== record.fingerprint) fail("is damaged: its fingerprint is not the one in the journal");
    try {
      return decode(bytes);
    } catch (error) {
      return fail("cannot be read", error);
    }
  }

  /** Writes files, and then the journal that vouches for them. */
  async commit(change: Partial<Journal>, files: Readonly<Record<string, Uint8Array>> = {}): Promise<void> {
    const records = { ...this.#journal.files };
    for (const [name, bytes] of Object.entries(files)) {
      await this.#store.write(name, bytes);
      records[name] = { bytes: bytes.length, fingerprint: fingerprint(bytes) };
    }
    const journal = { ...this.#journal, ...change, files: records };
    const bytes = encodeJournal(journal);
    await this.#store.write(nextJournalName, bytes);
    await this.#store.write(journalName, bytes);
    this.#journal = journal;
  }

  async saveCheckpoint(run: string, progress: RunProgress): Promise<void> {
    await this.#store.write(checkpointName, encodeCheckpoint(run, progress));
  }

  /** Where a run was interrupted; undefined when it has to begin. */
  async loadCheckpoint(run: string): Promise<RunProgress | undefined> {
    const bytes = await this.#store.read(checkpointName);
    return bytes === undefined ? undefined : decodeCheckpoint(run, bytes);
  }

  /** Removes what is of use only while the experiment runs, and what an interruption left. */
  async tidy(): Promise<void> {
    for (const name of await this.#store.list("")) {
      if (ownName.test(name) && !this.has(name)) await this.#store.remove(name);
    }
  }
}

/** The journal of an experiment that has not begun. */
export function emptyJournal(
  experiment: Json,
  numbers: Pick<Journal, "seed" | "steps" | "rewindStep" | "rounds">,
): Journal {
  return { experiment, ...numbers, levels: [], files: {} };
}
