/** The archive's ports and their adapters, apart from the others: only its own function and `audit` carry S3 and KMS. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import type { IsSigned } from "../archive/check-roots.ts";
import { codedeployDeployer } from "../aws/codedeploy-deployer.ts";
import { dynamodbDeploymentStore } from "../aws/dynamodb-deployment-store.ts";
import { dynamodbTrails } from "../aws/dynamodb-trails.ts";
import { kmsSigner, kmsVerifyingKey } from "../aws/kms-signer.ts";
import { s3Archive } from "../aws/s3-archive.ts";
import { InputError, messageOf } from "../kit/errors.ts";
import type { Log } from "../ports/log.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { sha256 } from "./ids.ts";

const settings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

const wireTrails = (config: Config) => {
  const table = { client: new DynamoDBClient(settings), name: config.tableName };
  return {
    trails: dynamodbTrails(table, systemClock.now),
    store: dynamodbDeploymentStore(table, systemClock.now),
    archive: s3Archive(new S3Client(settings), config.audit.bucket),
    hash: sha256,
  };
};

export const wireArchive = (config: Config, log: Log) => {
  const { stage, account, region } = config;
  return {
    ...wireTrails(config),
    stage: { stage, account, region },
    signer: kmsSigner(new KMSClient(settings), config.audit.keyId),
    log,
  };
};

export const wireAudit = (config: Config) => ({
  ...wireTrails(config),
  deployer: codedeployDeployer(new CodeDeployClient(settings)),
  verifyingKey: kmsVerifyingKey(new KMSClient(settings), config.audit.keyId),
  clock: systemClock,
});

const keyOf = (pem: string): KeyObject => {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new InputError(`not a public key in PEM: ${messageOf(error)}`);
  }
};

/** Whether a root is signed with one of the keys. Throws InputError for what is no public key. */
export const signedWith = (pems: readonly string[]): IsSigned => {
  const keys = pems.map(keyOf);
  return ({ hash, signature }) =>
    keys.some((key) => verify("sha256", Buffer.from(hash), key, Buffer.from(signature.value, "base64")));
};
