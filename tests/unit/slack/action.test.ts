import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../lib/kit/errors.ts";
import { parseAction } from "../../../lib/slack/action.ts";
import { livingMessage } from "../../../lib/slack/message.ts";
import * as r from "../../fakes/records.ts";

const ACTION = {
  type: "button",
  action_id: "bellwether:rollback",
  value: "d-TEST12345",
  action_ts: "1531420618.123456",
  block_id: "b",
};
const PAYLOAD = {
  type: "block_actions",
  user: { id: "U2CERLKJA", username: "anna", name: "anna", team_id: "T1DC2JH3J" },
  team: { id: "T1DC2JH3J", domain: "shop" },
  channel: { id: "C0DEPLOYS", name: "deployments" },
  response_url: "https://hooks.slack.com/actions/T1DC2JH3J/1/abc",
  actions: [ACTION],
  message: livingMessage(r.recordOf(r.SHIFTING)),
};

const bodyOf = (payload: unknown): Uint8Array =>
  Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
const parsed = (change: object) => parseAction(bodyOf({ ...PAYLOAD, ...change }));

describe("a press of a button", () => {
  it("says who asked for what", () => {
    expect(parsed({})).toEqual({
      verb: "rollback",
      deploymentId: "d-TEST12345",
      userId: "U2CERLKJA",
      userName: "anna",
      teamId: "T1DC2JH3J",
      channelId: "C0DEPLOYS",
      actionTs: "1531420618.123456",
      responseUrl: "https://hooks.slack.com/actions/T1DC2JH3J/1/abc",
    });
  });

  it("is understood for every button that our messages carry", () => {
    const blocks = livingMessage(r.recordOf(r.SHIFTING)).blocks as {
      elements?: { type: string; action_id: string; value: string }[];
    }[];
    const buttons = blocks
      .flatMap((block) => block.elements ?? [])
      .filter((element) => element.type === "button");
    expect(buttons.map((button) => parsed({ actions: [{ ...ACTION, ...button }] }).verb)).toEqual([
      "rollback",
      "acknowledge",
      "explain",
    ]);
  });

  it("names a person by id when there is no name to read, and cleans a name that plays tricks", () => {
    expect(parsed({ user: { id: "U2CERLKJA" } }).userName).toBe("U2CERLKJA");
    expect(parsed({ user: { id: "U2CERLKJA", username: "\u202eanna\n\u0000" } }).userName).toBe("anna");
    expect([...parsed({ user: { id: "U2CERLKJA", username: "x".repeat(500) } }).userName]).toHaveLength(80);
  });

  it.each([
    ["another kind of interaction", { type: "view_submission" }],
    ["no action", { actions: [] }],
    ["two actions", { actions: [ACTION, ACTION] }],
    ["somebody else's button", { actions: [{ ...ACTION, action_id: "other:rollback" }] }],
    ["a verb that we do not have", { actions: [{ ...ACTION, action_id: "bellwether:delete" }] }],
    ["a verb from the prototype", { actions: [{ ...ACTION, action_id: "bellwether:constructor" }] }],
    ["a value that is no deployment id", { actions: [{ ...ACTION, value: "d-1; rm -rf /" }] }],
    ["a value with a line break", { actions: [{ ...ACTION, value: "d-TEST12345\n" }] }],
    ["no user", { user: undefined }],
    ["a user id that is none", { user: { id: "../../etc" } }],
    ["no team", { team: null }],
    ["no channel", { channel: undefined }],
    ["an answer address elsewhere", { response_url: "https://evil.example/hooks.slack.com" }],
    [
      "an answer address that only looks like Slack's",
      { response_url: "https://hooks.slack.com.evil.example/" },
    ],
    ["an answer address with a user in it", { response_url: "https://hooks.slack.com@evil.example/" }],
    ["an answer address with credentials", { response_url: "https://a:b@hooks.slack.com/" }],
    ["an answer address on another port", { response_url: "https://hooks.slack.com:8443/" }],
    ["an answer address without TLS", { response_url: "http://hooks.slack.com/" }],
    ["an answer address that is none", { response_url: "hooks.slack.com" }],
  ])("is refused with %s", (_what, change) => {
    expect(() => parsed(change)).toThrow(InputError);
  });

  it("is refused without repeating what was sent", () => {
    const message = ((): string => {
      try {
        parsed({ user: { id: "xoxb-secret" }, response_url: "https://hooks.slack.com/actions/secret" });
        return "";
      } catch (error) {
        return String(error);
      }
    })();
    expect(message).toContain("user.id");
    expect(message).not.toContain("secret");
  });

  it.each([
    ["nothing", ""],
    ["JSON without a form", JSON.stringify(PAYLOAD)],
    ["a form without payload", "a=b"],
    ["two payloads", `payload=${encodeURIComponent(JSON.stringify(PAYLOAD))}&payload=%7B%7D`],
    ["a payload that is not JSON", "payload=%7B"],
    ["more than any press of ours", `payload=${"x".repeat(70_000)}`],
  ])("is refused when the body is %s", (_what, body) => {
    expect(() => parseAction(Buffer.from(body))).toThrow(InputError);
  });

  it("gives a press or an InputError, whatever the body is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((json) => Buffer.from(`payload=${encodeURIComponent(json)}`)),
        ),
        (body) => {
          expect(() => parseAction(body)).toThrow(InputError);
        },
      ),
    );
  });
});
