/** One scenario as lines to read: what happens, what happened, what it had to come to. */
import type { Judged } from "./check.ts";
import { minutesExposed, momentsOf, type Tone } from "./moments.ts";
import type { Ended, Scenario, Told } from "./scenario.ts";

export type StoryLine = { text: string; tone?: Tone | "title" };

const WHAT_WIDTH = 13;
const TIME_WIDTH = 10;
const WIDTH = 118;

/** "12:17:10" of the account's clock. */
const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** Breaks a text at spaces; later lines begin under the first. */
const wrapped = (head: string, text: string): string[] => {
  const room = WIDTH - head.length;
  const lines: string[] = [];
  let line = "";
  for (const word of text.replaceAll("\n", " ").split(" ")) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, index) => `${index === 0 ? head : " ".repeat(head.length)}${each}`);
};

const moments = (ended: Ended): StoryLine[] =>
  momentsOf(ended).flatMap(({ at, what, text, tone }) =>
    wrapped(`  ${timeOf(at).padEnd(TIME_WIDTH)}${what.padEnd(WHAT_WIDTH)}`, text).map((line) => ({
      text: line,
      ...(tone && { tone }),
    })),
  );

/** The deployment's one Slack message as it stands in the end. */
const livingMessage = ({ channel, text }: Told): StoryLine[] => [
  { text: `  In ${channel} this stands in the end:`, tone: "quiet" },
  ...text.split("\n").flatMap((line) => wrapped("    | ", line).map((each) => ({ text: each }))),
];

const wayBack = ({ record }: Ended): string => {
  const minutes = minutesExposed(record);
  return minutes === undefined ? "" : `, all calls back ${minutes} minutes after the first`;
};

/** Faults that landed, so that a green run proves something. */
const landed = ({ site }: Ended): StoryLine[] => {
  const counts = [...site.account.faults.landed].map(([kind, times]) => `${kind} ${times}`);
  return counts.length === 0 ? [] : [{ text: `  faults     ${counts.join(", ")}`, tone: "quiet" }];
};

const ending = ({ must }: Scenario, ended: Ended, { expectedVersion, faults }: Judged): StoryLine[] => {
  const { status, outcome, exposure } = ended.record;
  const wanted = [must.status, must.verdict, `alias on version ${expectedVersion}`].filter(
    (each) => each !== undefined,
  );
  const was = [status, outcome?.verdict ?? "no verdict", `alias on version ${ended.aliasVersion}`];
  return [
    { text: `  had to be  ${wanted.join(", ")}` },
    {
      text: `  was        ${was.join(", ")}${wayBack(ended)}; ${exposure.calls} calls met the new version, ${exposure.bad} went bad`,
    },
    ...faults.map((fault) => ({ text: `  but        ${fault}`, tone: "bad" as const })),
  ];
};

export const storyOf = (
  scenario: Scenario,
  ended: Ended,
  judged: Judged,
  wallMs: number,
): readonly StoryLine[] => {
  const living = ended.told.find(({ outlet, isReply }) => outlet === "slack" && !isReply);
  return [
    { text: `${scenario.name}: ${scenario.story}`, tone: "title" },
    { text: `  ${scenario.promise}`, tone: "quiet" },
    ...moments(ended),
    ...(living === undefined ? [] : livingMessage(living)),
    ...landed(ended),
    ...ending(scenario, ended, judged),
    {
      text: `  ${judged.isOk ? "ok" : "NOT AS IT MUST BE"}  (${(wallMs / 1000).toFixed(1)} s)`,
      tone: judged.isOk ? "good" : "bad",
    },
  ];
};
