/** The adapters against the local account: what a deployment looks like from CodeDeploy's side, from before traffic to back again. */
import { CloudWatchClient, type GetMetricDataOutput } from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentConfigCommand,
  CreateDeploymentGroupCommand,
  UpdateDeploymentGroupCommand,
} from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zipOf } from "../../demo/zip-version.ts";
import { appSpecFor } from "../../lib/aws/appspec.ts";
import { cloudwatchCounts } from "../../lib/aws/cloudwatch-counts.ts";
import { factsOf, type Snapshot } from "../../lib/deployment/snapshot.ts";
import { sumOf } from "../../lib/judge/counts.ts";
import { HOUR_MS, MINUTE_MS } from "../../lib/kit/time.ts";
import { type LocalStack, localStack } from "../support/local-stack.ts";

const NAMES = { applicationName: "checkout", deploymentGroupName: "live" };
const CANARY = "CodeDeployDefault.LambdaCanary10Percent5Minutes";
const SHIFT = { name: "checkout", alias: "live", from: "1", to: "2" };
const CART = {
  payload: { body: '{"items":[{"sku":"MUG-01","unitPriceCents":1250,"quantity":2}],"country":"DE"}' },
  weight: 1,
};

describe("the adapters", () => {
  let stack: LocalStack;
  let codedeploy: CodeDeployClient;

  beforeAll(async () => {
    stack = await localStack({ seed: 21 });
    codedeploy = new CodeDeployClient({});
    const lambda = new LambdaClient({});
    const role = "arn:aws:iam::000000000000:role/anybody";
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "checkout",
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: role,
        Code: { ZipFile: await zipOf({ version: "v1" }) },
      }),
    );
    await lambda.send(new PublishVersionCommand({ FunctionName: "checkout" }));
    await lambda.send(
      new CreateAliasCommand({ FunctionName: "checkout", Name: "live", FunctionVersion: "1" }),
    );
    await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "checkout",
        ZipFile: await zipOf({ version: "v1", build: 2 }),
      }),
    );
    await lambda.send(new PublishVersionCommand({ FunctionName: "checkout" }));
    await codedeploy.send(
      new CreateApplicationCommand({ applicationName: "checkout", computePlatform: "Lambda" }),
    );
    await codedeploy.send(
      new CreateDeploymentGroupCommand({
        ...NAMES,
        serviceRoleArn: role,
        deploymentConfigName: CANARY,
        deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        autoRollbackConfiguration: {
          enabled: true,
          events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
      }),
    );
    stack.account.traffic.set("checkout", "live", {
      callsPerSecond: 20,
      phases: [{ afterMs: 0, inputs: [CART] }],
    });
    await stack.advance(10 * MINUTE_MS);
  });
  afterAll(() => stack.close());

  const deploy = async (content = appSpecFor(SHIFT)): Promise<string> => {
    const revision = { revisionType: "AppSpecContent", appSpecContent: { content } } as const;
    const { deploymentId } = await codedeploy.send(new CreateDeploymentCommand({ ...NAMES, revision }));
    return deploymentId ?? "";
  };
  const read = async (id: string): Promise<Snapshot> => {
    const snapshot = await stack.ports.deployer.read(id);
    if (typeof snapshot === "string") throw new Error(`${id} is ${snapshot}`);
    return snapshot;
  };
  /** The same minutes by every signal; and slow calls once more where CloudWatch does not count samples. */
  const expectSignalsOfAllKinds = async (
    window: { function: typeof SHIFT; fromAt: number; untilAt: number },
    slowerThanMs: number,
  ): Promise<void> => {
    const declined = {
      name: "declined",
      namespace: "Checkout",
      bad: "Declined",
      versionDimension: "Version",
    };
    const query = {
      ...window,
      signals: ["slow-calls", "throttles", "timeouts", declined] as const,
      slowerThanMs,
      timeoutsMs: { baseline: 3_000, canary: 3_000 },
    };
    const read = await stack.ports.counts.read(query);
    const [slow, throttles, timeouts, own] = read.series;
    expect(throttles?.minutes[0]?.canary).toMatchObject({ bad: 0 });
    expect(timeouts?.minutes[0]?.baseline).toMatchObject({ bad: 0 });
    expect(own?.minutes).toEqual([null, null]);
    expect(read.calls[0]?.baseline).toBe(throttles?.minutes[0]?.baseline.total);

    const client = new CloudWatchClient({});
    client.middlewareStack.add(
      (next) => async (given) => {
        const answer = await next(given);
        const { MetricDataResults = [] } = answer.output as GetMetricDataOutput;
        for (const result of MetricDataResults) if (result.Id?.startsWith("s_slow_calls")) result.Values = [];
        return answer;
      },
      { step: "initialize" },
    );
    const [rebuilt] = (await cloudwatchCounts(client).read(query)).series;
    expect(rebuilt?.about).toMatchObject({ slowerThanMs, isEstimated: true });
    const [sum, estimated] = [slow, rebuilt].map((each) => sumOf(each?.minutes ?? []).baseline);
    expect(estimated?.total).toBe(sum?.total);
    expect(Math.abs((estimated?.bad ?? 0) - (sum?.bad ?? 0))).toBeLessThan(0.03 * (sum?.total ?? 0));
  };
  const kinds = (snapshot: Snapshot): string[] => factsOf(snapshot).map((fact) => fact.id);

  test("a deployment nobody started is unknown", async () => {
    expect(await stack.ports.deployer.read("d-000000000")).toBe("unknown");
    expect(
      await stack.ports.deployer.answerHook({
        deploymentId: "d-000000000",
        executionId: "none",
        verdict: "Failed",
      }),
    ).toBe("unknown");
    expect(await stack.ports.router.read("checkout", "nobody")).toBe("unknown");
    expect(await stack.ports.router.version("checkout", "99")).toBeUndefined();
  });

  test("a canary is read while it shifts, stopped, and seen to have been taken back", async () => {
    const { deployer, router, counts } = stack.ports;
    const id = await deploy();
    await stack.advance(4 * MINUTE_MS);
    const shifting = await read(id);
    expect(shifting).toMatchObject({
      application: "checkout",
      function: SHIFT,
      deploymentConfig: CANARY,
      creator: "user",
    });
    expect(kinds(shifting)).toContain("entered:SHIFTING");
    expect(await deployer.runningIds()).toEqual([id]);
    expect(await router.read("checkout", "live")).toMatchObject({
      version: "1",
      split: { version: "2", percent: 10 },
    });

    const untilAt = Math.floor(stack.world.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    const window = { function: SHIFT, fromAt: untilAt - 2 * MINUTE_MS, untilAt };
    const history = await counts.history({
      function: SHIFT,
      signals: ["errors", "slow-calls"],
      fromAt: untilAt - 9 * MINUTE_MS,
      untilAt: untilAt - 5 * MINUTE_MS,
    });
    expect(history.slowerThanMs).toBeGreaterThan(30);
    expect(history.past.errors).toMatchObject({ bad: 0 });
    const { series } = await counts.read({
      ...window,
      signals: ["errors", "slow-calls"],
      slowerThanMs: history.slowerThanMs ?? 1,
    });
    expect(series.map(({ name, minutes }) => [name, minutes.length])).toEqual([
      ["errors", 2],
      ["slow-calls", 2],
    ]);
    for (const { minutes } of series)
      for (const minute of minutes) expect(minute?.baseline.total).toBeGreaterThan(minute?.canary.total ?? 0);
    await expectSignalsOfAllKinds(window, history.slowerThanMs ?? 1);
    expect(await counts.exposure({ ...window, version: "2" })).toMatchObject({ bad: 0 });

    expect(await deployer.stop(id)).toBe("stopping");
    await stack.advance(10_000);
    const stopped = await read(id);
    expect(stopped.end).toMatchObject({ result: "stopped" });
    expect(await deployer.stop(id)).toBe("already-over");
    const back = await read(stopped.rolledBackBy ?? "");
    expect(back).toMatchObject({
      rollbackOf: id,
      creator: "codeDeployRollback",
      end: { result: "succeeded" },
    });
    expect(await router.read("checkout", "live")).toMatchObject({ version: "1" });
    expect((await deployer.idsSince(0)).length).toBe(2);
  });

  test("what could not be read is null, with the reason, and never zero", async () => {
    const untilAt = Math.floor(stack.world.now() / MINUTE_MS) * MINUTE_MS;
    const query = { function: SHIFT, fromAt: untilAt - MINUTE_MS, untilAt, signals: ["errors"] as const };
    stack.account.faults.add({ kind: "error", service: "cloudwatch", operation: "GetMetricData" });
    expect(await stack.ports.counts.read(query)).toMatchObject({
      series: [{ name: "errors", minutes: [null] }],
      unreadable: expect.stringContaining("reading metrics"),
    });
    expect(await stack.ports.counts.exposure({ ...query, version: "2" })).toBe("unreadable");
    expect(await stack.ports.counts.history(query)).toEqual({ past: {} });
    stack.account.faults.clear();
  });

  test("a rollback of ours goes past the group, says what it takes back, and is refused while another runs", async () => {
    const { deployer, router } = stack.ports;
    const id = await deploy();
    const order = { of: id, application: "checkout", deploymentGroup: "live", function: SHIFT };
    expect(await deployer.startRollback(order)).toBe("busy");
    await stack.advance(7 * MINUTE_MS);
    expect(kinds(await read(id))).toEqual(expect.arrayContaining(["entered:FULL_TRAFFIC", "ended"]));
    const started = await deployer.startRollback(order);
    if (started === "busy") throw new Error("busy");
    await stack.advance(10_000);
    expect(await read(started.deploymentId)).toMatchObject({ rollbackOf: id, end: { result: "succeeded" } });
    const routing = await router.read("checkout", "live");
    if (routing === "unknown") throw new Error("unknown");
    expect(await router.pin("checkout", "live", "1", "another revision")).toBe("changed-meanwhile");
    expect(await router.pin("checkout", "live", "1", routing.revision)).toBe("pinned");
  });

  test("an alias' traffic is read by the hour, whatever version served it, and how its group shifts it as it is now", async () => {
    const { usage } = stack.ports;
    const untilAt = Math.ceil(stack.world.now() / HOUR_MS) * HOUR_MS;
    const query = { name: "checkout", alias: "live", fromAt: untilAt - 2 * HOUR_MS, untilAt };
    const read = await usage.hours(query);
    if (read === "missing" || "unreadable" in read) throw new Error(JSON.stringify(read));
    expect(read.hours.length).toBe(1);
    expect(read.hours[0]?.calls).toBeGreaterThan(10 * 60 * 15);
    expect(await usage.hours({ ...query, alias: "nobody" })).toBe("missing");
    expect(await usage.config("checkout", "live")).toEqual({
      kind: "canary",
      name: CANARY,
      percent: 10,
      intervalMinutes: 5,
    });
    expect(await usage.config("checkout", "nobody")).toBeUndefined();
    await codedeploy.send(
      new CreateDeploymentConfigCommand({
        deploymentConfigName: "Slow",
        computePlatform: "Lambda",
        trafficRoutingConfig: {
          type: "TimeBasedLinear",
          timeBasedLinear: { linearPercentage: 20, linearInterval: 3 },
        },
      }),
    );
    await codedeploy.send(
      new UpdateDeploymentGroupCommand({
        applicationName: "checkout",
        currentDeploymentGroupName: "live",
        deploymentConfigName: "Slow",
      }),
    );
    expect(await usage.config("checkout", "live")).toEqual({
      kind: "linear",
      name: "Slow",
      percent: 20,
      intervalMinutes: 3,
    });
  });

  test("policies are written, read, listed, and told broken with the reason", async () => {
    const { policies } = stack.ports;
    expect(await policies.read("nobody")).toBe("none");
    await policies.write(
      "checkout",
      '{"schema":1,"mode":"shadow","onInconclusive":"continue","bakeMinutes":0}',
    );
    expect(await policies.read("checkout")).toMatchObject({ policy: { mode: "shadow" } });
    await policies.write("checkout", '{"schema":1}');
    expect(await policies.read("checkout")).toMatchObject({
      broken: expect.stringContaining("mode must be one of"),
    });
    // The stack wrote those of its own functions.
    const others = (await policies.list()).filter((service) => !service.startsWith("bellwether-local-"));
    expect(others).toEqual(["checkout"]);
  });

  test("a version is asked directly, and its failure is an answer", async () => {
    expect(await stack.ports.invoker.invoke("checkout", "2", CART.payload)).toMatchObject({
      ok: true,
      executedVersion: "2",
    });
    expect(await stack.ports.invoker.invoke("checkout", "2", null)).toMatchObject({ executedVersion: "2" });
    await expect(stack.ports.invoker.invoke("checkout", "99", {})).rejects.toThrow(/calling checkout:99/);
  });
});
