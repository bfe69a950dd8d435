import { converting } from '../converting.ts';

/** `$toBool`: `$convert` to bool. */
export const toBool = converting('$toBool', 'bool');
