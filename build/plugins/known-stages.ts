/** The stages there are. A stack of any other name would be nobody's: no policy, no retention, no alarms that anyone hears. */
export const STAGES = ["local", "dev", "sit", "prod"] as const;

type Serverless = {
  getProvider(name: "aws"): { getStage(): string };
  classes: { Error: new (message: string, code: string) => Error };
};

/** Serverless plugin: refuses a stage that is not in the list, in one line. Without it any `--stage` packages happily. */
export default function knownStages(serverless: Serverless) {
  return {
    hooks: {
      initialize: () => {
        const stage = serverless.getProvider("aws").getStage();
        if (!STAGES.some((known) => known === stage))
          throw new serverless.classes.Error(
            `unknown stage "${stage}": use one of ${STAGES.join(", ")}`,
            "UNKNOWN_STAGE",
          );
      },
    },
  };
}
