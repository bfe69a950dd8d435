/** The options of `create` and `collMod` about what documents a collection takes. */
import type { RawValue } from '../../bson/index.ts';
import type { ValidationAction, ValidationLevel } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';

export const validatorFields = ['validator', 'validationLevel', 'validationAction'] as const;

/** A field that is not given is undefined. */
export interface ValidatorOptions {
  readonly validator: RawValue | undefined;
  readonly validationLevel: ValidationLevel | undefined;
  readonly validationAction: ValidationAction | undefined;
}

const levels: readonly ValidationLevel[] = ['off', 'moderate', 'strict'];
const actions: readonly ValidationAction[] = ['error', 'errorAndLog', 'warn'];

export function readValidatorOptions(body: CommandBody): ValidatorOptions {
  return {
    validator: body.optionalDocument('validator'),
    validationLevel: wordOf(body, 'validationLevel', levels),
    validationAction: wordOf(body, 'validationAction', actions),
  };
}

function wordOf<Word extends string>(
  body: CommandBody,
  field: string,
  words: readonly Word[],
): Word | undefined {
  const given = body.optionalString(field);
  const word = words.find((one) => one === given);
  if (given === undefined || word !== undefined) return word;
  throw new MongoServerError(
    'BadValue',
    `Enumeration value '${given}' for field '${body.name}.${field}' is not a valid value.`,
  );
}
