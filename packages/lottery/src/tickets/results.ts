import type { HostTensor } from "@parsimony/core-tensor";
import { type Named, sortedNames } from "../base/parameters.ts";
import { type Mask, type MaskDensity, density } from "../mask/mask.ts";
import { maskState } from "../train/maskedState.ts";
import type { TrainState } from "../train/trainer.ts";
import { type Artefact, fileNames } from "./artefact.ts";
import { decodeMask, decodeParams, decodeState } from "./encode.ts";
import type { ControlRecord, LevelRecord } from "./journal.ts";
import type { ControlResult, LevelResult, TicketReport } from "./types.ts";

/** The states at step 0 and step k. */
export interface Origins {
  readonly first: TrainState;
  readonly rewound: TrainState;
}

export async function readOrigins(artefact: Artefact): Promise<Origins> {
  const { rewindStep } = artefact.journal;
  const first = await artefact.read(fileNames.state(0), decodeState);
  const rewound = rewindStep === 0 ? first : await artefact.read(fileNames.state(rewindStep), decodeState);
  return { first, rewound };
}

export function readMask(artefact: Artefact, level: number): Promise<Mask> {
  return artefact.read(fileNames.mask(level), decodeMask);
}

/** The state from which a level's ticket is trained: of its own where the experiment does not rewind weights. */
export async function readStart(
  artefact: Artefact,
  level: number,
  { rewound }: Origins,
  mask: Mask,
): Promise<TrainState> {
  const name = fileNames.start(level);
  return artefact.has(name) ? artefact.read(name, decodeState) : maskState(rewound, mask);
}

/** A finished level, from the store. */
export async function readLevel(artefact: Artefact, level: number, origins: Origins): Promise<LevelResult> {
  const record = artefact.journal.levels[level] as LevelRecord;
  const mask = await readMask(artefact, level);
  const kept = artefact.has(fileNames.trained(level))
    ? { trained: await artefact.read(fileNames.trained(level), decodeParams) }
    : {};
  return {
    level,
    ...(record.run as NonNullable<LevelRecord["run"]>),
    mask,
    density: density(mask),
    ticket: { mask, state: await readStart(artefact, level, origins, mask) },
    dataSeed: record.dataSeed,
    controls: record.controls.map((each) => controlResult(each, origins.first.params)),
    ...kept,
  };
}

function controlResult({ control, trial, seed, kept, run }: ControlRecord, params: Named): ControlResult {
  return { control, trial, seed, ...run, density: densityOf(kept, params) };
}

/** Survivors of each tensor as densities. */
function densityOf(kept: Readonly<Record<string, number>>, params: Named): MaskDensity {
  const sizes = Object.fromEntries(sortedNames(kept).map((name) => [name, (params[name] as HostTensor).size]));
  const share = (count: number, size: number): { kept: number; size: number; density: number } => ({
    kept: count,
    size,
    density: size === 0 ? 0 : count / size,
  });
  const tensors = Object.fromEntries(
    sortedNames(kept).map((name) => [name, share(kept[name] as number, sizes[name] as number)]),
  );
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { ...share(sum(Object.values(kept)), sum(Object.values(sizes))), tensors };
}

/** Everything that is finished. */
export async function readReport(artefact: Artefact): Promise<TicketReport> {
  const { journal } = artefact;
  const origins = await readOrigins(artefact);
  const levels: LevelResult[] = [];
  for (const [level, record] of journal.levels.entries()) {
    if (record.finished) levels.push(await readLevel(artefact, level, origins));
  }
  return {
    levels,
    finished: levels.length === journal.rounds + 1,
    seed: journal.seed,
    steps: journal.steps,
    rewindStep: journal.rewindStep,
    initial: origins.first.params,
    rewound: origins.rewound,
    experiment: journal.experiment,
  };
}
