/** What this server says it is. Tools compare `version` with the releases they know. */
export const serverVersion = '8.0.15';
export const serverVersionArray = [8, 0, 15, 0] as const;

/** Our own version, in the `arkset` field of buildInfo. */
export const arksetVersion = '0.1.0';

export const featureCompatibilityVersion = '8.0';
