/** What serverless.yml says about canaries: which functions shift, how, under which alarms and past which hooks. */

/** The alias that calls go to, the CodeDeploy application, and how functions shift that say nothing of their own. */
export type CanarySettings = {
  alias: string;
  application: string;
  /** The name of one of CodeDeploy's own configurations, without its prefix, or of one in `configs`. */
  config: string;
  /** Logical ids of alarms that stop a shift. */
  alarms?: readonly string[];
  /** False for the deployment that mends what an alarm is about: CodeDeploy stops every other one at once. */
  heedsAlarms?: boolean | "true" | "false";
  /** Functions of this service that every shift must pass, by their names in serverless.yml. They do not shift themselves. */
  hooks?: { before?: string; after?: string };
  configs?: Readonly<Record<string, Shift>>;
  /** What every function that shifts promises: kept as JSON in SSM, as `<under>/<function name>`. */
  policy?: { under: string; document: object };
};

/** `canary`: `percent` at once and the rest after `minutes`. `linear`: `percent` more every `minutes`. */
export type Shift = { shift: "canary" | "linear"; percent: number; minutes: number };

/** What a function may say of its own; `false` leaves it out. */
export type FunctionCanary = false | { config?: string; alarms?: readonly string[] };

/** CodeDeploy's own configurations for Lambda, all of them. Source: CodeDeploy user guide, deployment-configurations. */
export const OWN_CONFIGS: readonly string[] = [
  "AllAtOnce",
  "Canary10Percent5Minutes",
  "Canary10Percent10Minutes",
  "Canary10Percent15Minutes",
  "Canary10Percent30Minutes",
  "Linear10PercentEvery1Minute",
  "Linear10PercentEvery2Minutes",
  "Linear10PercentEvery3Minutes",
  "Linear10PercentEvery10Minutes",
];

/** The longest that CodeDeploy takes from the first to the last shift. Source: CodeDeploy user guide, limits. */
const SHIFT_MINUTES_MAX = 2_880;
const ALARMS_MAX = 10;

const names = { type: "array", items: { type: "string" }, maxItems: ALARMS_MAX, uniqueItems: true };

const shiftSchema = {
  type: "object",
  properties: {
    shift: { enum: ["canary", "linear"] },
    percent: { type: "integer", minimum: 1, maximum: 99 },
    minutes: { type: "integer", minimum: 1, maximum: SHIFT_MINUTES_MAX },
  },
  required: ["shift", "percent", "minutes"],
  additionalProperties: false,
};

/** JSON schema of `custom.canary`. */
export const SETTINGS_SCHEMA = {
  type: "object",
  properties: {
    alias: { type: "string", pattern: "^[a-zA-Z][a-zA-Z0-9-_]*$" },
    application: { type: "string", maxLength: 100 },
    config: { type: "string" },
    alarms: names,
    // A value given by --param comes as text.
    heedsAlarms: { enum: [true, false, "true", "false"] },
    hooks: {
      type: "object",
      properties: { before: { type: "string" }, after: { type: "string" } },
      additionalProperties: false,
    },
    // The name becomes part of a logical id.
    configs: {
      type: "object",
      patternProperties: { "^[A-Za-z0-9]+$": shiftSchema },
      additionalProperties: false,
    },
    policy: {
      type: "object",
      properties: { under: { type: "string", pattern: "^/.*[^/]$" }, document: { type: "object" } },
      required: ["under", "document"],
      additionalProperties: false,
    },
  },
  required: ["alias", "application", "config"],
  additionalProperties: false,
};

/** JSON schema of a function's `canary`. */
export const FUNCTION_SCHEMA = {
  anyOf: [
    { const: false },
    {
      type: "object",
      properties: { config: { type: "string" }, alarms: names },
      additionalProperties: false,
    },
  ],
};

/** Minutes from the first shift to the last. */
const shiftMinutes = ({ shift, percent, minutes }: Shift): number =>
  shift === "canary" ? minutes : (Math.ceil(100 / percent) - 1) * minutes;

/** What is wrong with the name of a configuration; nothing when there is such a one. */
export const configFault = (settings: CanarySettings, config: string): string | undefined => {
  const custom = settings.configs?.[config];
  if (custom === undefined)
    return OWN_CONFIGS.includes(config)
      ? undefined
      : `no deployment configuration is called "${config}": use one of ${[...Object.keys(settings.configs ?? {}), ...OWN_CONFIGS].join(", ")}`;
  const minutes = shiftMinutes(custom);
  return minutes > SHIFT_MINUTES_MAX
    ? `the deployment configuration "${config}" takes ${minutes} minutes: CodeDeploy allows ${SHIFT_MINUTES_MAX}`
    : undefined;
};

/** Whether a function shifts: not a hook, which answers by its plain name, and not one that says no. */
export const isCanaried = (settings: CanarySettings, key: string, own: FunctionCanary | undefined): boolean =>
  own !== false && key !== settings.hooks?.before && key !== settings.hooks?.after;

/** How a function that shifts does so: what it says itself, and what the service says otherwise. */
export const shiftOf = (
  settings: CanarySettings,
  own: FunctionCanary | undefined,
): { config: string; alarms: readonly string[] } => ({
  config: settings.config,
  alarms: settings.alarms ?? [],
  ...own,
});
