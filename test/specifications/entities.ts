/** What a test has made and named: clients, databases, collections, sessions, cursors, values. */

import type { Document } from 'mongodb';
import {
  AbstractCursor,
  type ClientSession,
  Db,
  type DbOptions,
  GridFSBucket,
  type GridFSBucketOptions,
  type ReadConcernLike,
  ReadPreference,
} from 'mongodb';
import { CannotRun, type EntitySpecification } from './format.ts';
import type { MatchContext } from './match.ts';
import { ObservedClient, type ObservedEvent } from './observed-client.ts';
import { plain } from './plain.ts';

/** A session keeps its id after it has ended, which events of before are compared with. */
export interface SessionEntity {
  readonly session: ClientSession;
  readonly lsid: Document;
}

type Constructor<T> = abstract new (...parameters: never[]) => T;

export class Entities implements MatchContext {
  readonly #uri: string;
  readonly #byName = new Map<string, unknown>();
  readonly #sessions = new Map<string, SessionEntity>();

  constructor(uri: string) {
    this.#uri = uri;
  }

  entity = (name: string): unknown => {
    if (!this.#byName.has(name)) throw new Error(`there is no entity ${name}`);
    return this.#byName.get(name);
  };

  session(name: string): ClientSession {
    return this.#sessionEntity(name).session;
  }

  sessionLsid = (name: string): Document => this.#sessionEntity(name).lsid;

  isSession(name: string): boolean {
    return this.#sessions.has(name);
  }

  get<T>(name: string, kind: Constructor<T>): T {
    const entity = this.entity(name);
    if (!(entity instanceof kind)) throw new Error(`${name} is no ${kind.name}`);
    return entity;
  }

  set(name: string, value: unknown): void {
    if (this.#byName.has(name) || this.#sessions.has(name)) {
      throw new Error(`there is an entity ${name} already`);
    }
    this.#byName.set(name, value);
  }

  observed(client: string): readonly ObservedEvent[] {
    return this.get(client, ObservedClient).events;
  }

  get clients(): readonly ObservedClient[] {
    return [...this.#byName.values()].filter((entity) => entity instanceof ObservedClient);
  }

  async create(specifications: readonly EntitySpecification[]): Promise<void> {
    for (const specification of specifications) {
      const [[kind, raw]] = Object.entries(specification) as [[string, Document]];
      const fields = plain(raw);
      switch (kind) {
        case 'client': {
          const observed = new ObservedClient(this.#uri, fields);
          this.set(fields.id, observed);
          await observed.client.connect();
          break;
        }
        case 'database': {
          const { client } = this.get(fields.client, ObservedClient);
          this.set(fields.id, client.db(fields.databaseName, concerns(fields.databaseOptions)));
          break;
        }
        case 'collection': {
          const database = this.get(fields.database, Db);
          const options = concerns(fields.collectionOptions);
          this.set(fields.id, database.collection(fields.collectionName, options));
          break;
        }
        case 'session':
          this.#startSession(fields);
          break;
        case 'bucket':
          this.set(
            fields.id,
            new GridFSBucket(
              this.get(fields.database, Db),
              concerns(fields.bucketOptions) as GridFSBucketOptions,
            ),
          );
          break;
        default:
          throw new CannotRun(`the runner has no entity of the kind ${kind}`);
      }
    }
  }

  /** Ends and closes all of it. Nothing of it may be used afterwards, but the sessions' ids. */
  async close(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.endSession();
    for (const entity of this.#byName.values()) {
      if (entity instanceof AbstractCursor) await entity.close().catch(() => {});
    }
    for (const { client } of this.clients) await client.close();
  }

  #startSession(fields: Document): void {
    const { client } = this.get(fields.client, ObservedClient);
    const { snapshotTime, defaultTransactionOptions, ...options } = fields.sessionOptions ?? {};
    const session = client.startSession({
      ...options,
      ...(defaultTransactionOptions && {
        defaultTransactionOptions: concerns(defaultTransactionOptions),
      }),
      ...(snapshotTime && { snapshotTime: this.entity(snapshotTime) }),
    });
    this.#sessions.set(fields.id, { session, lsid: session.id as Document });
  }

  #sessionEntity(name: string): SessionEntity {
    const entity = this.#sessions.get(name);
    if (entity === undefined) throw new Error(`there is no session ${name}`);
    return entity;
  }
}

/** Read concern, read preference and write concern as the driver takes them; the rest as it is. */
export function concerns(options: Document | undefined): DbOptions & Document {
  if (options === undefined) return {};
  const { readConcern, readPreference, writeConcern, ...rest } = options;
  return {
    ...rest,
    ...(readConcern && { readConcern: readConcern as ReadConcernLike }),
    ...(readPreference && {
      readPreference: new ReadPreference(readPreference.mode, readPreference.tagSets, {
        maxStalenessSeconds: readPreference.maxStalenessSeconds,
      }),
    }),
    ...(writeConcern && {
      writeConcern: {
        ...('w' in writeConcern && { w: writeConcern.w }),
        ...('journal' in writeConcern && { journal: writeConcern.journal }),
        ...('wtimeoutMS' in writeConcern && { wtimeoutMS: writeConcern.wtimeoutMS }),
      },
    }),
  };
}
