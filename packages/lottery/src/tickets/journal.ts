import { fingerprintText } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import type { Json } from "../train/trainer.ts";
import type { RunResult } from "./types.ts";

const format = "parsimony-tickets";
const version = 1;

/** A file that the journal vouches for. */
export interface FileRecord {
  readonly bytes: number;
  readonly fingerprint: string;
}

export interface ControlRecord {
  readonly control: string;
  readonly trial: number;
  readonly seed: number;
  /** Survivors of each tensor. */
  readonly kept: Readonly<Record<string, number>>;
  readonly run: RunResult;
}

export interface LevelRecord {
  readonly dataSeed: number;
  /** Of the ticket; undefined until it is trained. */
  readonly run?: RunResult;
  /** Is the next level's mask there (or is this the last level)? */
  readonly pruned: boolean;
  readonly controls: readonly ControlRecord[];
  readonly finished: boolean;
}

/** What an experiment has come to: the one file that says which of the others count. */
export interface Journal {
  readonly experiment: Json;
  readonly seed: number;
  readonly steps: number;
  readonly rewindStep: number;
  readonly rounds: number;
  readonly levels: readonly LevelRecord[];
  readonly files: Readonly<Record<string, FileRecord>>;
}

/** A journal as JSON text, with the fingerprint of its content. */
export function encodeJournal(journal: Journal): Uint8Array {
  const content = JSON.stringify(exact(journal), undefined, 1);
  const head = `{\n "format": "${format}",\n "version": ${version},\n "fingerprint": "${fingerprintText(content)}",\n`;
  return new TextEncoder().encode(`${head} "content": ${content}\n}\n`);
}

/** Throws E_RESUME when the bytes are no journal of this format. */
export function decodeJournal(name: string, bytes: Uint8Array): Journal {
  const damaged = (reason: string, cause?: unknown): never => {
    throw new LotteryError("E_RESUME", `${name} is damaged: ${reason}`, { cause });
  };
  let parsed: { format?: string; version?: number; fingerprint?: string; content?: unknown };
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as typeof parsed;
  } catch (error) {
    return damaged("it is no JSON text", error);
  }
  if (parsed?.format !== format) return damaged("it is no journal of an experiment");
  if (parsed.version !== version) {
    throw new LotteryError("E_RESUME", `${name} has version ${parsed.version}; this program knows version ${version}`);
  }
  if (fingerprintText(JSON.stringify(parsed.content, undefined, 1)) !== parsed.fingerprint) {
    return damaged("its fingerprint does not fit its content");
  }
  return revived(parsed.content) as Journal;
}

// JSON has no NaN, no infinities and no -0, which a metric may be.
const words: Readonly<Record<string, number>> = {
  "#NaN": Number.NaN,
  "#Infinity": Number.POSITIVE_INFINITY,
  "#-Infinity": Number.NEGATIVE_INFINITY,
  "#-0": -0,
};

function exact(value: unknown): unknown {
  if (typeof value === "number") {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return Object.keys(words).find((word) => Object.is(words[word], value)) ?? value;
  }
  // Texts that begin like a word get one # more.
  if (typeof value === "string") return value.startsWith("#") ? `#${value}` : value;
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exact(each)]));
}

function revived(value: unknown): unknown {
  if (typeof value === "string") {
    if (Object.hasOwn(words, value)) return words[value];
    return value.startsWith("##") ? value.slice(1) : value;
  }
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revived(each)]));
}

/** Plain data as JSON text that gives every number back exactly. */
export function exactJson(value: unknown): string {
  return JSON.stringify(exact(value));
}

export function parseExactJson(text: string): unknown {
  return revived(JSON.parse(text));
}

/**
 * Where two descriptions differ, as lines for a message: `options.rate: 0.2 there, 0.3 here`. Empty when they are the same.
 */
export function differences(there: Json, here: Json, path = ""): string[] {
  const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
    typeof value === "object" && value !== null;
  if (isRecord(there) && isRecord(here) && Array.isArray(there) === Array.isArray(here)) {
    const keys = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
    return keys.flatMap((key) => {
      const left = there[key];
      const right = here[key];
      const at = path === "" ? key : `${path}.${key}`;
      if (left === undefined || right === undefined) return [`${at}: ${shown(left)} there, ${shown(right)} here`];
      return differences(left, right, at);
    });
  }
  return Object.is(there, here) ? [] : [`${path}: ${shown(there)} there, ${shown(here)} here`];
}

function shown(value: Json | undefined): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
