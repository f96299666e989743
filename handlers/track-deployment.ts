/** EventBridge: a CodeDeploy deployment changed state. */
import { track } from "../lib/app/track.ts";
import { deploymentHint } from "../lib/events/codedeploy-notification.ts";
import { functionConfig } from "../lib/runtime/config.ts";
import { lambda } from "../lib/runtime/lambda.ts";
import { functionLog } from "../lib/runtime/log.ts";
import { wireRecording } from "../lib/runtime/wire.ts";

const config = functionConfig();
const ports = wireRecording(config, functionLog);

export const handler = lambda(
  (raw) => deploymentHint(raw, config),
  async (hint) => {
    const seen = await track(ports, hint.deploymentId, { at: hint.at, via: "event" });
    return typeof seen === "string" ? seen : seen.record.status;
  },
);
