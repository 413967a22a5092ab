import { type HostTensor, random, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { checkChoice, checkWhole } from "../base/checks.ts";
import { type Named, floatData, sortedNames } from "../base/parameters.ts";
import { type Mask, type MaskDensity, density, maskBytes, onesMask } from "../mask/mask.ts";
import { type ShuffleScope, shuffleMask } from "../mask/shuffle.ts";
import type { Json, TrainState, Trainer } from "../train/trainer.ts";
import { deriveSeed } from "./seeds.ts";
import type { Ticket } from "./ticket.ts";

/** What a control may start from. */
export interface ControlContext {
  readonly trainer: Trainer;
  readonly level: number;
  /** The ticket's mask. */
  readonly mask: Mask;
  /** State at step k. */
  readonly rewound: TrainState;
  /** Seed of this level's, control's and trial's draws. */
  readonly seed: number;
}

/** When a control is run, and what it is called. */
export interface ControlSchedule {
  /** Default: every level but 0. */
  readonly levels?: readonly number[];
  /** Runs with draws of their own at each of these levels. Default 1. */
  readonly trials?: number;
  /** Distinguishes it in results and files. Default: made of the kind and what differs from its defaults. */
  readonly name?: string;
}

/** A control of one of the kinds of the lottery ticket papers. */
export interface KnownControl extends ControlSchedule {
  /**
   * - "reinit": the ticket's mask over freshly drawn weights, trained from step 0 (Frankle and Carbin 2019);
   * - "randomMask": a random mask with as many survivors over the rewound weights;
   * - "randomBoth": a random mask over fresh weights, from step 0;
   * - "resample": each surviving weight drawn, with replacement, from its tensor's surviving rewound weights.
   */
  readonly kind: "reinit" | "randomMask" | "randomBoth" | "resample";
  /** For random masks: what keeps its count. "layer" is the default. */
  readonly scope?: ShuffleScope;
  /** For "resample": does each weight keep its sign? Default false. */
  readonly keepSigns?: boolean;
}

/** A control of one's own. */
export interface CustomControl extends ControlSchedule {
  readonly kind: "custom";
  readonly name: string;
  /** What tells it from others of its name when a store is resumed. */
  readonly description?: Json;
  /**
   * Mask and state to train from; what the mask removes is set to +0, tensors that it does not name stay whole. Must depend on the
   * context alone.
   */
  readonly start: (context: ControlContext) => Ticket | Promise<Ticket>;
}

export type Control = KnownControl | CustomControl;

type Start = (context: ControlContext, control: KnownControl) => Ticket | Promise<Ticket>;

const starts: Readonly<Record<KnownControl["kind"], Start>> = {
  reinit: async (context) => ({ mask: context.mask, state: await freshState(context) }),
  randomMask: (context, control) => ({ mask: shuffled(context, control), state: context.rewound }),
  randomBoth: async (context, control) => ({ mask: shuffled(context, control), state: await freshState(context) }),
  resample: ({ mask, rewound, seed }, { keepSigns = false }) => ({
    mask,
    state: { ...rewound, params: resampled(rewound.params, mask, seed, keepSigns) },
  }),
};

/** Mask and state from which a control is trained. */
export async function controlStart(control: Control, context: ControlContext): Promise<Ticket> {
  return control.kind === "custom" ? control.start(context) : starts[control.kind](context, control);
}

/** What a control's mask keeps, counted over the ticket's tensors too: one that it does not name is whole. */
export function controlDensity(ticket: Mask, mask: Mask): MaskDensity {
  return density({ ...onesMask(ticket, { prunable: () => true }), ...mask });
}

async function freshState({ trainer, seed }: ControlContext): Promise<TrainState> {
  return trainer.begin(await trainer.init(seed));
}

function shuffled({ mask, seed }: ControlContext, { scope = "layer" }: KnownControl): Mask {
  return shuffleMask(mask, { scope, seed: deriveSeed(seed, 0) });
}

function resampled(params: Named, mask: Mask, seed: number, keepSigns: boolean): Named {
  const drawn = sortedNames(mask).map((name, i): [string, HostTensor] => {
    const param = params[name] as HostTensor;
    const kept = maskBytes(mask[name] as HostTensor);
    const values = floatData("resample", name, param).slice();
    const pool = values.filter((_, j) => kept[j] === 1);
    if (pool.length === 0) return [name, param];
    const picks = random.uniform(random.foldIn(random.key(seed), i), [values.length], { dtype: "float64" }).dataSync();
    for (let j = 0; j < values.length; j++) {
      const pick = pool[Math.floor((picks[j] as number) * pool.length)] as number;
      const magnitude = Math.abs(pick);
      const signed = (values[j] as number) < 0 ? -magnitude : magnitude;
      values[j] = keepSigns ? signed : pick;
    }
    return [name, tensor(values, { shape: param.shape, dtype: param.dtype })];
  });
  return { ...params, ...Object.fromEntries(drawn) };
}

/** A control with its defaults, as an experiment runs it. */
export interface PlannedControl {
  readonly control: Control;
  readonly name: string;
  readonly trials: number;
  readonly levels: readonly number[];
}

/** Controls with their defaults filled in. Throws E_OPTION for levels that there are not, kinds and names that clash. */
export function planControls(where: string, controls: readonly Control[], rounds: number): PlannedControl[] {
  const plans = controls.map((control) => {
    checkChoice(where, "controls: kind", control.kind, [...(Object.keys(starts) as KnownControl["kind"][]), "custom"]);
    const { trials = 1, levels = Array.from({ length: rounds }, (_, i) => i + 1) } = control;
    const name = control.name ?? defaultName(control as KnownControl);
    checkWhole(where, `trials of ${name}`, trials, 1);
    for (const level of levels) {
      checkWhole(where, `levels of ${name}`, level, 0);
      if (level > rounds) fail(where, `levels of ${name}: there is no level ${level} with ${rounds} rounds`);
    }
    return { control, name, trials, levels };
  });
  const names = plans.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) fail(where, `two controls are called ${twice}; give one a name`);
  return plans;
}

function defaultName({ kind, scope = "layer", keepSigns = false }: KnownControl): string {
  return [kind, ...(scope === "layer" ? [] : [scope]), ...(keepSigns ? ["signed"] : [])].join("-");
}

/** What of a control decides about its results, as plain data. */
export function describeControl({ control, name, trials, levels }: PlannedControl): Json {
  const schedule = { name, trials, levels };
  if (control.kind === "custom") return { kind: "custom", ...schedule, description: control.description ?? null };
  const { kind, scope = "layer", keepSigns = false } = control;
  return { kind, ...schedule, scope, keepSigns };
}

function fail(where: string, reason: string): never {
  throw new LotteryError("E_OPTION", `${where}: ${reason}`);
}
