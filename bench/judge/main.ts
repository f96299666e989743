/**
 * `npm run bench:judge [-- --quick]`: every judge on the same simulated shifts; one table here, JSON and a chart in
 * bench/results/. Exits 1 when our judge misses its bar.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { BAR, missesOf, QUICK_BAR } from "./bar.ts";
import { bench, FULL, QUICK, SEED } from "./bench.ts";
import { chartOf } from "./chart.ts";
import { LIMIT } from "./judges.ts";
import { summarise } from "./summary.ts";
import { familyTableOf, tableOf } from "./table.ts";

const THREADS = 2;
const RESULTS = new URL("../results/", import.meta.url);

const isQuick = process.argv.includes("--quick");
const size = isQuick ? QUICK : FULL;
const results = await bench(size, SEED, THREADS);
const lines = summarise(results);
const runs = results.reduce((sum, cell) => sum + cell.runs, 0);
console.log(tableOf(lines));
for (const line of lines.slice(0, 1)) console.log(familyTableOf(line));
console.log(`${results.length} cells, ${runs} shifts, seed ${SEED}${isQuick ? ", quick" : ""}`);

if (!isQuick) {
  mkdirSync(RESULTS, { recursive: true });
  const report = { seed: SEED, size, cells: results.length, shifts: runs, bar: BAR, judges: lines };
  writeFileSync(new URL("judge.json", RESULTS), `${JSON.stringify(report, null, 2)}\n`);
  const title = `Canary judges on ${runs.toLocaleString("en-US")} simulated traffic shifts`;
  writeFileSync(
    new URL("judge.svg", RESULTS),
    chartOf(
      lines.filter((line) => line.judge !== LIMIT),
      title,
    ),
  );
}

const misses = missesOf(lines, isQuick ? QUICK_BAR : BAR);
for (const miss of misses) console.error(`misses the bar: ${miss}`);
process.exitCode = misses.length > 0 ? 1 : 0;
