export {
  type Control,
  type ControlContext,
  type ControlSchedule,
  controlStart,
  type CustomControl,
  type KnownControl,
} from "./controls.ts";
export { findTickets } from "./findTickets.ts";
export { readTickets } from "./readTickets.ts";
export { dataSeedOf, deriveSeed, drawSeedOf } from "./seeds.ts";
export { memoryStore, type Store, subStore } from "./store.ts";
export type {
  ControlResult,
  FindTicketsOptions,
  LevelResult,
  MagnitudeOptions,
  Prune,
  PruneContext,
  RunResult,
  Ticket,
  TicketProgress,
  TicketReport,
} from "./types.ts";
export {
  type Connectivity,
  type LinearConnectivityOptions,
  instability,
  type Instability,
  type InstabilityOptions,
  linearConnectivity,
  type LinePart,
} from "./instability.ts";
export { evaluateSupermask, supermaskParams, type SupermaskOptions } from "./supermask.ts";
export { type CompareLevelsOptions, matchingLevel, winningTickets } from "./winning.ts";
