import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { UnavailableError } from "../../../lib/kit/errors.ts";
import type { ButtonPress } from "../../../lib/slack/action.ts";
import { type DoorRequest, slackDoor } from "../../../lib/slack/door.ts";
import { countingLog } from "../../fakes/quiet-log.ts";
import * as r from "../../fakes/records.ts";

const SECRET = "s".repeat(32);
const PAYLOAD = {
  type: "block_actions",
  user: { id: "U2CERLKJA" },
  team: { id: "T1DC2JH3J" },
  channel: { id: "C0DEPLOYS" },
  actions: [
    {
      type: "button",
      action_id: "bellwether:rollback",
      value: "d-TEST12345",
      action_ts: "1531420618.123456",
    },
  ],
};

const signed = (text: string, secret = SECRET): DoorRequest => {
  const timestamp = String(r.START_AT / 1_000);
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${text}`).digest("hex")}`;
  const headers = new Map([
    ["x-slack-request-timestamp", timestamp],
    ["x-slack-signature", signature],
  ]);
  return { method: "POST", headers, body: Buffer.from(text) };
};
const press = (change: object = {}): string =>
  new URLSearchParams({ payload: JSON.stringify({ ...PAYLOAD, ...change }) }).toString();

const knock = async (request: DoorRequest, secrets: readonly string[] = [SECRET]) => {
  const accepted: ButtonPress[] = [];
  const log = countingLog();
  const ports = { clock: { now: () => r.START_AT }, log, signingSecrets: async () => secrets };
  const answer = await slackDoor(ports, request, async (asked) => {
    accepted.push(asked);
    return "noted";
  });
  return {
    ...answer,
    accepted: accepted.map(({ verb, deploymentId }) => `${verb} ${deploymentId}`),
    rejected: log.counts.get("InputRejected") ?? 0,
  };
};

describe("the door that Slack knocks at", () => {
  it("hands on what a proven press asks for", async () => {
    expect(await knock(signed(press()))).toEqual({
      statusCode: 200,
      body: "",
      accepted: ["rollback d-TEST12345"],
      rejected: 0,
    });
  });

  it.each([
    ["signed with another secret", signed(press(), "t".repeat(32)), 401],
    ["not signed", { ...signed(press()), headers: new Map<string, string>() }, 401],
    [
      "with another body than was signed",
      { ...signed(press()), body: Buffer.from(press({ user: { id: "U0OTHER" } })) },
      401,
    ],
    ["by GET", { ...signed(press()), method: "GET" }, 405],
    ["that is proven but no press of ours", signed(press({ type: "view_submission" })), 400],
    ["that is proven but no payload", signed("a=b"), 400],
  ])("turns away a request %s, without a word", async (_what, request, statusCode) => {
    expect(await knock(request)).toEqual({ statusCode, body: "", accepted: [], rejected: 1 });
  });

  it("is shut while the secret is missing", async () => {
    expect(await knock(signed(press(), ""), [""])).toMatchObject({ statusCode: 503, accepted: [] });
  });

  it("is shut while what was asked cannot be kept, so that Slack's user sees a failure", async () => {
    const ports = {
      clock: { now: () => r.START_AT },
      log: countingLog(),
      signingSecrets: async () => [SECRET],
    };
    const unkept = async (): Promise<string> => {
      throw new UnavailableError("the table is down");
    };
    expect(await slackDoor(ports, signed(press()), unkept)).toEqual({ statusCode: 503, body: "" });
  });
});
