import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { Json } from "../../local/account.ts";
import { type LambdaAccount, lambdaAccount } from "../support/lambda-account.ts";

/** Writes to a parameter many times at once, in no order of its own making, and tells what it drew and saw. */
const RACER = `
const authorization = "AWS4-HMAC-SHA256 Credential=" + process.env.AWS_ACCESS_KEY_ID + "/20260105/eu-west-1/ssm/aws4_request, SignedHeaders=host, Signature=0";
const ssm = async (operation, input) => {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: "POST",
    headers: { authorization, "x-amz-target": "AmazonSSM." + operation, "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify(input),
  });
  return { status: answer.status, ...(await answer.json()) };
};
export const handler = async () => {
  const drawn = [Math.random(), crypto.randomUUID(), Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString("hex")];
  const versions = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      await new Promise((done) => setTimeout(done, 1 + Math.random() * 3));
      return (await ssm("PutParameter", { Name: "/race", Value: String(index), Type: "String", Overwrite: true })).Version;
    }),
  );
  const denied = await ssm("DeleteParameter", { Name: "/race" });
  console.log("raced", ...versions);
  return { drawn, versions, denied, at: Date.now(), last: (await ssm("GetParameter", { Name: "/race" })).Parameter.Value };
};`;

const mayRace = {
  Effect: "Allow",
  Action: ["ssm:PutParameter", "ssm:GetParameter"],
  Resource: "arn:aws:ssm:eu-west-1:000000000000:parameter/race",
};

const open: LambdaAccount[] = [];
afterEach(async () => {
  for (const account of open.splice(0)) await account.close();
});

/** Everything that one run leaves behind. */
const run = async (seed: number): Promise<{ answers: Json[]; logs: Json; denied: Json; now: number }> => {
  const account = await lambdaAccount(seed);
  open.push(account);
  await account.put("racer", RACER, { Role: await account.role("racer", mayRace) });
  const answers: Json[] = [];
  for (let round = 0; round < 5; round += 1) {
    answers.push(await account.call("racer"));
    await account.advance(30_000);
  }
  const logs = await account.json("Logs_20140328.FilterLogEvents", { logGroupName: "/aws/lambda/racer" });
  return { answers, logs, denied: account.account.iam.denied, now: account.world.now() };
};

const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

describe("the same seed", () => {
  it("gives the same answers, logs and refusals, byte for byte, although calls race", async () => {
    const [one, two] = [await run(11), await run(11)];
    expect(two).toEqual(one);
    expect(digest(two)).toBe(digest(one));
    expect(one.answers[0].denied).toMatchObject({ status: 400, __type: "AccessDeniedException" });
    expect(one.denied).toHaveLength(5);
  });

  it("is another one when it is another one", async () => {
    const [one, two] = [await run(11), await run(12)];
    expect(two.answers[0].drawn).not.toEqual(one.answers[0].drawn);
  });

  it("does not draw the same again with every call", async () => {
    const { answers } = await run(13);
    expect(new Set(answers.map(({ drawn }) => drawn[1])).size).toBe(answers.length);
  });
});

describe("a fault that is set", () => {
  const parameter = { kind: "crash-before", service: "ssm", operation: "GetParameter", times: 1 } as const;

  it.each([
    ["before", undefined],
    ["after", "12"],
  ] as const)("ends the function %s its call takes effect", async (when, version) => {
    const account = await lambdaAccount(3);
    open.push(account);
    await account.put("racer", RACER, { Role: await account.role("racer", mayRace) });
    account.account.faults.add({
      ...parameter,
      kind: `crash-${when}`,
      operation: "PutParameter",
      skip: 11,
      functionName: "racer",
    });
    expect(await account.call("racer")).toMatchObject({ errorType: "Runtime.ExitError" });
    expect(account.account.faults.landed.get(`crash-${when}`)).toBe(1);
    const { Parameters } = await account.json("AmazonSSM.GetParameters", { Names: ["/race"] });
    expect(String(Parameters[0].Version)).toBe(version ?? "11");
    expect((await account.call("racer")).versions).toHaveLength(12);
  });

  it("throttles a call in its service's own words", async () => {
    const account = await lambdaAccount(4);
    open.push(account);
    await account.put("racer", RACER, { Role: await account.role("racer", mayRace) });
    account.account.faults.add({ ...parameter, kind: "throttle" });
    expect(await account.call("racer")).toMatchObject({ errorType: "TypeError" });
    expect(account.account.faults.landed.get("throttle")).toBe(1);
  });
});
