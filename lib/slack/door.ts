/** The one door that is open to the internet: proof first, then parsing, then what was asked is handed on. It can do nothing else. */
import { InputError, messageOf, UnavailableError } from "../kit/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type ButtonPress, parseAction } from "./action.ts";
import { respond } from "./respond.ts";
import { verifySignature } from "./signature.ts";

export type DoorPorts = {
  clock: Pick<Clock, "now">;
  log: Log;
  signingSecrets: () => Promise<readonly string[]>;
};

/** A web request with header names in lower case and the body as it came. */
export type DoorRequest = { method: string; headers: ReadonlyMap<string, string>; body: Uint8Array };
export type DoorAnswer = { statusCode: number; body: string };

const turnAway = (ports: DoorPorts, statusCode: number, reason: string): DoorAnswer => {
  ports.log.warn("a request was turned away", { statusCode, reason });
  ports.log.count("InputRejected");
  return { statusCode, body: "" };
};

/**
 * `accept` is given what was asked and answers with what the person is told. Whoever is turned away learns only that
 * they were: 401 without proof, 400 for anything but a press of our buttons, 503 while nothing can be proven.
 */
export const slackDoor = async (
  ports: DoorPorts,
  request: DoorRequest,
  accept: (press: ButtonPress, now: number) => Promise<string>,
): Promise<DoorAnswer> => {
  const now = ports.clock.now();
  if (request.method !== "POST") return turnAway(ports, 405, `method ${request.method}`);
  const header = (name: string): string | undefined => request.headers.get(name);
  try {
    const signed = {
      timestamp: header("x-slack-request-timestamp"),
      signature: header("x-slack-signature"),
      body: request.body,
    };
    const proof = verifySignature(signed, await ports.signingSecrets(), now);
    if (proof.kind === "refused") return turnAway(ports, 401, proof.why);
    const press = parseAction(request.body);
    const told = await accept(press, now);
    if (press.responseUrl !== undefined) await respond(press.responseUrl, told);
    return { statusCode: 200, body: "" };
  } catch (error) {
    if (error instanceof InputError) return turnAway(ports, 400, error.message);
    if (error instanceof UnavailableError) return turnAway(ports, 503, messageOf(error));
    throw error;
  }
};
