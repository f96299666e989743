/** Log lines and counters as Powertools writes them: JSON to stdout, metrics in CloudWatch's embedded format. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { redact } from "../kit/redact.ts";
import type { Log } from "../ports/log.ts";

const logger = new Logger();
const metrics = new Metrics();

export const functionLog: Log = {
  info: (message, fields = {}) => logger.info(message, { fields: redact(fields) }),
  warn: (message, fields = {}) => logger.warn(message, { fields: redact(fields) }),
  error: (message, fields = {}) => logger.error(message, { fields: redact(fields) }),
  count: (metric, value = 1) => metrics.addMetric(metric, MetricUnit.Count, value),
};

/** Writes the counters of one invocation; without any, nothing. */
export const flushCounts = (): void => {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};

export const setRequest = (requestId: string): void => logger.appendKeys({ requestId });
