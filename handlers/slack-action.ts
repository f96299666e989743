/** Function URL: somebody pressed a button in Slack. Verified before anything else is looked at. */
import { acceptAction } from "../lib/app/accept-action.ts";
import { webRequest } from "../lib/events/function-url.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireActions } from "../lib/runtime/wire.ts";
import { slackDoor } from "../lib/slack/door.ts";

const ports = wireActions(functionConfig(), functionLog);

export const handler = lambda(webRequest, (request) =>
  slackDoor(ports, request, (press, now) => acceptAction(ports, press, now)),
);
