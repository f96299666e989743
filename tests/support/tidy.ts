/**
 * The rules of the house that no linter knows: which room may import which, and which single file may touch the clock, the
 * environment, randomness or an SDK client. Text is matched, not syntax; lines that are all comment do not count.
 */
import { posix } from "node:path";

/** The pure core, lowest first: each may import any before it, unless MAY_IMPORT says less. */
const CORE = [
  "lib/kit",
  "lib/policy",
  "lib/traffic",
  "lib/judge",
  "lib/deployment",
  "lib/signals",
  "lib/archive",
  "lib/smoke",
  "lib/incident",
  "lib/checkup",
  "lib/notice",
  "lib/views",
];

/** Room → the rooms it may import. What is not listed is forbidden. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  ...Object.fromEntries(CORE.map((room, rank) => [room, CORE.slice(0, rank)])),
  // A verdict never depends on how traffic moved.
  "lib/judge": ["lib/kit", "lib/policy"],
  "lib/ports": CORE,
  "lib/app": [...CORE, "lib/ports"],
  "lib/events": CORE,
  "lib/aws": [...CORE, "lib/ports"],
  "lib/slack": [...CORE, "lib/ports"],
  "lib/runtime": [...CORE, "lib/ports", "lib/events", "lib/aws", "lib/slack"],
  handlers: ["lib/kit", "lib/runtime", "lib/events", "lib/slack", "lib/app"],
  // The command line may show anything the core knows, and starts what runs on this machine.
  cli: [...CORE, "lib/ports", "lib/runtime", "lib/app", "local", "demo", "build", "package.json"],
  web: [],
  // An AWS that shared our code would share our mistakes.
  local: [],
  demo: [...CORE, "lib/ports", "lib/runtime", "local", "build"],
  build: [],
  bench: [...CORE, "build"],
  examples: [],
};

const NODE = "node:[a-z/_]+";
const AWS = "@aws-sdk/(client-[a-z0-9-]+|types)";

/** Room → packages it may import. A room without an entry may import none, not even node:*. */
const MAY_USE: Record<string, RegExp> = {
  "lib/policy": /^zod\/mini$/,
  "lib/events": /^(zod\/mini|aws-lambda)$/,
  "lib/aws": new RegExp(`^(${AWS}|node:buffer)$`),
  "lib/slack": /^(node:crypto|aws-lambda|zod\/mini)$/,
  "lib/runtime": new RegExp(
    `^(${AWS}|@middy/core|@aws-lambda-powertools/(logger|metrics)|aws-lambda|${NODE})$`,
  ),
  handlers: /^aws-lambda$/,
  cli: new RegExp(`^(commander|cli-table3|zod/mini|${NODE})$`),
  local: new RegExp(`^(fast-xml-builder|fflate|esbuild|${NODE})$`),
  demo: new RegExp(`^(${AWS}|esbuild|fflate|cli-table3|zod/mini|${NODE})$`),
  build: new RegExp(`^(esbuild|yaml|zod|${AWS}|@aws-sdk/credential-provider-env|${NODE})$`),
  bench: new RegExp(`^(${AWS}|esbuild|cli-table3|${NODE})$`),
  examples: new RegExp(`^(${NODE})$`),
};

type Home = { pattern: RegExp; what: string; homes: RegExp; rooms: RegExp };

/** Where breaches are planted, to see that they are found. */
const PLANTED = /^tests\/tidy\.test\.ts$/;
const OURS = /^(lib|handlers|cli)\//;
const ONLY_IN: readonly Home[] = [
  {
    pattern: /process\.env/,
    what: "the environment",
    homes: /^(lib\/runtime\/config|cli\/main)\.ts$/,
    rooms: OURS,
  },
  {
    pattern: /Date\.now\(|new Date\(\)|performance\.now\(/,
    what: "the clock",
    homes: /^lib\/runtime\/clock\.ts$/,
    rooms: OURS,
  },
  {
    pattern: /Math\.random\(|randomUUID\(|randomBytes\(/,
    what: "randomness",
    homes: /^lib\/runtime\/ids\.ts$/,
    rooms: OURS,
  },
  {
    pattern: /new [A-Z]\w+Client\(/,
    what: "an SDK client",
    homes: /^lib\/(runtime\/(wire|wire-audit|config)\.ts$|aws\/)/,
    rooms: OURS,
  },
  // Bundles hold no error classes: see build/plugins/lean-clients.ts.
  { pattern: /instanceof \w+Exception\b/, what: "an SDK error's class", homes: /^$/, rooms: OURS },
  {
    pattern: /\bawait\b|\basync\b/,
    what: "waiting",
    homes: /^$/,
    rooms: new RegExp(`^(${CORE.join("|")})/`),
  },
  { pattern: /\bvi\.(mock|doMock)\(/, what: "a module mock", homes: PLANTED, rooms: /^tests\// },
  {
    pattern: /\b(it|test|describe)\.(only|todo)\(/,
    what: "an unfinished test",
    homes: PLANTED,
    rooms: /^tests\//,
  },
];

const LINES_MAX: readonly [RegExp, number][] = [
  [/^tests\//, 400],
  [/^handlers\//, 25],
  [/^lib\/ports\//, 40],
  [/./, 250],
];
const NAMELESS = /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.[a-z]+$)/;
const SOURCE = /\.(ts|mjs)$/;

const roomOf = (path: string): string => {
  const parts = path.split("/");
  return parts.length === 1 ? path : parts.slice(0, parts[0] === "lib" ? 2 : 1).join("/");
};

const withoutComments = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .join("\n");

type Rule = (path: string, text: string) => readonly string[];

const isInAKnownRoom: Rule = (path) =>
  path.startsWith("tests/") || !path.includes("/") || MAY_IMPORT[roomOf(path)] !== undefined
    ? []
    : [`no rule for the room ${roomOf(path)}; add it to tests/support/tidy.ts`];

const hasAName: Rule = (path) => (NAMELESS.test(path) ? ["name it by what it is about"] : []);

const isShort: Rule = (path, text) => {
  const lines = text.trimEnd().split("\n").length;
  const most = LINES_MAX.find(([pattern]) => pattern.test(path))?.[1] ?? 0;
  return lines > most ? [`${lines} lines, the most is ${most}`] : [];
};

const keepsEffectsHome: Rule = (path, text) =>
  ONLY_IN.filter(
    ({ rooms, homes, pattern }) => rooms.test(path) && !homes.test(path) && pattern.test(text),
  ).map(({ what, pattern }) => `${what} does not belong here (${pattern.exec(text)?.[0]})`);

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"([^"$]+)"/g;

const importsDownward: Rule = (path, text) => {
  const room = roomOf(path);
  if (room === "tests" || !path.includes("/")) return [];
  return [...text.matchAll(IMPORT)].flatMap(([, target = ""]) => {
    if (!target.startsWith(".")) return MAY_USE[room]?.test(target) ? [] : [`${room} may not use ${target}`];
    const to = roomOf(posix.join(posix.dirname(path), target));
    return to === room || MAY_IMPORT[room]?.includes(to) ? [] : [`${room} may not import ${to}`];
  });
};

/** `isShort` counts comments too; the others look at code only. */
const OF_TEXT: readonly Rule[] = [isShort];
const OF_CODE: readonly Rule[] = [isInAKnownRoom, hasAName, keepsEffectsHome, importsDownward];

/** Every breach of the rules above, as `path: what is wrong`. `files` maps path to text. */
export const untidy = (files: ReadonlyMap<string, string>): string[] =>
  [...files]
    .filter(([path]) => SOURCE.test(path))
    .flatMap(([path, text]) => {
      const code = withoutComments(text);
      const faults = [
        ...OF_TEXT.flatMap((rule) => rule(path, text)),
        ...OF_CODE.flatMap((rule) => rule(path, code)),
      ];
      return faults.map((fault) => `${path}: ${fault}`);
    });
