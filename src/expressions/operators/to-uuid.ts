import { shortForm } from '../convert.ts';
import { uuidSubtype } from '../convert-binary.ts';
import { converting } from '../converting.ts';
import { intValue } from '../value.ts';

/** `$toUUID`: binary data of subtype 4 of a UUID's text. */
export const toUUID = converting('$toUUID', 'binData', {
  ...shortForm,
  format: 'uuid',
  subtype: intValue(uuidSubtype),
});
