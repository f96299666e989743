import type { Plugin } from "esbuild";

/**
 * Replaces the SDK's chain of credential providers by the one that Lambda has: environment variables.
 * The chain would bring the SSO, STS and login clients along, some 60 KB that no function can ever use.
 */
export const envCredentials: Plugin = {
  name: "env-credentials",
  setup(build) {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: "env-credentials",
      namespace: "env-credentials",
      pluginData: resolveDir,
    }));
    build.onLoad({ filter: /.*/, namespace: "env-credentials" }, ({ pluginData }) => ({
      contents: 'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";',
      resolveDir: pluginData,
      loader: "js",
    }));
  },
};
