import type { Reporter, TestModule } from "vitest/node";
import type { PropertyMeta } from "./propertyCount.ts";

/** Prints, after the test summary, how many fast-check properties ran and how many inputs they tried. */
export class PropertyReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[]): void {
    let properties = 0;
    let cases = 0;
    for (const testModule of testModules) {
      for (const test of testModule.children.allTests()) {
        const meta: PropertyMeta = test.meta();
        properties += meta.propertyCount?.properties ?? 0;
        cases += meta.propertyCount?.cases ?? 0;
      }
    }
    const format = (n: number): string => n.toLocaleString("en-US");
    console.log(`properties: ${format(properties)}, cases: ${format(cases)}\n`);
  }
}
