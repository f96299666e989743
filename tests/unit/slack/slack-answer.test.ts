import { describe, expect, it } from "vitest";
import { readApiAnswer, readWebhookAnswer, retryAfterMs } from "../../../lib/slack/slack-answer.ts";

const api = (body: unknown, status = 200, retryAfter: string | null = null) =>
  readApiAnswer({ status, retryAfter, body: typeof body === "string" ? body : JSON.stringify(body) });
const hook = (body: string, status = 200, retryAfter: string | null = null) =>
  readWebhookAnswer({ status, retryAfter, body });

/** Errors documented for chat.postMessage and chat.update. */
const REFUSED = [
  "account_inactive",
  "accesslimited",
  "access_denied",
  "as_user_not_supported",
  "attachment_payload_limit_exceeded",
  "block_mismatch",
  "cant_broadcast_message",
  "cant_post_message",
  "channel_is_limited_access",
  "channel_not_found",
  "deprecated_endpoint",
  "duplicate_channel_not_found",
  "duplicate_message_not_found",
  "ekm_access_denied",
  "enterprise_is_restricted",
  "external_channel_migrating",
  "invalid_arg_name",
  "invalid_arguments",
  "invalid_array_arg",
  "invalid_attachments",
  "invalid_auth",
  "invalid_blocks",
  "invalid_blocks_format",
  "invalid_charset",
  "invalid_form_data",
  "invalid_metadata_format",
  "invalid_post_type",
  "is_archived",
  "is_inactive",
  "markdown_text_conflict",
  "messages_tab_disabled",
  "metadata_too_large",
  "method_deprecated",
  "missing_file_data",
  "missing_post_type",
  "missing_scope",
  "msg_blocks_too_long",
  "msg_too_long",
  "no_permission",
  "no_text",
  "not_allowed_token_type",
  "not_authed",
  "not_in_channel",
  "restricted_action",
  "restricted_action_non_threadable_channel",
  "restricted_action_read_only_channel",
  "restricted_action_thread_locked",
  "restricted_action_thread_only_channel",
  "slack_connect_blocked_file_type",
  "slack_connect_canvas_sharing_blocked",
  "slack_connect_clip_sharing_blocked",
  "team_access_not_granted",
  "team_not_found",
  "token_expired",
  "token_revoked",
  "too_many_attachments",
  "too_many_contact_cards",
  "two_factor_setup_required",
  "an_error_of_next_year",
] as const;
const LATER = [
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
  "org_login_required",
] as const;
const GONE = [
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "thread_not_found",
  "cannot_reply_to_message",
] as const;

describe("what Slack's answer means", () => {
  it("a message was sent, and where it stands", () => {
    expect(api({ ok: true, channel: "C1", ts: "1.2" })).toEqual({ kind: "sent", channel: "C1", ts: "1.2" });
  });

  it.each(REFUSED)("%s: trying again cannot help", (error) => {
    expect(api({ ok: false, error })).toEqual({ kind: "refused", why: error });
  });

  it.each(LATER)("%s: try again later", (error) => {
    expect(api({ ok: false, error })).toMatchObject({ kind: "later", why: error });
  });

  it.each(GONE)("%s: post anew", (error) => {
    expect(api({ ok: false, error })).toEqual({ kind: "gone", why: error });
  });

  it("429 waits as long as Slack says, whatever the body", () => {
    expect(api({ ok: false, error: "ratelimited" }, 429, "12")).toEqual({
      kind: "later",
      why: "ratelimited",
      retryAfterMs: 12_000,
    });
    expect(hook("rate_limited", 429, "12")).toEqual({
      kind: "later",
      why: "ratelimited",
      retryAfterMs: 12_000,
    });
  });

  it.each([500, 502, 503, 504, 408])("HTTP %i: try again later", (status) => {
    expect(api("<html>", status)).toMatchObject({ kind: "later", why: `HTTP ${status}` });
    expect(hook("no_team", status)).toMatchObject({ kind: "later", why: `HTTP ${status}` });
  });

  it("200 with something that is not Slack's answer is trouble on the way, not a message sent", () => {
    for (const body of [
      "",
      "<html>login</html>",
      "null",
      "[]",
      '"ok"',
      '{"ok":true}',
      '{"ok":true,"channel":"C1"}',
    ])
      expect(api(body).kind).not.toBe("sent");
    expect(api("<html>login</html>")).toMatchObject({ kind: "later" });
  });

  it("404 without JSON is a wrong address", () => {
    expect(api("Not Found", 404)).toEqual({ kind: "refused", why: "HTTP 404" });
  });

  it("never repeats what is no error code", () => {
    expect(api({ ok: false, error: "xoxb-1 <script> secret" })).toEqual({
      kind: "refused",
      why: "an answer that is no error code",
    });
    expect(hook("https://hooks.slack.com/services/secret is gone", 410)).toEqual({
      kind: "refused",
      why: "an answer that is no error code",
    });
  });

  it.each([
    [200, "ok", "sent"],
    [400, "invalid_payload", "refused"],
    [400, "no_text", "refused"],
    [403, "action_prohibited", "refused"],
    [403, "invalid_token", "refused"],
    [404, "channel_not_found", "refused"],
    [404, "no_service", "refused"],
    [410, "channel_is_archived", "refused"],
    [500, "rollup_error", "later"],
  ])("a webhook's %i %s is %s", (status, body, kind) => {
    expect(hook(body, status).kind).toBe(kind);
  });

  it.each([
    ["30", 30_000],
    ["0", 1_000],
    ["999999", 3_600_000],
    [null, 30_000],
    ["soon", 30_000],
    ["-5", 30_000],
    ["1e9", 30_000],
  ])("Retry-After %s waits %i ms", (header, ms) => {
    expect(retryAfterMs(header)).toBe(ms);
  });
});
