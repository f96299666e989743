/** Bellwether updates its own stack on the local account: CodeDeploy moves the alias past Bellwether's own hooks. */
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensurePackage } from "../../build/package.ts";
import { type LocalStack, localStack } from "../support/local-stack.ts";
import type { Json } from "../support/stack.ts";

const RECONCILE = "bellwether-local-reconcile";
const TEMPLATE = "cloudformation-template-update-stack.json";
const DEAD_LETTERS = "arn:aws:sqs:eu-west-1:000000000000:bellwether-local-dlq";
const MINUTE_MS = 60_000;

let folder: string;
let original: string;
let stack: LocalStack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ship-ourselves-"));
  original = (await ensurePackage("local")).dir;
  stack = await localStack({ seed: 21 });
});
afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true });
});

type Change = (source: string) => string;
type Handler = keyof typeof VERSION_IDS;

const BREAK: Change = (source) => `throw new Error("no such setting");\n${source}`;
const MEND: Change = (source) => `${source}\n// mended\n`;
const VERSION_IDS = {
  "judge-canary": "JudgeDashcanaryLambdaVersion",
  reconcile: "ReconcileLambdaVersion",
  "route-alarm": "RouteDashalarmLambdaVersion",
  "send-notices": "SendDashnoticesLambdaVersion",
  "slack-action": "SlackDashactionLambdaVersion",
  "track-deployment": "TrackDashdeploymentLambdaVersion",
};
const HANDLERS = Object.keys(VERSION_IDS) as Handler[];

/** The package as it would be with other code: zips, their digests, and the versions' logical ids. */
const packageWith = (
  name: string,
  changes: Partial<Record<Handler, Change>>,
  amend: (template: Json) => void = () => {},
): string => {
  const dir = join(folder, name);
  cpSync(original, dir, { recursive: true });
  for (const [handler, change] of Object.entries(changes) as [Handler, Change][]) {
    const [zipFile, source] = [join(dir, `${handler}.zip`), `dist/${handler}/index.mjs`];
    const files = unzipSync(readFileSync(zipFile));
    const code = strToU8(change(strFromU8(files[source] as Uint8Array)));
    const zip = zipSync({ ...files, [source]: code }, { mtime: "1980-01-02" });
    writeFileSync(zipFile, zip);
    const text = readFileSync(join(dir, TEMPLATE), "utf8");
    const id = `${VERSION_IDS[handler]}${name}`;
    const template: Json = JSON.parse(text.replaceAll(new RegExp(`${VERSION_IDS[handler]}\\w+`, "g"), id));
    template.Resources[id].Properties.CodeSha256 = createHash("sha256").update(zip).digest("base64");
    writeFileSync(join(dir, TEMPLATE), JSON.stringify(template));
  }
  const template: Json = JSON.parse(readFileSync(join(dir, TEMPLATE), "utf8"));
  amend(template);
  writeFileSync(join(dir, TEMPLATE), JSON.stringify(template));
  return dir;
};

/** As with `selfDeploymentConfig` HalfFor15Minutes. */
const half = (template: Json): void => {
  template.Resources.HalfFor15MinutesDeploymentConfig = {
    Type: "AWS::CodeDeploy::DeploymentConfig",
    Properties: {
      ComputePlatform: "Lambda",
      TrafficRoutingConfig: {
        Type: "TimeBasedCanary",
        TimeBasedCanary: { CanaryPercentage: 50, CanaryInterval: 15 },
      },
    },
  };
  for (const { Type, Properties } of Object.values<Json>(template.Resources))
    if (Type === "AWS::CodeDeploy::DeploymentGroup")
      Properties.DeploymentConfigName = { Ref: "HalfFor15MinutesDeploymentConfig" };
};

/** As with `selfDeploymentHeedsAlarms` false. */
const heedless = (template: Json): void => {
  for (const { Type, Properties } of Object.values<Json>(template.Resources))
    if (Type === "AWS::CodeDeploy::DeploymentGroup") Properties.AlarmConfiguration.Enabled = false;
};

const alias = (name = RECONCILE) => {
  const { version, weights } = stack.account.lambda.alias(name, "live") ?? {};
  return { version, weights };
};

const ask = async () => {
  const answer = await stack.account.lambda.invoke(RECONCILE, "live", "{}");
  return { payload: JSON.parse(answer.payload), version: answer.executedVersion };
};

const ownRecords = () => stack.ports.store.history({ service: RECONCILE, limit: 10 });

/** What Bellwether kept of its own deployment to a version. */
const recordOf = async (to: string) => (await ownRecords()).find((record) => record.function.to === to);

describe("Bellwether, updated by its own stack,", () => {
  it("first comes up without any deployment", async () => {
    await stack.advance(2 * MINUTE_MS);
    expect(await ask()).toEqual({ payload: "refused", version: "1" });
    expect(await ownRecords()).toEqual([]);
  });

  it("ships nothing while nothing has changed", async () => {
    expect((await stack.update(original)).status).toBe("UPDATE_COMPLETE");
    expect(alias()).toEqual({ version: "1", weights: {} });
  });

  it("refuses a version of itself that cannot load: its own hook fails, and the stack goes back", async () => {
    const update = await stack.update(packageWith("Bad", { reconcile: BREAK }));
    expect(update.status).toBe("UPDATE_IN_PROGRESS");
    await expect(stack.update(original)).rejects.toThrow("bellwether-local is being updated");
    await stack.advance(2 * MINUTE_MS);
    expect(update.status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(update.reason).toMatch(/^d-\w+ Failed: /);
    expect(alias()).toEqual({ version: "1", weights: {} });
    expect(await recordOf("2")).toMatchObject({
      status: "FAILED",
      outcome: { cause: "hook", why: expect.stringContaining("no such setting") },
      traffic: [],
    });
  });

  it("ships a good version through its hooks, a tenth of the calls first", async () => {
    const update = await stack.update(packageWith("Good", { reconcile: MEND }));
    await stack.advance(2 * MINUTE_MS);
    expect(update.status).toBe("UPDATE_IN_PROGRESS");
    expect(alias()).toEqual({ version: "1", weights: { "3": 0.1 } });
    await stack.advance(5 * MINUTE_MS);
    expect(update.status).toBe("UPDATE_COMPLETE");
    expect(alias()).toEqual({ version: "3", weights: {} });
    expect(await ask()).toEqual({ payload: "refused", version: "3" });
    await stack.advance(2 * MINUTE_MS);
    expect(await recordOf("3")).toMatchObject({ status: "SUCCEEDED", mode: "shadow" });
  });

  it("goes back as a whole when one function of several fails", async () => {
    // The error that the bad version's smoke check was is on an alarm's mind for a quarter of an hour.
    await stack.advance(20 * MINUTE_MS);
    const mendTwice: Change = (source) => MEND(MEND(source));
    const update = await stack.update(packageWith("Half", { reconcile: mendTwice, "send-notices": BREAK }));
    await stack.advance(2 * MINUTE_MS);
    expect(alias()).toEqual({ version: "3", weights: { "4": 0.1 } });
    await stack.advance(6 * MINUTE_MS);
    expect(update.status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect([alias(), alias("bellwether-local-send-notices")]).toEqual([
      { version: "3", weights: {} },
      { version: "1", weights: {} },
    ]);
    await stack.advance(2 * MINUTE_MS);
    expect(await ask()).toEqual({ payload: "refused", version: "3" });
  });

  it("stops a shift under an alarm of its own, unless told not to heed it", async () => {
    const again = packageWith("Again", {
      reconcile: (source) => MEND(MEND(MEND(source))),
      "send-notices": BREAK,
    });
    const update = await stack.update(again);
    for (let minute = 0; minute < 8 && update.status === "UPDATE_IN_PROGRESS"; minute += 1)
      await stack.advance(MINUTE_MS);
    expect(update.reason).toContain("Activated alarms: <bellwether-local-function-errors-send-notices>");
    expect(alias()).toEqual({ version: "3", weights: {} });

    expect(stack.account.cloudwatch.alarmState("bellwether-local-function-errors-send-notices")).toBe(
      "ALARM",
    );
    const deaf = await stack.update(packageWith("Deaf", { reconcile: (source) => `${source}\n` }, heedless));
    await stack.advance(8 * MINUTE_MS);
    expect(deaf).toMatchObject({ status: "UPDATE_COMPLETE" });
  });

  it("ships all of itself at once, the judge and the tracker too, half of the calls first", async () => {
    await stack.advance(20 * MINUTE_MS);
    const same: Change = (source) => `${source}\n\n`;
    const all = packageWith("All", Object.fromEntries(HANDLERS.map((handler) => [handler, same])), half);
    const before = HANDLERS.map((handler) => alias(`bellwether-local-${handler}`));
    const update = await stack.update(all);
    await stack.advance(3 * MINUTE_MS);
    const during = HANDLERS.map((handler) => alias(`bellwether-local-${handler}`));
    expect(during.map(({ weights }) => Object.values(weights ?? {}))).toEqual(HANDLERS.map(() => [0.5]));
    expect(during.map(({ version }) => version)).toEqual(before.map(({ version }) => version));
    await stack.advance(15 * MINUTE_MS);
    expect(update).toMatchObject({ status: "UPDATE_COMPLETE" });
    await stack.advance(2 * MINUTE_MS);
    const records = await stack.ports.store.history({ limit: HANDLERS.length });
    expect(records.map(({ status, function: { name } }) => `${name} ${status}`).sort()).toEqual(
      HANDLERS.map((handler) => `bellwether-local-${handler} SUCCEEDED`),
    );
    expect(stack.account.sqs.depth(DEAD_LETTERS)).toBe(0);
  });

  it("is told, before anything is touched, what the local account cannot take away", async () => {
    const less = packageWith("Less", {}, (template) => {
      half(template);
      delete template.Resources.Dashboard;
    });
    await expect(stack.update(less)).rejects.toThrow(/^the local account cannot take away Dashboard$/);
  });

  it("needed nothing that roles refuse", () => {
    expect(stack.account.iam.denied).toEqual([]);
  });
});
