/** `demo`: plays scenarios end to end on the local account. */
import type { Command } from "commander";
import type { Played } from "../../demo/play.ts";
import type { StoryLine } from "../../demo/story.ts";
import { monotonicMs } from "../../lib/runtime/clock.ts";
import { EXIT } from "../exit-code.ts";
import { type Io, paint, print, printJson, type Style, tell } from "../io.ts";
import { ending, type Session } from "../session.ts";
import { stageOf } from "../stage.ts";
import { tableText } from "../table.ts";
import { wholeNumber } from "../whole-number.ts";

const SEED_DEFAULT = 1;
const SEED_MAX = 2_147_483_647;

type Options = { scenario: string; seed: number; json?: boolean };

const STYLES: Readonly<Record<NonNullable<StoryLine["tone"]>, Style>> = {
  title: "bold",
  good: "green",
  bad: "red",
  warning: "yellow",
  quiet: "dim",
};

const printStory = async (io: Io, played: Played): Promise<void> => {
  const { storyOf } = await import("../../demo/story.ts");
  const { scenario, ended, judged, faults, outcome } = played;
  if (ended === undefined || judged === undefined) {
    for (const fault of faults) await print(io, paint(io, "red", `${scenario.name}: ${fault}`));
    return;
  }
  const lines = storyOf(scenario, ended, judged, outcome.wallMs);
  const painted = lines.map(({ text, tone }) => (tone === undefined ? text : paint(io, STYLES[tone], text)));
  await print(io, `${painted.join("\n")}\n`);
};

const report = async (io: Io, { scenario, faults, outcome }: Played): Promise<void> => {
  const seconds = (outcome.wallMs / 1_000).toFixed(1);
  await tell(io, `${scenario.name}: ${outcome.ok ? "ok" : "NOT AS IT MUST BE"} (${seconds} s)`);
  for (const fault of faults) await tell(io, `  ${fault}`);
};

const printSummary = async (io: Io, played: readonly Played[], totalMs: number): Promise<void> => {
  const rows = played.map(({ scenario, outcome }) => [
    scenario.name,
    outcome.outcome,
    outcome.verdict ?? "-",
    outcome.cause ?? "-",
    outcome.minutesToVerdict === null ? "-" : `${outcome.minutesToVerdict} min`,
    `${outcome.exposure.bad} of ${outcome.exposure.calls}`,
    paint(io, outcome.ok ? "green" : "red", outcome.ok ? "ok" : "NOT OK"),
  ]);
  await print(
    io,
    tableText(io, ["scenario", "ended", "verdict", "cause", "verdict after", "bad calls", ""], rows),
  );
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  await print(
    io,
    `\n${played.length} scenarios in ${(totalMs / 1_000).toFixed(1)} s; peak memory ${peakMb} MB, DynamoDB Local's Java process apart`,
  );
};

const playAll = async (session: Session, options: Options): Promise<number> => {
  const { io } = session;
  // Only what is said on the line: a person's usual stage must not decide which template is played.
  const stage = stageOf(session.common.stage ?? "local", {});
  const { scenariosNamed } = await import("../../demo/scenarios.ts");
  const scenarios = scenariosNamed(options.scenario);
  const [{ openGrounds }, { playOne }] = await Promise.all([
    import("../../demo/open-ground.ts"),
    import("../../demo/play.ts"),
  ]);
  const startedAt = monotonicMs();
  session.goesOn = "the demo was stopped and its account is gone; nothing outside this machine was touched";
  const grounds = await openGrounds((line) => void tell(io, line), stage);
  session.closers.push(() => grounds.close());
  const played: Played[] = [];
  for (const scenario of scenarios) {
    const one = await playOne(scenario, () => grounds.open(options.seed));
    played.push(one);
    if (options.json) await report(io, one);
    else await printStory(io, one);
  }
  const isOk = played.every(({ outcome }) => outcome.ok);
  if (options.json) await printJson(io, { scenarios: played.map(({ outcome }) => outcome), ok: isOk });
  else await printSummary(io, played, monotonicMs() - startedAt);
  return isOk ? EXIT.done : EXIT.internal;
};

export const addDemo = (program: Command, session: Session): void => {
  program
    .command("demo")
    .description(
      "play scenarios end to end on a local AWS account: real template, real bundles, real CodeDeploy states",
    )
    .option("--scenario <name>", "one by name, or all", "all")
    .option(
      "--seed <n>",
      "the same seed gives the same records and messages",
      wholeNumber(0, SEED_MAX),
      SEED_DEFAULT,
    )
    .option("--json", "print the outcomes as one JSON document")
    .addHelpText(
      "after",
      `
Scenarios: healthy, bad-errors, bad-latency, smoke-fails, hook-crashes, alarm-while-shifting, alarm-in-bake,
linear-shift, shared-outage, fix-under-alarm, low-traffic, slack-down, events-lost
Needs a Java runtime for DynamoDB Local. Exits 0 only if each scenario ended as it must.

Examples:
  $ bellwether demo --scenario bad-errors
  $ bellwether demo --seed 7 --json
  $ bellwether demo --stage prod                 on the template that PROD gets, roles and all`,
    )
    .action(ending(session, (options: Options) => playAll(session, options)));
};
