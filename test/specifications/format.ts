/**
 * The shape of a driver specification file in the unified test format, as far as this runner reads
 * it. Source: the MongoDB specifications, "Unified Test Format".
 */
import type { Document } from 'mongodb';

export interface SpecificationFile {
  readonly description: string;
  readonly schemaVersion: string;
  readonly runOnRequirements?: readonly RunOnRequirement[];
  readonly createEntities?: readonly EntitySpecification[];
  readonly initialData?: readonly CollectionData[];
  readonly tests: readonly SpecificationTest[];
}

export interface RunOnRequirement {
  readonly minServerVersion?: string;
  readonly maxServerVersion?: string;
  readonly topologies?: readonly string[];
  readonly serverless?: 'require' | 'forbid' | 'allow';
  readonly serverParameters?: Document;
  readonly auth?: boolean;
  readonly authMechanism?: string;
  readonly csfle?: unknown;
}

/** One key, the kind of the entity; its value has an `id` and what that kind needs. */
export type EntitySpecification = Readonly<Record<string, Document>>;

export interface CollectionData {
  readonly collectionName: string;
  readonly databaseName: string;
  readonly documents: readonly Document[];
  readonly createOptions?: Document;
}

export interface SpecificationTest {
  readonly description: string;
  readonly runOnRequirements?: readonly RunOnRequirement[];
  readonly skipReason?: string;
  readonly operations: readonly Operation[];
  readonly expectEvents?: readonly ExpectedEvents[];
  readonly expectLogMessages?: unknown;
  readonly expectTracingMessages?: unknown;
  readonly outcome?: readonly CollectionData[];
}

export interface Operation {
  readonly name: string;
  /** The id of an entity, or `testRunner`. */
  readonly object: string;
  readonly arguments?: Document;
  readonly ignoreResultAndError?: boolean;
  readonly expectError?: ExpectedError;
  readonly expectResult?: unknown;
  readonly saveResultAsEntity?: string;
}

export interface ExpectedError {
  readonly isError?: boolean;
  readonly isClientError?: boolean;
  readonly isTimeoutError?: boolean;
  readonly errorContains?: string;
  readonly errorCode?: number;
  readonly errorCodeName?: string;
  readonly errorLabelsContain?: readonly string[];
  readonly errorLabelsOmit?: readonly string[];
  readonly writeErrors?: Document;
  readonly writeConcernErrors?: readonly unknown[];
  readonly errorResponse?: unknown;
  readonly expectResult?: unknown;
}

export interface ExpectedEvents {
  readonly client: string;
  readonly eventType?: EventType;
  readonly events: readonly ExpectedEvent[];
  readonly ignoreExtraEvents?: boolean;
}

export type EventType = 'command' | 'cmap' | 'sdam';

/** One key, the name of the event; its value holds what is expected of the event's fields. */
export type ExpectedEvent = Readonly<Record<string, Document>>;

/** A test, or something in one, that this runner or the driver cannot do: skipped, with the reason. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
