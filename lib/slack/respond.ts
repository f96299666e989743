/** Answers a press of a button, to the one who pressed it. Best effort: the record and the living message tell the rest. */
import { SECOND_MS } from "../kit/time.ts";

/** Slack wants its acknowledgement within three seconds; this is only part of it. */
const TIMEOUT_MS = SECOND_MS;

/** `responseUrl` is a secret and is not named when it fails. */
export const respond = async (responseUrl: string, text: string): Promise<"told" | "untold"> => {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(responseUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ response_type: "ephemeral", replace_original: false, text }),
      redirect: "error",
      signal: deadline.signal,
    });
    return answer.ok ? "told" : "untold";
  } catch {
    return "untold";
  } finally {
    clearTimeout(timer);
  }
};
