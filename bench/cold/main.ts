/**
 * What a cold start pays for each function's code: size of its bundle, and import time next to the bare SDK clients it uses.
 * Only ratios within one run mean anything; `npm run bench:cold -- --rounds 31` for steadier ones.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BUNDLE_BYTES_MAX } from "../../build/bundle.ts";
import { handlerNames, ROOT } from "../../build/handlers.ts";
import { medianImportMs } from "./import-time.ts";
import { emptyBundle, type Variants, variantsOf } from "./variants.ts";

/** A function may take this much longer to import than the SDK clients it uses, bundled the ordinary way, take alone. */
const RATIO_MAX = 1.1;
const ROUNDS = 15;
const RESULTS = join(ROOT, "bench", "results", "cold.json");

const rounded = (value: number): number => Math.round(value * 100) / 100;

const rowOf = (variants: Variants, times: ReadonlyMap<string, number>) => {
  const msOf = (file: string): number => times.get(file) ?? Number.NaN;
  const [oursMs, ordinaryMs, leanMs] = [variants.ours, variants.ordinaryClients, variants.leanClients].map(
    ({ file }) => msOf(file),
  ) as [number, number, number];
  return {
    handler: variants.handler,
    bytes: variants.ours.bytes,
    importMs: rounded(oursMs),
    clients: variants.clients,
    ordinaryClients: {
      bytes: variants.ordinaryClients.bytes,
      importMs: rounded(ordinaryMs),
      ratio: rounded(oursMs / ordinaryMs),
    },
    leanClients: {
      bytes: variants.leanClients.bytes,
      importMs: rounded(leanMs),
      ratio: rounded(oursMs / leanMs),
    },
    isWithinBudget: variants.ours.bytes <= BUNDLE_BYTES_MAX && oursMs <= RATIO_MAX * ordinaryMs,
  };
};

type Row = ReturnType<typeof rowOf>;

const lineOf = (row: Row): string =>
  [
    row.handler.padEnd(22),
    `${(row.bytes / 1000).toFixed(0)} KB`.padStart(8),
    `${row.importMs.toFixed(1)} ms`.padStart(9),
    `${row.ordinaryClients.importMs.toFixed(1)} ms`.padStart(10),
    row.ordinaryClients.ratio.toFixed(2).padStart(6),
    `${row.leanClients.importMs.toFixed(1)} ms`.padStart(10),
    row.leanClients.ratio.toFixed(2).padStart(6),
    row.isWithinBudget ? "" : "  over budget",
  ].join(" ");

const HEADING = "handler                   bundle    import    clients  ratio  lean cli.  ratio";

const { values } = parseArgs({ options: { rounds: { type: "string", default: String(ROUNDS) } } });
const folder = join(ROOT, ".bellwether", "bench-cold");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const variants = await Promise.all(handlerNames().map((name) => variantsOf(name, folder)));
const empty = emptyBundle(folder);
const files = [
  empty,
  ...variants.flatMap(({ ours, ordinaryClients, leanClients }) => [ours, ordinaryClients, leanClients]),
].map(({ file }) => file);
const times = medianImportMs(files, Number(values.rounds), folder);
const rows = variants.map((each) => rowOf(each, times));

console.log(HEADING);
for (const row of rows) console.log(lineOf(row));
console.log(
  `an empty handler imports in ${rounded(times.get(empty.file) ?? Number.NaN)} ms; budget ${BUNDLE_BYTES_MAX / 1000} KB and ${RATIO_MAX} x`,
);

mkdirSync(join(ROOT, "bench", "results"), { recursive: true });
const result = {
  node: process.version,
  rounds: Number(values.rounds),
  budget: { bytes: BUNDLE_BYTES_MAX, ratio: RATIO_MAX },
  emptyImportMs: rounded(times.get(empty.file) ?? Number.NaN),
  handlers: rows,
};
writeFileSync(RESULTS, `${JSON.stringify(result, null, 2)}\n`);
if (rows.some((row) => !row.isWithinBudget)) process.exitCode = 1;
