/** Asks Slack whether a token is good, and for what: auth.test names its scopes in a header and posts nothing. */
import { InputError, messageOf, UnavailableError } from "../kit/errors.ts";
import { SECOND_MS } from "../kit/time.ts";
import type { SlackProbe } from "../ports/account-reader.ts";

const TIMEOUT_MS = 5 * SECOND_MS;
const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

const isSafe = (url: URL): boolean =>
  url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname));

const scopesOf = (header: string | null): readonly string[] =>
  (header ?? "")
    .split(",")
    .map((scope) => scope.trim())
    .filter((scope) => scope !== "");

/** `baseUrl`: where Slack's methods are. Throws InputError unless it is https, or http on this machine. */
export const slackProbe = (baseUrl: string): SlackProbe => {
  if (!URL.canParse(baseUrl) || !isSafe(new URL(baseUrl)))
    throw new InputError("Slack's address must be https, or http on this machine");
  return async (token) => {
    try {
      const answer = await fetch(`${baseUrl}/auth.test`, {
        method: "POST",
        headers: { authorization: `Bearer ${token.trim()}` },
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = (await answer.json()) as { ok?: boolean; error?: string };
      if (body.ok !== true) return { kind: "error", error: body.error ?? `HTTP ${answer.status}` };
      return { kind: "ok", scopes: scopesOf(answer.headers.get("x-oauth-scopes")) };
    } catch (error) {
      throw new UnavailableError(`asking Slack: ${messageOf(error)}`, { cause: error });
    }
  };
};
