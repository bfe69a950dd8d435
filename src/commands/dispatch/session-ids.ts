/** Arrays of session ids, as endSessions, refreshSessions and killSessions take them. */
import { Binary } from 'bson';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from './command-body.ts';

const idsMax = 10_000;

/** The 16 bytes of each as hex. */
export function readSessionIds(body: CommandBody): readonly string[] {
  body.requireArray(body.name);
  const values = body.decode(body.name) as unknown[];
  if (values.length > idsMax) {
    throw new MongoServerError('BadValue', `${body.name} takes at most ${idsMax} sessions`);
  }
  return values.map((value, index) => {
    const id = (value as { id?: unknown } | null)?.id;
    if (!(id instanceof Binary) || id.sub_type !== Binary.SUBTYPE_UUID || id.length() !== 16) {
      throw new MongoServerError(
        'TypeMismatch',
        `BSON field '${body.name}.${index}.id' is the wrong type, expected type 'UUID'`,
      );
    }
    return Buffer.from(id.value()).toString('hex');
  });
}
