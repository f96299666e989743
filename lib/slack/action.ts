/** A press of one of our buttons, out of Slack's interaction payload (`payload=<json>` in a form body). */
import * as z from "zod/mini";
import { InputError } from "../kit/errors.ts";
import { plain } from "./escape.ts";
import { ACTION_PREFIX } from "./message.ts";

/** Slack sends the whole message along; ours are far smaller. */
const BODY_BYTES_MAX = 64 * 1_024;
const NAME_CHARACTERS_MAX = 80;
/** Where Slack takes answers to an interaction. */
const ANSWER_ORIGIN = "https://hooks.slack.com";

export const VERBS = ["rollback", "acknowledge", "explain"] as const;
export type Verb = (typeof VERBS)[number];

export type ButtonPress = {
  verb: Verb;
  deploymentId: string;
  userId: string;
  /** For reading only: a person can change it at any time. */
  userName: string;
  teamId: string;
  channelId: string;
  /** Slack's own time of the press, as it came: "1531420618.123456". */
  actionTs: string;
  /** Takes answers without further proof: a secret. */
  responseUrl?: string;
};

const slackId = z.string().check(z.regex(/^[A-Z0-9]{2,32}$/));

const Payload = z.object({
  type: z.literal("block_actions"),
  user: z.object({ id: slackId, username: z.optional(z.string()), name: z.optional(z.string()) }),
  team: z.object({ id: slackId }),
  channel: z.object({ id: slackId }),
  response_url: z.optional(z.string().check(z.maxLength(1_000))),
  actions: z
    .array(
      z.object({
        type: z.literal("button"),
        action_id: z.string().check(z.maxLength(255)),
        value: z.string().check(z.regex(/^d-[A-Za-z0-9]{1,40}$/)),
        action_ts: z.string().check(z.regex(/^\d{1,11}\.\d{1,6}$/)),
      }),
    )
    .check(z.length(1)),
});

const refuse = (why: string): never => {
  throw new InputError(`not a press of one of our Slack buttons: ${why}`);
};

const jsonOf = (body: Uint8Array): unknown => {
  if (body.byteLength > BODY_BYTES_MAX) return refuse(`more than ${BODY_BYTES_MAX} bytes`);
  const payloads = new URLSearchParams(Buffer.from(body).toString("utf8")).getAll("payload");
  const [payload] = payloads;
  if (payload === undefined || payloads.length !== 1) return refuse(`${payloads.length} payloads`);
  try {
    return JSON.parse(payload);
  } catch {
    return refuse("the payload is not JSON");
  }
};

const verbOf = (actionId: string): Verb =>
  VERBS.find((verb) => actionId === `${ACTION_PREFIX}${verb}`) ?? refuse("unknown action");

const answerUrl = (text: string | undefined, origin: string): { responseUrl?: string } => {
  if (text === undefined) return {};
  const url = URL.canParse(text) ? new URL(text) : refuse("its answer address is no address");
  if (url.origin !== origin || url.username !== "" || url.password !== "")
    return refuse("its answer address is not Slack's");
  return { responseUrl: url.href };
};

/**
 * Parses the raw body of a proven request. `answerOrigin` is Slack's unless a test or the local account plays Slack.
 * Throws InputError, without repeating what was sent, for anything else than one press of one of our buttons.
 */
export const parseAction = (body: Uint8Array, answerOrigin: string = ANSWER_ORIGIN): ButtonPress => {
  const parsed = Payload.safeParse(jsonOf(body));
  if (!parsed.success)
    return refuse(parsed.error.issues.map((issue) => issue.path.join(".") || "payload").join(", "));
  const { user, team, channel, actions, response_url } = parsed.data;
  const [action] = actions;
  if (action === undefined) return refuse("no action");
  return {
    verb: verbOf(action.action_id),
    deploymentId: action.value,
    userId: user.id,
    userName: plain(user.username ?? user.name ?? user.id, NAME_CHARACTERS_MAX) || user.id,
    teamId: team.id,
    channelId: channel.id,
    actionTs: action.action_ts,
    ...answerUrl(response_url, answerOrigin),
  };
};
