import { converting } from '../converting.ts';

/** `$toObjectId`: `$convert` to objectId. */
export const toObjectId = converting('$toObjectId', 'objectId');
