import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { findTickets } from "../../../src/index.ts";
import { folderStore } from "../../../src/node/index.ts";
import { trainer, variants } from "../../tickets/experiment.ts";

// Told where to write and how long to rest after each look, so that a kill falls anywhere.
const [folder = "", rest = "0"] = process.argv.slice(2);
const slow = {
  ...trainer,
  advance: async (...args: Parameters<typeof trainer.advance>) => {
    await setTimeout(Number(rest));
    return trainer.advance(...args);
  },
};
const onProgress = (): void => void process.stdout.write("look\n");
for await (const _ of findTickets(slow, { ...variants.rewound, store: folderStore(folder), onProgress })) {
  process.stdout.write("level\n");
}
process.stdout.write("finished\n");
